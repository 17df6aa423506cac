import Foundation
import TestSupport
import Testing

/// The bank of ``AccessGround`` with rules about approvals, and short ways to act as somebody.
struct ApprovalGround {
  let ground: AccessGround
  var database: TestDatabase { ground.database }

  init() async throws { ground = try await AccessGround() }

  /// Runs a command as the login of a role, or as another login.
  func run(_ arguments: String..., as login: String) async throws -> ProgramOutcome {
    try await runAll(arguments, as: login)
  }

  func runAll(_ arguments: [String], as login: String) async throws -> ProgramOutcome {
    let name = AccessGround.roles.contains(login) ? AccessGround.login(login) : login
    return try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": ground.url(login: name)])
  }

  /// Runs a command that must work.
  @discardableResult
  func done(_ arguments: String..., as login: String) async throws -> ProgramOutcome {
    let outcome = try await runAll(arguments, as: login)
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    return outcome
  }

  /// Runs a command that a rule refuses, and returns its one sentence.
  func refused(_ arguments: String..., as login: String) async throws -> String {
    let outcome = try await runAll(arguments, as: login)
    #expect(outcome.exitCode == 3, "\(arguments): \(outcome.output) \(outcome.errorOutput)")
    #expect(outcome.messages().count == 1, "\(outcome.errorOutput)")
    return outcome.messages().first ?? ""
  }

  /// Sets a rule as the owner of the database.
  func rule(_ arguments: String...) async throws {
    let outcome = try await BanyanProcess.run(
      ["approval", "rule", "set"] + arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
  }

  /// A login of another person, who is made for it, with a role.
  func colleague(_ number: String, role: String) async throws -> String {
    let login = try await ground.newLogin()
    try await psql(
      """
      select bank.add_employee('\(number)', 'Colleague \(number)', 'HQ', '2020-01-01');
      insert into bank.access_grant (login, role, employee_id, effective_from)
        select '\(login)', '\(role)', employee_id, '2026-01-01' from bank.employee where number = '\(number)';
      select bank.settle_memberships('\(login)');
      """, in: database)
    return login
  }

  /// Proposes the transfer of C1 from E1 to E3, which E3 accepts; returns its number.
  func acceptedTransfer() async throws -> String {
    let proposed = try await done(
      "transfer", "propose", "--giver", "E1", "--to", "E3", "--client", "C1", "--on", "2026-06-01",
      "--cause", "request", "--by", "E4", "--format", "csv", as: "head_office")
    let number = try #require(CSVTable(text: proposed.output).rows.first?["transfer"])
    try await done("transfer", "accept", number, "--by", "E3", as: "head_office")
    return number
  }

  /// The same transfer under a rule that lets risk approve it; approval 1 waits.
  func acceptedTransferThatWaits() async throws -> String {
    try await rule("assignment_transfer", "--role", "risk")
    return try await acceptedTransfer()
  }

  /// Who has C1 on a day of June.
  func managerOfC1() async throws -> String {
    try await psql(
      """
      select e.number from bank.assignment as s join bank.employee as e using (employee_id)
      join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
      where c.number = 'C1' and s.superseded_at is null
        and daterange(s.effective_from, s.effective_until) @> date '2026-06-15'
      """, in: database)
  }
}
