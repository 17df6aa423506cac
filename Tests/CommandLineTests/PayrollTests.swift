import Foundation
import TestSupport
import Testing

/// What a month pays out, on the tiny bank.
@Suite struct PayrollTests {
  @Test func onlyWhatIsPostedIsPaidOut() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let nothing = try await banyan("pay", "payroll", "2026-01", on: database)
    #expect(nothing.exitCode == 64)
    #expect(
      nothing.messages() == [
        "banyan: there is no run of 2026-01, so nothing is paid out; calculate it with `banyan pay run 2026-01`"
      ])
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let draft = try await banyan("pay", "payroll", "2026-01", on: database)
    #expect(draft.exitCode == 3 && draft.output.isEmpty)
    #expect(
      draft.messages() == [
        "banyan: run 1 of 2026-01 is not posted, and only what is posted is paid out; post it with `banyan pay post 1` first"
      ])
    #expect(try await banyan("pay", "post", "1", on: database).exitCode == 0)
    let posted = try await banyan("pay", "payroll", "2026-01", "--format", "csv", on: database)
    #expect(
      posted.output == """
        month,person,name,unit,currency,cash_now,released,recovered,total
        2026-01,E1,Ann,B1,CNY,333.29,0.00,0.00,333.29
        2026-01,E2,Ben,B1,CNY,164.13,0.00,0.00,164.13
        2026-01,E3,Cho,B2,CNY,0.00,0.00,0.00,0.00

        """)
    #expect(
      posted.messages() == [
        "3 people, CNY: cash now 497.42, released 0.00, recovered 0.00, total 497.42"
      ])
  }

  @Test func deferredPayIsPaidWhenItIsDue() async throws {
    let database = try await TestServer.tinyBankDatabase()
    // A month is paid once something was booked in it.
    try await psql(
      """
      insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
      select branch_id, '2027-01-01', account_id, 0, 0, 0, 0 from bank.account where number = 'A3'
      """, in: database)
    for arguments in [
      ["run", "2026-01"], ["post", "1"], ["run", "2027-01"],
    ] {
      let outcome = try await BanyanProcess.run(
        ["pay"] + arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }
    let run = try await psql(
      "select pay_run_id from report.pay_run where month = '2027-01' and counts", in: database)
    for arguments in [
      ["release", "--due-until", "2027-01-31", "--month", "2027-01"],
      ["post", run.trimmingCharacters(in: .newlines)],
    ] {
      let outcome = try await BanyanProcess.run(
        ["pay"] + arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }
    let folder = try TemporaryFolder()
    var told: [String] = []
    for name in ["first.csv", "second.csv", "book.xlsx", "again.xlsx", "rows.jsonl"] {
      let outcome = try await banyan(
        "pay", "payroll", "2027-01", "-o", folder.path + "/" + name, on: database)
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      told = outcome.messages(in: folder)
      #expect(
        told.first
          == "3 people, CNY: cash now 390.02, released 110.55, recovered 0.00, total 500.57")
    }
    #expect(told.last?.contains(#/FOLDER\/rows.jsonl: SHA-256 [0-9a-f]{64}/#) == true)
    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(filePath: folder.path + "/" + name))
    }
    #expect(try bytes("first.csv") == bytes("second.csv"))
    #expect(try bytes("book.xlsx") == bytes("again.xlsx"))
    #expect(
      String(decoding: try bytes("first.csv"), as: UTF8.self) == """
        month,person,name,unit,currency,cash_now,released,recovered,total
        2027-01,E1,Ann,B1,CNY,252.00,74.07,0.00,326.07
        2027-01,E2,Ben,B1,CNY,138.00,36.48,0.00,174.48
        2027-01,E3,Cho,B2,CNY,0.02,0.00,0.00,0.02

        """)
    // What is due stands on the statement of that month too.
    let page = try await banyan(
      "pay", "statement", "2027-01", "--person", "E1", "-o", folder.path, on: database)
    #expect(page.exitCode == 0)
    let text = try String(contentsOfFile: folder.path + "/2027-01-E1.html", encoding: .utf8)
    #expect(text.contains("74.07 CNY is paid with this month") && text.contains("2030-01-31"))
    let trail = try await psql(
      """
      select count(*), min(row_count) from platform.audit_entry
      where object = 'payroll of 2027-01' and action = 'export'
      """, in: database)
    #expect(trail == "5|3\n")
  }
}
