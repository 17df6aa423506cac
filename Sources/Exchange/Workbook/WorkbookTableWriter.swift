import Quantities

/// Writes a table as a workbook with one sheet, or with several when the rows are too many for one;
/// or as a sheet of a workbook that has others. The first rows are held to find how wide the columns
/// are.
///
/// Below the rows stand the totals as formulas. Notes with a chart add a sheet with the chart and what
/// it is drawn of, and notes with facts one that tells how the table came about.
public final class WorkbookTableWriter: TextRowWriter {
  private static let measuredRows = 200
  private static let widest = 60

  private let columns: [Column]
  private let sheet: String
  private let notes: TableNotes
  private let language: Language
  private let workbook: WorkbookWriter
  private let isAlone: Bool
  private var held: [[Cell]]? = []
  private var totals: ColumnTotals
  private var chart: ChartData?
  private var rowCount = 0
  /// Columns that hold a number with more digits than Excel keeps.
  private var columnsOfLongNumbers: Set<Int> = []

  /// Begins with nothing but the frame of a workbook.
  public convenience init(
    columns: [Column], sheet: String = "Data", notes: TableNotes = TableNotes(),
    language: Language = .en, to sink: OutputSink
  ) throws(FileProblem) {
    if sink.isTerminal {
      throw .cannotWrite(
        path: "a workbook", reason: "it is nothing to show on a terminal; name a file with -o")
    }
    self.init(
      columns: columns, sheet: sheet, notes: notes, language: language,
      in: try WorkbookWriter(to: sink), isAlone: true)
  }

  /// Begins a sheet of a workbook, which is ended by who began it.
  public convenience init(
    columns: [Column], sheet: String, notes: TableNotes, language: Language,
    in workbook: WorkbookWriter
  ) {
    self.init(
      columns: columns, sheet: sheet, notes: notes, language: language, in: workbook,
      isAlone: false)
  }

  private init(
    columns: [Column], sheet: String, notes: TableNotes, language: Language,
    in workbook: WorkbookWriter, isAlone: Bool
  ) {
    self.columns = columns
    self.sheet = sheet
    self.notes = notes
    self.language = language
    self.workbook = workbook
    self.isAlone = isAlone
    totals = ColumnTotals(columns)
    chart = notes.chart.map { ChartData($0, columns: columns) }
  }

  /// Holds the first rows; writes the later ones.
  public func write(_ row: [Cell]) throws(FileProblem) {
    rowCount += 1
    totals.add(row)
    chart?.add(row)
    for (index, cell) in row.enumerated() where columns[index].isSummed {
      if case .decimal(let number) = cell, !CellText.isKept(number) {
        columnsOfLongNumbers.insert(index)
      }
    }
    if held == nil { return try workbook.write(row) }
    held?.append(row)
    if held?.count == Self.measuredRows { try release() }
  }

  /// Holds the first rows; writes the later ones. Tables that are written so have no totals.
  public func write(_ row: TextRow) throws(FileProblem) {
    if held == nil { return try workbook.write(row) }
    try write(zip(row.fields, columns).map { field, column in Self.cell(field, column.kind) })
  }

  /// Ends the sheets, and the workbook if it is this table's own.
  public func finish() throws(FileProblem) {
    try release()
    if totals.isWanted {
      try workbook.writeTotals(
        totals.sums, fixed: columnsOfLongNumbers, word: language.word(.total))
    }
    if let chart { try writeSheet(of: chart) }
    guard isAlone else { return }
    if !notes.facts.isEmpty { try writeFacts() }
    try workbook.finish()
  }

  private func release() throws(FileProblem) {
    guard let rows = held else { return }
    held = nil
    let layout = SheetLayout(
      name: sheet,
      columns: columns.enumerated().map { index, column in
        let width = rows.map { displayWidth(column.shown($0[index])) }.max() ?? 0
        return SheetLayout.Column(
          column.title, column.kind, width: min(Self.widest, width + (width / 3)),
          format: column.format)
      })
    try workbook.beginSheet(layout)
    for row in rows { try workbook.write(row) }
  }

  /// The chart, beside the numbers that it is drawn of.
  private func writeSheet(of chart: ChartData) throws(FileProblem) {
    guard !chart.categories.isEmpty, !chart.series.isEmpty else { return }
    let category = columns[chart.chart.category]
    let layout = SheetLayout(
      name: isAlone
        ? language.word(.chart) : SheetLayout.name(sheet, ending: " \(language.word(.chart))"),
      columns: [SheetLayout.Column(category.title, width: 20)]
        + chart.series.map { SheetLayout.Column($0.name, .amount, width: 16) })
    try workbook.beginSheet(layout)
    workbook.addChart(WorkbookChart(kind: chart.chart.kind, title: notes.title))
    for (place, name) in chart.categories.enumerated() {
      try workbook.write([.text(name)] + chart.series.map { $0.points[place]?.cell ?? .null })
    }
  }

  private func writeFacts() throws(FileProblem) {
    let layout = SheetLayout(
      name: language.word(.report),
      columns: [
        SheetLayout.Column(language.word(.fact), width: 16),
        SheetLayout.Column(language.word(.value), width: Self.widest),
      ])
    try workbook.beginSheet(layout)
    let said = [
      TableNotes.Fact(language.word(.title), notes.title),
      TableNotes.Fact(language.word(.description), notes.description),
    ].filter { !$0.value.isEmpty }
    let facts = said + notes.facts + [TableNotes.Fact(language.word(.rows), String(rowCount))]
    for fact in facts { try workbook.write([.text(fact.name), .text(fact.value)]) }
  }

  private static func cell(_ field: TextRow.Field, _ kind: ColumnKind) -> Cell {
    guard let field else { return .null }
    let text = String(decoding: field, as: UTF8.self)
    let typed: Cell? =
      switch kind {
      case .text, .json: nil
      case .integer: Int64(text).map { .integer($0) }
      case .amount: ExactDecimal(text).map { .decimal($0) }
      case .date: CivilDate(text).map { .date($0) }
      case .boolean: .boolean(isTrue(field))
      }
    return typed ?? .text(text)
  }
}
