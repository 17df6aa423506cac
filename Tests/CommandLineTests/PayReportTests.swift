import Foundation
import TestSupport
import Testing

/// The reports that the regulator and the managers of people ask for, on figures that can be reckoned
/// by hand.
@Suite struct PayReportTests {
  private func rows(
    _ report: String, _ parameters: String..., on database: TestDatabase
  ) async throws -> [[String: String]] {
    let outcome = try await BanyanProcess.run(
      ["report", "run", report] + parameters + ["--format", "csv"],
      environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(report): \(outcome.errorOutput)")
    return try CSVTable(text: outcome.output).rows
  }

  @Test func theControlsOfAYear() async throws {
    let database = try await TestServer.tinyBankDatabase()
    // Ann and Ben look after clients, Cho leads. A junior has a base pay of 200, a senior of 50.
    try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, base_pay) values ('junior', '2020-01-01', 200), ('senior', '2020-01-01', 50);
      insert into bank.post (employee_id, org_unit_id, kind, effective_from, origin)
      select employee_id, branch_id, case number when 'E3' then 'branch_manager' else 'wealth_manager' end, '2020-01-01', 'appointment'
      from bank.employee
      """, in: database)
    let run = try await banyan("pay", "run", "2026-01", on: database)
    #expect(run.exitCode == 0, "\(run.errorOutput)")
    let controls = try await rows("pay-controls", "year=2026", "most_of_base=250", on: database)
    func line(_ control: String, _ scope: String = "all") throws -> [String: String] {
      try #require(controls.first { $0["control"] == control && $0["scope"] == scope })
    }
    // 222.19 and 109.42 of 555.48 and 273.55: each is 40 % but for the rounding to the cent.
    let deferred = try line("share deferred")
    #expect(deferred["amount"] == "331.61" && deferred["of_amount"] == "829.03")
    #expect(
      deferred["percent"] == "40.00" && deferred["exceptions"] == "0"
        && deferred["finding"] == "kept")
    #expect(try line("share deferred", "wealth_manager")["people"] == "2")
    // 555.48 is more than two and a half times 200; all earned 829.03 against 450.
    let ratio = try line("ratio to base pay")
    #expect(ratio["of_amount"] == "450.00" && ratio["percent"] == "184.23")
    #expect(ratio["exceptions"] == "1" && ratio["finding"] == "exceptions")
    let front = try line("front-line share")
    #expect(front["people"] == "2" && front["percent"] == "100.00")
    #expect(try line("front-loaded deferral")["exceptions"] == "0")
    #expect(try line("deferral of less than 36 months")["exceptions"] == "0")
    #expect(try line("recovered")["amount"] == "0.00")
    let exceptions = try await rows(
      "pay-control-exceptions", "year=2026", "most_of_base=250", on: database)
    #expect(exceptions.count == 1 && exceptions[0]["person"] == "E1")
    #expect(exceptions[0]["amount"] == "555.48" && exceptions[0]["percent"] == "277.74")
    // Three quarters are asked for, so everybody who earned something has too little deferred.
    let stricter = try await rows(
      "pay-control-exceptions", "year=2026", "least_deferred=75", on: database)
    #expect(
      stricter.filter { $0["control"] == "share deferred" }.map { $0["person"] } == ["E1", "E2"])
    #expect(
      try await rows("pay-controls", "year=2025", on: database).allSatisfy { $0["people"] == "0" })
  }

  @Test func deferralsThatPayEarlyAreFound() async throws {
    var bank = TinyBank()
    bank = bank.replacing(
      "instalments: 3, spacing_months: 12", by: "parts: [0.50, 0.30, 0.20], spacing_months: 6",
      in: "plans/plan.yaml")
    let database = try await TestServer.migratedDatabase()
    let folder = try bank.write()
    let taken = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
    #expect(taken.exitCode == 0, "\(taken.errorOutput)")
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let found = try await rows("pay-control-exceptions", "year=2026", on: database)
    let told = found.map { "\($0["control"] ?? "") \($0["person"] ?? "") \($0["amount"] ?? "")" }
    #expect(
      told == [
        "deferral of less than 36 months E1 222.19", "deferral of less than 36 months E2 109.42",
        "front-loaded deferral E1 222.19", "front-loaded deferral E2 109.42",
      ])
    let controls = try await rows("pay-controls", "year=2026", on: database)
    let front = controls.first { $0["control"] == "front-loaded deferral" }
    #expect(front?["exceptions"] == "2" && front?["percent"] == "100.00")
  }

  @Test func targetsAndWhatWasReached() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    try folder.write(
      """
      person,unit,metric,period,amount
      E1,,loans_granted_amount,2026-01,84000
      E2,,loans_granted_amount,2026-01,36000.01
      E1,,deposit_average_daily_balance,2026-01,500000
      ,B1,deposit_average_daily_balance,2026-01,1000000
      E2,,clients_managed_count,2026-01,4

      """.utf8, to: "targets.csv")
    #expect(
      try await banyan("target", "import", folder.path + "/targets.csv", on: database).exitCode == 0
    )
    let before = try await rows("target-attainment", "month=2026-01", on: database)
    #expect(before.count == 5 && before.allSatisfy { $0["actual"] == "" && $0["is_reached"] == "" })
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let reached = try await rows("target-attainment", "month=2026-01", on: database)
    let told = reached.map {
      "\($0["unit"] ?? "") \($0["person"] ?? "") \($0["metric"] ?? "") \($0["actual"] ?? "") \($0["percent"] ?? "") \($0["is_reached"] ?? "")"
    }
    // The branch's own accounts came to 555,483.69 for Ann and 273,548.31 for Ben. Ben is a cent short of his loans.
    #expect(
      told == [
        "B1  deposit_average_daily_balance 829032.00 82.90 no",
        "B1 E1 deposit_average_daily_balance 555483.69 111.09 yes",
        "B1 E1 loans_granted_amount 84000.00 100.00 yes",
        "B1 E2 clients_managed_count   ",
        "B1 E2 loans_granted_amount 36000.00 99.99 no",
      ])
    let units = try await rows("target-attainment", "month=2026-01", "of=units", on: database)
    #expect(units.count == 1 && units[0]["missing"] == "170968.00")
  }

  @Test func theBoardAsAReport() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for branch in ["B1", "B2"] {
      let said = try await banyan(
        "submissions", "expect", "transactions", "--branch", branch, "--by-day", "5", "--from",
        "2026-01", on: database)
      #expect(said.exitCode == 0, "\(said.errorOutput)")
    }
    let board = try await rows("submissions-board", "month=2026-01", on: database)
    #expect(board.map { $0["branch"] } == ["B1", "B2"])
    #expect(board.map { $0["due_on"] } == ["2026-02-05", "2026-02-05"])
    #expect(board.map { $0["state"] } == ["received", "received"])
    // Both came in one file.
    #expect(board.map { $0["loaded"] } == ["4", "4"])
    let open = try await rows("submissions-board", "month=2026-01", "state=open", on: database)
    #expect(open.isEmpty)
    let ahead = try await rows("submissions-board", "month=2199-01", on: database)
    #expect(ahead.map { $0["state"] } == ["expected", "expected"])
  }
}
