import LibPQ
import Quantities

/// What a file has to do with one branch in one month: which numbers may be on record there, and what
/// goes there straight.
struct BranchMonth {
  let branch: Int32
  let month: Month
  /// Between which numbers those on record lie, in ascending order and apart from each other; none if
  /// nothing is on record.
  let recorded: [ClosedRange<NumberHead>]
  /// Rows that went straight there.
  private(set) var rows = 0
  private(set) var first = NumberHead.end
  private(set) var last = NumberHead.end

  init(branch: Int32, month: Month, recorded: [ClosedRange<NumberHead>]) {
    self.branch = branch
    self.month = month
    self.recorded = recorded.sorted { $0.lowerBound < $1.lowerBound }
      .reduce(into: []) { apart, next in
        if let before = apart.last, next.lowerBound <= before.upperBound {
          apart[apart.count - 1] =
            before.lowerBound...max(before.upperBound, next.upperBound)
        } else {
          apart.append(next)
        }
      }
  }

  /// Whether a number lies among those on record, so that it may be one of them.
  func mayHold(_ number: NumberHead) -> Bool {
    guard let last = recorded.last, number <= last.upperBound else { return false }
    return recorded.contains { $0.contains(number) }
  }

  /// Counts a row that goes straight there.
  mutating func count(_ number: NumberHead) {
    if rows == 0 || number < first { first = number }
    if rows == 0 || number > last { last = number }
    rows += 1
  }

  /// Whether `bank.account_month` holds nothing of the branches and months that rows went to, and no
  /// account there is measured by its balances, so that nothing has to be compared with their sums.
  static func haveNoSums(
    _ parts: [BranchMonth], on connection: isolated Connection
  ) throws -> Bool {
    let parts = parts.filter { $0.rows > 0 }
    // The limit makes it one probe of the key for each, however large the table is.
    return try connection.value(
      """
      select not exists (
        select from unnest(\(parts.map(\.branch))::integer[], \(parts.map(\.month.firstDay))::date[]) as p (branch, month)
        cross join lateral (
          select from bank.account_month as m where m.branch_id = p.branch and m.month = p.month limit 1) as known)
        and not exists (select from bank.balance_account as b where b.branch_id = any (\(parts.map(\.branch))::integer[]))
      """, as: Bool.self)
  }

  /// Puts on record what a batch brought straight to its branches and months.
  static func record(
    _ parts: [BranchMonth], of batch: Int64, hasBounds: Bool, on connection: isolated Connection
  ) throws {
    let parts = parts.filter { $0.rows > 0 }
    if parts.isEmpty { return }
    func bounds(_ heads: [NumberHead]) -> [String?] {
      heads.map { hasBounds ? hexadecimal($0.bytes) : nil }
    }
    try connection.execute(
      """
      select bank.add_batch_part(\(batch), p.branch, p.month, p.rows, decode(p.first, 'hex'), decode(p.last, 'hex'))
      from unnest(\(parts.map(\.branch))::integer[], \(parts.map(\.month.firstDay))::date[],
        \(parts.map { Int64($0.rows) })::bigint[], \(bounds(parts.map(\.first)))::text[],
        \(bounds(parts.map(\.last)))::text[]) as p (branch, month, rows, first, last)
      """)
  }
}
