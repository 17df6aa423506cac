import LibPQ
import Quantities

/// What the facts of a file add to `bank.account_month`, summed while they pass by: adding two
/// numbers here saves the database from reading the rows again.
struct AccountMonthRollUp {
  /// How many accounts and months are held before they are written.
  static let limit = 250_000

  private struct Key: Hashable {
    let branch: Int32
    let month: Month
    let account: Int64
  }

  /// In the smallest unit of the currency. An amount has at most 16 digits before the point, so that
  /// no file is long enough for these to overflow.
  private struct Sums {
    var transactions: Int64 = 0
    var credits: Int128 = 0
    var debits: Int128 = 0
    var movementDays: Int128 = 0
  }

  /// Digits after the point that an amount may have.
  let amountDigits: Int
  private var sums: [Key: Sums] = [:]

  init(amountDigits: Int) {
    self.amountDigits = amountDigits
  }

  /// Whether it is time to write.
  var isFull: Bool { sums.count >= Self.limit }

  /// Adds one movement.
  ///
  /// - Parameter daysLeft: Days of the month from the booking on, including its day.
  mutating func add(
    branch: Int32, account: Int64, month: Month, daysLeft: Int, isCredit: Bool,
    amount: ExactDecimal
  ) {
    guard let units = amount.units(atScale: amountDigits) else { return }
    let key = Key(branch: branch, month: month, account: account)
    func count(_ sums: inout Sums) {
      sums.transactions += 1
      if isCredit {
        sums.credits += units
        sums.movementDays += units * Int128(daysLeft)
      } else {
        sums.debits += units
        sums.movementDays -= units * Int128(daysLeft)
      }
    }
    count(&sums[key, default: Sums()])
  }

  /// Adds the sums to the table and forgets them.
  mutating func write(of batch: Int64, on connection: isolated Connection) throws {
    if sums.isEmpty { return }
    let scale = amountDigits
    // In the order of the primary key, which then grows at its end only.
    let sorted = sums.sorted { left, right in
      (left.key.branch, left.key.month, left.key.account)
        < (right.key.branch, right.key.month, right.key.account)
    }
    sums.removeAll(keepingCapacity: true)
    try connection.copyBinary(
      into: "incoming_account_month",
      columns: [
        "branch_id", "month", "account_id", "transactions", "credits", "debits", "movement_days",
      ]
    ) { writer in
      for (key, sum) in sorted {
        try writer.row(
          key.branch, key.month.firstDay, key.account, sum.transactions,
          ExactDecimal(coefficient: sum.credits, scale: scale),
          ExactDecimal(coefficient: sum.debits, scale: scale),
          ExactDecimal(coefficient: sum.movementDays, scale: scale))
      }
    }
    try connection.execute("select bank.add_incoming_account_months(\(batch))")
  }
}
