import Foundation
import TestSupport
import Testing

/// Every role against every table, view and function of the catalogue: what it gets by trying, against
/// what is meant.
@Suite struct AccessMatrixTests {
  /// Rows of each rule in the ground's bank, written down anew and without the policies' own functions.
  private static let meaning: [String: String] = [
    "all": "true", "acting": "true", "bank": "false",  // the loader's grant is for B1
    "units": "%@ in (select org_unit_id from bank.org_unit where code = 'B1')",
    "people":
      "%@ in (select e.employee_id from bank.employee as e join bank.org_unit as u on u.org_unit_id = e.branch_id where u.code = 'B1')",
    "person": "%@ = (select employee_id from bank.employee where number = 'E1')",
    "clients": "client_id in (select client_id from bank.client where number = 'C1')",
    "accounts": "account_id in (select account_id from bank.account where number = 'A1')",
    "login": "%@ = 'access_' || '%ROLE'", "batches": "false", "none": "false",
  ]

  private static let usualKeys = [
    "units": "branch_id", "people": "employee_id", "person": "employee_id",
  ]

  /// `relation|number of rows` or `relation|denied`, as the login of a role finds it.
  private func found(_ ground: AccessGround, login: String) async throws -> [String: String] {
    let text = try await ground.psql(
      """
      create temporary table seen (name text, rows text);
      do $$
      declare
        thing record;
        counted bigint;
      begin
        for thing in
          select n.nspname || '.' || c.relname as name
          from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
          where n.nspname in ('bank', 'report', 'platform') and c.relkind in ('r', 'p', 'v', 'm')
        loop
          begin
            execute format('select count(*) from %s', thing.name) into counted;
            insert into seen values (thing.name, counted);
          exception when insufficient_privilege then
            insert into seen values (thing.name, 'denied');
          end;
        end loop;
      end
      $$;
      select name, rows from seen order by name;
      """, login: login)
    return pairs(text)
  }

