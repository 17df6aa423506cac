import Banyan
import LibPQ
import TestSupport
import Testing

/// Rules that hold for whoever writes, asked of the database itself.
@Suite struct GateTests {
  private func refusal(_ sql: String, in database: TestDatabase) async throws -> String? {
    do {
      try await database.withConnection { connection in
        try connection.executeScript(unsafeSQL: sql)
      }
      return nil
    } catch let error as PostgresError where error.kind == .server {
      return error.constraint
    }
  }

  @Test(arguments: [
    (
      "insert into bank.territory (code, employee_id, industry, effective_from) select 'T2', employee_id, 'trade', '2026-06-01' from bank.employee where number = 'E2'",
      "territory_is_exclusive"
    ),
    (
      "insert into bank.territory (code, employee_id, size, effective_from) select 'T1', employee_id, 'small', '2026-06-01' from bank.employee where number = 'E2'",
      "territory_has_one_holder"
    ),
    (
      "insert into bank.territory (code, employee_id, size, listed, effective_from) select 'T3', employee_id, 'small', 'C1', '2026-06-01' from bank.employee where number = 'E2'",
      "territory_says_what_it_is"
    ),
    ("update bank.territory set effective_until = '2027-01-01'", "territory_history_stays"),
    ("delete from bank.territory", "org_history_stays"),
    ("delete from bank.client_claim", "org_history_stays"),
    (
      "insert into bank.client_claim (subject_key, client_number, client_branch_id, client_id, employee_id, claimed_on, state) select c.subject_key, c.client_number, c.client_branch_id, c.client_id, e.employee_id, c.claimed_on, 'granted' from bank.client_claim as c, bank.employee as e where e.number = 'E2'",
      "client_claim_granted_once"
    ),
    (
      "insert into bank.departure (employee_id, kind, leaves_on, opened_by_id, audit_due_on, auditor_id, audit_opinion, closed_at) select e.employee_id, 'dismissal', '2026-08-01', o.employee_id, '2026-08-01', o.employee_id, 'fine', now() from bank.employee as e, bank.employee as o where e.number = 'E1' and o.number = 'E3'",
      "departure_begins_open"
    ),
    (
      "insert into bank.handover (subject, giver_id, receiver_id, witness_id, planned_on) select 'x', g.employee_id, r.employee_id, g.employee_id, '2026-01-01' from bank.employee as g, bank.employee as r where g.number = 'E1' and r.number = 'E2'",
      "handover_is_between_three"
    ),
    (
      "select bank.open_departure('E1', 'dismissal', '2026-08-01', 'E1')",
      "departure_is_opened_by_another"
    ),
    ("select bank.claim_client('E2', 'C2', day => '2020-01-01'); select 1", nil),
  ])
  func theDatabaseRefuses(_ sql: String, rule: String?) async throws {
    let database = try await TestServer.tinyBankDatabase()
    _ = try await psql(
      """
      select bank.add_territory('T1', 'E1', null, 'trade', since => '2026-01-01');
      select bank.claim_client('E1', 'C1')
      """, in: database)
    #expect(try await refusal(sql, in: database) == rule)
  }

  /// Two who draw the same territory at once: one is refused, whoever it is.
  @Test func oneOfManyDrawsATerritory() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let drawn = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 1...8 {
        group.addTask {
          try await refusal(
            "select bank.add_territory('T\(number)', 'E\(number % 3 + 1)', 'B1', since => '2026-01-01')",
            in: database)
        }
      }
      return try await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(drawn.filter { $0 == nil }.count == 1)
    #expect(drawn.compactMap(\.self).allSatisfy { $0 == "territory_is_exclusive" })
  }
}
