import Exchange
import LibPQ

/// The workbook of a batch on its way back: the same one, with a column that says of each row what became of it.
extension RejectedFile {
  /// How many rows of a sheet's numbering are asked for at once.
  private static let span = 5_000

  /// Writes a copy of the workbook that a batch came from, in which each row is marked.
  ///
  /// - Parameters:
  ///   - original: The workbook as it was imported, which the platform does not keep.
  ///   - path: The file; `-` is standard output.
  /// - Returns: How many rows are marked as bad, and the heading of the column.
  /// - Throws: ``BanyanError`` if it is another file, or no workbook.
  public func markWorkbook(
    _ original: String, to path: String, on connection: isolated Connection
  ) throws -> (rows: Int, heading: String) {
    guard layout.form == .workbook, let sheet else {
      throw BanyanError.usage(
        "the file of batch \(batch) was no workbook, so it has no column for a status; write -o without --original"
      )
    }
    let (fileName, digest, state) = try connection.row(
      "select file_name, content_digest, state::text from bank.batch where batch_id = \(batch)",
      as: (String, [UInt8], String).self)
    if try SourceFile(path: original).digest != digest {
      throw BanyanError.data(
        "“\(original)” is not the file of batch \(batch), “\(fileName)”: its bytes differ; name the workbook as it was imported"
      )
    }
    let heading = StatusColumn.headings[language == .zh ? 1 : 0]
    let good = layout.choosesRows ? nil : word(forGoodRowsOf: state)
    let place = try TemporaryPlace()
    var waiting: [Int: [Rejection]] = [:]
    var known = 0
    var marked = 0
    try MarkedWorkbook(path: original, sheet: sheet).write(
      heading: heading, to: OutputSink(path: path), by: place.path
    ) { row in
      if known < row {
        try Task.checkCancellation()
        waiting = try rejections(from: max(known + 1, row), on: connection)
        known = max(known + 1, row) + Self.span - 1
      }
      guard let reasons = waiting[row] else { return good }
      marked += 1
      return status(reasons)
    }
    return (marked, heading)
  }

  /// The reasons of some rows, by the numbers of these.
  private func rejections(
    from row: Int, on connection: isolated Connection
  ) throws -> [Int: [Rejection]] {
    var found: [Int: [Rejection]] = [:]
    try connection.forEachRow(
      """
      select line_number, code, column_name, reason from bank.rejected_row
      where batch_id = \(batch) and line_number between \(row) and \(row + Self.span - 1)
      order by line_number, reason_number
      """, as: (Int, String, String?, String).self
    ) { line, code, column, reason in
      guard let code = RejectionCode(rawValue: code) else { return }
      found[line, default: []].append(
        Rejection(
          lineNumber: line, code: code, column: column, value: nil, reason: reason, rawRow: nil))
    }
    return found
  }

  private func status(_ reasons: [Rejection]) -> String {
    reasons.map { rejection in
      let column = rejection.column.map { " \($0)" } ?? ""
      return "\(rejection.code.rawValue)\(column): \(language.sentence(rejection))"
    }.joined(separator: separator)
  }

  /// What is said of a row that nothing is wrong with.
  private func word(forGoodRowsOf state: String) -> String {
    switch (state, language) {
    case ("kept_out", .en): "ok, but nothing of the file is loaded yet"
    case ("kept_out", .zh): "无误，但本文件尚未入库"
    case (_, .en): "ok"
    case (_, .zh): "无误"
    }
  }
}
