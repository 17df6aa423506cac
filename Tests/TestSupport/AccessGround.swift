import Banyan
import Foundation
import LibPQ

/// The tiny bank with a login for each role, and something in the tables that they may not see.
///
/// Logins belong to the whole server, so all copies of the bank share these; a test that grants and
/// revokes makes logins of its own with ``newLogin()``.
public struct AccessGround: Sendable {
  /// The roles that access is given by.
  public static let roles = [
    "head_office", "branch", "relationship_manager", "hr", "risk", "analyst", "auditor", "loader",
    "access_officer",
  ]

  /// The database; its conninfo is the owner's.
  public let database: TestDatabase

  /// Makes a copy of the bank.
  public init() async throws {
    database = try await TestServer.database(template: "access") { conninfo in
      try await Self.fill(conninfo)
    }
  }

  /// The login of a role: of branch B1, of the manager E1, or of a loader for branch B1. There are
  /// also `nobody`, without a grant, and `former`, an auditor whose grant has ended.
  public static func login(_ role: String) -> String { "access_" + role }

  /// How the login of a role reaches the database, as keywords.
  public func conninfo(_ role: String) -> String {
    "\(database.conninfo) user=\(Self.login(role))"
  }

  /// How a login reaches the database, as a URL.
  public func url(login: String) -> String {
    database.url + "&user=" + login
  }

  /// Runs SQL as the login of a role.
  @discardableResult
  public func psql(_ sql: String, as role: String) async throws -> String {
    try await psql(sql, login: Self.login(role))
  }

  /// Runs SQL as any login.
  @discardableResult
  public func psql(_ sql: String, login: String) async throws -> String {
    try await TestSupport.psql(sql, at: "\(database.conninfo) user=\(login)")
  }

  /// What the server says to the login of a role that it refuses; "taken" if it does not.
  public func refusal(_ sql: String, as role: String) async throws -> String {
    do {
      return "taken: " + (try await psql(sql, as: role))
    } catch let error as TestSupportError {
      return error.description
    }
  }

  /// Makes a login of the server that nothing was granted to yet, and returns its name.
  public func newLogin() async throws -> String {
    let login = "login_" + UUID().uuidString.prefix(8).lowercased()
    try await TestSupport.psql("create role \(login) login", in: database)
    return login
  }

  /// Makes a login that was an auditor, whose grant has ended, and that is a member of the group role still, and
  /// returns its name. No other test knows it: whatever settles memberships would end this one.
  public func newFormerLogin() async throws -> String {
    let login = try await newLogin()
    try await TestSupport.psql(
      """
      select bank.grant_access('\(login)', 'auditor', 'E9', null, null, '2026-01-01', null, 'the test');
      select bank.revoke_access('\(login)', 'auditor', null, '2026-02-01', 'gone');
      grant banyan_auditor to \(login);
      """, in: database)
    return login
  }

  private static func fill(_ conninfo: String) async throws {
    var bank = TinyBank()
    guard
      let identities = Dataset.standard.first(where: { $0.name == "client_identities" }),
      let contacts = Dataset.standard.first(where: { $0.name == "contacts" })
    else { throw TestSupportError("the datasets of identities and contacts are gone") }
    bank = bank.sending(
      identities,
      "client_number,kind,number\nC1,business_registration,91310000MA1K3YJ12X\nC3,resident_id,11010519491231002X\n"
    )
    bank = bank.sending(
      contacts,
      "client_number,employee_number,contacted_on,channel,note\nC1,E1,2026-01-20,phone,asked for a loan\nC3,E3,2026-01-21,visit,sells the house\n"
    )
    let folder = try bank.write()
    let migration = Migration(files: try SchemaFile.all(in: TestServer.installedFiles()))
    let folderImport = try bank.folderImport(from: folder)
    try await TestServer.withConnection(to: conninfo) { connection in
      _ = try migration.run(on: connection)
      _ = try folderImport.run(on: connection)
    }
    try await TestSupport.psql(more, at: conninfo)
  }

  /// Client-level assignments, a pay run's rows, a claim, and the logins with their grants.
  private static let more = """
    select bank.add_employee('E' || n, 'Staff ' || n, 'HQ', '2020-01-01') from generate_series(4, 9) as n;
    select count(*) from bank.assign(bank.client_scope('C1'), array['E1'], array[1], '2026-01-01', null, 'first');
    select count(*) from bank.assign(bank.client_scope('C3'), array['E3'], array[1], '2026-01-01', null, 'first');
    begin;
    select nextval(pg_get_serial_sequence('bank.pay_run', 'pay_run_id')) as run \\gset
    select bank.credit_facts(:run, '2026-01-01');
    insert into bank.pay_statement (branch_id, pay_run_id, employee_id, earned, deferred, payable)
      select branch_id, :run, employee_id, 100, 40, 60 from bank.employee where number in ('E1', 'E2', 'E3');
    insert into bank.pay_line (branch_id, pay_run_id, employee_id, line_number, component, kind, title, amount, arithmetic)
      select branch_id, :run, employee_id, 1, 'deposits', 'unit_price', 'Deposits', 100, '{}' from bank.employee
      where number in ('E1', 'E2', 'E3');
    insert into bank.deferral_instalment (branch_id, pay_run_id, employee_id, instalment, due_on, amount)
      select branch_id, :run, employee_id, 1, '2027-01-31', 40 from bank.employee where number in ('E1', 'E2', 'E3');
    insert into bank.pay_run (pay_run_id, month, plan_id, input_digest, engine_version) overriding system value
      select :run, '2026-01-01', plan_id, bank.credit_digest(:run), '1' from bank.plan;
    commit;
    select bank.assess_clients('2026-01-01');
    select bank.add_territory('T1', 'E1', 'B1', null, null, '{}', '2026-01-01', null, null);
    select bank.claim_client('E3', null, 'Newcomer Ltd', 'B2', null, null, '2026-02-01', 'met at the fair');
    do $$
    declare
      wanted text;
    begin
      foreach wanted in array array['head_office', 'branch', 'relationship_manager', 'hr', 'risk', 'analyst',
        'auditor', 'loader', 'access_officer', 'nobody', 'former'] loop
        if to_regrole('access_' || wanted) is null then
          execute format('create role %I login', 'access_' || wanted);
        end if;
      end loop;
    end
    $$;
    select bank.grant_access('access_' || r.role, r.role, r.person, r.unit, null, date '2026-01-01', null, 'the test')
    from (values
      ('head_office', 'E4', null), ('branch', 'E5', 'B1'), ('relationship_manager', 'E1', null), ('hr', 'E6', null),
      ('risk', 'E7', null), ('analyst', 'E8', null), ('auditor', 'E9', null), ('loader', null, 'B1'),
      ('access_officer', 'E2', null)) as r (role, person, unit);
    select bank.grant_access('access_former', 'auditor', 'E9', null, null, '2026-01-01', null, 'the test');
    select bank.revoke_access('access_former', 'auditor', null, '2026-02-01', 'gone');
    """
}
