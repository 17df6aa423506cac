import LibPQ
import Quantities

/// What the facts of a file add to `bank.account_month`, summed while they pass by: adding two
/// numbers here saves the database from reading the rows again.
struct AccountMonthRollUp {
  /// How many accounts and months are held before they are laid aside in the database.
  static let limit = 250_000

  private struct Key: SumKey {
    let account: Int64
    let month: Month
    let branch: Int32

    /// Accounts that were opened one after the other stand next to each other, as they do in most files: then
    /// the next slot is in the processor's memory already.
    var spread: UInt64 {
      let place =
        UInt64(truncatingIfNeeded: branch) << 32 ^ UInt64(truncatingIfNeeded: month.index)
      return UInt64(truncatingIfNeeded: account) &+ mixed(place)
    }
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
  private var table = SumTable<Key, Sums>()
  /// Whether some sums lie in `incoming_account_month`.
  private var hasLaidAside = false

  init(amountDigits: Int) {
    self.amountDigits = amountDigits
  }

  /// Whether it is time to lay the sums aside.
  var isFull: Bool { table.entries.count >= Self.limit }

  /// Adds one movement.
  ///
  /// - Parameter daysLeft: Days of the month from the booking on, including its day.
  mutating func add(
    branch: Int32, account: Int64, month: Month, daysLeft: Int, isCredit: Bool,
    amount: ExactDecimal
  ) {
    guard let units = amount.units(atScale: amountDigits) else { return }
    table.change(Key(account: account, month: month, branch: branch), from: Sums()) { sums in
      sums.transactions += 1
      if isCredit {
        sums.credits += units
        sums.movementDays += units * Int128(daysLeft)
      } else {
        sums.debits += units
        sums.movementDays -= units * Int128(daysLeft)
      }
    }
  }

  // MARK: - Into the database

  /// Lays the sums aside, to make room for those of other accounts. To add them to the table each time
  /// would change the rows of busy accounts again and again.
  mutating func layAside(on connection: isolated Connection) throws {
    hasLaidAside = true
    try copy(into: "incoming_account_month", on: connection)
  }

  /// Adds all sums to the table and forgets them.
  ///
  /// - Parameter isNew: Whether the table holds nothing yet of any of the branches and months.
  mutating func write(isNew: Bool, on connection: isolated Connection) throws {
    if isNew, !hasLaidAside {
      return try copy(into: Identifier("bank", "account_month"), on: connection)
    }
    try copy(into: "incoming_account_month", on: connection)
    try connection.execute("select bank.add_incoming_account_months()")
    hasLaidAside = false
  }

  private mutating func copy(
    into place: Identifier, on connection: isolated Connection
  ) throws {
    if table.entries.isEmpty { return }
    let scale = amountDigits
    // In the order of the primary key, which then grows at its end only.
    let entries = table.entries.sorted { left, right in
      (left.key.branch, left.key.month, left.key.account)
        < (right.key.branch, right.key.month, right.key.account)
    }
    try connection.copyBinary(
      into: place,
      columns: [
        "branch_id", "month", "account_id", "transactions", "credits", "debits", "movement_days",
      ]
    ) { writer in
      for (key, sums) in entries {
        try writer.row(
          key.branch, key.month.firstDay, key.account, sums.transactions,
          ExactDecimal(coefficient: sums.credits, scale: scale),
          ExactDecimal(coefficient: sums.debits, scale: scale),
          ExactDecimal(coefficient: sums.movementDays, scale: scale))
      }
    }
    table.removeAll()
  }
}
