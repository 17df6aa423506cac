import Quantities

/// Writes a table as a workbook with one sheet, or with several when the rows are too many for one.
/// The first rows are held to find how wide the columns are.
public final class WorkbookTableWriter: TextRowWriter {
  private static let measuredRows = 200
  private static let widest = 60

  private let columns: [Column]
  private let sheet: String
  private let workbook: WorkbookWriter
  private var held: [[Cell]]? = []

  /// Begins with nothing but the frame of a workbook.
  public init(columns: [Column], sheet: String = "Data", to sink: OutputSink) throws(FileProblem) {
    if sink.isTerminal {
      throw .cannotWrite(
        path: "a workbook", reason: "it is nothing to show on a terminal; name a file with -o")
    }
    self.columns = columns
    self.sheet = sheet
    workbook = try WorkbookWriter(to: sink)
  }

  /// Holds the first rows; writes the later ones.
  public func write(_ row: [Cell]) throws(FileProblem) {
    if held == nil { return try workbook.write(row) }
    held?.append(row)
    if held?.count == Self.measuredRows { try release() }
  }

  /// Holds the first rows; writes the later ones.
  public func write(_ row: TextRow) throws(FileProblem) {
    if held == nil { return try workbook.write(row) }
    try write(zip(row.fields, columns).map { field, column in Self.cell(field, column.kind) })
  }

  /// Ends the workbook and closes the sink.
  public func finish() throws(FileProblem) {
    try release()
    try workbook.finish()
  }

  private func release() throws(FileProblem) {
    guard let rows = held else { return }
    held = nil
    let layout = SheetLayout(
      name: sheet,
      columns: columns.enumerated().map { index, column in
        let width = rows.map { displayWidth($0[index].plainText) }.max() ?? 0
        return SheetLayout.Column(
          column.name, column.kind, width: min(Self.widest, width + (width / 3)))
      })
    try workbook.beginSheet(layout)
    for row in rows { try workbook.write(row) }
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
