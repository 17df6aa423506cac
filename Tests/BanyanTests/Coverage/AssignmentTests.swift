import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// One client through assignments, changes, corrections and refusals.
@Suite struct AssignmentTests {
  @Test func fourOddSharesAreTakenAndAlmostOneIsNot() async throws {
    let ground = try await CoverageGround()
    _ = try await psql(
      "insert into bank.employee (number, branch_id, joined_on, batch_id) select 'E4', branch_id, joined_on, batch_id from bank.employee where number = 'E1'",
      in: ground.database)
    let refused = try await ground.refusal(
      .assign(.one, team(("E1", "0.7"), ("E2", "0.2999"))), "2026-01-01")
    #expect(
      refused == "the shares 0.7 + 0.2999 sum to 0.9999; they must be above 0 and sum to exactly 1")
    try await ground.change(
      .assign(.one, team(("E1", "0.7268"), ("E2", "0.1093"), ("E3", "0.0273"), ("E4", "0.1366"))),
      "2026-01-01")
    #expect(
      try await ground.record() == """
        E1|main|0.7268|2026-01-01|
        E2|assisting|0.1093|2026-01-01|
        E3|assisting|0.0273|2026-01-01|
        E4|assisting|0.1366|2026-01-01|

        """)
  }

  @Test func whoComesSecondIsToldWhoWon() async throws {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "1"))), "2026-01-01")
    let refused = try await ground.refusal(.assign(.one, team(("E2", "1"))), "2026-06-01")
    #expect(refused.hasPrefix("client C1 is E1's from 2026-01-01 (main, share 1, was recorded by "))
    #expect(refused.hasSuffix("; reassign it from a day on, or choose days on which nobody has it"))
    #expect(try await ground.record() == "E1|main|1|2026-01-01|\n")
  }

  @Test func pastFutureAndSameDayChangesKeepWhatWasBelieved() async throws {
    let ground = try await CoverageGround()
    func now() async throws -> String {
      try await psql("select clock_timestamp()", in: ground.database)
    }
    func believed(_ day: String, at moment: String) async throws -> String {
      try await psql(
        """
        select string_agg(e.number, ' ' order by e.number)
        from bank.assignment_as_of('\(day)', '\(moment.trimmingSuffix)') join bank.employee as e using (employee_id)
        """, in: ground.database
      ).trimmingSuffix
    }
    let before = try await now()
    try await ground.change(.assign(.one, team(("E1", "1"))), "2026-03-01")
    let first = try await now()
    try await ground.change(.reassign(.one, team(("E2", "1"))), "2030-01-01")  // future
    let second = try await now()
    try await ground.change(.correct(.one, team(("E3", "1"))), "2026-02-01", "2026-03-15")  // past
    let third = try await now()
    try await ground.change(.reassign(.one, team(("E1", "0.5"), ("E2", "0.5"))), "2026-03-15")
    let fourth = try await now()
    // Once more on the same day: the last word counts, the one before stays on record.
    try await ground.change(.reassign(.one, team(("E2", "1"))), "2026-03-15")
    let fifth = try await now()
    let expected: [(moment: String, february: String, april: String, later: String)] = [
      (before, "", "", ""), (first, "", "E1", "E1"), (second, "", "E1", "E2"),
      (third, "E3", "E1", "E2"), (fourth, "E3", "E1 E2", "E1 E2"), (fifth, "E3", "E2", "E2"),
    ]
    for (moment, february, april, later) in expected {
      #expect(try await believed("2026-02-10", at: moment) == february)
      #expect(try await believed("2026-04-01", at: moment) == april)
      #expect(try await believed("2031-01-01", at: moment) == later)
    }
    #expect(
      try await ground.record() == "E3|main|1|2026-02-01|2026-03-15\nE2|main|1|2026-03-15|\n")
  }

  @Test func aTriedChangeLeavesNothing() async throws {
    let ground = try await CoverageGround()
    let outcome = try await ground.change(
      .assign(.one, team(("E1", "1"))), "2026-01-01", dryRun: true)
    #expect(outcome.recorded == 1)
    #expect(outcome.changes.map(\.person) == ["E1"])
    let left = try await psql(
      "select count(*) from bank.assignment union all select count(*) from bank.coverage_entry",
      in: ground.database)
    #expect(left == "0\n0\n")
  }

  @Test func theReceiverWhoIsInTheTeamHasBothShares() async throws {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "0.6"), ("E2", "0.4"))), "2026-01-01")
    try await ground.change(
      .transfer(giver: "E1", receivers: ["E2"], unit: nil, clients: ["C1"]), "2026-05-01",
      "2026-06-01")
    #expect(
      try await ground.record() == """
        E1|main|0.6|2026-01-01|2026-05-01
        E2|assisting|0.4|2026-01-01|2026-05-01
        E2|main|1.0|2026-05-01|2026-06-01
        E1|main|0.6|2026-06-01|
        E2|assisting|0.4|2026-06-01|

        """)
  }

  @Test func badRequestsAreRefusedInOneSentence() async throws {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "1"))), "2026-03-01")
    let cases: [(CoverageRequest.Verb, String, String?, String)] = [
      (.end(.one), "2026-06-01", "2026-05-01", "the dates are reversed"),
      (
        .assign(.client("C9", line: nil), team(("E1", "1"))), "2026-01-01", nil,
        "there is no client “C9” on record"
      ),
      (
        .assign(.client("C2", line: "lones"), team(("E1", "1"))), "2026-01-01", nil,
        "there is no product line “lones”"
      ),
      (
        .assign(.client("C2", line: nil), team(("E9", "1"))), "2026-01-01", nil,
        "there is no employee “E9” on record"
      ),
      (
        .assign(.client("C2", line: nil), team(("E1", "1"))), "2019-01-01", nil,
        "E1 joined on 2020-01-01"
      ),
      (
        .assign(.client("C2", line: nil), team(("E1", "0.5"), ("E1", "0.5"))), "2026-01-01", nil,
        "one person is named twice"
      ),
      (
        .transfer(giver: "E2", receivers: ["E3"], unit: nil, clients: ["C1"]), "2026-04-01", nil,
        "E2 has nothing"
      ),
      (
        .transfer(giver: "E1", receivers: ["E1"], unit: nil, clients: ["C1"]), "2026-04-01", nil,
        "E1 cannot hand over to themselves"
      ),
    ]
    for (verb, since, until, start) in cases {
      let refused = try await ground.refusal(verb, since, until)
      #expect(refused.hasPrefix(start), "\(refused)")
    }
    #expect(try await ground.record() == "E1|main|1|2026-03-01|\n")
  }

  @Test func tierBandCapacityAndRelationshipAreChecked() async throws {
    let ground = try await CoverageGround()
    _ = try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, client_bands, client_capacity)
      values ('junior', '2020-01-01', '{ordinary}', 0);
      insert into bank.relationship_declaration (employee_id, client_number, relation, effective_from)
      select employee_id, 'C1', 'sibling', '2026-06-01' from bank.employee where number = 'E3';
      select bank.set_segments('band', array[bank.client_scope('C1')], '{wealth}', '2026-01-01')
      """, in: ground.database)
    #expect(
      try await ground.refusal(.assign(.one, team(("E2", "1"))), "2026-01-05").hasPrefix(
        "E2 is junior on 2026-01-05, a tier that may not serve the band wealth of client C1"))
    #expect(
      try await ground.refusal(.assign(.one, team(("E3", "1"))), "2026-01-05").hasPrefix(
        "E3 has declared to be sibling of client C1 from 2026-06-01"))
    try await ground.change(.assign(.one, team(("E3", "1"))), "2026-01-05", "2026-06-01")
    // Capacity warns by default, and refuses where the bank says so.
    let warned = try await ground.change(
      .assign(.client("C2", line: nil), team(("E2", "1"))), "2026-01-05")
    #expect(
      warned.warnings == ["E2 would have 1 clients on 2026-01-05; the tier junior has room for 0"])
    _ = try await psql(
      "update bank.coverage_rule set action = 'refuse' where code = 'capacity'", in: ground.database
    )
    #expect(
      try await ground.refusal(.assign(.client("C3", line: nil), team(("E2", "1"))), "2026-01-05")
        .hasPrefix("E2 would have 2 clients on 2026-01-05"))
  }

  @Test func whatWasBelievedCannotBeRewritten() async throws {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "1"))), "2026-01-01")
    for sql in [
      "update bank.assignment set share = 0.5", "delete from bank.assignment",
      "truncate bank.assignment",
      "update bank.assignment set effective_until = '2027-01-01'",
    ] {
      do {
        try await ground.database.withConnection { try $0.executeScript(unsafeSQL: sql) }
        Issue.record("\(sql) was taken")
      } catch let error as PostgresError {
        #expect(error.constraint == "assignment_keeps_its_history", "\(sql)")
      }
    }
  }
}

extension String {
  /// Without the line end of psql.
  fileprivate var trimmingSuffix: String { hasSuffix("\n") ? String(dropLast()) : self }
}
