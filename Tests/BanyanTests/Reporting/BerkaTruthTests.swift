import Banyan
import TestSupport
import Testing

/// The consolidated report of a real bank against figures that others computed, to the cent.
@Suite(.enabled(if: SharedData.isPresent("berka"), "\(SharedData.reasonToSkip)"))
struct BerkaTruthTests {
  /// Column of the report by column of the published figures.
  private static let movements = [
    "transactions": "transactions", "credit_amount": "credits", "debit_amount": "debits",
    "month_end_ledger": "balance_end", "balance_days_ledger": "balance_days",
    "adb_ledger_hu": "adb",
  ]
  private static let holdings = [
    "accounts_eom": "accounts", "new_accounts": "new_accounts", "clients_eom": "clients",
    "loans_granted": "loans_granted", "loans_granted_amount": "loans_granted_amount",
  ]
  private static let levels = [
    (level: "bank", key: "bank", units: 1), (level: "region", key: "region", units: 8),
    (level: "branch", key: "district_id", units: 77),
  ]

  /// Compares a report with one kind of published figures at all levels, and returns how many values
  /// were compared.
  private func compare(
    _ report: CSVTable, with kind: String, _ columns: [String: String], months: ClosedRange<String>
  ) throws -> Int {
    var compared = 0
    for (level, key, units) in Self.levels {
      var figures: [String: [String: String]] = [:]
      for row in report.rows where row["level"] == level {
        figures["\(row["code"] ?? "") \(row["month"] ?? "")"] = row
      }
      let file = "berka/ground_truth/dev_subset/\(key.prefix { $0 != "_" })_month_\(kind).csv"
      let truth = try CSVTable(path: try #require(SharedData.path(file)))
      let rows = truth.rows.filter { months.contains($0["month"] ?? "") }
      #expect(rows.count == figures.count)
      #expect(Set(rows.compactMap { $0[key] }).count == units)
      for row in rows {
        let place = "\(row[key] ?? "") \(row["month"] ?? "")"
        let own = try #require(figures[place], "\(level) \(place) is not in the report")
        for (theirs, ours) in columns {
          #expect(own[ours] == row[theirs], "\(level) \(place): \(ours)")
          compared += 1
        }
      }
    }
    return compared
  }

  @Test func theYearOfTheMovements() async throws {
    let database = try await TestServer.berkaDatabase()
    let report = try await database.report("branch-month", ["from": "1993-01", "to": "1993-12"])
    #expect(
      report.columns.joined(separator: ",") == """
        level,code,name,month,accounts,clients,new_accounts,transactions,credits,debits,balance_end,\
        balance_days,adb,loans_granted,loans_granted_amount
        """)
    #expect(report.rows.count == 86 * 12)
    let months = "1993-01"..."1993-12"
    #expect(
      try compare(report, with: "trans", Self.movements, months: months) == 86 * 12 * 6)
    #expect(
      try compare(report, with: "static", Self.holdings, months: months) == 86 * 12 * 5)
  }

  @Test func aReportThatBeginsLaterKnowsWhatWasBefore() async throws {
    let database = try await TestServer.berkaDatabase()
    let later = try await database.report("branch-month", ["from": "1994-01", "to": "1995-12"])
    #expect(
      try compare(later, with: "static", Self.holdings, months: "1994-01"..."1995-12")
        == 86 * 24 * 5)
    let december = try await database.report("branch-month", ["from": "1993-12", "to": "1993-12"])
    #expect(
      try compare(december, with: "trans", Self.movements, months: "1993-12"..."1993-12")
        == 86 * 6)
  }

  @Test func levelsAddUpWhereTheyMust() async throws {
    let database = try await TestServer.berkaDatabase()
    let report = try await database.report("branch-month", ["from": "1993-06", "to": "1994-03"])
    for month in Set(report.rows.compactMap { $0["month"] }) {
      for column in ["accounts", "transactions", "loans_granted"] {
        let sums = Self.levels.map { level in
          report.rows.filter { $0["level"] == level.level && $0["month"] == month }
            .compactMap { Int($0[column] ?? "") }.reduce(0, +)
        }
        #expect(sums[0] == sums[1] && sums[1] == sums[2], "\(column) of \(month): \(sums)")
      }
    }
  }

  @Test func monthsBeforeAndAfterAllDataAreThere() async throws {
    let database = try await TestServer.berkaDatabase()
    let before = try await database.report("branch-month", ["from": "1992-11", "to": "1992-12"])
    #expect(before.rows.count == 86 * 2)
    #expect(before.rows.allSatisfy { $0["accounts"] == "0" && $0["balance_end"] == "0.00" })
    let after = try await database.report("branch-month", ["from": "2020-02", "to": "2020-02"])
    #expect(after.rows.count == 86)
    #expect(after.rows.first?["accounts"] == "4500")
    #expect(after.rows.first?["transactions"] == "0")
    let backwards = await #expect(throws: BanyanError.self) {
      try await database.report("branch-month", ["from": "1993-12", "to": "1993-01"])
    }
    #expect(backwards?.kind == .usage)
  }
}
