import LibPQ
import Quantities

/// What the facts of a file add to `bank.account_month`, summed while they pass by: adding two
/// numbers here saves the database from reading the rows again.
struct AccountMonthRollUp {
  /// How many accounts and months are held before they are laid aside in the database.
  static let limit = 250_000

  /// In the smallest unit of the currency. An amount has at most 16 digits before the point, so that
  /// no file is long enough for these to overflow.
  private struct Sums {
    let account: Int64
    let month: Month
    let branch: Int32
    var transactions: Int64 = 0
    var credits: Int128 = 0
    var debits: Int128 = 0
    var movementDays: Int128 = 0

    func isOf(_ branch: Int32, _ account: Int64, _ month: Month) -> Bool {
      self.account == account && self.branch == branch && self.month == month
    }
  }

  /// Digits after the point that an amount may have.
  let amountDigits: Int
  private var sums: [Sums] = []
  /// Open addressing: the place of the sums plus one, or 0. At most a quarter is full, so that mostly
  /// the first look finds them.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)
  /// Whether some sums lie in `incoming_account_month`.
  private var hasLaidAside = false

  init(amountDigits: Int) {
    self.amountDigits = amountDigits
  }

  /// Whether it is time to lay the sums aside.
  var isFull: Bool { sums.count >= Self.limit }

  /// Adds one movement.
  ///
  /// - Parameter daysLeft: Days of the month from the booking on, including its day.
  mutating func add(
    branch: Int32, account: Int64, month: Month, daysLeft: Int, isCredit: Bool,
    amount: ExactDecimal
  ) {
    guard let units = amount.units(atScale: amountDigits) else { return }
    let place = place(branch, account, month)
    sums[place].transactions += 1
    if isCredit {
      sums[place].credits += units
      sums[place].movementDays += units * Int128(daysLeft)
    } else {
      sums[place].debits += units
      sums[place].movementDays -= units * Int128(daysLeft)
    }
  }

  private mutating func place(_ branch: Int32, _ account: Int64, _ month: Month) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(branch, account, month) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if sums[place].isOf(branch, account, month) { return place }
      slot = (slot + 1) & mask
    }
    sums.append(Sums(account: account, month: month, branch: branch))
    slots[slot] = UInt32(sums.count)
    if 4 * sums.count > slots.count { grow() }
    return sums.count - 1
  }

  /// Accounts that were opened one after the other stand next to each other, as they do in most files:
  /// then the next slot is in the processor's memory already.
  private static func hash(_ branch: Int32, _ account: Int64, _ month: Month) -> Int {
    let place = UInt64(truncatingIfNeeded: branch) << 32 ^ UInt64(truncatingIfNeeded: month.index)
    return Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: account) &+ mixed(place))
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    let mask = slots.count - 1
    for (place, sum) in sums.enumerated() {
      var slot = Self.hash(sum.branch, sum.account, sum.month) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(place + 1)
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
    into table: Identifier, on connection: isolated Connection
  ) throws {
    if sums.isEmpty { return }
    let scale = amountDigits
    // In the order of the primary key, which then grows at its end only.
    let order = sums.indices.sorted { left, right in
      (sums[left].branch, sums[left].month, sums[left].account)
        < (sums[right].branch, sums[right].month, sums[right].account)
    }
    try connection.copyBinary(
      into: table,
      columns: [
        "branch_id", "month", "account_id", "transactions", "credits", "debits", "movement_days",
      ]
    ) { writer in
      for place in order {
        let sum = sums[place]
        try writer.row(
          sum.branch, sum.month.firstDay, sum.account, sum.transactions,
          ExactDecimal(coefficient: sum.credits, scale: scale),
          ExactDecimal(coefficient: sum.debits, scale: scale),
          ExactDecimal(coefficient: sum.movementDays, scale: scale))
      }
    }
    sums.removeAll(keepingCapacity: true)
    for slot in slots.indices { slots[slot] = 0 }
  }
}
