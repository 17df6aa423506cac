import Foundation
import TestSupport
import Testing

/// The departure audit from the command line, and the gate that the database keeps.
@Suite struct DepartureProcessTests {
  /// What a statement is refused with by the database itself.
  private func refusedInSQL(_ sql: String, _ ground: HandoverGround) async throws -> String {
    do {
      try await psql(sql, in: ground.database)
      return "taken"
    } catch {
      return "\(error)"
    }
  }

  private func opened(_ ground: HandoverGround) async throws {
    try await ground.assign("N1", "N2", to: "E4")
    try await psql(
      "select bank.hold_post('E4', 'B1', 'teller', '2020-01-01')", in: ground.database)
    try await ground.run(
      "departure", "open", "E4", "--kind", "resignation", "--leaves", "2026-08-01", "--by", "E9")
  }

  @Test func nothingMovesBeforeTheAuditIsClosed() async throws {
    let ground = try await HandoverGround()
    try await opened(ground)
    let list = try await ground.rows("departure", "show", "1")
    #expect(list.map { $0["kind"] } == ["clients", "posts"])
    #expect(list[0]["description"] == "main manager of clients booked at B1")
    #expect(list[0]["quantity"] == "2")

    let before = try await ground.coverage()
    let gate = "nothing of E4 moves before the audit of departure 1 is closed"
    #expect(
      try await ground.refusal(
        "assignment", "end", "N1", "--from", "2026-08-01"
      ).contains(gate))
    #expect(
      try await ground.refusal(
        "assignment", "transfer", "E4", "E5", "--from", "2026-08-01"
      ).contains(gate))
    #expect(
      try await ground.refusal("person", "end-post", "E4", "--on", "2026-08-01").contains(gate))
    #expect(
      try await ground.refusal("departure", "release", "1", "--on", "2026-08-01").contains(gate))
    #expect(
      try await refusedInSQL(
        "update bank.assignment set superseded_at = clock_timestamp() where superseded_at is null and employee_id = bank.require_employee('E4')",
        ground
      ).contains(gate))
    #expect(
      try await refusedInSQL(
        "update bank.departure set released_on = '2026-08-01', released_at = now()", ground
      ).contains("departure_is_released_after_the_audit"))
    #expect(
      try await refusedInSQL(
        "update bank.departure set auditor_id = bank.require_employee('E9'), audit_opinion = 'x', closed_at = now()",
        ground
      ).contains("2 items are not settled"))
    #expect(try await refusedInSQL("delete from bank.departure", ground).contains("is refused"))
    #expect(
      try await refusedInSQL(
        "select bank.require_deferred_pay_is_free(bank.require_employee('E4'))", ground
      ).contains(gate))
    #expect(
      try await refusedInSQL(
        "select bank.assign(bank.client_scope('N3'), array['E4'], array[1], '2026-01-01')", ground
      ).contains("E4 is leaving (departure 1) and cannot be given client N3"))
    #expect(try await ground.coverage() == before)
  }

  @Test func settledAuditedTransferredAndReleased() async throws {
    let ground = try await HandoverGround()
    try await opened(ground)
    // A transfer can be proposed and accepted, and waits.
    let transfer = try await ground.rows(
      "transfer", "propose", "--giver", "E4", "--to", "E5", "--on", "2026-08-01", "--cause",
      "resignation", "--by", "E9")
    let number = try #require(transfer[0]["transfer"])
    let waiting = try await ground.rows("transfer", "accept", number, "--by", "E5")
    #expect(waiting[0]["state"] == "accepted")
    // What was agreed since must be on the list before the audit is closed.
    #expect(
      try await ground.refusal(
        "departure", "close", "1", "--auditor", "E8", "--opinion", "fine"
      ).hasPrefix("banyan: 1 of what the person holds is not on the list of departure 1"))
    try await ground.run("departure", "refresh", "1")
    #expect(
      try await ground.refusal("departure", "settle", "1", "1", "--by", "E4", "--how", "done")
        .hasPrefix("banyan: E4 is leaving and cannot settle item 1"))
    try await ground.run(
      "departure", "settle", "1", "1", "2", "--by", "E9", "--how", "by transfer \(number)")
    #expect(
      try await ground.refusal(
        "departure", "close", "1", "--auditor", "E8", "--opinion", "fine"
      ).hasPrefix(
        "banyan: the audit of departure 1 cannot be closed: 1 item is not settled, first item 3"))
    try await ground.run("departure", "settle", "1", "3", "--by", "E9", "--how", "accepted")
    #expect(
      try await ground.refusal(
        "departure", "close", "1", "--auditor", "E4", "--opinion", "fine"
      ).hasPrefix("banyan: nobody audits their own departure; name another auditor"))
    let closed = try await ground.rows(
      "departure", "close", "1", "--auditor", "E8", "--opinion", "no objections")
    #expect(closed[0]["state"] == "audited")

    #expect(
      try await ground.refusal("departure", "release", "1", "--on", "2026-08-01")
        .hasPrefix("banyan: E4 cannot be released on 2026-08-01: 2 of their assignments go on"))
    try await ground.run("transfer", "apply", number)
    let gone = try await ground.rows("departure", "release", "1", "--on", "2026-08-01")
    #expect(gone[0]["state"] == "released")
    #expect(
      try await psql(
        "select effective_until from bank.post where superseded_at is null and employee_id = bank.require_employee('E4')",
        in: ground.database) == "2026-08-01\n")
    #expect(
      try await ground.refusal("departure", "withdraw", "1", "--reason", "stays")
        .hasPrefix("banyan: departure 1 was audited and closed"))
  }

  @Test func whoHasClientsIsNotReleasedWithoutADeparture() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", to: "E4")
    try await psql(
      "select bank.hold_post('E4', 'B1', 'teller', '2020-01-01')", in: ground.database)
    #expect(
      try await ground.refusal("person", "end-post", "E4", "--on", "2026-08-01")
        .hasPrefix("banyan: E4 cannot be released from the last post on 2026-08-01"))
    // One post follows another: that is no release.
    try await ground.run(
      "person", "post", "E4", "B1", "lobby_manager", "--from", "2026-08-01")
  }

  @Test func deferredPayIsHeld() async throws {
    let ground = try await HandoverGround()
    try await ground.run("pay", "run", "2026-01")
    let free = try await ground.rows("report", "run", "deferred-pay-due", "day=2030-12-31")
    #expect(free.contains { $0["person"] == "E1" && $0["state"] == "free" })
    try await ground.run(
      "departure", "open", "E1", "--kind", "dismissal", "--leaves", "2026-08-01", "--by", "E9")
    let held = try await ground.rows("report", "run", "deferred-pay-due", "day=2030-12-31")
    #expect(
      held.filter { $0["person"] == "E1" }.allSatisfy { $0["state"] == "held by departure 1" })
    #expect(held.contains { $0["person"] == "E2" && $0["state"] == "free" })
    let list = try await ground.rows("departure", "show", "1")
    #expect(list.contains { $0["kind"] == "deferred pay" })
    try await ground.run("departure", "withdraw", "1", "--reason", "stays")
    let again = try await ground.rows("report", "run", "deferred-pay-due", "day=2030-12-31")
    #expect(again.allSatisfy { $0["state"] == "free" })
  }
}
