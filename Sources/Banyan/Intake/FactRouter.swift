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

/// Decides for each row of a dataset that is filed by month whether it can go straight there. It can if
/// it lies outside the bounds of what its branch has in that month, for then it cannot be on record, and if
/// its key was not seen in this file. All others are staged, where the database compares them with what is
/// on record. So a branch that sends its month once, or each day's rows under new numbers, as nearly all
/// do, pays for no comparison.
struct FactRouter {
  /// What is known of a month.
  private struct Place {
    let table: String
    /// Whether the table was made for this file, and is not a partition yet.
    let isFresh: Bool
    /// Between which numbers lie those of the branches that have facts in the month already.
    var recorded: [Int32: [ClosedRange<NumberHead>]] = [:]
  }

  /// Where the values of a row stand among the staged ones.
  private struct Positions {
    let branch: Int
    let day: Int
    /// The other columns of the key.
    let key: [Int]
    let bound: Int?
    let rollUp: (account: Int, direction: Int, amount: Int)?
    let factSums: (metric: Int, product: Int, employee: Int, amount: Int)?

    /// Nil if the mapping leaves a column out that is needed to file a row.
    init?(_ filing: MonthlyFiling, key: [String], columns: [String]) {
      func place(_ name: String) -> Int? { columns.firstIndex(of: name) }
      guard let branch = place("branch_id"), let day = place(filing.day) else { return nil }
      self.branch = branch
      self.day = day
      self.key = key.filter { $0 != "branch_id" }.compactMap(place)
      bound = filing.bound.flatMap(place)
      if let sums = filing.rollUp {
        guard let account = place(sums.account), let direction = place(sums.direction),
          let amount = place(sums.amount)
        else { return nil }
        rollUp = (account, direction, amount)
      } else {
        rollUp = nil
      }
      if let sums = filing.factSums {
        guard let metric = place(sums.metric), let product = place(sums.product),
          let employee = place(sums.employee), let amount = place(sums.amount)
        else { return nil }
        factSums = (metric, product, employee, amount)
      } else {
        factSums = nil
      }
    }
  }

  private let dataset: Dataset
  private let positions: Positions?
  /// Whether rows may be copied straight into their months, which policies do not let.
  private let copiesDirectly: Bool
  private let seen: SeenKeys
  private var places: [Month: Place] = [:]
  private var parts: [BranchMonth] = []
  private var partPlaces: [Month: [Int32: Int]] = [:]
  private var lastPart = -1
  private var lastMonth: (month: Month, firstDay: CivilDate, end: CivilDate)?
  private var rollUp: AccountMonthRollUp
  private var factSums: FactMonthRollUp
  /// Rows that go straight into their months.
  private(set) var directRows = 0

  /// - Parameters:
  ///   - columns: Names of the values of a row.
  ///   - fileSize: Bytes of the file.
  ///   - copiesDirectly: Whether rows may go straight into their months; a login that is under policies
  ///     has all of them staged.
  init(
    dataset: Dataset, columns: [String], fileSize: Int, amountDigits: Int, copiesDirectly: Bool
  ) {
    self.dataset = dataset
    self.copiesDirectly = copiesDirectly
    positions = dataset.filing.flatMap { Positions($0, key: dataset.key, columns: columns) }
    seen = SeenKeys(fileSize: positions == nil ? 0 : fileSize)
    rollUp = AccountMonthRollUp(amountDigits: amountDigits)
    factSums = FactMonthRollUp(amountDigits: amountDigits)
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
    guard let part = part(of: branch, month) else { return nil }
    guard copiesDirectly else { return .staging }
    let key = positions.key.reduce(seen.seed ^ UInt64(truncatingIfNeeded: branch)) {
      values[$1].hash(seed: $0)
    }
    let head = positions.bound.map { values[$0].head } ?? .end
    if seen.insert(key) || parts[part].mayHold(head) { return .staging }
    if let sums = positions.rollUp {
      guard case .key(let account) = values[sums.account],
        case .decimal(let amount) = values[sums.amount]
      else { return .staging }
      rollUp.add(
        branch: branch, account: account, month: month, daysLeft: daysLeft,
        isCredit: values[sums.direction].isText("credit"), amount: amount)
    }
    if let sums = positions.factSums {
      guard case .integer(let metric) = values[sums.metric],
        case .integer(let product) = values[sums.product],
        case .integer(let employee) = values[sums.employee],
        case .decimal(let amount) = values[sums.amount]
      else { return .staging }
      factSums.add(
        branch: branch, month: month, metric: metric, product: product, employee: employee,
        amount: amount)
    }
    parts[part].count(head)
    directRows += 1
    return .month(month)
  }

