import Banyan
import Foundation
import TestSupport
import Testing

/// The checks of `SQL/checks` on our own schema, and on schemas made bad on purpose: a check that
/// never fires proves nothing.
@Suite struct SchemaCheckTests {
  private func check(_ name: String) throws -> String {
    try TestServer.installedFiles().text(of: "SQL/checks/\(name).sql")
  }

  @Test(arguments: ["documentation", "names", "placement-rules", "access"])
  func ourSchemaPasses(_ name: String) async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await psql(check(name), in: database) == "")
  }

  /// Of two functions with one name and the same arguments, the file that is applied later wins in silence.
  @Test func noFunctionIsDefinedTwice() throws {
    var places: [String: [String]] = [:]
    for file in try SchemaFile.all(in: TestServer.installedFiles()) {
      for match in file.text.matches(of: /create or replace (?:function|procedure|view) (\w+\.\w+)/)
      {
        places[String(match.1), default: []].append(file.name)
      }
    }
    #expect(places.count > 300)
    #expect(places.filter { $0.value.count > 1 } == [:])
  }

  /// What the check finds after `change`, which is undone.
  private func findings(
    _ name: String, after change: String, in database: TestDatabase
  ) async throws -> [String] {
    let found = try await psql("begin; \(change);\n\(check(name));\nrollback;", in: database)
    return found.split(separator: "\n").map(String.init)
  }

  @Test func aMissingCommentIsFound() async throws {
    let database = try await TestServer.migratedDatabase()
    for (change, finding) in [
      ("comment on table bank.loan is null", "table|bank.loan"),
      ("comment on column bank.loan.amount is null", "column of a table|bank.loan.amount"),
      ("comment on view report.pay_run is null", "view|report.pay_run"),
      ("comment on column report.pay_run.month is null", "column of a view|report.pay_run.month"),
      ("comment on function bank.check_shares() is null", "function|bank.check_shares"),
      ("comment on type bank.direction is null", "type|bank.direction"),
      ("comment on schema report is null", "schema|report"),
      ("comment on table platform.applied_file is null", "table|platform.applied_file"),
    ] {
      let found = try await findings("documentation", after: change, in: database)
      #expect(found == [finding], "\(change)")
    }
  }

  @Test func aNameThatNobodyChoseIsFound() async throws {
    let database = try await TestServer.migratedDatabase()
    for (change, finding) in [
      ("alter table bank.loan add check (amount < 5)", "constraint|bank.loan: loan_amount_check"),
      (
        "alter table bank.loan add foreign key (branch_id) references bank.org_unit",
        "constraint|bank.loan: loan_branch_id_fkey"
      ),
      ("create index on bank.loan (amount)", "index|bank.loan: loan_amount_idx"),
    ] {
      #expect(try await findings("names", after: change, in: database) == [finding], "\(change)")
    }
    let found = try await findings(
      "names", after: "create table report.t (m int unique, n int primary key)", in: database)
    #expect(found.count == 4)
  }

  /// A table that is cut by branch and breaks no rule but those that a test adds.
  private static func cut(_ columns: String) -> String {
    """
    create table bank.new (branch_id integer not null, n bigint not null, \(columns),
      constraint new_pk primary key (branch_id, n));
    insert into bank.table_placement values ('new', 'by_branch')
    """
  }

  private static func function(_ body: String, language: String = "plpgsql") -> String {
    "create function bank.f() returns void language \(language) as $$ \(body) $$"
  }

  private static let breaches: [(rule: String, change: String)] = [
    ("table without a placement", "create table bank.new (n int constraint new_pk primary key)"),
    (
      "placement of a table that does not exist",
      "insert into bank.table_placement values ('nowhere', 'reference')"
    ),
    (
      "branch_id missing, nullable or not an integer",
      """
      create table bank.new (branch_id bigint not null, constraint new_pk primary key (branch_id));
      insert into bank.table_placement values ('new', 'by_branch')
      """
    ),
    (
      "no primary key",
      """
      create table bank.new (branch_id integer not null);
      insert into bank.table_placement values ('new', 'by_branch')
      """
    ),
    (
      "unique key without branch_id",
      "create unique index loan_once on bank.loan (number)"
    ),
    (
      "exclusion without equality of branch_id",
      cut("d daterange, constraint new_apart exclude using gist (d with &&)")
    ),
    (
      "exclusion without equality of branch_id",
      cut("d daterange, constraint new_apart exclude using gist (branch_id with <>, d with &&)")
    ),
    (
      "foreign key between branches",
      """
      alter table bank.account_holder add constraint holder_client_fk
        foreign key (client_branch_id, client_id) references bank.client (branch_id, client_id)
      """
    ),
    (
      "foreign key from a reference table to one cut by branch",
      """
      alter table bank.employee add o bigint; alter table bank.employee add constraint employee_account_fk
        foreign key (branch_id, o) references bank.account (branch_id, account_id)
      """
    ),
    (
      "foreign key that sets null or a default",
      cut("e int constraint new_e_fk references bank.employee on delete set null")
    ),
    ("foreign key not named *_fk", cut("e int constraint new_e references bank.employee")),
    (
      "foreign key of a partition alone",
      """
      do $$ begin
        perform bank.open_month('transaction', '2026-01-01');
        perform bank.complete_month('transaction', '2026-01-01');
      end $$;
      alter table bank.transaction_2026_01 add constraint t_fk foreign key (branch_id) references bank.org_unit
      """
    ),
    ("identity narrower than bigint", cut("i integer generated always as identity")),
    ("identity narrower than bigint", cut("i serial")),
    (
      "partitions of a partition",
      """
      create table bank.transaction_part partition of bank.transaction
        for values from ('2030-01-01') to ('2031-01-01') partition by range (booked_on)
      """
    ),
    (
      "table read in a row security policy",
      "create policy p on bank.loan using (branch_id in (select org_unit_id from bank.org_unit))"
    ),
    ("rewrite rule on a table", "create rule r as on delete to bank.loan do instead nothing"),
    (
      "row trigger on a reference table",
      """
      create trigger t before update on bank.tier for each row
        execute function suppress_redundant_updates_trigger()
      """
    ),
    (
      "function in SQL that reads tables; write it in plpgsql",
      function("delete from bank.loan", language: "sql")
    ),
    (
      "statement that a distributed server refuses: merge",
      function("begin merge into bank.loan using x on true when matched then do nothing; end")
    ),
    (
      "statement that a distributed server refuses: grouping sets",
      function("begin perform sum(n) from x group by rollup (a, b); end")
    ),
    (
      "statement that a distributed server refuses: recursive query",
      function("begin with recursive x as (select 1) select 2; end")
    ),
    (
      "statement that a distributed server refuses: two-phase commit",
      function("begin prepare transaction 'x'; end")
    ),
    (
      "statement that a distributed server refuses: change of branch",
      function("begin update bank.loan set branch_id = 2; end")
    ),
    (
      "statement that a distributed server refuses: volatile value on conflict",
      function("begin insert into x values (1) on conflict (n) do update set at = now(); end")
    ),
  ]

  @Test func everyRuleOfPlacementFires() async throws {
    let database = try await TestServer.migratedDatabase()
    for (rule, change) in Self.breaches {
      let change = "set local check_function_bodies = off; " + change
      let found = try await findings("placement-rules", after: change, in: database)
      let rules = Set(found.map { $0.split(separator: "|").first.map(String.init) ?? "" })
      #expect(rules == [rule], "\(change)")
    }
    let text = try check("placement-rules")
    let tried = Set(Self.breaches.map(\.rule))
    for rule in text.matches(of: /select '([^']+)'( as rule)?,/)
    where rule.1.hasSuffix(":") == false {
      #expect(tried.contains(String(rule.1)), "no breach is tried for this rule")
    }
  }
}
