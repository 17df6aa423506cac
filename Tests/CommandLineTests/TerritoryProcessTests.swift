import TestSupport
import Testing

/// Whose new clients are whose, from the command line.
@Suite struct TerritoryProcessTests {
  @Test func aTerritoryIsOnePersonsADay() async throws {
    let ground = try await HandoverGround()
    try await ground.run(
      "territory", "add", "T1", "--person", "E1", "--unit", "B1", "--from", "2026-01-01")
    #expect(
      try await ground.refusal(
        "territory", "add", "T2", "--person", "E2", "--unit", "B1", "--from", "2026-06-01")
        == "banyan: unit B1 cannot be territory T2: territory T1 is E1's from 2026-01-01 on; end it first with banyan territory end T1, or narrow one of the two"
    )
    try await ground.run(
      "territory", "add", "T2", "--person", "E2", "--unit", "B1", "--industry", "trade", "--from",
      "2026-06-01")
    try await ground.run("territory", "end", "T1", "--on", "2026-09-01")
    try await ground.run(
      "territory", "add", "T3", "--person", "E3", "--unit", "B1", "--from", "2026-09-01")
    let today = try await ground.rows("territory", "list", "--as-of", "2026-08-31")
    #expect(today.map { $0["code"] } == ["T1", "T2"])
    let later = try await ground.rows("territory", "list", "--as-of", "2026-09-01")
    #expect(later.map { $0["person"] } == ["E2", "E3"])
    // What was believed before stays.
    let all = try await ground.rows("territory", "list", "--all")
    #expect(all.filter { $0["code"] == "T1" }.map { $0["until"] } == ["", "2026-09-01"])
    #expect(
      try await ground.refusal(
        "territory", "add", "T4", "--person", "E4", "--industry", "retail"
      ).hasPrefix("banyan: territory T4 names the industry “retail”, which is not on record"))
    #expect(
      try await ground.refusal("territory", "add", "T4", "--person", "E77", "--unit", "B2")
        .hasPrefix("banyan: there is no employee “E77” on record"))
  }

  @Test func reversedDatesAreRefusedByCommandFileAndSQL() async throws {
    let ground = try await HandoverGround()
    let sentence =
      "the dates of territory T1 are reversed: it would begin on 2026-06-01 and end before 2026-01-01; the end is the day after the last day"
    #expect(
      try await ground.refusal(
        "territory", "add", "T1", "--person", "E1", "--unit", "B1", "--from", "2026-06-01",
        "--until", "2026-01-01") == "banyan: " + sentence)
    // A day on which it would begin and end is none either.
    #expect(
      try await ground.refusal(
        "territory", "add", "T1", "--person", "E1", "--unit", "B1", "--from", "2026-06-01",
        "--until", "2026-06-01"
      ).hasPrefix("banyan: the dates of territory T1 are reversed"))
    let taken = try await TinyBank().sending(
      "territories",
      "code,employee_number,unit_code,effective_from,effective_until\nT1,E1,B1,2026-06-01,2026-01-01\n"
    ).taken(into: ground.database)
    #expect(taken.exitCode == 3)
    #expect(taken.messages.contains { $0.contains("reversed") }, "\(taken.messages)")
    await #expect(throws: TestSupportError.self) {
      try await psql(
        """
        insert into bank.territory (code, employee_id, org_unit_id, effective_from, effective_until)
        select 'T1', e.employee_id, u.org_unit_id, '2026-06-01', '2026-01-01'
        from bank.employee as e, bank.org_unit as u where e.number = 'E1' and u.code = 'B1'
        """, in: ground.database)
    }
    #expect(try await psql("select count(*) from bank.territory", in: ground.database) == "0\n")
  }

  @Test func theFirstClaimIsGrantedAndTheSecondOpensACase() async throws {
    let ground = try await HandoverGround()
    let first = try await ground.rows("claim", "add", "--person", "E1", "--client", "N1")
    #expect(first[0]["state"] == "granted")
    #expect(try await ground.coverage().hasPrefix("N1|E1|main|1|"))
    let second = try await ground.rows(
      "claim", "add", "--person", "E2", "--client", "N1", "--evidence", "visited in May")
    #expect(second[0]["state"] == "contested")
    let collision = try #require(second[0]["case"])
    // Nobody has the client: it lies in the pool of its branch.
    #expect(try await ground.coverage() == "")
    #expect(try await ground.rows("collision", "list", "--open")[0]["claimants"] == "E1, E2")
    // Nor can anybody get it past the case.
    #expect(
      try await ground.refusal(
        "assignment", "assign", "N1", "E3", "--from", "2026-01-01"
      ).hasPrefix("banyan: client N1 is nobody's until collision case \(collision) is decided"))

    #expect(
      try await ground.refusal(
        "collision", "decide", collision, "--by", "E2", "--for", "E1", "--reason", "r"
      ).hasPrefix("banyan: E2 claims the client of collision case \(collision)"))
    #expect(
      try await ground.refusal(
        "collision", "decide", collision, "--by", "E9", "--for", "E3", "--reason", "r"
      ).hasPrefix("banyan: E3 has not claimed the client of collision case \(collision)"))
    #expect(
      try await ground.refusal(
        "collision", "decide", collision, "--by", "E9", "--for", "E1", "--reason", " "
      ).hasPrefix("banyan: a decision says why"))
    let decided = try await ground.rows(
      "collision", "decide", collision, "--by", "E9", "--for", "E2", "--reason", "was there first")
    #expect(decided[0]["winner"] == "E2" && decided[0]["decided_by"] == "E9")
    #expect(try await ground.coverage().hasPrefix("N1|E2|main|1|"))
    let states = try await ground.rows("collision", "show", collision).map { $0["state"] }
    #expect(states == ["lost", "granted"])
    #expect(
      try await ground.refusal(
        "collision", "decide", collision, "--by", "E9", "--for", "E1", "--reason", "again"
      ).hasPrefix("banyan: collision case \(collision) about N1 was decided by E9 already"))
    #expect(
      try await ground.refusal("claim", "add", "--person", "E3", "--client", "N1")
        .hasPrefix("banyan: N1 was given to E2 by collision case \(collision)"))
  }

  @Test func aClaimInAnothersTerritoryIsACase() async throws {
    let ground = try await HandoverGround()
    try await ground.run("territory", "add", "TB", "--person", "E1", "--unit", "R1")
    try await ground.run(
      "territory", "add", "TT", "--person", "E2", "--unit", "R1", "--industry", "trade")
    try await ground.run("territory", "add", "TL", "--person", "E4", "--name", "N3")
    // The closest territory: a listed name before an industry, that before an area.
    let claims = [
      ("E2", "N1", "trade", "granted"), ("E1", "N2", "trade", "contested"),
      ("E4", "N3", "trade", "granted"), ("E1", "N4", "mining", "granted"),
    ]
    for (person, client, industry, state) in claims {
      let claim = try await ground.rows(
        "claim", "add", "--person", person, "--client", client, "--industry", industry)
      #expect(claim[0]["state"] == state, "\(client)")
    }
    #expect(try await ground.rows("collision", "list").map { $0["claimants"] } == ["E1, E2"])
    let collision = try await ground.rows("collision", "list")[0]["case"] ?? ""
    try await ground.run(
      "collision", "decide", collision, "--by", "E9", "--for-nobody", "--reason", "head office")
    #expect(try await ground.coverage(like: "N2") == "")
  }

  @Test func aProspectIsTheSameUnderAnotherSpelling() async throws {
    let ground = try await HandoverGround()
    let claim = try await ground.rows(
      "claim", "add", "--person", "E1", "--prospect", "Jade  Textiles LTD", "--unit", "B1")
    #expect(claim[0]["state"] == "granted")
    #expect(
      try await ground.refusal(
        "claim", "add", "--person", "E1", "--prospect", "jade textiles ltd", "--unit", "B1"
      ).hasPrefix("banyan: E1 has claimed jade textiles ltd already"))
    let rival = try await ground.rows(
      "claim", "add", "--person", "E2", "--prospect", "ＪＡＤＥ textiles ltd", "--unit", "B2")
    #expect(rival[0]["state"] == "contested")
    let collision = try #require(rival[0]["case"])
    try await ground.run(
      "collision", "decide", collision, "--by", "E9", "--for", "E1", "--reason", "first")
    // The prospect becomes a client; the claim that won brings it to the claimant.
    let number = try #require(claim[0]["claim"])
    try await ground.run("claim", "attach", number, "N5", "--from", "2026-03-01")
    #expect(try await ground.coverage() == "N5|E1|main|1|2026-03-01|\n")
    #expect(
      try await ground.refusal("claim", "add", "--person", "E2", "--client", "N99")
        == "banyan: there is no client “N99” on record; check the number, or import the client first"
    )
  }

  @Test func manyClaimsAtOnceGiveOneHolderOrOneCase() async throws {
    let ground = try await HandoverGround()
    let outcomes = try await withThrowingTaskGroup(of: ProgramOutcome.self) { group in
      for person in 1...6 {
        group.addTask {
          try await banyan(
            "claim", "add", "--person", "E\(person)", "--client", "N1", "--format", "csv",
            on: ground.database)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for outcome in outcomes { #expect(outcome.exitCode == 0, "\(outcome.errorOutput)") }
    // One was first and was granted; the second took the client back to the pool; all are in one case.
    #expect(outcomes.filter { $0.output.contains(",granted,") }.count == 1)
    #expect(try await ground.coverage() == "")
    let cases = try await ground.rows("collision", "list")
    #expect(cases.count == 1)
    #expect(cases.first?["claimants"]?.split(separator: ",").count == 6)
  }

  @Test func territoriesComeByFile() async throws {
    let ground = try await HandoverGround()
    let folder = try TemporaryFolder()
    try folder.write(
      """
      code,employee_number,unit_code,industry,size,listed,effective_from,effective_until
      T1,E1,B1,,,,2026-01-01,
      T2,E2,,trade,small,,2026-01-01,2027-01-01
      T3,E3,,,,N1,2026-01-01,
      T3,E3,,,,Jade Ltd,2026-01-01,

      """.utf8, to: "files/territories.csv")
    try folder.write(
      """
      name: Tiny
      currency: CNY
      tiers: {junior: Junior relationship manager, senior: Senior relationship manager}

      """.utf8, to: "mapping/bank.yaml")
    try folder.write(
      """
      dataset: territories
      file: territories.csv
      encoding: utf-8
      columns:
        code: code
        employee_number: employee_number
        unit_code: unit_code
        industry: industry
        size: size
        listed: listed
        effective_from: effective_from
        effective_until: effective_until

      """.utf8, to: "mapping/territories.yaml")
    try await ground.run("import", folder.path + "/files", "--mapping", folder.path + "/mapping")
    let rows = try await ground.rows("territory", "list", "--as-of", "2026-06-01")
    #expect(rows.map { $0["code"] } == ["T1", "T2", "T3", "T3"])
    #expect(rows.map { $0["person"] } == ["E1", "E2", "E3", "E3"])
  }
}
