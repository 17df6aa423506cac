import Foundation
import TestSupport
import Testing

/// Routine audits and accountability from the command line.
@Suite struct InspectionProcessTests {
  /// Plans audits of assignments: forty more clients, each E1's or E3's.
  private func ground() async throws -> ApprovalGround {
    let ground = try await ApprovalGround()
    try await psql(
      """
      insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
      select branch_id, 'N' || n, 'New ' || n || ' Ltd', 'company', batch_id, 0
      from bank.client, generate_series(1, 40) as n where number = 'C1';
      select count(*) from generate_series(1, 40) as n
      cross join lateral bank.assign(bank.client_scope('N' || n), array[case n % 2 when 0 then 'E1' else 'E3' end],
        array[1], '2026-01-01') as a;
      """, in: ground.database)
    try await ground.done(
      "inspection", "plan", "coverage", "--population", "assignments", "--every", "quarterly",
      "--size", "10", "--from", "2026-01-01", as: "auditor")
    return ground
  }

  private func rows(_ outcome: ProgramOutcome) throws -> [[String: String]] {
    try CSVTable(text: outcome.output).rows
  }

  @Test func theSeedGivesTheSampleAgain() async throws {
    let ground = try await ground()
    let drawn = try rows(
      try await ground.done(
        "inspection", "sample", "coverage", "--from", "2026-01", "--to", "2026-03", "--seed",
        "draw of 2 April", "--format", "csv", as: "auditor"))
    #expect(drawn.map { $0["position"] } == (1...10).map { "\($0)" })
    // The same by the documented rule, from the tables and without the functions.
    let expected = try await psql(
      """
      select u.code || '/' || a.assignment_id from bank.assignment as a join bank.org_unit as u on u.org_unit_id = a.branch_id
      where a.superseded_at is null and daterange(a.effective_from, a.effective_until) && daterange('2026-01-01', '2026-04-01')
      order by sha256(convert_to('draw of 2 April' || chr(10) || u.code || '/' || a.assignment_id, 'UTF8')) limit 10
      """, in: ground.database)
    #expect(drawn.map { $0["item"] ?? "" }.joined(separator: "\n") + "\n" == expected)
    let same = try await ground.done("inspection", "verify", "1", as: "risk")
    #expect(same.messages() == ["Sample 1 is what its seed gives."])
    // What changes later changes nothing about it, and nobody draws until it suits.
    try await psql(
      "select count(*) from bank.assign(bank.client_scope('C2'), array['E3'], array[1], '2026-02-01')",
      in: ground.database)
    try await ground.done("inspection", "verify", "1", as: "auditor")
    #expect(
      try await ground.refused(
        "inspection", "sample", "coverage", "--from", "2026-01", "--to", "2026-03", "--seed", "2",
        as: "auditor"
      ).contains("a sample is drawn once for a plan and a period"))
    let other = try rows(
      try await ground.done(
        "inspection", "sample", "coverage", "--from", "2026-04", "--to", "2026-06", "--seed", "x",
        "--format", "csv", as: "risk"))
    #expect(other.map { $0["item"] } != drawn.map { $0["item"] })
    // A sample that was tampered with is found.
    try await psql(
      """
      alter table bank.inspection_sample_item disable trigger user;
      delete from bank.inspection_sample_item where inspection_sample_id = 1 and position = 4;
      alter table bank.inspection_sample_item enable trigger user;
      """, in: ground.database)
    let tampered = try await ground.run("inspection", "verify", "1", as: "auditor")
    #expect(tampered.exitCode == 3 && tampered.output.contains("not on record"))
  }

  @Test(arguments: [
    (["nothing", "--from", "2026-01", "--to", "2026-03"], "no audit plan “nothing”"),
    (
      ["coverage", "--from", "2026-01", "--to", "2026-02"], "is quarterly, so a sample from 2026-01"
    ),
    (["coverage", "--from", "2099-01", "--to", "2099-03"], "is not over"),
  ])
  func aSampleThatIsRefused(_ arguments: [String], _ words: String) async throws {
    let ground = try await ground()
    let outcome = try await ground.runAll(
      ["inspection", "sample"] + arguments + ["--seed", "1"], as: "auditor")
    #expect(outcome.exitCode == 3 && outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
    let other = try await ground.runAll(
      ["inspection", "sample"] + arguments + ["--seed", "1"], as: "hr")
    #expect(other.exitCode == 77)
  }

  @Test func payLinesAndCreditFiles() async throws {
    let ground = try await ground()
    for (population, pattern) in [("pay_lines", /^\d+\/E[123]\/1$/), ("credit_files", /^B\d\/L/)] {
      try await ground.done(
        "inspection", "plan", population, "--population", population, "--every", "monthly",
        "--size", "2", "--from", "2026-01-01", as: "risk")
      let drawn = try rows(
        try await ground.done(
          "inspection", "sample", population, "--from", "2026-01", "--to", "2026-01", "--seed",
          "7", "--format", "csv", as: "risk"))
      #expect(!drawn.isEmpty)
      for row in drawn { #expect((row["item"] ?? "").contains(pattern), "\(row)") }
    }
  }

  @Test func aFindingIsClosedByAnother() async throws {
    let ground = try await ground()
    let found = try rows(
      try await ground.done(
        "inspection", "finding", "signature missing", "--severity", "medium", "--responsible",
        "E1", "--due", "2099-05-15", "--format", "csv", as: "auditor"))
    #expect(found[0]["found_by"] == "E9" && found[0]["state"] == "open")
    #expect(
      try await ground.refused("inspection", "close", "1", "--opinion", "fine", as: "auditor")
        .contains("a finding is rectified before it is closed"))
    let own = try await ground.done(
      "inspection", "findings", "--format", "csv", as: "relationship_manager")
    #expect(try rows(own).count == 1)
    try await ground.done(
      "inspection", "rectify", "1", "--how", "signed", as: "relationship_manager")
    // Who is responsible does not close it, even with the right to close.
    let login = try await ground.ground.newLogin()
    try await psql(
      """
      insert into bank.access_grant (login, role, employee_id, effective_from)
        select '\(login)', 'risk', employee_id, '2026-01-01' from bank.employee where number = 'E1';
      select bank.settle_memberships('\(login)');
      """, in: ground.database)
    #expect(
      try await ground.refused("inspection", "close", "1", "--opinion", "fine", as: login)
        .contains("a finding is closed by another person"))
    let closed = try rows(
      try await ground.done(
        "inspection", "close", "1", "--opinion", "seen", "--format", "csv", as: "auditor"))
    #expect(closed[0]["state"] == "closed" && closed[0]["closed_by"] == "E9")
    #expect(
      try await ground.refused("inspection", "rectify", "1", "--how", "again", as: "risk")
        .contains("finding 1 was closed on"))
    #expect(
      try await ground.refused(
        "inspection", "finding", "own", "--severity", "low", "--responsible", "E9", "--due",
        "2099-01-01", as: "auditor"
      ).contains("nobody audits the own work"))
    // The owner's login is nobody's, so it names a person.
    let nameless = try await banyan(
      "inspection", "finding", "late", "--severity", "low", "--responsible", "E1", "--due",
      "2099-01-01", on: ground.database)
    #expect(nameless.exitCode == 3 && nameless.errorOutput.contains("must be named"))
  }

  @Test func aFindingIsGivenToAnother() async throws {
    let ground = try await ApprovalGround()
    try await ground.done(
      "inspection", "finding", "signature missing", "--severity", "low", "--responsible", "E7",
      "--due", "2036-01-01", as: "auditor")
    let given = try await ground.refused(
      "inspection", "reassign", "1", "E1", "--reason", "busy", as: "risk")
    #expect(given.contains("is the own one of who would give it away"), "\(given)")
    let same = try await ground.refused(
      "inspection", "reassign", "1", "E7", "--reason", "busy", as: "auditor")
    #expect(same.contains("a finding is given to another person"), "\(same)")
    let rows = try rows(
      try await ground.done(
        "inspection", "reassign", "1", "E1", "--reason", "E7 leaves", "--format", "csv",
        as: "auditor"))
    #expect(rows.first?["responsible"] == "E1")
    let byHand = await #expect(throws: TestSupportError.self) {
      try await psql(
        "update bank.inspection_finding set responsible_id = (select employee_id from bank.employee where number = 'E3')",
        in: ground.database)
    }
    #expect(byHand?.description.contains("stays as it was recorded") == true)
    try await ground.done(
      "inspection", "rectify", "1", "--how", "signed", as: "relationship_manager")
    let closed = try await ground.refused(
      "inspection", "close", "1", "--opinion", "fine", as: "risk")
    #expect(closed.contains("was theirs before"), "\(closed)")
    try await ground.done("inspection", "close", "1", "--opinion", "seen", as: "auditor")
    #expect(
      try await psql(
        "select reason, opinion from bank.inspection_reassignment join bank.inspection_finding using (inspection_finding_id)",
        in: ground.database) == "E7 leaves|seen\n")
  }

  @Test func pointsCountInTheirPeriodAndInTheScorecard() async throws {
    let ground = try await ground()
    for (points, day) in [("3", "2026-01-31"), ("2", "2026-02-01")] {
      try await ground.done(
        "accountability", "record", "E1", "--kind", "warning", "--points", points, "--on", day,
        "--reason", "forged signature", as: "hr")
    }
    func points(_ from: String, _ to: String) async throws -> [String?] {
      try rows(
        try await ground.done(
          "accountability", "points", "E1", "--from", from, "--to", to, "--format", "csv", as: "hr")
      ).map { $0["points"] }
    }
    #expect(try await points("2026-01", "2026-01") == ["3"])
    #expect(try await points("2026-01", "2026-02") == ["5"])
    #expect(try await points("2026-03", "2026-03") == [])
    let seeds = SharedData.packageFolder + "/seeds/tiers/"
    try await ground.done("tier", "ladder", "--load", seeds + "demo-ladder.yaml", as: "hr")
    try await ground.done("tier", "review", "load", seeds + "demo-scorecard.yaml", as: "hr")
    try await ground.done(
      "tier", "review", "propose", "E1", "--scorecard", "demo", "--from", "2026-01", "--to",
      "2026-02", as: "hr")
    let review = try await ground.done("tier", "review", "show", "1", as: "hr")
    #expect(review.output.contains("5 x -2 = -10"), "\(review.output)")
    #expect(
      try await ground.refused(
        "accountability", "record", "E6", "--kind", "warning", "--on", "2026-01-01", "--reason",
        "x", as: "hr"
      ).contains("nobody calls themselves to account"))
    try await ground.done("accountability", "withdraw", "1", "--reason", "appeal", as: "hr")
    #expect(try await points("2026-01", "2026-02") == ["2"])
    #expect(
      try rows(
        try await ground.done(
          "accountability", "list", "--all", "--format", "csv", as: "relationship_manager")
      ).count == 2)
  }

  @Test func whoLeavesSettlesApprovalsAndFindings() async throws {
    let ground = try await ground()
    try await ground.rule("assignment_transfer", "--role", "risk")
    _ = try await ground.acceptedTransfer()
    try await ground.done(
      "inspection", "finding", "signature missing", "--severity", "high", "--responsible", "E1",
      "--due", "2099-05-15", as: "auditor")
    let list = try await ground.done(
      "departure", "open", "E1", "--kind", "resignation", "--leaves", "2026-12-31", "--by", "E4",
      "--format", "csv", as: "head_office")
    let items = try rows(list)
    #expect(
      items.contains {
        $0["kind"] == "approvals"
          && $0["description"]?.hasPrefix("approval 1: transfer 1 of E1 to E3") == true
      }, "\(list.output)")
    #expect(
      items.contains {
        $0["kind"] == "findings"
          && $0["description"] == "finding 1 of severity high: signature missing"
      }, "\(list.output)")
  }
}
