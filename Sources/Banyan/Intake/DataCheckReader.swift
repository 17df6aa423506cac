import Documents
import Quantities

extension DataCheck {
  /// Reads a file of checks.
  ///
  /// - Throws: `DocumentError` with everything that is wrong, each with its line.
  static func all(yaml: String) throws(DocumentError) -> [DataCheck] {
    let meanings = [
      "dataset": "what the rows are that it checks", "checks": "the checks, each with a title",
      "title": "what the check is called",
      "column": "the column of the dataset", "measure": "rows, or the column to sum",
      "within": "how far it may be off", "key": "the column that holds what is referred to",
      "deviations": "how many standard deviations from the mean are let pass",
      "to": "what the sum must equal: a number, or column and where",
    ]
    return try Document.read(yaml: yaml, kind: "file of checks", meanings: meanings) { root in
      guard let top = DocumentMapping(root, keys: ["dataset", "checks"]),
        let name = top.required("dataset")?.choice(
          among: Dataset.standard.filter(\.keepsItsRows).map(\.name)),
        let dataset = Dataset.named(name)
      else { return nil }
      return top.required("checks")?.list(of: "the checks", atMost: 100)?.compactMap {
        DataCheckReader(dataset: dataset).read($0)
      }
    }
  }
}

extension Dataset {
  /// Whether each row that is loaded stands in the table with its batch and line, so that a batch can be
  /// checked as a whole.
  var keepsItsRows: Bool { orders == nil && isCompared && !isConfidential }

  /// The columns that checks may name: those that the table has under their own names.
  fileprivate var checkedColumns: [DatasetColumn] {
    columns.filter { column in
      column.stagingColumns.count == 1 && column.stagingColumns[0].name == column.name
        && column.onRecord == nil
    }
  }

  /// Whether rows belong to a branch.
  var hasBranch: Bool { stagingColumns.contains { $0.name == "branch_id" } }
}

/// Reads the keys of one check.
private struct DataCheckReader {
  static let kinds = ["not_null", "range", "sum_equals", "refers_to", "last_period", "outliers"]

  let dataset: Dataset

  func read(_ node: DocumentNode) -> DataCheck? {
    guard
      let keys = DocumentMapping(
        node, keys: ["title", "severity", "at_most", "branches"] + Self.kinds)
    else { return nil }
    let title = keys.required("title")?.text("what the check is called")
    let severity =
      keys.optional("severity").map { $0.choice(DataCheck.Severity.self) } ?? .error
    let threshold = keys.optional("at_most").map(readThreshold) ?? .rows(0)
    let branches = readBranches(keys.optional("branches"))
    let named = Self.kinds.filter { keys.optional($0) != nil }
    guard named.count == 1, let name = named.first, let place = keys.optional(name) else {
      node.report("a check has one of \(Self.kinds.joined(separator: ", ")); write one")
      return nil
    }
    guard let title, let severity, let threshold, let branches, let kind = readKind(name, place)
    else { return nil }
    return DataCheck(
      title: title, dataset: dataset, kind: kind, severity: severity, threshold: threshold,
      branches: branches)
  }

  private func readThreshold(_ node: DocumentNode) -> DataCheck.Threshold? {
    if let percent = readPercent(node) { return .percent(percent) }
    return node.wholeNumber(in: 0...1_000_000_000).map { .rows($0) }
  }

  /// `2 %`; nil for what is no percentage.
  private func readPercent(_ node: DocumentNode) -> ExactDecimal? {
    guard let text = node.plainText, text.hasSuffix("%"),
      let percent = ExactDecimal(text.dropLast().split(separator: " ").joined()),
      percent.coefficient >= 0
    else { return nil }
    return percent
  }

  private func readBranches(_ node: DocumentNode?) -> [String]? {
    guard let node else { return [] }
    if !dataset.hasBranch {
      node.report("rows of \(dataset.name) belong to no branch; take `branches` out")
      return nil
    }
    return node.list(of: "codes of branches", atMost: 1_000)?.compactMap { $0.text("a code") }
  }

  private func readKind(_ name: String, _ node: DocumentNode) -> DataCheck.Kind? {
    switch name {
    case "not_null": column(node).map { .notNull(column: $0.name) }
    case "range": readRange(node)
    case "sum_equals": readSumEquals(node)
    case "refers_to": readReference(node)
    case "last_period": readLastPeriod(node)
    default: readOutliers(node)
    }
  }

