import Foundation
import TestSupport
import Testing

/// `banyan sql`: one statement that reads, under the rights of who asks.
@Suite struct SQLProcessTests {
  @Test func aQueryIsPrintedInEveryFormat() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let query = """
      select number, opened_on, 12345.60::numeric as amount, 7 as count, true as truth,
        timestamp '2026-01-31 10:00' as moment, array[1, 2] as list, jsonb '{"a": 1}' as tree, null as nothing,
        ltree 'a.b' as path
      from report.account where number = 'A1' -- the first
      ;
      """
    let csv = try await banyan("sql", "-c", query, "--format", "csv", on: database)
    #expect(
      csv.output == """
        number,opened_on,amount,count,truth,moment,list,tree,nothing,path
        A1,2025-06-01,12345.60,7,true,2026-01-31 10:00:00,"{1,2}","{""a"": 1}",,a.b

        """, "\(csv.errorOutput)")
    let table = try await banyan(
      "sql", "-c", "select 12345.60 as amount, 1 as n", on: database)
    #expect(table.output == "   amount  n\n---------  -\n12,345.60  1\n")
    let folder = try TemporaryFolder()
    try folder.write("select 1 as one".utf8, to: "question.sql")
    let file = try await banyan(
      "sql", folder.path + "/question.sql", "-o", folder.path + "/answer.json", on: database)
    #expect(file.messages(in: folder) == ["1 row in FOLDER/answer.json"])
    #expect(
      try String(contentsOfFile: folder.path + "/answer.json", encoding: .utf8)
        == "[\n{\"one\":1}\n]\n")
    let page = try await banyan(
      "sql", "-c", "select 'a<b' as text", "--format", "html", on: database)
    #expect(page.output.contains("<td>a&lt;b</td>"))
    #expect(page.output.contains("<dt>Query</dt><dd>select &#39;a&lt;b&#39; as text</dd>"))
    let input = try await BanyanProcess.run(
      ["sql", "-", "--format", "csv"], environment: ["DATABASE_URL": database.url],
      input: "values (1), (2);\n")
    #expect(input.output == "column1\n1\n2\n")
    let shown = try await banyan("sql", "-c", "show server_encoding", on: database)
    #expect(shown.output.hasSuffix("UTF8\n"))
  }

  @Test(arguments: [
    ("select 1; select 2", 64, "there is more than one statement"),
    ("", 64, "there is no statement to run"),
    (" ; ", 64, "there is no statement to run"),
    ("\\d bank.client", 64, "“\\d” is a command of psql, not SQL"),
    ("selct 1", 64, "the server refuses the statement: syntax error at or near \"selct\""),
    ("select * from bank.clint", 64, "relation \"bank.clint\" does not exist"),
    ("delete from bank.rejected_row", 64, "the statement returns no rows"),
    ("set transaction read write", 64, "the statement returns no rows"),
    ("commit", 64, "the statement returns no rows"),
    ("delete from bank.rejected_row returning 1", 1, "read-only transaction"),
    ("select set_config('transaction_read_only', 'off', false)", 1, "read-write mode"),
    ("select 1 / 0", 1, "division by zero"),
  ])
  func whatIsNoQueryIsRefused(_ query: String, _ code: Int, _ sentence: String) async throws {
    let database = try await TestServer.migratedDatabase()
    let outcome = try await banyan("sql", "-c", query, on: database)
    #expect(Int(outcome.exitCode) == code, "\(outcome.output)\(outcome.errorOutput)")
    #expect(outcome.output == "")
    #expect(
      outcome.messages().count == 1 && outcome.errorOutput.contains(sentence),
      "\(outcome.errorOutput)")
  }

  @Test func timeAndTheWayOfAsking() async throws {
    let database = try await TestServer.migratedDatabase()
    let slow = try await banyan(
      "sql", "--time-limit", "1", "-c", "select pg_sleep(60)", on: database)
    #expect(slow.exitCode == 1)
    #expect(slow.errorOutput.contains("statement timeout"), "\(slow.errorOutput)")
    for arguments in [
      ["sql"], ["sql", "a.sql", "-c", "select 1"], ["sql", "--time-limit", "0", "-"],
    ] {
      let outcome = try await BanyanProcess.run(arguments)
      #expect(outcome.exitCode == 64, "\(arguments)")
    }
    let nowhere = try await banyan("sql", "/nowhere/question.sql", on: database)
    #expect(nowhere.exitCode == 64 && nowhere.messages().count == 1)
  }

  @Test func rightsAndTraces() async throws {
    let ground = try await AccessGround()
    func run(_ arguments: String..., as role: String) async throws -> ProgramOutcome {
      try await BanyanProcess.run(
        ["sql"] + arguments,
        environment: ["DATABASE_URL": ground.url(login: AccessGround.login(role))])
    }
    // A branch sees its own clients, the auditor all of them, an analyst none.
    let count = "select count(*) as n from report.client"
    #expect(try await run("-c", count, "--format", "csv", as: "branch").output == "n\n2\n")
    #expect(try await run("-c", count, "--format", "csv", as: "auditor").output == "n\n3\n")
    let analyst = try await run("-c", count, as: "analyst")
    #expect(analyst.exitCode == 77 && analyst.messages().count == 1, "\(analyst.errorOutput)")
    let traces = try await psql(
      """
      select e.login, e.action, e.detail ->> 'query', e.detail ->> 'format' from platform.audit_entry as e
      where e.object = 'sql' order by e.audit_entry_id
      """, in: ground.database)
    #expect(
      traces == """
        access_branch|export|\(count)|csv
        access_auditor|export|\(count)|csv

        """)
  }
}
