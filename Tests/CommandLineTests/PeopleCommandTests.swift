import Foundation
import TestSupport
import Testing

/// `banyan person`, `banyan selection` and `banyan tier`: posts, rounds and reviews from the user's side.
@Suite struct PeopleCommandTests {
  @discardableResult
  private func run(
    _ arguments: String..., in database: TestDatabase, exitCode: Int32 = 0
  ) async throws -> ProgramOutcome {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == exitCode, "\(arguments): \(outcome.errorOutput)")
    return outcome
  }

  private func refused(
    _ arguments: String..., in database: TestDatabase, _ message: String
  ) async throws {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.messages() == ["banyan: " + message], "\(arguments)")
    #expect(outcome.exitCode == 3, "\(arguments)")
  }

  @Test func postsAreHeldOnceAndInOpenUnits() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await run(
      "person", "add", "E9", "Zoe", "--unit", "B1", "--joined", "2021-01-01", in: database)
    try await run(
      "person", "post", "E9", "B1", "branch_manager", "--from", "2021-02-01", in: database)
    try await run(
      "person", "post", "E1", "B1", "teller", "--from", "2021-02-01", "--manager", "E9",
      in: database)
    try await run("person", "post", "E1", "B2", "teller", "--from", "2022-01-01", in: database)
    let posts =
      "select unit_code, effective_from, effective_until from report.post where employee_number = 'E1' and superseded_at is null order by 2"
    #expect(try await psql(posts, in: database) == "B1|2021-02-01|2022-01-01\nB2|2022-01-01|\n")
    #expect(
      try await psql(
        "select u.code from bank.employee as e join bank.org_unit as u on u.org_unit_id = e.branch_id where number = 'E1'",
        in: database) == "B2\n")
    try await refused(
      "person", "post", "E1", "B1", "teller", "--from", "2021-06-01", "--until", "2021-07-01",
      in: database,
      "a person holds one main post a day: employee E1, from 2021-06-01 until 2021-07-01 conflicts with employee E1, from 2021-02-01 until 2022-01-01, which is on record; end the one on record first, or record the new one as not the main one"
    )
    try await refused(
      "person", "post", "E9", "B1", "branch_manager", "--from", "2022-01-01", "--manager", "E9",
      in: database, "nobody reports to themselves; name another line manager")
    try await refused(
      "person", "post", "E2", "B1", "wizard", "--from", "2022-01-01", in: database,
      "there is no kind of post “wizard”; choose one of auditor, branch_manager, field_agent, hr_officer, lobby_manager, product_manager, relationship_manager, risk_officer, team_leader, teller, wealth_manager, or add it to bank.post_kind"
    )
    try await refused(
      "person", "post", "E2", "B1", "relationship_manager", "--from", "2022-01-01", in: database,
      "E2 cannot become relationship manager at B1 on 2022-01-01 by appointment: nobody gets that post without a published round of selection; open a round for the post, publish its ranking and appoint from it"
    )
    try await refused(
      "org", "close", "B1", "--on", "2026-06-01", in: database,
      "unit B1 cannot close on 2026-06-01 while people hold posts there: E9; end or move their posts first, or merge the unit into a successor, which takes them along"
    )
    // A merger takes them along, and its withdrawal brings them back.
    try await run("org", "merge", "B1", "B2", "--on", "2026-06-01", in: database)
    let ends =
      "select unit_code, effective_from from report.post where employee_number = 'E9' and superseded_at is null order by 2"
    #expect(try await psql(ends, in: database) == "B1|2021-02-01\nB2|2026-06-01\n")
    try await run("org", "withdraw", "1", in: database)
    #expect(try await psql(ends, in: database) == "B1|2021-02-01\n")
    try await run("person", "end-post", "E9", "--on", "2026-03-01", in: database)
    try await run(
      "person", "speciality", "E1", "manufacturing", "--from", "2022-01-01", in: database)
    try await run(
      "person", "qualification", "E1", "credit_licence", "--obtained", "2020-01-01", "--expires",
      "2023-01-01", in: database)
    try await refused(
      "person", "qualification", "E1", "credit_licence", "--obtained", "2022-12-31", in: database,
      "a qualification holds once a day: employee E1, qualification credit_licence, from 2022-12-31 on conflicts with employee E1, qualification credit_licence, from 2020-01-01 until 2023-01-01, which is on record; let the new one begin when the one on record expires"
    )
    try await refused(
      "person", "qualification", "E1", "fund_licence", "--obtained", "2022-12-31", "--expires",
      "2021-01-01", in: database, "a qualification expires after it was obtained; correct the dates"
    )
    try await run(
      "person", "declare", "E1", "--client", "C1", "--relation", "spouse", "--from", "2022-01-01",
      in: database)
    let shown = try await run("person", "show", "E1", in: database)
    for words in ["teller at B2", "manufacturing", "expired", "client C1", "spouse", "senior"] {
      #expect(shown.output.contains(words), "\(words)")
    }
    #expect(
      try await psql(
        "select relation from bank.recusal((select employee_id from bank.employee where number = 'E1'), 'C1', '2023-01-01')",
        in: database) == "spouse\n")
  }

  @Test func aRoundOfSelection() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await run(
      "person", "add", "E9", "Zoe", "--unit", "B1", "--joined", "2021-01-01", in: database)
    try await refused(
      "selection", "open", "S1", "RMs", "--unit", "B1", "--on", "2026-01-05", "--exam", "0.5",
      "--interview", "0.3", "--performance", "0.3", in: database,
      "the weights of exam, interview and performance sum to exactly 1; correct them")
    try await run(
      "selection", "open", "S1", "RMs of branch 1", "--unit", "B1", "--on", "2026-01-05", "--exam",
      "0.4", "--interview", "0.3", "--performance", "0.3", "--pass-mark", "60", "--criterion",
      "education: a degree", "--criterion", "service: two years", in: database)
    try await run(
      "selection", "apply", "S1", "E1", "--on", "2026-01-06", "--meets", "education", "--meets",
      "service", in: database)
    try await run(
      "selection", "apply", "S1", "E2", "--on", "2026-01-06", "--meets", "education", in: database)
    try await run("selection", "apply", "S1", "E3", "--on", "2026-01-06", in: database)
    try await refused(
      "selection", "apply", "S1", "E1", "--on", "2026-01-07", in: database,
      "a person applies once in a round: round S1, employee E1; the application is on record")
    try await refused(
      "selection", "waive", "S1", "E2", "service", "--by", "E2", "--reason", "me", in: database,
      "E2 applies in round S1 and cannot waive the own criteria; name another person who waives")
    try await run(
      "selection", "waive", "S1", "E2", "service", "--by", "E9", "--reason", "outstanding",
      in: database)
    try await refused(
      "selection", "rank", "S1", in: database,
      "E1 has no exam score in round S1; record it before ranking")
    for (person, exam, interview, performance) in [
      ("E1", "80", "70", "90"), ("E2", "90.5", "70", "90"),
    ] {
      try await run("selection", "score", "S1", person, "exam", exam, "--by", "E9", in: database)
      try await run(
        "selection", "score", "S1", person, "interview", interview, "--by", "E9", in: database)
      try await run(
        "selection", "score", "S1", person, "performance", performance, "--by", "E9", in: database)
    }
    try await run("selection", "score", "S1", "E1", "exam", "75", "--by", "E3", in: database)
    try await refused(
      "selection", "score", "S1", "E1", "exam", "101", "--by", "E9", in: database,
      "a score lies between 0 and 100, with at most four digits after the point; correct it")
    try await refused(
      "selection", "score", "S1", "E1", "exam", "100", "--by", "E1", in: database,
      "E1 applies in round S1 and cannot score the own exam; name another member of the panel")
    let ranked = try await run("selection", "rank", "S1", "--format", "csv", in: database)
    let table = try CSVTable(text: ranked.output).rows
    // 77.5 x 0.4 + 70 x 0.3 + 90 x 0.3 = 79; 90.5 x 0.4 + 48 = 84.2
    #expect(
      table.map { "\($0["place"] ?? "") \($0["person"] ?? "") \($0["total"] ?? "")" } == [
        "1 E2 84.2000", "2 E1 79.0000", " E3 ",
      ])
    #expect(table[0]["admitted"] == "yes, waived: service by E9 (outstanding)")
    #expect(
      table[1]["arithmetic"]
        == "exam (155 of 2) x 0.4 + interview (70 of 1) x 0.3 + performance (90 of 1) x 0.3 = 79.0000"
    )
    #expect(table[2]["admitted"] == "no: education, service")
    try await refused(
      "selection", "appoint", "S1", "E2", "--from", "2026-03-01", in: database,
      "round S1 is not published, so E2 cannot be appointed from it; rank and publish the round first"
    )
    try await run("selection", "publish", "S1", "--on", "2026-02-01", in: database)
    try await refused(
      "selection", "score", "S1", "E1", "exam", "99", "--by", "E3", in: database,
      "round S1 was published on 2026-02-01, and nothing about it changes any more; open another round"
    )
    try await refused(
      "selection", "appoint", "S1", "E1", "--from", "2026-03-01", in: database,
      "E1 is ranked 2 in round S1, not before E2, who is not appointed; appoint in the order of the ranking, or give the reason why not"
    )
    try await refused(
      "selection", "appoint", "S1", "E3", "--from", "2026-03-01", in: database,
      "E3 did not pass round S1: not admitted; appoint somebody who passed")
    try await run("selection", "appoint", "S1", "E2", "--from", "2026-03-01", in: database)
    try await refused(
      "selection", "appoint", "S1", "E1", "--from", "2026-03-01", "--reason", "x", in: database,
      "round S1 has one seat, and it is taken: E2; open another round")
    #expect(
      try await psql(
        "select kind, origin, round_code, effective_from from report.post where superseded_at is null",
        in: database)
        == "relationship_manager|selection|S1|2026-03-01\n")
    // From there one may go on to the same kind of post elsewhere.
    try await run(
      "person", "post", "E2", "B2", "relationship_manager", "--from", "2026-04-01", "--transfer",
      in: database)
    // Behind the functions' back it is refused as well.
    await #expect(throws: (any Error).self) {
      try await psql(
        "insert into bank.post (employee_id, org_unit_id, kind, effective_from, origin) select employee_id, branch_id, 'relationship_manager', '2026-01-01', 'appointment' from bank.employee where number = 'E3'",
        in: database)
    }
    await #expect(throws: (any Error).self) {
      try await psql("delete from bank.post", in: database)
    }
    await #expect(throws: (any Error).self) {
      try await psql("update bank.selection_result set total = 100", in: database)
    }
  }

  private static let scorecard = """
    scorecard: tiny
    title: Review
    effective_from: 2026-01-01
    steps: {up: 1, down: 1}
    standard:
      - {measure: deposit_average_daily_balance, title: Deposits, weight: 60, standard: 1000000, most: 72}
      - {measure: visits, title: Visits, weight: 20, standard: 10}
    certificates: {most: 5, points: {licence: 4, planner: 4}}
    violations: {points_off: 2}
    tiers: {junior: 0, senior: 40}
    gates:
      - {tier: senior, measure: overdue, at_most: 0.015}

    """

  @Test func aReviewProposesAndANamedPersonDecides() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    try folder.write(Self.scorecard.utf8, to: "card.yaml")
    try folder.write(
      Self.scorecard.replacing("standard: 10}", with: "standart: 10}").utf8, to: "bad.yaml")
    let bad = try await run(
      "tier", "review", "load", folder.path + "/bad.yaml", in: database, exitCode: 3)
    #expect(bad.errorOutput.contains("did you mean `standard`?"))
    let loaded = try await run("tier", "review", "load", folder.path + "/card.yaml", in: database)
    #expect(loaded.output == "Scorecard tiny, version 1, is on record.\n")
    for (measure, value) in [("visits", "12"), ("points_off", "1.5"), ("overdue", "0.0151")] {
      try await psql(
        "insert into bank.review_measure (employee_id, measure, period_from, period_until, value) select employee_id, '\(measure)', '2026-01-01', '2026-02-01', \(value) from bank.employee where number = 'E2'",
        in: database)
    }
    for code in ["licence", "planner"] {
      try await run("person", "qualification", "E2", code, "--obtained", "2020-01-01", in: database)
    }
    try await run(
      "tier", "review", "propose", "E2", "--scorecard", "tiny", "--from", "2026-01", "--to",
      "2026-01", in: database)
    let lines = try CSVTable(
      text: try await run("tier", "review", "show", "1", "--format", "csv", in: database).output
    ).rows
    // E2 has 0.3 of A1 and all of A2: (0.3 x (1,000,000.00 x 31 - 400,000.50 x 16) + 50,000.00 x 22) / 31.
    let arithmetic = lines.map { "\($0["kind"] ?? ""): \($0["arithmetic"] ?? "")" }
    #expect(arithmetic[0] == "standard: 273548.3097 / 1000000 x 60 = 16.4129", "\(arithmetic)")
    #expect(arithmetic[1] == "standard: 12 / 10 x 20, at most 20 = 20")
    #expect(arithmetic[2] == "certificate: held: 4 points")
    #expect(
      arithmetic[3] == "certificate: held: 4 points, of which 1 are left of 5 for all certificates")
    #expect(arithmetic[4] == "violation: 1.5 x -2 = -3")
    #expect(arithmetic[5] == "total: sum of the lines = 38.4129")
    #expect(arithmetic[7] == "tier: 38.4129 < 40")
    #expect(arithmetic[8] == "gate: 0.0151 > 0.015", "unrounded, or 1.51 % would pass as 2 %")
    #expect(arithmetic[9] == "proposal: keep: from junior to junior")
    try await refused(
      "tier", "review", "decide", "1", "--by", "E2", "--from", "2026-03-01", in: database,
      "nobody decides about the own tier; name another person")
    try await refused(
      "tier", "review", "decide", "1", "--by", "E1", "--from", "2026-03-01", "--tier", "senior",
      in: database, "a decision other than the proposal says why; give a reason")
    try await run(
      "tier", "review", "decide", "1", "--by", "E1", "--from", "2026-03-01", "--tier", "senior",
      "--reason", "accelerated", in: database)
    let again = try await BanyanProcess.run(
      ["tier", "review", "decide", "1", "--by", "E1", "--from", "2026-03-01"],
      environment: ["DATABASE_URL": database.url])
    #expect(again.exitCode == 3 && again.errorOutput.contains("review 1 was decided by E1"))
    let history = try CSVTable(
      text: try await run("tier", "history", "E2", "--format", "csv", in: database).output
    ).rows
    #expect(
      history.map {
        "\($0["tier"] ?? "") \($0["since"] ?? "") \($0["until"] ?? "") \($0["decided_by"] ?? "")"
      }
        == ["junior 2020-01-01 2026-03-01 ", "senior 2026-03-01  E1"])
  }

  @Test func theSeedsAreRead() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let seeds = SharedData.packageFolder + "/seeds/tiers/"
    let loaded = try await run("tier", "ladder", "--load", seeds + "demo-ladder.yaml", in: database)
    #expect(loaded.messages() == ["5 tiers mean something else from that day on."])
    let again = try await run("tier", "ladder", "--load", seeds + "demo-ladder.yaml", in: database)
    #expect(again.messages() == ["The ladder was on record already."])
    let ladder = try CSVTable(
      text: try await run(
        "tier", "ladder", "--as-of", "2026-06-01", "--format", "csv", in: database
      ).output
    ).rows
    #expect(
      ladder.first { $0["tier"] == "senior" }?["client_bands"] == "preferred wealth private_banking"
    )
    #expect(
      try await psql(
        "select bank.tier_may_serve('senior', 'ordinary', '2026-06-01'), bank.tier_may_serve('senior', 'wealth', '2026-06-01'), bank.tier_may_serve('senior', 'ordinary', '2025-06-01')",
        in: database)
        == "f|t|t\n")
    try await run("tier", "review", "load", seeds + "demo-scorecard.yaml", in: database)
  }
}
