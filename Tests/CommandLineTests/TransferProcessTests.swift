import TestSupport
import Testing

/// Transfers and handovers from the command line.
@Suite struct TransferProcessTests {
  private func proposed(
    _ ground: HandoverGround, _ arguments: String...
  ) async throws -> [String: String] {
    let outcome = try await BanyanProcess.run(
      ["transfer", "propose"] + arguments + ["--format", "csv"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    return try #require(try CSVTable(text: outcome.output).rows.first)
  }

  @Test func aDryRunSaysWhatWouldComeOfIt() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", to: "E4")
    let before = try await ground.coverage()
    let effect = try await ground.rows(
      "transfer", "propose", "--giver", "E4", "--to", "E5", "--to", "E6", "--on", "2026-02-01",
      "--cause", "resignation", "--by", "E9", "--dry-run")
    #expect(effect.map { $0["person"] } == ["E4", "E5", "E6"])
    #expect(effect.map { $0["clients"] } == ["3", "0", "0"])
    #expect(effect.map { $0["after"] } == ["0", "2", "1"])
    #expect(effect.map { $0["shares_after"] } == ["0", "2", "1"])
    #expect(effect.map { $0["balance_after"] } == ["0.00", "2000.00", "1000.00"])
    #expect(try await ground.coverage() == before)
    #expect(try await psql("select count(*) from bank.transfer", in: ground.database) == "0\n")

    // The same for real gives just that.
    let transfer = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--to", "E6", "--on", "2026-02-01", "--cause",
      "resignation", "--by", "E9")
    let number = try #require(transfer["transfer"])
    #expect(transfer["state"] == "proposed" && transfer["receivers"] == "E5 (asked), E6 (asked)")
    #expect(try await ground.coverage() == before)
    #expect(
      try await ground.refusal("transfer", "apply", number)
        .hasPrefix("banyan: transfer \(number) of E4 waits for E5, E6"))
    #expect(
      try await ground.refusal("transfer", "accept", number, "--by", "E7")
        .hasPrefix("banyan: E7 is no receiver of transfer \(number) of E4"))
    let half = try await ground.rows("transfer", "accept", number, "--by", "E5")
    #expect(half[0]["state"] == "proposed")
    let whole = try await ground.rows("transfer", "accept", number, "--by", "E6")
    #expect(whole[0]["state"] == "effective")
    #expect(
      try await ground.coverage() == """
        N1|E4|main|1|2026-01-01|2026-02-01
        N1|E5|main|1|2026-02-01|
        N2|E4|main|1|2026-01-01|2026-02-01
        N2|E6|main|1|2026-02-01|
        N3|E4|main|1|2026-01-01|2026-02-01
        N3|E5|main|1|2026-02-01|

        """)
    #expect(
      try await ground.refusal(
        "transfer", "withdraw", number, "--by", "E9", "--reason", "late"
      ).hasPrefix("banyan: transfer \(number) of E4 is effective since"))
  }

  @Test func problemLoansStayOrGoToTheHead() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", to: "E4")
    try await psql(
      """
      insert into bank.loan (branch_id, number, account_id, granted_on, amount, term_months, monthly_payment, status,
        batch_id, line_number)
      select branch_id, 'LN1', account_id, '2025-06-01', 5000, 12, 450, 'overdue', batch_id, 0
      from bank.account where number = 'AN1'
      """, in: ground.database)
    let stays = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "team_move", "--by",
      "E9", "--leave-problem-loans")
    #expect(stays["clients"] == "1" && stays["left"] == "1")
    let list = try await ground.rows("transfer", "show", stays["transfer"] ?? "")
    #expect(list.map { $0["fate"] } == ["stays", "moves"])
    #expect(list.map { $0["problem_loan"] } == ["yes", "no"])
    try await ground.run(
      "transfer", "refuse", stays["transfer"] ?? "", "--by", "E5", "--reason", "at capacity")
    let head = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "team_move", "--by",
      "E9", "--problem-loans-to", "E7")
    #expect(head["receivers"] == "E7 (asked), E5 (asked)")
    try await ground.run("transfer", "accept", head["transfer"] ?? "", "--by", "E7")
    try await ground.run("transfer", "accept", head["transfer"] ?? "", "--by", "E5")
    let now = try await ground.coverage()
    #expect(now.contains("N1|E7|main|1|2026-02-01|\n"))
    #expect(now.contains("N2|E5|main|1|2026-02-01|\n"))
  }

  @Test func balancesStayWithWhoHadThem() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", to: "E4")
    let transfer = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "team_move", "--by",
      "E9", "--balances-stay")
    try await ground.run("transfer", "accept", transfer["transfer"] ?? "", "--by", "E5")
    #expect(try await ground.coverage().contains("N1|E5|main|1|2026-02-01|\n"))
    // The account that was open goes on counting for the giver; a new one would be the receiver's.
    let account = try await psql(
      """
      select e.number, c.share from bank.account_coverage_as_of('2026-02-01', 'deposits') as c
      join bank.employee as e using (employee_id)
      join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
      where a.number = 'AN1'
      """, in: ground.database)
    #expect(account == "E4|1\n")
  }

  @Test func chosenByNumberBandAndBranch() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", "N4", to: "E4")
    try await psql(
      """
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from)
      select branch_id, client_id, 'band', 'wealth', '2025-01-01' from bank.client where number in ('N1', 'N2')
      """, in: ground.database)
    let band = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "fit", "--by", "E9",
      "--band", "wealth")
    #expect(band["clients"] == "2" && band["selection"] == "band wealth")
    let folder = try TemporaryFolder()
    try folder.write("N3\nN4\n".utf8, to: "list.txt")
    let listed = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "fit", "--by", "E9",
      "--list", folder.path + "/list.txt")
    #expect(listed["clients"] == "2" && listed["selection"] == "2 by number")
    #expect(
      try await ground.refusal(
        "transfer", "propose", "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause",
        "fit", "--by", "E9", "--client", "C3"
      ).hasPrefix("banyan: E4 does not look after C3 on 2026-02-01"))
    #expect(
      try await ground.refusal(
        "transfer", "propose", "--giver", "E4", "--to", "E4", "--on", "2026-02-01", "--cause",
        "fit", "--by", "E9"
      ).hasPrefix("banyan: E4 cannot hand over to themselves"))
    // A whole branch: one transfer for everybody who looks after something there.
    let merger = try await ground.rows(
      "transfer", "propose", "--unit", "B1", "--to", "E8", "--on", "2026-03-01", "--cause",
      "merger", "--by", "E9")
    #expect(merger.map { $0["giver"] } == ["E1", "E2", "E4"])
    #expect(merger.map { $0["clients"] } == ["1", "2", "4"])
  }

  @Test func aHandoverIsBetweenThree() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", to: "E4")
    let transfer = try await proposed(
      ground, "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause", "request", "--by",
      "E9")
    #expect(
      try await ground.refusal(
        "handover", "open", "clients", "--giver", "E4", "--receiver", "E5", "--witness", "E5",
        "--on", "2026-02-01"
      ) == "banyan: giver, receiver and witness are three people; name another one")
    let opened = try await ground.rows(
      "handover", "open", "clients of E4", "--giver", "E4", "--receiver", "E5", "--witness", "E6",
      "--on", "2026-02-01", "--transfer", transfer["transfer"] ?? "")
    let number = try #require(opened[0]["handover"])
    let items = try await ground.rows(
      "handover", "add", number, "archive", "loan files", "--reference", "BOX-1", "--quantity", "3")
    #expect(items.map { $0["kind"] } == ["clients", "archive"])
    #expect(
      try await ground.refusal("handover", "sign", number, "--by", "E4")
        .hasPrefix("banyan: E4 cannot sign handover \(number): 2 items were not given"))
    try await ground.run("handover", "pass", number, "--given", "2026-02-01")
    try await ground.run("handover", "pass", number, "--item", "1", "--received", "2026-02-01")
    try await ground.run("handover", "pass", number, "--item", "2", "--finding", "one file missing")
    #expect(
      try await ground.refusal("handover", "sign", number, "--by", "E6", "--on", "2026-02-02")
        == "banyan: the witness signs after giver and receiver; let them sign first")
    for person in ["E4", "E5", "E6"] {
      try await ground.run("handover", "sign", number, "--by", person, "--on", "2026-02-02")
    }
    #expect(
      try await ground.refusal("handover", "add", number, "key", "late key")
        .hasPrefix("banyan: the list of handover \(number) was signed"))
    #expect(try await ground.rows("handover", "list")[0]["state"] == "opinion overdue")
    #expect(
      try await ground.refusal("handover", "opinion", number, "fine", "--by", "E4")
        .hasPrefix("banyan: E4 did not receive handover \(number)"))
    let done = try await ground.rows(
      "handover", "opinion", number, "all visited; one file is missing", "--by", "E5")
    #expect(done[0]["opinion_due"] == "2026-03-04" && done[0]["state"] == "complete")
  }

  /// The published rules of a micro-lending centre, as a bank would write them, and its five cases.
  @Test func theRulesSayWhatMoves() async throws {
    let ground = try await HandoverGround()
    try await psql(
      """
      insert into bank.transfer_rule
        (position, cause, months_above, months_from, instalments_from, instalments_below, balance_from, clients_move, balances_move)
      values
        (1, 'resign', null, null, null, null, null, true, true),
        (2, 'leave', 5, null, null, null, null, true, true),
        (3, 'leave', null, 1, null, null, 5000000, true, false),
        (4, 'team_move', null, null, 3, null, null, true, false),
        (5, 'team_move', null, null, null, 3, null, false, false)
      """, in: ground.database)
    let cases: [([String], String, String)] = [
      (["resign"], "yes", "yes"), (["team_move", "--instalments", "5"], "yes", "no"),
      (["team_move", "--instalments", "2"], "no", "no"),
      (["leave", "--months", "3", "--balance", "6000000"], "yes", "no"),
      (["leave", "--months", "6"], "yes", "yes"),
    ]
    for (arguments, clients, balances) in cases {
      let outcome = try await BanyanProcess.run(
        ["transfer", "rule"] + arguments + ["--format", "csv"],
        environment: ["DATABASE_URL": ground.database.url])
      let row = try #require(try CSVTable(text: outcome.output).rows.first)
      #expect(row["clients_move"] == clients && row["balances_move"] == balances, "\(arguments)")
    }
  }

  @Test func theRulesAreAskedForEachClient() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", to: "E4")
    // N1 has 20 instalments left on 2026-02-01, N2 has 2, N3 has no loan.
    try await psql(
      """
      insert into bank.transfer_rule
        (position, cause, months_above, months_from, instalments_from, instalments_below, balance_from, clients_move, balances_move)
      values
        (2, 'leave', 5, null, null, null, null, true, true),
        (3, 'leave', null, 1, null, null, 2500, true, false),
        (4, 'team_move', null, null, 3, null, null, true, false),
        (5, 'team_move', null, null, null, 3, null, false, false);
      insert into bank.loan
        (branch_id, number, account_id, granted_on, amount, term_months, monthly_payment, status, batch_id, line_number)
      select branch_id, 'L' || number, account_id, '2025-10-01', 1000, case number when 'AN1' then 24 else 6 end, 10,
        'running', batch_id, 0
      from bank.account where number in ('AN1', 'AN2')
      """, in: ground.database)
    let moved = try await ground.rows(
      "transfer", "propose", "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause",
      "team_move", "--by", "E9")
    #expect(moved[0]["clients"] == "2" && moved[0]["left"] == "1")
    let number = moved[0]["transfer"] ?? ""
    let items = try await ground.rows("transfer", "show", number)
    #expect(
      items.map {
        "\($0["client"] ?? "") \($0["fate"] ?? "") \($0["balances_move"] ?? "") \($0["rule"] ?? "")"
      }
        == ["N1 moves no 4", "N2 stays no 5", "N3 moves yes "])
    try await ground.run("transfer", "accept", number, "--by", "E5")
    #expect(
      try await psql(
        """
        select a.number, e.number from bank.assignment as s join bank.account as a using (branch_id, account_id)
        join bank.employee as e using (employee_id) where s.superseded_at is null and a.number like 'AN%'
        """, in: ground.database) == "AN1|E4\n")
    #expect(
      try await ground.refusal(
        "transfer", "propose", "--giver", "E4", "--to", "E5", "--on", "2026-02-01", "--cause",
        "team_move", "--by", "E9", "--client", "N2"
      )
        == "banyan: E4 has nothing to hand over on 2026-02-01 among what was chosen: rule 5 for “team_move” leaves 1 of 1 with them; choose another day or other clients; bank.transfer_rule says what moves for which cause"
    )
    // A leave of three months leaves the balances, one without an end does not: the giver is away too long.
    for (until, balances) in [("2026-08-01", "no"), ("2026-12-01", "yes")] {
      try await ground.assign("N4", "N5", to: "E7")
      try await psql(
        "update bank.account_month set credits = 2000 where account_id in (select account_id from bank.account where number in ('AN4', 'AN5'))",
        in: ground.database)
      let leave = try await ground.rows(
        "transfer", "propose", "--giver", "E7", "--to", "E8", "--on", "2026-05-01", "--until",
        until,
        "--cause", "leave", "--by", "E9")
      #expect(leave[0]["balances_move"] == balances, "\(until)")
      try await ground.run(
        "transfer", "withdraw", leave[0]["transfer"] ?? "", "--by", "E9", "--reason", "test")
      try await ground.run("assignment", "end", "N4", "--from", "2026-01-01")
      try await ground.run("assignment", "end", "N5", "--from", "2026-01-01")
    }
  }

  @Test func capacityIsThatOfEachReceiver() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", "N4", to: "E4")
    try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, client_capacity) values ('junior', '2020-01-01', 2);
      insert into bank.employee_tier (employee_id, tier, effective_from)
      select employee_id, 'junior', '2020-01-01' from bank.employee where number in ('E5', 'E6')
      """, in: ground.database)
    // Two clients each is what they have room for.
    let fits = try await BanyanProcess.run(
      ["assignment", "transfer", "E4", "E5", "E6", "--from", "2026-02-01", "--dry-run"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(fits.exitCode == 0 && !fits.errorOutput.contains("room for"), "\(fits.errorOutput)")
    let over = try await BanyanProcess.run(
      ["assignment", "transfer", "E4", "E5", "--from", "2026-02-01", "--dry-run"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(
      over.errorOutput.contains(
        "E5 would have 4 clients on 2026-02-01; the tier junior has room for 2"))
  }
}
