import Banyan
import TestSupport
import Testing

/// What another platform does on a handover, and what this one does: the stated result where it is
/// sound, a better one where it is not.
@Suite struct HandoverCaseTests {
  private func handed(from since: String) async throws -> CoverageGround {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "1"))), since)
    return ground
  }

  @Test func normal() async throws {
    let ground = try await handed(from: "2024-01-01")
    try await ground.change(.reassign(.one, team(("E2", "1"))), "2024-03-01")
    #expect(
      try await ground.record() == "E1|main|1|2024-01-01|2024-03-01\nE2|main|1|2024-03-01|\n")
  }

  @Test func notBeforeTheAccountWasOpened() async throws {
    let ground = try await CoverageGround()
    let refused = try await ground.refusal(
      .assign(.account("A2", line: nil), team(("E1", "1"))), "2026-01-09")
    #expect(
      refused.hasPrefix(
        "account A2 was opened on 2026-01-10 and cannot be looked after from 2026-01-09"))
  }

  /// There it is refused; here it is planned, and who has the client today does not change.
  @Test func theFutureCanBePlanned() async throws {
    let ground = try await handed(from: "2024-01-01")
    try await ground.change(.reassign(.one, team(("E2", "1"))), "2040-01-01")
    #expect(
      try await ground.record() == "E1|main|1|2024-01-01|2040-01-01\nE2|main|1|2040-01-01|\n")
  }

  /// There it is refused; here a reassignment says how, and a correction does it.
  @Test func beforeTheCurrentStartIsACorrection() async throws {
    let ground = try await handed(from: "2024-02-01")
    let refused = try await ground.refusal(.reassign(.one, team(("E2", "1"))), "2024-01-15")
    #expect(
      refused.hasPrefix(
        "nobody looks after client C1 on 2024-01-15, the next assignment begins on 2024-02-01"))
    try await ground.change(.correct(.one, team(("E2", "1"))), "2024-01-15")
    #expect(try await ground.record() == "E2|main|1|2024-01-15|\n")
  }

  /// There the start silently moves; here nothing changes.
  @Test func toTheSamePerson() async throws {
    let ground = try await handed(from: "2024-02-01")
    let outcome = try await ground.change(.reassign(.one, team(("E1", "1"))), "2024-03-01")
    #expect(outcome.entry == nil)
    #expect(try await ground.record() == "E1|main|1|2024-02-01|\n")
  }

  @Test func unassignedBeforeTheStart() async throws {
    let ground = try await handed(from: "2024-02-01")
    let refused = try await ground.refusal(.end(.one), "2024-01-31")
    #expect(refused.hasPrefix("nobody looks after client C1 on 2024-01-31"))
    try await ground.change(.end(.one), "2024-02-01")
    #expect(try await ground.record() == "")
  }
}
