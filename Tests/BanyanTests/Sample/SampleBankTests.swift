import Banyan
import Exchange
import Foundation
import Quantities
import Testing

@Suite("The made-up bank")
struct SampleBankTests {
  private let bank = SampleBank(seed: 7, branches: 5, managers: 11, clients: 240, months: 3)

  /// Writes a bank into a folder of its own and looks at it there.
  private func withBank<Result>(
    _ bank: SampleBank, _ body: (SampleSummary, URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(try bank.write(to: folder.path), folder)
  }

  /// The sound records of a file by canonical column name, with canonical words and dates, and the
  /// lines of the records that the reader itself finds bad.
  private func read(_ file: SampleFile, in folder: URL) throws -> (
    rows: [(line: Int, values: [String: String])], problems: [Int: CSVProblem]
  ) {
    let name = URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent
    let dataset = name.hasPrefix("transactions") ? "transactions" : name
    let names = SampleVocabulary.headers.first { $0.dataset == dataset }?.columns ?? []
    let reader = try CSVReader(
      path: folder.appendingPathComponent(file.path).path,
      encoding: file.isChinese ? .gb18030 : .utf8)
    let header = reader.header.map { title in
      names.first { (file.isChinese ? $0.chinese : $0.english) == title }?.english ?? title
    }
    var rows: [(line: Int, values: [String: String])] = []
    var problems: [Int: CSVProblem] = [:]
    while let record = try reader.next() {
      if let problem = record.problem {
        problems[record.lineNumber] = problem
        continue
      }
      var values: [String: String] = [:]
      for (index, column) in header.enumerated() {
        let words = SampleVocabulary.values.first { $0.column == "\(dataset).\(column)" }?.words
        let text = record.string(index)
        let canonical = file.isChinese ? words?.first { $0.chinese == text }?.english : nil
        let isDate = column.hasSuffix("_on") || column == "effective_from"
        values[column] =
          canonical ?? (isDate ? text.replacingOccurrences(of: "/", with: "-") : text)
      }
      rows.append((record.lineNumber, values))
    }
    return (rows, problems)
  }

  @Test("The same seed makes the same bytes, another seed others")
  func deterministic() throws {
    func contents(_ bank: SampleBank) throws -> [String: Data] {
      try withBank(bank) { summary, folder in
        try Dictionary(
          uniqueKeysWithValues: summary.files.map {
            ($0.path, try Data(contentsOf: folder.appendingPathComponent($0.path)))
          })
      }
    }
    let other = SampleBank(seed: 8, branches: 5, managers: 11, clients: 240, months: 3)
    let first = try contents(bank)
    #expect(try contents(bank) == first)
    #expect(try contents(other) != first)
  }

  @Test("Every file is there, and the summary counts its rows")
  func files() throws {
    try withBank(bank) { summary, folder in
      let expected =
        ["org_units", "employees", "tiers"].map { "head-office/\($0).csv" }
        + (1...5).flatMap { branch in
          [
            "clients", "accounts", "holders", "assignments", "loans", "transactions-2026-01",
            "transactions-2026-02", "transactions-2026-03",
          ].map { "B00\(branch)/\($0).csv" }
        }
      #expect(summary.files.map(\.path) == expected)
      for file in summary.files {
        let lines = try Data(contentsOf: folder.appendingPathComponent(file.path))
          .filter { $0 == 10 }.count
        #expect(lines == file.rows + 1, "\(file.path)")
        #expect(file.isChinese == ["B002", "B005"].contains(file.path.prefix(4)))
        #expect(file.badRows == summary.badRows.filter { $0.file == file.path }.count)
        if file.path.hasPrefix("head-office") { #expect(file.badRows == 0) }
      }
      #expect(summary.rows == summary.files.reduce(0) { $0 + $1.rows })
      let size = summary.files.filter { $0.path.contains("transactions") }
        .reduce(0) { $0 + $1.rows }
      #expect(summary.badRows.count == 8 + size / SampleBank.transactionsPerBadRow)
      #expect(Set(summary.badRows.map(\.fault)).count >= 7)
    }
  }

  /// Everything that a careful importer would check, told apart by what it would say.
  @Test("Exactly the announced rows are bad; all others hold together to the cent")
  func consistent() throws {
    // Enough transactions for some faults to recur.
    let bank = SampleBank(seed: 3, branches: 5, managers: 9, clients: 600, months: 3)
    try withBank(bank) { summary, folder in
      var found: [SampleBadRow] = []
      var units = Set<String>()
      var employees: [String: CivilDate] = [:]
      var clients = Set<String>()
      var opened: [String: CivilDate] = [:]
      var owners: [String: Int] = [:]
      var shares: [String: ExactDecimal] = [:]
      var numbers = Set<String>()
      var balances: [String: ExactDecimal] = [:]
      for file in summary.files {
        let (rows, problems) = try read(file, in: folder)
        for (line, problem) in problems {
          switch problem {
          case .ragged: found.append(SampleBadRow(file: file.path, line: line, fault: .ragged))
          case .undecodable(_, 0xFF):
            found.append(SampleBadRow(file: file.path, line: line, fault: .undecodableByte))
          default: Issue.record("\(file.path):\(line) \(problem)")
          }
        }
        var lastDate = CivilDate(daysSinceEpoch: 0)
        for (line, row) in rows {
          func bad(_ fault: SampleFault) {
            found.append(SampleBadRow(file: file.path, line: line, fault: fault))
          }
          let optional = ["parent_code"]
          if row.contains(where: { $0.value.isEmpty && !optional.contains($0.key) }) {
            bad(.missingValue)
            continue
          }
          let dates = row.filter { $0.key.hasSuffix("_on") || $0.key == "effective_from" }
          if dates.contains(where: { CivilDate($0.value) == nil }) {
            bad(.impossibleDate)
            continue
          }
          let amounts = row.filter {
            ["amount", "monthly_payment", "reported_balance"].contains($0.key)
          }
          if amounts.contains(where: { ExactDecimal($0.value) == nil }) {
            bad(.notANumber)
            continue
          }
          if amounts.contains(where: { ExactDecimal($0.value)?.scale != 2 }) {
            bad(.tooManyDecimals)
            continue
          }
          let account = row["account_number"] ?? ""
          if row["account_number"] != nil, opened[account] == nil {
            bad(.unknownAccount)
            continue
          }
          switch file.path.split(separator: "/")[1].prefix(5) {
          case "org_u":
            let parent = row["parent_code", default: ""]
            #expect(units.contains(parent) || row["level"] == "head_office")
            units.insert(row["code", default: ""])
          case "emplo":
            #expect(units.contains(row["branch_code", default: ""]))
            employees[row["number", default: ""]] = CivilDate(row["joined_on", default: ""])
          case "tiers":
            #expect(employees[row["employee_number", default: ""]] != nil)
          case "clien":
            #expect(row["branch_code"] == String(file.path.prefix(4)))
            #expect(clients.insert(row["number", default: ""]).inserted)
          case "accou":
            let number = row["number", default: ""]
            #expect(opened[number] == nil)
            opened[number] = CivilDate(row["opened_on", default: ""])
          case "holde":
            #expect(clients.contains(row["client_number", default: ""]))
            if row["role"] == "owner" { owners[account, default: 0] += 1 }
          case "assig":
            let from = try #require(CivilDate(row["effective_from", default: ""]))
            let joined = try #require(employees[row["employee_number", default: ""]])
            #expect(from >= joined && from >= opened[account]!)
            shares[account] =
              try (shares[account] ?? .zero) + ExactDecimal(row["share", default: ""])!
          case "loans":
            #expect(CivilDate(row["granted_on", default: ""])! >= opened[account]!)
          default:
            if !numbers.insert(row["number", default: ""]).inserted {
              bad(.duplicateNumber)
              continue
            }
            let date = try #require(CivilDate(row["booked_on", default: ""]))
            #expect(date >= lastDate && date >= opened[account]!)
            #expect(file.path.contains("-\(date.month).csv"))
            lastDate = date
            let amount = try #require(ExactDecimal(row["amount", default: ""]))
            #expect(amount > .zero)
            let signed = row["direction"] == "credit" ? amount : try amount.negated()
            balances[account] = try (balances[account] ?? .zero) + signed
            #expect(row["reported_balance"] == balances[account]?.description)
            #expect(balances[account]! >= .zero)
          }
        }
      }
      #expect(Set(found) == Set(summary.badRows) && found.count == summary.badRows.count)
      #expect(Set(found.map(\.fault)) == Set(SampleFault.allCases))
      #expect(summary.badRows.count > 8)
      #expect(owners.count == opened.count && owners.values.allSatisfy { $0 == 1 })
      #expect(shares.count == opened.count && shares.values.allSatisfy { $0 == .one })
      #expect(balances.count == opened.count)
    }
  }

  @Test("The smallest bank, and one with more branches than managers")
  func small() throws {
    let smallest = SampleBank(seed: 1, branches: 1, managers: 1, clients: 1, months: 1)
    try withBank(smallest) { summary, _ in
      #expect(summary.files.count == 9)
      #expect(summary.badRows.count == 7)
    }
    let lean = SampleBank(seed: 1, branches: 7, managers: 2, clients: 7, months: 1)
    try withBank(lean) { summary, folder in
      for file in summary.files where file.path.contains("assignments") {
        let rows = try read(file, in: folder).rows
        #expect(!rows.isEmpty)
      }
    }
  }

  @Test("Settings that make no bank are refused with a reason")
  func refusals() {
    #expect(
      throws: SampleProblem.impossibleSetting(
        "there are 3 clients for 5 branches; each branch needs at least one")
    ) {
      try SampleBank(seed: 1, branches: 5, managers: 1, clients: 3, months: 1).write(to: "x")
    }
    #expect(throws: SampleProblem.self) {
      try SampleBank(seed: 1, branches: 0, managers: 1, clients: 3, months: 1).write(to: "x")
    }
    #expect(throws: SampleProblem.self) {
      try SampleBank(seed: 1, branches: 1, managers: 1, clients: 1, months: 1)
        .write(to: "/dev/null/x")
    }
  }
}
