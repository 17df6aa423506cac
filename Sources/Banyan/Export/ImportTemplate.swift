import Exchange
import LibPQ

/// A workbook to fill in: the columns of a dataset, what a branch may choose from in them, and a sheet
/// that nobody sees with what it was made for.
public struct ImportTemplate: Sendable {
  /// The language of its headings and choices.
  public enum Language: String, CaseIterable, Sendable {
    /// English, with the words of the datasets.
    case en
    /// Chinese.
    case zh
  }

  /// The sheet with what the workbook was made for.
  static let versionSheet = "banyan"
  private static let choiceSheet = "choices"
  /// A list of more is nothing to choose from.
  private static let mostChoices = 5_000

  private let mapping: Mapping
  private let language: Language
  private var dataset: Dataset { mapping.dataset }

  /// A template of a dataset, with headings that its standard mapping knows.
  public init(_ mapping: Mapping, language: Language = .en) {
    self.mapping = mapping
    self.language = language
  }

  /// Writes it for a branch, whose units and people stand in its lists.
  ///
  /// - Throws: ``BanyanError`` if there is no such branch.
  public func write(branch: String, to path: String, on connection: isolated Connection) throws {
    guard
      let unit = try connection.optionalRow(
        "select org_unit_id, path::text from bank.org_unit where code = \(branch)",
        as: (Int32, String).self)
    else {
      throw BanyanError.usage(
        "there is no unit “\(branch)”; `banyan export org_units` lists those on record")
    }
    let lists = try mapping.columns.map { try choices(of: $0, below: unit.1, on: connection) }
    let filled = lists.indices.filter { !lists[$0].isEmpty }
    let writer = try WorkbookWriter(to: OutputSink(path: path))
    try writer.beginSheet(
      SheetLayout(
        name: dataset.name,
        columns: mapping.columns.enumerated().map { index, column in
          let place = filled.firstIndex(of: index).map {
            SheetLayout.ChoiceList(sheet: Self.choiceSheet, column: $0, count: lists[index].count)
          }
          return SheetLayout.Column(
            heading(of: column), column.target.kind.columnKind, width: 18, choices: place)
        }))
    if !filled.isEmpty {
      try writer.beginSheet(
        SheetLayout(
          name: Self.choiceSheet,
          columns: filled.map { SheetLayout.Column(heading(of: mapping.columns[$0])) },
          visibility: .hidden))
      for row in 0..<(filled.map { lists[$0].count }.max() ?? 0) {
        try writer.write(
          filled.map { row < lists[$0].count ? .text(lists[$0][row]) : .null })
      }
    }
    try writer.beginSheet(
      SheetLayout(
        name: Self.versionSheet,
        columns: [SheetLayout.Column("key"), SheetLayout.Column("value")], visibility: .veryHidden))
    for (key, value) in [
      ("dataset", dataset.name), ("branch", branch), ("version", dataset.version),
    ] { try writer.write([.text(key), .text(value)]) }
    try writer.finish()
  }

  private func heading(of column: Mapping.Column) -> String {
    let headings = column.headings
    return headings.first { $0.isPlain == (language == .en) } ?? headings.first
      ?? column.target.name
  }

  /// The values that a column may have; none if it takes any, or too many to choose from.
  private func choices(
    of column: Mapping.Column, below path: String, on connection: isolated Connection
  ) throws -> [String] {
    let query: Query
    switch column.target.kind {
    case .choice(let words, _):
      return words.map { word in
        column.sortedWords.first { $0.meaning == word && $0.word.isPlain == (language == .en) }?
          .word ?? word
      }
    case .branch:
      query = """
        select code from bank.org_unit where path <@ \(path)::text::ltree and level >= 'branch' order by code
        """
    case .unit, .parentUnit:
      query = "select code from bank.org_unit where path <@ \(path)::text::ltree order by code"
    case .employee, .colleague:
      query = """
        select e.number from bank.employee as e join bank.org_unit as u on u.org_unit_id = e.branch_id
        where u.path <@ \(path)::text::ltree order by e.number
        """
    case .tier: query = "select code from bank.tier order by rank"
    case .postKind: query = "select kind from bank.post_kind order by kind"
    case .productLine: query = "select code from bank.product_line order by code"
    case .metric: query = "select code from bank.metric where base_code is null order by code"
    case .product: query = "select code from bank.product order by code"
    case .currency: query = "select currency from bank.institution"
    case .text, .amount, .positiveAmount, .balance, .share, .count, .number, .date, .account,
      .client, .ownClient, .holding, .loan:
      return []
    }
    let values = try connection.rows(query, as: String.self)
    return values.count > Self.mostChoices ? [] : values
  }
}

extension Dataset {
  /// Names the columns as they are now: it is another when they are.
  var version: String {
    let columns = columns.map { "\($0.name) \($0.kind) \($0.isRequired)" }
    return String(hexadecimal(Digest.of(name + "\n" + columns.joined(separator: "\n"))).prefix(16))
  }
}

extension DatasetColumn.Kind {
  /// How a workbook shows the values.
  var columnKind: ColumnKind {
    switch self {
    case .amount, .positiveAmount, .balance, .share, .number: .amount
    case .count: .integer
    case .date: .date
    case .text, .choice, .currency, .branch, .unit, .account, .client, .ownClient, .holding,
      .employee, .colleague, .tier, .postKind, .productLine, .metric, .product, .loan, .parentUnit:
      .text
    }
  }
}
