import Foundation
import TestSupport
import Testing

@Suite struct AuditProcessTests {
  @Test func aHeadIsKeptAndTheChainTried() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql("insert into bank.product_line values ('cards', 'Cards')", in: database)
    let head = try await banyan("audit", "head", on: database)
    #expect(head.exitCode == 0, "\(head.errorOutput)")
    let kept = head.output.trimmingCharacters(in: .newlines)
    #expect(kept.wholeMatch(of: #/\d+:[0-9a-f]{64}/#) != nil)
    let sound = try await banyan("audit", "verify", "--head", kept, on: database)
    #expect(sound.exitCode == 0 && sound.output == head.output, "\(sound.errorOutput)")
    try await psql(
      """
      begin; alter table platform.audit_entry disable trigger all;
      update platform.audit_entry set login = 'another' where object = 'bank.product_line';
      select format('alter table platform.audit_entry enable always trigger %I', g.tgname) from pg_trigger as g
      where g.tgrelid = 'platform.audit_entry'::regclass \\gexec
      commit
      """, in: database)
    let broken = try await banyan("audit", "verify", on: database)
    #expect(broken.exitCode == 3)
    #expect(
      broken.errorOutput.contains(#/the audit trail is broken at link \d+, altered: entry \d+/#),
      "\(broken.errorOutput)")
    let nonsense = try await banyan("audit", "verify", "--head", "12", on: database)
    #expect(
      nonsense.exitCode == 64 && nonsense.errorOutput.contains("is no head of an audit trail"))
  }

  @Test func whatACommandChangesSaysSo() async throws {
    let ground = try await AccessGround()
    func run(_ arguments: String..., as role: String) async throws -> ProgramOutcome {
      try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": ground.url(login: AccessGround.login(role))])
    }
    let changed = try await run(
      "org", "rename", "B2", "Renamed", "--on", "2026-03-01", "--reason", "a new name",
      as: "head_office")
    #expect(changed.exitCode == 0, "\(changed.errorOutput)")
    let listed = try await run(
      "audit", "list", "--table", "org_change", "--who", "E4", "--format", "csv", as: "auditor")
    #expect(listed.exitCode == 0, "\(listed.errorOutput)")
    #expect(
      listed.output.contains("access_head_office,E4,insert,bank.org_change,1,a new name,"),
      "\(listed.output)")
    #expect(listed.output.contains("banyan org rename B2 Renamed --on 2026-03-01"))
    let line = try #require(listed.output.split(separator: "\n").last)
    let entry = try #require(line.split(separator: ",").first)
    let shown = try await run("audit", "show", String(entry), as: "auditor")
    #expect(shown.exitCode == 0, "\(shown.errorOutput)")
    #expect(shown.output.contains("a new name") && shown.output.contains("old"))
    let missing = try await run("audit", "show", "99999999", as: "auditor")
    #expect(missing.exitCode == 64 && missing.errorOutput.contains("there is no entry 99999999"))
    let refused = try await run("audit", "verify", as: "hr")
    #expect(refused.exitCode == 77, "\(refused.errorOutput)")
  }

  @Test func readingsAndExportsAreLogged() async throws {
    let ground = try await AccessGround()
    let folder = try TemporaryFolder()
    let url = ["DATABASE_URL": ground.url(login: AccessGround.login("auditor"))]
    for arguments in [
      ["client", "show", "C1"], ["client", "show", "C3", "--format", "json"],
      ["report", "run", "branch-month", "from=2026-01", "to=2026-01"],
      ["report", "run", "branch-month", "from=2026-01", "to=2026-01", "--format", "csv"],
      ["report", "run", "branch-month", "from=2026-01", "to=2026-01", "-o", folder.path + "/out"],
      ["batch", "rejects", "1", "--format", "csv"],
    ] {
      let outcome = try await BanyanProcess.run(arguments, environment: url)
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    }
    #expect(
      try await psql(
        "select action, object, detail ->> 'format' from platform.audit_entry where login = 'access_auditor' order by audit_entry_id",
        in: ground.database) == """
          read|client C1|table
          export|client C3|json
          export|report branch-month|csv
          export|report branch-month|table
          export|rejected rows of batch 1|csv

          """)
  }
}
