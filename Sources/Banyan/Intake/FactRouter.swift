import Exchange
import LibPQ
import Quantities

/// Where a good row of a file is copied to.
enum Destination: Hashable {
  /// The staging table, from where ``Acceptance`` takes it.
  case staging
  /// The partition of a month, straight away.
  case month(Month)
}

/// Decides for each fact whether it can go straight into its month. It can if its branch has nothing
/// in that month yet, for then it cannot be on record, and if its number was not seen in this file.
/// All others are staged, where the database compares them with what is on record. So a branch that
/// sends its month once, as nearly all do, pays for no comparison.
struct FactRouter {
  /// What is known of a month.
  private struct Place {
    let table: String
    /// Whether the table was made for this file, and is not a partition yet.
    let isFresh: Bool
    /// Branches that have facts in the month already.
    let occupied: Set<Int32>
  }

  /// Where the values of a fact stand among the staged ones.
  private struct Positions {
    let number: Int
    let branch: Int
    let account: Int
    let day: Int
    let direction: Int
    let amount: Int
  }

  private let positions: Positions?
  /// Whether rows may be copied straight into their months, which policies do not let.
  private let copiesDirectly: Bool
  private let seen: SeenKeys
  private var places: [Month: Place] = [:]
  private var lastDay: (day: CivilDate, month: Month, daysLeft: Int)?
  private(set) var rollUp: AccountMonthRollUp
  /// Rows that go straight into their months.
  private(set) var directRows = 0

  /// - Parameters:
  ///   - fileSize: Bytes of the file.
  ///   - copiesDirectly: Whether rows may go straight into their months; a login that is under policies
  ///     has all of them staged.
  init(dataset: Dataset, fileSize: Int, amountDigits: Int, copiesDirectly: Bool) {
    self.copiesDirectly = copiesDirectly
    let names = dataset.stagingColumns.map(\.name)
    func place(_ name: String) -> Int? { names.firstIndex(of: name) }
    positions =
      if dataset.isFiledByMonth, let number = place("number"), let branch = place("branch_id"),
        let account = place("account_id"), let day = place("booked_on"),
        let direction = place("direction"), let amount = place("amount")
      {
        Positions(
          number: number, branch: branch, account: account, day: day, direction: direction,
          amount: amount)
      } else {
        nil
      }
    seen = SeenKeys(fileSize: positions == nil ? 0 : fileSize)
    rollUp = AccountMonthRollUp(amountDigits: amountDigits)
  }

  /// The months that rows went straight into.
  var months: [Month] { places.keys.sorted() }
  /// Whether nothing was on record for any of them.
  var areAllFresh: Bool { places.values.allSatisfy(\.isFresh) }
  /// Those of them that have to be completed.
  var freshMonths: [Month] { places.filter(\.value.isFresh).keys.sorted() }
  /// The partitions that were there before.
  var oldTables: [String] { places.values.filter { !$0.isFresh }.map(\.table) }

  /// The table of a destination.
  func table(of destination: Destination) -> Identifier {
    guard case .month(let month) = destination, let place = places[month] else { return "incoming" }
    return Identifier("bank", place.table)
  }

  /// Whether the table of a destination was made in this transaction.
  func isFresh(_ destination: Destination) -> Bool {
    guard case .month(let month) = destination else { return false }
    return places[month]?.isFresh ?? false
  }

  /// Where the values of a row go; nil if its month must be opened first.
  mutating func route(_ values: [StagedValue]) -> Destination? {
    guard let positions, case .date(let day) = values[positions.day],
      case .integer(let branch) = values[positions.branch]
    else { return .staging }
    let (month, daysLeft) = month(of: day)
    guard let place = places[month] else { return nil }
    guard copiesDirectly else { return .staging }
    let isKnown: Bool
    switch values[positions.number] {
    case .bytes(let number): isKnown = seen.insert(branch: branch, number: number)
    case .text(var number):
      isKnown = number.withUTF8 { seen.insert(branch: branch, number: $0) }
    default: return .staging
    }
    guard !isKnown, !place.occupied.contains(branch),
      case .key(let account) = values[positions.account],
      case .decimal(let amount) = values[positions.amount]
    else { return .staging }
    rollUp.add(
      branch: branch, account: account, month: month, daysLeft: daysLeft,
      isCredit: isCredit(values[positions.direction]), amount: amount)
    directRows += 1
    return .month(month)
  }

  /// Finds out about the month of a row that had no destination.
  mutating func openMonth(of values: [StagedValue], on connection: isolated Connection) throws {
    guard let positions, case .date(let day) = values[positions.day] else { return }
    let month = month(of: day).month
    if !copiesDirectly {
      try connection.execute("select bank.add_month('transaction', \(month.firstDay))")
      places[month] = Place(table: "transaction", isFresh: false, occupied: [])
      return
    }
    let (table, isFresh) = try connection.row(
      "select table_name, is_fresh from bank.open_month('transaction', \(month.firstDay))",
      as: (String, Bool).self)
    var occupied: Set<Int32> = []
    if !isFresh {
      // One probe of the key for each unit, instead of reading the month.
      try connection.forEachRow(
        """
        select u.org_unit_id from bank.org_unit as u
        where exists (
          select from bank.account_month as m
          where m.branch_id = u.org_unit_id and m.month = \(month.firstDay))
        """, as: Int32.self
      ) { branch in occupied.insert(branch) }
    }
    places[month] = Place(table: table, isFresh: isFresh, occupied: occupied)
  }

  /// Writes the sums of the rows that went straight into their months.
  mutating func writeRollUp(of batch: Int64, on connection: isolated Connection) throws {
    try rollUp.write(of: batch, on: connection)
  }

  /// Files are in the order of their days, or nearly so: mostly the answer is that of the row before.
  private mutating func month(of day: CivilDate) -> (month: Month, daysLeft: Int) {
    if let lastDay, lastDay.day == day { return (lastDay.month, lastDay.daysLeft) }
    let month = day.month
    let daysLeft = day.days(until: month.adding(months: 1).firstDay)
    lastDay = (day, month, daysLeft)
    return (month, daysLeft)
  }

  private func isCredit(_ direction: StagedValue) -> Bool {
    switch direction {
    case .text(let word): word == "credit"
    case .bytes(let bytes): bytes.elementsEqual("credit".utf8)
    default: false
    }
  }
}