  private func pairs(_ text: String) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: text.split(separator: "\n").map { line in
        let parts = line.split(separator: "|", omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      })
  }

  /// The same by the rules, counted by the owner.
  private func expected(_ ground: AccessGround, for role: String) async throws -> [String: String] {
    let rules = try await psql(
      """
      select case when relation ~ '\\.' then relation else 'bank.' || relation end, rows, row_key
      from bank.access_rule where role = '\(role)' and rights ~ 'read' order by 1
      """, in: ground.database)
    var conditions: [String: [String]] = [:]
    for line in rules.split(separator: "\n") {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      let meaning = try #require(Self.meaning[parts[1]])
      let key = parts[2].isEmpty ? Self.usualKeys[parts[1]] ?? "" : parts[2]
      conditions[parts[0], default: []].append(
        meaning.replacing("%@", with: key).replacing("%ROLE", with: role))
    }
    let queries = conditions.filter { $0.key.hasPrefix("bank.") || $0.key.hasPrefix("platform.") }
      .map {
        "select '\($0.key)', count(*) from \($0.key) where \($0.value.joined(separator: " or "))"
      }
    return pairs(try await psql(queries.joined(separator: " union all "), in: ground.database))
  }

  @Test(arguments: AccessGround.roles)
  func readsWhatIsMeantAndNothingElse(_ role: String) async throws {
    let ground = try await AccessGround()
    let found = try await found(ground, login: AccessGround.login(role))
    let expected = try await expected(ground, for: role)
    #expect(found.count > 80)
    for (name, rows) in found where !name.hasPrefix("report.") {
      // A partition, too, is closed: it has no rule of its own.
      #expect(rows == expected[name] ?? "denied", "\(role) reads \(name)")
    }
    for name in expected.keys { #expect(found[name] != nil, "\(name) is gone") }
    let analysis = ["pseudonymous_client", "pseudonymous_client_month", "consolidated_month"]
    for name in analysis {
      let isOpen = role == "analyst" || role == "auditor"
      #expect((found["report." + name] != "denied") == isOpen, "\(role) reads \(name)")
      if isOpen { #expect(found["report." + name] != "0", "\(role) sees nothing in \(name)") }
    }
  }

  /// What a role could write: every table is tried with statements that touch no row, which the server
  /// refuses all the same where the right is lacking.
  @Test(arguments: AccessGround.roles)
  func writesWhatIsMeantAndNothingElse(_ role: String) async throws {
    let ground = try await AccessGround()
    let found = try await ground.psql(
      """
      create temporary table tried (name text, deed text);
      do $$
      declare
        thing record;
        deed record;
      begin
        for thing in
          select c.relname as name, (
            select format('%I', a.attname) from pg_attribute as a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
              and (has_column_privilege(c.oid, a.attnum, 'update') or not has_any_column_privilege(c.oid, 'update'))
            order by a.attnum desc limit 1) as any_column
          from pg_class as c
          where c.relnamespace = 'bank'::regnamespace and c.relkind in ('r', 'p')
        loop
          for deed in select * from (values
            ('add', format('insert into bank.%I (%s) select null where false', thing.name, thing.any_column)),
            ('change', format('update bank.%I set %s = null where false', thing.name, thing.any_column)),
            ('remove', format('delete from bank.%I where false', thing.name)),
            ('truncate', format('truncate bank.%I', thing.name))) as d (word, statement)
          loop
            begin
              execute deed.statement;
              insert into tried values (thing.name, deed.word);
            exception
              when insufficient_privilege then null;
              when others then insert into tried values (thing.name, deed.word || ' ' || sqlerrm);
            end;
          end loop;
        end loop;
      end
      $$;
      select name || ' ' || deed from tried order by 1;
      """, as: role)
    let meant = try await psql(
      """
      select distinct relation || ' ' || word
      from bank.access_rule cross join unnest(string_to_array(rights, ' ')) as word
      where role = '\(role)' and word <> 'read' and relation !~ '\\.' order by 1
      """, in: ground.database)
    let (tried, wanted) = (
      Set(found.split(separator: "\n").map(String.init)),
      Set(meant.split(separator: "\n").map(String.init))
    )
    #expect(tried.symmetricDifference(wanted).sorted() == [])
    if ["auditor", "analyst", "access_officer"].contains(role) { #expect(tried.isEmpty) }
  }

  /// Nothing is made in the schemas, and no sequence is read.
  @Test(arguments: AccessGround.roles)
  func makesNothing(_ role: String) async throws {
    let ground = try await AccessGround()
    for statement in [
      "create table bank.mine (n int)", "create view report.mine as select 1",
      "create function bank.mine() returns int language sql as 'select 1'",
      "create table public.mine (n int)", "create schema mine",
      "select last_value from bank.client_client_id_seq",
      "select * from bank.identity_secret", "select key from bank.pseudonym_secret",
      "alter table bank.client disable row level security",
      "set role banyan_curator",
      "set session_replication_role = replica",
    ] {
      let answer = try await ground.refusal(statement, as: role)
      #expect(
        answer.contains("denied") || answer.contains("must be owner"), "\(statement): \(answer)")
    }
    // Who has no right to give gives nothing, and is told so by a warning only.
    #expect(
      try await ground.psql(
        """
        grant select on bank.org_unit to public;
        select count(*) from pg_class as c cross join aclexplode(c.relacl) as a
        where c.oid = 'bank.org_unit'::regclass and a.grantee = 0
        """, as: role) == "0\n")
  }

  @Test func whoHasNoGrantToday() async throws {
    let ground = try await AccessGround()
    #expect(
      try await ground.refusal("select 1 from bank.client", as: "nobody").contains(
        "permission denied for schema bank"))
    let former = try await ground.newFormerLogin()
    // Still a member of the group role, so nothing is denied; but nothing is seen either.
    for (name, rows) in try await found(ground, login: former) {
      #expect(rows == "0" || rows == "denied", "\(name)")
    }
    #expect(
      try await ground.psql("select bank.acting_person(), bank.acts()", login: former) == "|f\n")
    #expect(
      try await ground.psql(
        "set timezone = 'Pacific/Kiritimati'; select bank.access_day() = (now() at time zone (select reset_val from pg_settings where name = 'TimeZone'))::date",
        as: "auditor") == "t\n")
  }

  @Test func aGrantThatGoesWithAPostEndsWithIt() async throws {
    let ground = try await AccessGround()
    let login = try await ground.newLogin()
    try await psql(
      """
      insert into bank.post (employee_id, org_unit_id, kind, effective_from, effective_until, origin)
      select e.employee_id, u.org_unit_id, 'auditor', '2026-01-01', null, 'appointment'
      from bank.employee as e, bank.org_unit as u
      where e.number = 'E6' and u.code = 'HQ'
        and not exists (select 1 from bank.post as p where p.employee_id = e.employee_id);
      select bank.grant_access('\(login)', 'auditor', 'E6', null, 'auditor', '2026-01-01', null, null);
      """, in: ground.database)
    let conninfo = "\(ground.database.conninfo) user=\(login)"
    #expect(try await psql("select count(*) from bank.client", at: conninfo) == "3\n")
    try await psql(
      "update bank.post set superseded_at = clock_timestamp() where kind = 'auditor'",
      in: ground.database)
    #expect(try await psql("select count(*) from bank.client", at: conninfo) == "0\n")
  }

  /// What a policy asks is asked before the first row, and no row calls a function.
  @Test(arguments: ["head_office", "branch", "relationship_manager", "risk", "auditor", "loader"])
  func policiesAreAskedOnceAStatement(_ role: String) async throws {
    let ground = try await AccessGround()
    for table in ["client", "account", "account_month", "transaction", "assignment", "loan"] {
      let plan = try await ground.psql(
        "explain (verbose, costs off) select branch_id from bank.\(table)", as: role)
      #expect(plan.contains("InitPlan"), "\(plan)")
      let conditions = plan.split(separator: "\n").filter {
        $0.contains("Filter:") || $0.contains("Cond:")
      }
      #expect(!conditions.isEmpty && conditions.allSatisfy { !$0.contains("bank.") }, "\(plan)")
    }
  }

  @Test func theMatrixInTheDocumentsIsCurrent() async throws {
    let database = try await TestServer.migratedDatabase()
    let current = try await psql(documentation("scripts/access-matrix.sql"), in: database)
    #expect(
      firstDifference(try documentation("docs/access-matrix.md"), current) == nil,
      "docs/access-matrix.md is not what the catalogue says; run `make docs` and commit it")
  }
}
