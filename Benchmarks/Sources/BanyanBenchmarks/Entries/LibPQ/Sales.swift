import CReference
import LibPQ
import Quantities

/// A row of the table that is read: five columns of the types that reports are made of.
struct Sale: PostgresRow {
  let id: Int64
  let name: String
  let amount: ExactDecimal
  let bookedAt: Timestamp
  let isCleared: Bool

  static let shape = RowShape(Sale.init, "id", "name", "amount", "booked_at", "is_cleared")
}

/// The table of a million sales.
enum Sales {
  /// The database of the table.
  static let database = "sales"
  static let count = 1_000_000
  /// All rows, in the order in which they lie.
  static let query: Query = "SELECT id, name, amount, booked_at, is_cleared FROM sale"

  /// Makes the table, unless it is there. Names have 4 to 35 bytes, amounts up to 14 digits.
  static func prepare(on ground: Ground) throws {
    let databases = try ground.psql("SELECT datname FROM pg_database").split(separator: "\n")
    if databases.contains(Substring(database)) { return }
    try ground.psql("CREATE DATABASE \(database)")
    try ground.psql(
      """
      CREATE TABLE sale (id bigint NOT NULL, name text NOT NULL, amount numeric(18, 2) NOT NULL,
        booked_at timestamptz NOT NULL, is_cleared boolean NOT NULL)
      """,
      """
      INSERT INTO sale
      SELECT i, left(md5(i::text) || md5((-i)::text), 4 + (i % 32)::int),
        ((i * 7919) % 100000007) * 12.34 * CASE WHEN i % 10 = 0 THEN -1 ELSE 1 END,
        timestamptz '2001-01-01 00:00:00+00' + i * interval '617.000001 seconds', i % 3 = 0
      FROM generate_series(1, \(count)::bigint) AS i
      """,
      "VACUUM (FREEZE, ANALYZE) sale", "CHECKPOINT", in: database)
  }

  /// The sums over all rows as the server has them.
  static func totals(on ground: Ground) throws -> SaleTotals {
    let line = try ground.psql(
      """
      SELECT count(*), sum(id), sum(octet_length(name)), sum(amount * 100)::bigint,
        sum(floor(extract(epoch FROM booked_at - '2000-01-01 00:00:00+00')))::bigint,
        count(*) FILTER (WHERE is_cleared)
      FROM sale
      """, in: database)
    let numbers = line.split(whereSeparator: { $0 == "|" || $0.isNewline }).compactMap { Int64($0) }
    guard numbers.count == 6 else { throw BenchmarkError("the sums of the sales are “\(line)”") }
    return SaleTotals(
      rows: numbers[0], ids: numbers[1], nameBytes: numbers[2], cents: numbers[3],
      seconds: numbers[4], cleared: numbers[5])
  }
}

/// Sums over the sales that a client has decoded, so that none can leave out what it should read.
struct SaleTotals: Equatable {
  var rows: Int64 = 0
  var ids: Int64 = 0
  var nameBytes: Int64 = 0
  var cents: Int64 = 0
  var seconds: Int64 = 0
  var cleared: Int64 = 0

  mutating func add(_ sale: Sale) {
    rows += 1
    ids += sale.id
    nameBytes += Int64(sale.name.utf8.count)
    cents += Int64(sale.amount.coefficient)
    seconds += sale.bookedAt.microsecondsSince2000 / 1_000_000
    cleared += sale.isCleared ? 1 : 0
  }

  /// Throws unless a client has decoded what the server holds.
  func check(against server: SaleTotals?, of client: String) throws {
    if self != server {
      throw BenchmarkError(
        "\(client) decoded \(self) where the server has \(String(describing: server))")
    }
  }
}

extension SaleTotals {
  init(_ totals: reference_totals) {
    self.init(
      rows: totals.rows, ids: totals.ids, nameBytes: totals.name_bytes, cents: totals.cents,
      seconds: totals.seconds, cleared: totals.cleared)
  }
}
