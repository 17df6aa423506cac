import Banyan
import TestSupport
import Testing

/// `SQL/checks/access.sql` on our own schema, and on schemas with a hole made on purpose.
@Suite struct AccessCheckTests {
  private func findings(after change: String, in database: TestDatabase) async throws -> [String] {
    let check = try TestServer.installedFiles().text(of: "SQL/checks/access.sql")
    return try await psql("begin; \(change);\n\(check);\nrollback;", in: database)
      .split(separator: "\n").map(String.init)
  }

  @Test func ourSchemaHasNoHole() async throws {
    let ground = try await AccessGround()
    #expect(try await findings(after: "select 1 where false", in: ground.database) == [])
    #expect(
      try await findings(after: "select 1 where false", in: TestServer.migratedDatabase()) == [])
  }

  private static let breaches: [(rule: String, change: String)] = [
    (
      "table without row security",
      "alter table bank.loan disable row level security"
    ),
    (
      "table without a rule of access",
      "create table bank.new (n int); alter table bank.new enable row level security"
    ),
    (
      "rule of access to what does not exist",
      "insert into bank.access_rule values ('nowhere', 'auditor', 'read', 'none', '')"
    ),
    (
      "door that does not exist, or runs with the rights of its caller",
      "insert into bank.access_door values ('tier_on', 'auditor')"
    ),
    (
      "function that everybody may call",
      "create function bank.f() returns int language sql as 'select 1'; grant execute on function bank.f() to public"
    ),
    (
      "function with the owner's rights that is no door for who may call it",
      "grant execute on function bank.credit_facts(integer, date) to banyan_branch"
    ),
    (
      "function with the owner's rights and an open search path",
      "create function bank.f() returns int language sql security definer as 'select 1'"
    ),
    (
      "function with the owner's rights and an open search path",
      "create function bank.f() returns int language sql security definer set search_path = pg_temp, bank as 'select 1'"
    ),
    (
      "function with the owner's rights that reads a table of its caller",
      """
      create function bank.f() returns int language plpgsql security definer set search_path = pg_catalog, bank, pg_temp
        as $$ begin return (select count(*) from incoming); end $$
      """
    ),
    (
      "trigger function that sees only what its caller sees",
      "create function bank.f() returns trigger language plpgsql as $$ begin return null; end $$"
    ),
    (
      "view that passes over the policies of its tables",
      "create view report.v as select * from bank.client"
    ),
    (
      "view that passes over the policies of its tables",
      "alter view report.account_day reset (security_invoker); revoke all on report.account_day from banyan_head_office, banyan_branch, banyan_relationship_manager, banyan_hr, banyan_risk, banyan_analyst, banyan_auditor, banyan_loader, banyan_access_officer"
    ),
    (
      "view that passes over the policies of its tables",
      "alter view report.consolidated_month reset (security_barrier)"
    ),
    (
      "privilege of everybody", "grant select on bank.client to public"
    ),
    (
      "schema in which everybody may make things", "grant create on schema bank to public"
    ),
    (
      "privilege that no rule gives", "grant select on bank.pay_line to banyan_head_office"
    ),
    (
      "privilege that no rule gives", "grant select (name) on bank.client to banyan_hr"
    ),
    (
      "privilege on a sequence beyond its use",
      "grant select on sequence bank.client_client_id_seq to banyan_loader"
    ),
    (
      "rule that no privilege carries out", "revoke select on bank.client from banyan_auditor"
    ),
    ("policy for everybody", "create policy auditor_read_all on bank.identity_secret using (true)"),
    (
      "policy that no rule gives",
      "create policy more on bank.client for select to banyan_hr using (true)"
    ),
  ]

  @Test func everyRuleFires() async throws {
    let ground = try await AccessGround()
    for (rule, change) in Self.breaches {
      let rules = Set(
        try await findings(after: change, in: ground.database).map {
          String($0.split(separator: "|")[0])
        })
      #expect(rules.contains(rule), "\(change): \(rules)")
    }
    let partition = try await findings(
      after: "grant select on bank.transaction_2026_01 to banyan_auditor", in: ground.database)
    #expect(partition.contains { $0.hasPrefix("partition that may be reached without its parent") })
    let schema = try await findings(
      after: "grant create on schema report to banyan_curator", in: ground.database)
    #expect(schema.contains { $0.hasPrefix("schema in which a role may make things") })
    let text = try TestServer.installedFiles().text(of: "SQL/checks/access.sql")
    let tried = Set(Self.breaches.map(\.rule)).union([
      "partition that may be reached without its parent", "schema in which a role may make things",
    ])
    for rule in text.matches(of: #/select '((?:[^']|'')+)'(?: as rule)?, /#) {
      let name = String(rule.1).replacing("''", with: "'")
      #expect(tried.contains(name) || name == "curator", "no breach is tried for “\(name)”")
    }
  }

  /// A new table that nobody thought of is closed, and a new function is not everybody's.
  @Test func whatIsNewIsClosed() async throws {
    let ground = try await AccessGround()
    try await psql(
      """
      create table bank.new (n int);
      insert into bank.new values (1);
      create function bank.fresh() returns int language sql as 'select 1';
      """, in: ground.database)
    for role in AccessGround.roles {
      #expect(try await ground.refusal("select * from bank.new", as: role).contains("denied"))
      #expect(try await ground.refusal("select bank.fresh()", as: role).contains("denied"))
    }
    try await psql("select bank.apply_access_rules()", in: ground.database)
    #expect(try await ground.refusal("select * from bank.new", as: "auditor").contains("denied"))
    #expect(try await ground.psql("select bank.fresh()", as: "hr") == "1\n")
    #expect(
      try await findings(after: "select 1 where false", in: ground.database)
        == ["table without a rule of access|bank.new"])
  }
}
