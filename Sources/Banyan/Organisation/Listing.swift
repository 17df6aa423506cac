import Exchange
import LibPQ
import Quantities

/// Rows of a query for the screen or a file: what the columns are called, and their cells.
public struct Listing: Sendable {
  /// The columns in the order of the query.
  public let columns: [Column]
  /// The rows.
  public let rows: [[Cell]]

  /// Rows that are there already.
  init(columns: [Column], rows: [[Cell]]) {
    (self.columns, self.rows) = (columns, rows)
  }

  /// Runs a query whose columns have the given names and kinds.
  init(
    _ columns: [Column], _ query: Query, on connection: isolated Connection
  ) throws {
    self.columns = columns
    rows = try connection.rows(query) { row in
      try columns.indices.map { try row.cell($0, columns[$0].kind) }
    }
  }

  /// Writes all of it.
  public func write(
    _ format: OutputFormat, style: TableStyle = TableStyle(), to sink: OutputSink
  ) throws(FileProblem) {
    let writer = try format.writer(columns: columns, to: sink, style: style)
    for row in rows { try writer.write(row) }
    try writer.finish()
  }
}

extension RowView {
  /// The value of a column of a kind, for a table that is written.
  func cell(_ column: Int, _ kind: ColumnKind) throws(PostgresError) -> Cell {
    if isNull(column) { return .null }
    return switch kind {
    case .text, .json: .text(try decode(column, as: String.self))
    case .integer: .integer(try decode(column, as: Int64.self))
    case .amount: .decimal(try decode(column, as: ExactDecimal.self))
    case .date: .date(try decode(column, as: CivilDate.self))
    case .boolean: .boolean(try decode(column, as: Bool.self))
    }
  }
}

extension Connection {
  /// Refuses the number of a person whom nobody knows, so that a list of nothing means that there is nothing.
  func requireEmployee(_ number: String?) throws {
    if let number { try execute("select bank.require_employee(\(number))") }
  }
}