  /// Finds out about the month of a row that had no destination.
  mutating func openMonth(of values: [StagedValue], on connection: isolated Connection) throws {
    guard let positions, case .date(let day) = values[positions.day] else { return }
    let month = month(of: day).month
    if !copiesDirectly {
      try connection.execute("select bank.add_month(\(dataset.table), \(month.firstDay))")
      places[month] = Place(table: dataset.table, isFresh: false)
      return
    }
    let (table, isFresh) = try connection.row(
      "select table_name, is_fresh from bank.open_month(\(dataset.table), \(month.firstDay))",
      as: (String, Bool).self)
    var place = Place(table: table, isFresh: isFresh)
    if !isFresh {
      place.recorded = try recorded(
        in: month, of: table, day: dataset.filing?.day ?? "", on: connection)
    }
    places[month] = place
  }

  /// The bounds of what branches have in a month. One probe of the key for each unit, instead of reading
  /// the month; where the bounds are not known, any row may be on record.
  private func recorded(
    in month: Month, of table: String, day: String, on connection: isolated Connection
  ) throws -> [Int32: [ClosedRange<NumberHead>]] {
    var recorded: [Int32: [ClosedRange<NumberHead>]] = [:]
    try connection.forEachRow(
      """
      select u.org_unit_id, p.first_number, p.last_number
      from bank.org_unit as u
      left join (
        bank.batch_part as p
        join bank.batch as b on b.batch_id = p.batch_id and b.dataset = \(dataset.name) and b.state = 'loaded'
      ) on p.branch_id = u.org_unit_id and p.month = \(month.firstDay)
      where exists (
        select from \(identifier: "bank", table) as t
        where t.branch_id = u.org_unit_id and t.\(identifier: day) >= \(month.firstDay))
      """, as: (Int32, [UInt8]?, [UInt8]?).self
    ) { branch, first, last in
      recorded[branch, default: []].append(
        NumberHead(recorded: first ?? [])...(last.map { NumberHead(recorded: $0) } ?? .end))
    }
    return recorded
  }

  /// Whether there is no room for more sums.
  var holdsEnoughSums: Bool { rollUp.isFull || factSums.isFull }

  /// Makes room for other sums.
  mutating func laySumsAside(on connection: isolated Connection) throws {
    if rollUp.isFull { try rollUp.layAside(on: connection) }
    if factSums.isFull { try factSums.write(on: connection) }
  }

  /// Writes the sums of the rows that went straight into their months, and what they are parts of.
  mutating func writeSums(of batch: Int64, on connection: isolated Connection) throws {
    if directRows == 0 { return }
    if positions?.rollUp != nil {
      try rollUp.write(isNew: BranchMonth.haveNoSums(parts, on: connection), on: connection)
    }
    try BranchMonth.record(
      parts, of: batch, hasBounds: positions?.bound != nil, on: connection)
    try factSums.write(on: connection)
  }

  /// The place among the parts of a branch's month; nil if the month must be opened first. Mostly the
  /// answer is that of the row before.
  private mutating func part(of branch: Int32, _ month: Month) -> Int? {
    if lastPart >= 0, parts[lastPart].branch == branch, parts[lastPart].month == month {
      return lastPart
    }
    if let known = partPlaces[month]?[branch] {
      lastPart = known
      return known
    }
    guard let place = places[month] else { return nil }
    lastPart = parts.count
    parts.append(
      BranchMonth(branch: branch, month: month, recorded: place.recorded[branch] ?? []))
    partPlaces[month, default: [:]][branch] = lastPart
    return lastPart
  }

  /// The month of a day, and how many of its days are left, this one included. Mostly the month is that of the
  /// row before.
  private mutating func month(of day: CivilDate) -> (month: Month, daysLeft: Int) {
    if let lastMonth, lastMonth.firstDay <= day, day < lastMonth.end {
      return (lastMonth.month, day.days(until: lastMonth.end))
    }
    let month = day.month
    let end = month.adding(months: 1).firstDay
    lastMonth = (month, month.firstDay, end)
    return (month, day.days(until: end))
  }
}
