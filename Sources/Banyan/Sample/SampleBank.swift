import Exchange
import Foundation
import Quantities

/// A made-up, plausible bank, as the files that its head office and its branches would send. The
/// same settings always make the same bytes.
///
/// Every third branch sends GB 18030 with Chinese headers and words and dates as 2026/01/31; the
/// others send UTF-8 with English ones and dates as 2026-01-31. A few rows are bad on purpose:
/// about eight, and one more for every 5,000 transactions.
public struct SampleBank: Hashable, Sendable {
  /// What everything is drawn from.
  public let seed: UInt64
  /// The number of branches.
  public let branches: Int
  /// The number of relationship managers.
  public let managers: Int
  /// The number of clients.
  public let clients: Int
  /// The number of months with transactions.
  public let months: Int
  /// The first of these months.
  public let firstMonth: Month

  /// The month that a bank begins with unless told otherwise: January 2026.
  public static let defaultFirstMonth = Month(year: 2026, month: 1)!
  /// One bad row is added for so many transactions.
  public static let transactionsPerBadRow = 5_000

  /// Describes a bank; ``write(to:)`` says if it cannot be made.
  public init(
    seed: UInt64, branches: Int, managers: Int, clients: Int, months: Int,
    firstMonth: Month = SampleBank.defaultFirstMonth
  ) {
    self.seed = seed
    self.branches = branches
    self.managers = managers
    self.clients = clients
    self.months = months
    self.firstMonth = firstMonth
  }

  /// Writes all files into a folder, which is made if it does not exist; files of the same names
  /// are replaced. Throws ``SampleProblem`` for impossible settings and folders, and `FileProblem`
  /// when a file cannot be written.
  public func write(to folder: String) throws -> SampleSummary {
    try check()
    if folder.isEmpty {
      throw SampleProblem.impossibleSetting("the name of the folder is empty; name one to write to")
    }
    var summary = SampleSummary()
    let employees = makeEmployees()
    try makeFolder(folder + "/head-office")
    try writeUnits(folder, &summary)
    try writeEmployees(employees, folder, &summary)
    var numbering = SampleNumbering()
    for index in 0..<branches {
      try makeFolder(folder + "/" + branchCode(index))
      var branch = SampleBranch(bank: self, index: index, employees: employees)
      try branch.write(folder, &numbering, &summary)
    }
    return summary
  }

  private func check() throws {
    for (name, value, limit) in [
      ("branches", branches, 9_999), ("managers", managers, 999_999),
      ("clients", clients, 99_999_999), ("months", months, 1_200),
    ] where !(1...limit).contains(value) {
      throw SampleProblem.impossibleSetting(
        "\(name) is \(value); a bank has from 1 to \(limit) of them")
    }
    if firstMonth.adding(months: months - 1).year > 9_999 {
      throw SampleProblem.impossibleSetting(
        "\(months) months from \(firstMonth) on end after the year 9999; begin earlier")
    }
    if clients < branches {
      throw SampleProblem.impossibleSetting(
        "there are \(clients) clients for \(branches) branches; each branch needs at least one")
    }
  }

  private func makeFolder(_ path: String) throws {
    var part = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      part += name
      // The system itself says why it cannot be; Foundation would not pass that on.
      let isThere = mkdir(part, 0o777) == 0 || errno == EEXIST
      part += "/"
      guard isThere, access(part, F_OK) == 0 else {
        throw SampleProblem.cannotMakeFolder(path: path, reason: String(cString: strerror(errno)))
      }
    }
  }

  // MARK: - Head office

  func branchCode(_ index: Int) -> String { "B" + padded(index + 1, 3) }

  /// Every third branch, beginning with the second.
  func isChinese(_ index: Int) -> Bool { index % 3 == 1 }

  /// About one region for six branches.
  var regionCount: Int { min(SampleNames.regions.count, (branches + 5) / 6) }

  private func writeUnits(_ folder: String, _ summary: inout SampleSummary) throws {
    let file = try SampleFileWriter(
      folder: folder, path: "head-office/org_units.csv",
      columns: ["code", "name", "level", "parent_code", "opened_on"].map { ($0, $0) })
    var random = SampleRandom(seed: seed, stream: 1)
    func row(_ code: String, _ name: String, _ level: String, _ parent: String, from year: Int)
      throws
    {
      for text in [code, name, level, parent] { file.text(text) }
      let day = CivilDate(
        year: year, month: random.within(1...12), day: random.within(1...28))
      file.date(day ?? firstMonth.firstDay)
      try file.endRow()
    }
    let year = firstMonth.year
    try row("HQ", "榕树银行总行", "head_office", "", from: year - 40)
    for index in 0..<regionCount {
      try row(
        regionCode(index), SampleNames.regions[index].name, "region", "HQ", from: year - 35)
    }
    for index in 0..<branches {
      try row(
        branchCode(index), SampleNames.branch(index, regions: regionCount), "branch",
        regionCode(index % regionCount), from: year - 30 + random.below(15))
    }
    try file.finish(&summary)
  }

  private func regionCode(_ index: Int) -> String { "R" + padded(index + 1, 2) }

  private func makeEmployees() -> [SampleEmployee] {
    var random = SampleRandom(seed: seed, stream: 2)
    return (0..<managers).map { index in
      SampleEmployee(
        number: "RM" + padded(index + 1, 4), name: SampleNames.person(&random),
        branch: index % branches,
        joinedOn: firstMonth.firstDay.adding(days: -random.within(100...4_000)))
    }
  }

  private func writeEmployees(
    _ employees: [SampleEmployee], _ folder: String, _ summary: inout SampleSummary
  ) throws {
    let people = try SampleFileWriter(
      folder: folder, path: "head-office/employees.csv",
      columns: ["number", "name", "branch_code", "joined_on"].map { ($0, $0) })
    for employee in employees {
      for text in [employee.number, employee.name, branchCode(employee.branch)] {
        people.text(text)
      }
      people.date(employee.joinedOn)
      try people.endRow()
    }
    try people.finish(&summary)

    let tiers = try SampleFileWriter(
      folder: folder, path: "head-office/tiers.csv",
      columns: ["employee_number", "tier", "effective_from"].map { ($0, $0) })
    let names = ["trainee", "junior", "intermediate", "senior", "principal"]
    // Of twenty people, two are trainees, seven juniors, and so on.
    let spread = [0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]
    var random = SampleRandom(seed: seed, stream: 3)
    for employee in employees {
      let tier = random.one(of: spread)
      func row(_ tier: Int, _ from: CivilDate) throws {
        tiers.text(employee.number)
        tiers.text(names[tier])
        tiers.date(from)
        try tiers.endRow()
      }
      try row(tier, employee.joinedOn)
      if tier < 4, random.happens(percent: 10) {
        try row(tier + 1, firstMonth.adding(months: random.below(months)).firstDay)
      }
    }
    try tiers.finish(&summary)
  }
}

/// A relationship manager.
struct SampleEmployee {
  let number: String
  let name: String
  let branch: Int
  let joinedOn: CivilDate
}

/// The numbers that run through the whole bank: the last ones given, and the bad rows due.
struct SampleNumbering {
  var client = 0
  var loan = 0
  var transaction = 0
  var goodTransactions = 0
  /// How many of the bad rows that come with every so many transactions were written.
  var recurringBadRows = 0
}