  private func column(_ node: DocumentNode?, isNumber: Bool = false) -> DatasetColumn? {
    let known = dataset.checkedColumns.filter { !isNumber || $0.kind.isNumber }
    return node?.choice(among: known.map(\.name)).flatMap(dataset.column)
  }

  private func readRange(_ node: DocumentNode) -> DataCheck.Kind? {
    guard let keys = DocumentMapping(node, keys: ["column", "from", "to"]),
      let column = column(keys.required("column"))
    else { return nil }
    guard keys.optional("from") != nil || keys.optional("to") != nil else {
      node.report("a range has `from`, `to` or both; write one")
      return nil
    }
    func bound(_ key: String) -> DataCheck.Bound? {
      guard let node = keys.optional(key) else { return nil }
      if case .date = column.kind { return node.date().map { .day($0) } }
      if column.kind.isNumber { return node.decimal().map { .number($0) } }
      node.report("\(column.name) is neither a number nor a day, and has no range")
      return nil
    }
    return .range(column: column.name, from: bound("from"), to: bound("to"))
  }

  private func readSumEquals(_ node: DocumentNode) -> DataCheck.Kind? {
    guard let keys = DocumentMapping(node, keys: ["column", "where", "to", "within"]),
      let sum = readSum(keys), let target = keys.required("to")
    else { return nil }
    let within = keys.optional("within").map { $0.decimalNotNegative() } ?? .zero
    guard let within else { return nil }
    if target.isMapping {
      return DocumentMapping(target, keys: ["column", "where"]).flatMap(readSum).map {
        .sumEquals(sum, other: $0, value: .zero, within: within)
      }
    }
    return target.decimal().map { .sumEquals(sum, other: nil, value: $0, within: within) }
  }

  private func readSum(_ keys: DocumentMapping) -> DataCheck.Sum? {
    guard let column = column(keys.required("column"), isNumber: true) else { return nil }
    let words = keys.optional("where").flatMap { DocumentMapping(anyKeys: $0) }?.entries
      .compactMap { entry -> (column: String, word: String)? in
        guard dataset.checkedColumns.contains(where: { $0.name == entry.key }) else {
          entry.value.report("\(dataset.name) has no column `\(entry.key)` that can be compared")
          return nil
        }
        return entry.value.text("a word").map { (column: entry.key, word: $0) }
      }
    return DataCheck.Sum(column: column.name, words: words ?? [])
  }

  private func readReference(_ node: DocumentNode) -> DataCheck.Kind? {
    let others = Dataset.standard.filter(\.keepsItsRows)
    guard let keys = DocumentMapping(node, keys: ["column", "dataset", "key"]),
      let column = column(keys.required("column")),
      let name = keys.required("dataset")?.choice(among: others.map(\.name)),
      let other = Dataset.named(name),
      let key = keys.required("key")?.choice(among: other.checkedColumns.map(\.name))
    else { return nil }
    return .refersTo(column: column.name, table: other.table, key: key)
  }

  private func readLastPeriod(_ node: DocumentNode) -> DataCheck.Kind? {
    guard dataset.monthDay != nil else {
      node.report(
        "rows of \(dataset.name) count in no month, so there is no last period to compare with; take `last_period` out"
      )
      return nil
    }
    guard let keys = DocumentMapping(node, keys: ["measure", "within"]),
      let measure = keys.required("measure"), let within = keys.required("within")
    else { return nil }
    guard let percent = readPercent(within) else {
      within.report("“\(within.plainText ?? "")” is no percentage; write one such as 30 %")
      return nil
    }
    if measure.plainText == "rows" { return .lastPeriod(sumOf: nil, withinPercent: percent) }
    return column(measure, isNumber: true).map {
      .lastPeriod(sumOf: $0.name, withinPercent: percent)
    }
  }

  private func readOutliers(_ node: DocumentNode) -> DataCheck.Kind? {
    guard let keys = DocumentMapping(node, keys: ["column", "deviations"]),
      let column = column(keys.required("column"), isNumber: true),
      let deviations = keys.required("deviations")?.decimalNotNegative()
    else { return nil }
    return .outliers(column: column.name, deviations: deviations)
  }
}

extension DatasetColumn.Kind {
  /// Whether values are numbers.
  fileprivate var isNumber: Bool {
    switch self {
    case .amount, .positiveAmount, .balance, .share, .count, .number: true
    default: false
    }
  }
}
