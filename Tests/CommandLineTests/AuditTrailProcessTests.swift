import Foundation
import TestSupport
import Testing

@Suite struct AuditTrailProcessTests {
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

  /// What a superuser does with the triggers off, and the line by which the command tells it.
  private static let attacks: [(name: String, sql: String, told: String)] = [
    (
      "alters an entry",
      "update platform.audit_entry set login = 'another' where audit_entry_id = entry(2)",
      "broken at link 2, altered: entry "
    ),
    (
      "deletes an entry", "delete from platform.audit_entry where audit_entry_id = entry(2)",
      "broken at link 2, deleted: the entry of link 2 is missing"
    ),
    (
      "puts links into another order",
      """
      update platform.audit_link set sequence_number = -sequence_number where sequence_number in (2, 3);
      update platform.audit_link set sequence_number = 5 + sequence_number where sequence_number < 0
      """,
      "broken at link 2, reordered: link 2 follows on link 3"
    ),
    (
      "puts an entry in",
      """
      insert into platform.audit_entry (recorded_at, transaction_id, login, action, object)
        values (now(), 1, 'x', 'read', 'client C1')
      """,
      "stands outside the chain: read of client C1 by x"
    ),
    (
      "replaces the function that digests",
      """
      create or replace function bank.audit_content(entry platform.audit_entry, sequence_number bigint) returns bytea
      language sql as $$ select convert_to('all is well', 'UTF8') $$
      """,
      "banyan: function that is not as the installation has it: bank.audit_content("
    ),
    (
      "replaces the function that records",
      """
      create or replace function bank.record_change() returns trigger language plpgsql security definer
      set search_path = pg_catalog, bank, public, pg_temp as $$ begin return null; end $$
      """,
      "banyan: function that is not as the installation has it: bank.record_change()"
    ),
  ]

  @Test(arguments: attacks.indices)
  func aSuperuserIsFound(_ index: Int) async throws {
    let (name, sql, told) = Self.attacks[index]
    let database = try await TestServer.migratedDatabase()
    for code in ["a", "b", "c"] {
      try await psql("insert into bank.product_line values ('\(code)', 'Line')", in: database)
    }
    let sound = try await banyan("audit", "verify", on: database)
    #expect(sound.exitCode == 0, "\(sound.errorOutput)")
    let tables = ["audit_entry", "audit_link", "audit_head"]
    try await psql(
      """
      begin;
      \(tables.map { "alter table platform.\($0) disable trigger all;" }.joined())
      \(sql.replacing("entry(2)", with: "(select audit_entry_id from platform.audit_link where sequence_number = 2)"));
      select format('alter table %s enable always trigger %I', g.tgrelid::regclass, g.tgname) from pg_trigger as g
      where g.tgrelid::regclass::text ~ '^platform.audit_(entry|link|head)$' \\gexec
      commit
      """, in: database)
    let found = try await banyan("audit", "verify", on: database)
    #expect(found.exitCode == 3, "\(name)")
    #expect(found.errorOutput.contains(told), "\(name): \(found.errorOutput)")
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

  /// Lists that tell of clients are readings for the eyes already, others when they leave in a form for programs.
  @Test func listsAreLoggedAsReadingsAndExports() async throws {
    let ground = try await AccessGround()
    let url = ["DATABASE_URL": ground.url(login: AccessGround.login("head_office"))]
    for arguments in [
      ["assignment", "list", "--client", "C1"], ["assignment", "history", "--format", "csv"],
      ["handover", "list"], ["transfer", "list", "--format", "json"], ["departure", "list"],
      ["claim", "list"], ["person", "list"], ["person", "list", "--format", "tsv"],
    ] {
      let outcome = try await BanyanProcess.run(arguments, environment: url)
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    }
    #expect(
      try await psql(
        """
        select action, object, detail ->> 'format', command from platform.audit_entry
        where login = 'access_head_office' order by audit_entry_id
        """, in: ground.database) == """
          read|assignment list|table|banyan assignment list --client C1
          export|assignment history|csv|banyan assignment history --format csv
          read|handover list|table|banyan handover list
          export|transfer list|json|banyan transfer list --format json
          read|departure list|table|banyan departure list
          read|claim list|table|banyan claim list
          export|person list|tsv|banyan person list --format tsv

          """)
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
