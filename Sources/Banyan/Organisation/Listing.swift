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
      try columns.indices.map { index -> Cell in
        if row.isNull(index) { return .null }
        return switch columns[index].kind {
        case .text: .text(try row.decode(index, as: String.self))
        case .integer: .integer(try row.decode(index, as: Int64.self))
        case .amount: .decimal(try row.decode(index, as: ExactDecimal.self))
        case .date: .date(try row.decode(index, as: CivilDate.self))
        }
      }
    }
  }

  /// Writes all of it.
  public func write(_ format: OutputFormat, to sink: OutputSink) throws(FileProblem) {
    let writer = try format.writer(columns: columns, to: sink)
    for row in rows { try writer.write(row) }
    try writer.finish()
  }
}
