import Foundation
import TestSupport
import Testing

/// The small bank with six more people and five more clients at B1, and short ways to give orders.
struct HandoverGround {
  let database: TestDatabase

  init() async throws {
    database = try await TestServer.tinyBankDatabase()
    try await psql(
      """
      insert into bank.employee (number, name, branch_id, joined_on)
      select 'E' || n, 'Person ' || n, branch_id, joined_on
      from bank.employee, generate_series(4, 9) as n where number = 'E1';
      insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
      select branch_id, 'N' || n, 'New ' || n || ' Ltd', 'company', batch_id, 0
      from bank.client, generate_series(1, 5) as n where number = 'C1';
      insert into bank.account (branch_id, number, kind, currency, opened_on, batch_id, line_number)
      select branch_id, 'AN' || substr(number, 2), 'demand', 'CNY', '2025-01-01', batch_id, 0
      from bank.client where number like 'N%';
      insert into bank.account_holder (branch_id, account_id, client_branch_id, client_id, role, batch_id, line_number)
      select a.branch_id, a.account_id, c.branch_id, c.client_id, 'owner', a.batch_id, 0
      from bank.client as c join bank.account as a on a.number = 'A' || c.number;
      insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
      select branch_id, '2026-01-01', account_id, 1, 1000, 0, 31000 from bank.account where number like 'AN%'
      """, in: database)
  }

  /// Runs a command that must work, and returns what it prints.
  @discardableResult
  func run(_ arguments: String...) async throws -> String {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    return outcome.output
  }

  /// Runs a command that prints rows.
  func rows(_ arguments: String...) async throws -> [[String: String]] {
    let outcome = try await BanyanProcess.run(
      arguments + ["--format", "csv"], environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    return try CSVTable(text: outcome.output).rows
  }

  /// Runs a command that the rules refuse, and returns its one sentence.
  func refusal(_ arguments: String...) async throws -> String {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 3, "\(arguments): \(outcome.output) \(outcome.errorOutput)")
    #expect(outcome.output == "")
    #expect(outcome.messages().count == 1, "\(outcome.errorOutput)")
    return outcome.messages().first ?? ""
  }

  /// Assigns a client of B1 to one person from 2026-01-01 on.
  func assign(_ clients: String..., to person: String) async throws {
    for client in clients {
      try await psql(
        "select from bank.assign(bank.client_scope('\(client)'), array['\(person)'], array[1], '2026-01-01')",
        in: database)
    }
  }

  /// Who has which client now and later, a line each.
  func coverage(like pattern: String = "N%") async throws -> String {
    try await psql(
      """
      select c.number, e.number, s.role, s.share, s.effective_from, s.effective_until
      from bank.assignment as s join bank.employee as e using (employee_id)
      join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
      where s.superseded_at is null and c.number like '\(pattern)'
      order by c.number, s.effective_from, s.role
      """, in: database)
  }
}
