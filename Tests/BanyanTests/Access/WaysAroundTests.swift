import LibPQ
import TestSupport
import Testing

/// The known ways around row security, each tried as somebody who should not get through.
@Suite struct WaysAroundTests {
  /// A function that writes down what it is given, so cheap that the planner would call it first.
  private static let leak = """
    create temporary table leaked (value text);
    create function pg_temp.leak(value text) returns boolean language plpgsql cost 0.0000001 as $$
    begin
      insert into leaked values (value);
      return true;
    end $$;
    """

  @Test func aLeakyFunctionInAFilter() async throws {
    let ground = try await AccessGround()
    for role in ["branch", "relationship_manager", "loader"] {
      let seen = try await ground.psql(
        """
        \(Self.leak)
        select count(*) from bank.client where pg_temp.leak(name);
        select count(*) from bank.client where pg_temp.leak(name) and number = 'C3';
        select count(*) from bank.transaction where pg_temp.leak(number);
        select count(*) from report.account_day where pg_temp.leak(account_number);
        select 'saw ' || string_agg(distinct value, ',' order by value) from leaked;
        """, as: role)
      #expect(seen.contains("saw "))
      for hidden in ["Three", "T4", "A3"] { #expect(!seen.contains(hidden), "\(role): \(seen)") }
    }
    // The owner of the same function sees all: the function does leak.
    let all = try await psql(
      "\(Self.leak) select count(*) from bank.client where pg_temp.leak(name); select value from leaked",
      in: ground.database)
    #expect(all.contains("Three"))
  }

  @Test func copyAndCursorsAndOff() async throws {
    let ground = try await AccessGround()
    let copied = try await ground.psql("copy bank.client (number) to stdout", as: "branch")
    #expect(copied == "C1\nC2\n")
    #expect(
      try await ground.refusal(
        "copy bank.client_contact (branch_id) from stdin;\n1\n\\.\n", as: "branch"
      ).contains("COPY FROM not supported with row-level security"))
    #expect(
      try await ground.refusal("set row_security = off; select * from bank.client", as: "branch")
        .contains("would be affected by row-level security"))
    #expect(
      try await ground.refusal("copy bank.client to '/tmp/clients'", as: "branch").contains(
        "pg_write_server_files"))
    #expect(
      try await ground.refusal("select pg_read_file('PG_VERSION')", as: "auditor").contains(
        "denied"))
  }

  /// What a refusal says of rows that the login may not see.
  @Test func errorsRevealNoRow() async throws {
    let ground = try await AccessGround()
    // A hidden branch: the answer is the same whether the number exists there or not.
    func add(_ number: String, in branch: String) async throws -> String {
      try await ground.refusal(
        """
        insert into bank.client (branch_id, number, kind, batch_id, line_number)
        select org_unit_id, '\(number)', 'person', 1, 1 from bank.org_unit where code = '\(branch)'
        """, as: "loader")
    }
    let (existing, missing) = (try await add("C3", in: "B2"), try await add("C999", in: "B2"))
    #expect(existing == missing)
    #expect(existing.contains("violates row-level security policy"))
    // The own branch: the rule is named, the row is not shown.
    let twice = try await add("C1", in: "B1")
    #expect(twice.contains("client_number_is_unique"))
    #expect(!twice.contains("Key ("))
    // A key of a client that the manager may not see leads to no answer about it.
    let foreign = try await ground.refusal(
      """
      insert into bank.key_person (branch_id, client_id, name, position, relationship_strength)
      select 3, n, 'Nobody', 'owner', 1 from generate_series(1, 5) as n
      """, as: "relationship_manager")
    #expect(foreign.contains("violates row-level security policy"))
    #expect(!foreign.contains("Key ("))
    for statement in [
      "create temporary table t (b int, c bigint, foreign key (b, c) references bank.client)",
      "create temporary table t () inherits (bank.client)",
      "select * from bank.client for update",
    ] {
      let answer = try await ground.refusal(statement, as: "relationship_manager")
      #expect(
        answer.contains("denied") || answer.contains("must be owner")
          || answer.contains("constraints on temporary tables"), "\(answer)")
    }
  }

  @Test func plansAndStatisticsShowNoValue() async throws {
    let ground = try await AccessGround()
    try await psql("analyze", in: ground.database)
    for role in ["branch", "relationship_manager", "hr", "analyst"] {
      let plan = try await ground.refusal(
        "explain (analyze, verbose) select * from bank.client where name like '%'", as: role)
      #expect(!plan.contains("Three") && !plan.contains("One Ltd"))
      #expect(
        try await ground.psql(
          """
          select count(*) from pg_stats where schemaname in ('bank', 'platform');
          select count(*) from pg_stats_ext where schemaname = 'bank'
          """, as: role) == "0\n0\n")
      #expect(
        try await ground.refusal("select * from pg_statistic", as: role).contains("denied"))
    }
  }

  @Test func shadowsOfNames() async throws {
    let ground = try await AccessGround()
    let answer = try await ground.psql(
      """
      create temporary table access_grant as
        select 'access_branch' as login, 'head_office' as role, 1 as employee_id, null::integer as org_unit_id,
          null::text as post_kind, date '2000-01-01' as effective_from, null::date as effective_until, null::timestamptz as superseded_at;
      create temporary table org_unit as select * from bank.org_unit;
      create function pg_temp.session_user() returns name language sql as $$ select 'access_head_office'::name $$;
      create function pg_temp.holds(text) returns boolean language sql as $$ select true $$;
      set search_path = pg_temp, bank, public;
      select bank.holds('head_office'), bank.acts(), cardinality(bank.units_of('branch'));
      select string_agg(number, ',' order by number) from bank.client;
      """, as: "branch")
    #expect(answer == "f|t|1\nC1,C2\n")
  }

  /// A table that an import reads is its caller's: what it runs, it runs as the caller.
  @Test func aTrapInATableOfTheCaller() async throws {
    let ground = try await AccessGround()
    let answer = try await ground.psql(
      """
      create temporary table caught (who text);
      create function pg_temp.trap() returns text language plpgsql as $$
      begin
        insert into caught values (current_user);
        return '11010519491231002X';
      end $$;
      create temporary view incoming as
        select 1::bigint as line_number, c.branch_id, c.client_id, 'resident_id' as kind, pg_temp.trap() as number
        from bank.client as c where c.number = 'C2';
      select bank.place_incoming_identities((select max(batch_id) from bank.batch));
      select distinct who from caught;
      """, as: "loader")
    #expect(answer == "1\naccess_loader\n")
    for role in ["loader", "branch", "head_office"] {
      let trigger = try await ground.refusal(
        """
        create temporary table mine (n int);
        create trigger t after insert on mine for each statement execute function bank.check_posts()
        """, as: role)
      #expect(trigger.contains("permission denied for function"))
    }
  }

  @Test func otherRolesAndSessions() async throws {
    let ground = try await AccessGround()
    for statement in [
      "set role banyan_head_office", "set role postgres",
      "set session authorization access_head_office",
      "set role banyan_auditor", "grant banyan_head_office to access_branch",
      "alter role access_branch bypassrls", "create role mine",
    ] {
      let answer = try await ground.refusal(statement, as: "branch")
      #expect(
        answer.contains("denied") || answer.contains("must ") || answer.contains("does not exist"),
        "\(statement): \(answer)")
    }
    // The own group role is put on, and the grant still counts, no more and no less.
    #expect(
      try await ground.psql(
        "set role banyan_branch; select count(*) from bank.client", as: "branch")
        == "2\n")
    // A membership without a grant gives nothing.
    let login = try await ground.newLogin()
    try await psql("grant banyan_head_office, banyan_auditor to \(login)", in: ground.database)
    let conninfo = "\(ground.database.conninfo) user=\(login)"
    #expect(
      try await psql(
        "select count(*) from bank.client; set role banyan_head_office; select count(*) from bank.client",
        at: conninfo) == "0\n0\n")
    // What others are doing is not shown.
    #expect(
      try await ground.psql(
        """
        select count(*) from pg_stat_activity
        where usename <> session_user and query <> '<insufficient privilege>' and query <> ''
        """, as: "branch") == "0\n")
  }

  /// A statement that was prepared while the grant held shows nothing once it has ended.
  @Test func aPreparedStatementOutlivesNoGrant() async throws {
    let ground = try await AccessGround()
    let login = try await ground.newLogin()
    try await psql(
      "select bank.grant_access('\(login)', 'head_office', 'E4', null, null, '2026-01-01', null, null)",
      in: ground.database)
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: "\(ground.database.conninfo) user=\(login)"))
    let count: @Sendable (isolated Connection) throws -> Int = { connection in
      try connection.value("select count(*) from bank.client", as: Int.self)
    }
    for _ in 0..<7 { #expect(try await connection.withConnection(count) == 3) }
    // Its end comes without a revocation: the membership is left as it is.
    try await psql(
      """
      begin;
      alter table bank.access_grant disable trigger access_grant_is_superseded_once;
      update bank.access_grant set effective_until = bank.access_day() where login = '\(login)';
      alter table bank.access_grant enable trigger access_grant_is_superseded_once;
      commit;
      """, in: ground.database)
    #expect(try await connection.withConnection(count) == 0)
    await connection.close()
  }

  @Test func identityNumbersStayMasked() async throws {
    let ground = try await AccessGround()
    for role in AccessGround.roles {
      for column in ["sealed", "digest"] where !(role == "head_office" && column == "digest") {
        #expect(
          try await ground.refusal("select \(column) from bank.client_identity", as: role)
            .contains("permission denied"), "\(role)")
      }
      let reading = try await ground.refusal(
        """
        select bank.read_identity(c.branch_id, c.client_id, 'resident_id', 'asked by the court')
        from bank.client as c where c.number = 'C3'
        """, as: role)
      #expect(reading.contains("11010519491231002X") == (role == "risk"), "\(role): \(reading)")
    }
    #expect(
      try await ground.psql(
        "select read_by, reason from bank.identity_reading", as: "auditor")
        == "access_risk|asked by the court\n")
    #expect(
      try await ground.psql(
        "select masked from bank.client_identity", as: "relationship_manager")
        == "**************J12X\n")
    // The key of a digest is nobody's: equal numbers are found by head office, none is guessed.
    #expect(
      try await ground.refusal(
        "select bank.identity_digest('resident_id', '11010519491231002X')", as: "head_office"
      ).contains("permission denied"))
  }

  @Test func analystsSeePseudonyms() async throws {
    let ground = try await AccessGround()
    let query = "select pseudonym, unit_code from report.pseudonymous_client order by 2, 1"
    // Units of few clients have no code.
    let hidden = try await ground.psql(query, as: "analyst")
    #expect(hidden.matches(of: /[0-9a-f]{64}\|\n/).count == 3)
    #expect(
      try await ground.psql(
        "select unit_code is null, count(*) from report.consolidated_month where month = '2026-01-01' group by 1",
        as: "analyst") == "t|1\n")
    try await psql("update bank.access_setting set smallest_group = 1", in: ground.database)
    let rows = try await ground.psql(query, as: "analyst")
    #expect(rows.matches(of: /[0-9a-f]{64}\|B[12]/).count == 3)
    let months = try await ground.psql(
      """
      select count(*) from report.pseudonymous_client_month as m
      where not exists (select 1 from report.pseudonymous_client as c where c.pseudonym = m.pseudonym);
      select sum(credits) from report.consolidated_month where month = '2026-01-01'
      """, as: "analyst")
    #expect(months == "0\n50031.01\n")
    for statement in [
      "select name from bank.client", "select * from bank.pay_line",
      "select * from report.account_day", "select * from report.pay_statement",
    ] {
      #expect(try await ground.refusal(statement, as: "analyst").contains("permission denied"))
    }
    #expect(try await ground.psql("select count(*) from bank.employee", as: "analyst") == "0\n")
  }
}
