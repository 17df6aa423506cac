import Exchange

/// What a workbook says of the template that it was made from, in a sheet that nobody sees.
struct TemplateOrigin {
  let dataset: String
  let version: String

  /// Nil for a workbook that was made in another way.
  init?(workbook path: String) {
    guard let reader = try? CSVReader(workbook: path, sheet: ImportTemplate.versionSheet),
      reader.header == ["key", "value"]
    else { return nil }
    var values: [String: String] = [:]
    while let record = try? reader.next(), record.problem == nil {
      values[record.string(0)] = record.string(1)
    }
    guard let dataset = values["dataset"], let version = values["version"] else { return nil }
    (self.dataset, self.version) = (dataset, version)
  }

  /// What to tell of a workbook whose rows are read as those of a dataset; nil if its template is the
  /// present one.
  ///
  /// - Throws: ``BanyanError`` if it is a template of another dataset.
  func warning(for dataset: Dataset) throws -> String? {
    if self.dataset != dataset.name {
      throw BanyanError.data(
        "the workbook was made from the template of \(self.dataset), and its rows are read as \(dataset.name); rename the file as the mapping of \(self.dataset) says, or fill in `banyan template \(dataset.name)`"
      )
    }
    if version == dataset.version { return nil }
    return
      "the workbook was made from an older template of \(dataset.name), whose columns have changed since; its rows are judged by today's columns, and `banyan template \(dataset.name)` makes a new one"
  }
}
