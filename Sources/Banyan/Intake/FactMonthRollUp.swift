import LibPQ
import Quantities

/// What the facts of a file add to `bank.fact_month`, summed while they pass by, as ``AccountMonthRollUp`` does
/// for movements.
struct FactMonthRollUp {
  /// How many sums are held before they are added to the table.
  private static let limit = 250_000

  private struct Key: SumKey {
    let branch: Int32
    let metric: Int32
    let product: Int32
    let employee: Int32
    let month: Month

    var spread: UInt64 {
      let place = UInt64(UInt32(bitPattern: branch)) << 32 | UInt64(UInt32(bitPattern: metric))
      let what = UInt64(UInt32(bitPattern: product)) << 32 | UInt64(UInt32(bitPattern: employee))
      return mixed(mixed(place ^ UInt64(truncatingIfNeeded: month.index) << 48) ^ what)
    }

    /// The order of the primary key, in which imports that run at once take its rows.
    func precedes(_ other: Key) -> Bool {
      (branch, month, metric, product, employee)
        < (other.branch, other.month, other.metric, other.product, other.employee)
    }
  }

  private struct Sums {
    var facts: Int64 = 0
    /// In the smallest unit of the currency. An amount has at most 16 digits before the point, so that no file
    /// is long enough for this to overflow.
    var amount: Int128 = 0
  }

  /// Digits after the point that an amount may have.
  let amountDigits: Int
  private var table = SumTable<Key, Sums>()

  init(amountDigits: Int) { self.amountDigits = amountDigits }

  /// Whether it is time to add the sums to the table.
  var isFull: Bool { table.entries.count >= Self.limit }

  /// Adds one fact.
  mutating func add(
    branch: Int32, month: Month, metric: Int32, product: Int32, employee: Int32,
    amount: ExactDecimal
  ) {
    guard let units = amount.units(atScale: amountDigits) else { return }
    let key = Key(
      branch: branch, metric: metric, product: product, employee: employee, month: month)
    table.change(key, from: Sums()) { sums in
      sums.facts += 1
      sums.amount += units
    }
  }

  /// Adds all sums to the table and forgets them.
  mutating func write(on connection: isolated Connection) throws {
    if table.entries.isEmpty { return }
    let entries = table.entries.sorted { $0.key.precedes($1.key) }
    try connection.execute(
      """
      select bank.add_fact_months(\(entries.map(\.key.branch)), \(entries.map(\.key.month.firstDay)),
        \(entries.map(\.key.metric)), \(entries.map(\.key.product)), \(entries.map(\.key.employee)),
        \(entries.map(\.sums.facts)),
        \(entries.map { ExactDecimal(coefficient: $0.sums.amount, scale: amountDigits) }))
      """)
    table.removeAll()
  }
}
