import Foundation
import TestSupport
import Testing

/// Rules about approvals, and many who decide at the same time.
@Suite struct ApprovalRuleTests {
  @Test func rulesHaveDatesAndGiveWay() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule(
      "tier_decision", "--role", "risk", "--from", "2026-01-01", "--reason", "first")
    try await ground.rule(
      "tier_decision", "--role", "hr", "--approvers", "2", "--from", "2026-03-01", "--until",
      "2026-04-01")
    try await ground.rule("tier_decision", "--approvers", "0", "--from", "2026-05-01")
    func rules(_ day: String) async throws -> [String?] {
      let outcome = try await ground.done(
        "approval", "rule", "list", "--as-of", day, "--format", "csv", as: "risk")
      return try CSVTable(text: outcome.output).rows
        .filter { $0["action"] == "tier_decision" && $0["state"] != "to come" }
        .map { $0["roles"] }
    }
    #expect(try await rules("2026-02-28") == ["risk"])
    #expect(try await rules("2026-03-01") == ["hr"])
    #expect(try await rules("2026-04-01") == ["risk"])
    #expect(try await rules("2026-05-01") == [""])
  }

  @Test(arguments: [
    (["king", "--role", "risk"], "there is no action “king”"),
    (["tier_decision"], "a rule names who may approve"),
    (
      ["tier_decision", "--role", "relationship_manager"], "who manages clients proposes and never"
    ),
    (["tier_decision", "--post", "wealth_manager"], "who manages clients never approves"),
    (["tier_decision", "--post", "king"], "there is no kind of post “king”"),
    (["tier_decision", "--role", "auditor"], "there is no role “auditor” that may decide"),
    (["tier_decision", "--role", "risk", "--approvers", "6"], "between 1 and 5 people approve"),
    (
      ["tier_decision", "--role", "risk", "--expires-after-days", "0"],
      "expires after 1 to 366 days"
    ),
    (
      ["tier_decision", "--role", "risk", "--from", "2026-02-01", "--until", "2026-02-01"],
      "a rule ends after it begins"
    ),
  ])
  func aRuleThatIsRefused(_ arguments: [String], _ words: String) async throws {
    let ground = try await ApprovalGround()
    let outcome = try await ground.runAll(["approval", "rule", "set"] + arguments, as: "risk")
    #expect(outcome.exitCode == 3)
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
    #expect(outcome.messages().count == 1)
  }

  /// A rule about rules: then nobody lifts a rule alone.
  @Test func theRulesThemselvesNeedTwo() async throws {
    let ground = try await ApprovalGround()
    let file = SharedData.packageFolder + "/seeds/approvals/demo-rules.yaml"
    let loaded = try await ground.done("approval", "rule", "load", file, as: "risk")
    #expect(loaded.messages() == ["6 rules are on record."])
    let lifted = try await ground.done(
      "approval", "rule", "set", "tier_decision", "--approvers", "0", as: "risk")
    #expect(lifted.errorOutput.contains("It waits for approval 1"))
    #expect(
      try await ground.refused("approval", "approve", "1", as: "risk").contains("E7 has proposed"))
    try await ground.done("approval", "approve", "1", as: "head_office")
    #expect(
      try await psql(
        "select (bank.approval_rule_for('tier_decision', null, bank.access_day())).approval_rule_id is null",
        in: ground.database) == "t\n")
    let other = try await ground.run(
      "approval", "rule", "set", "tier_decision", "--role", "risk", as: "hr")
    #expect(other.exitCode == 77)
  }

  @Test func aFileOfRulesIsTakenWholeOrNotAtAll() async throws {
    let ground = try await ApprovalGround()
    let folder = try TemporaryFolder()
    try folder.write(
      "effective_from: 2026-01-01\nrules:\n  tier_decision: {roles: [risk]}\n  king: {roles: [risk]}\n"
        .utf8, to: "unknown.yaml")
    #expect(
      try await ground.refused(
        "approval", "rule", "load", folder.path + "/unknown.yaml", as: "risk"
      ).contains("there is no action “king”"))
    try folder.write(
      "effective_from: 2026-01-01\nrules:\n  tier_decision: {rolls: [risk]}\n".utf8, to: "bad.yaml")
    let bad = try await ground.runAll(
      ["approval", "rule", "load", folder.path + "/bad.yaml"], as: "risk")
    #expect(bad.exitCode == 3)
    #expect(bad.errorOutput.contains("rolls"), "\(bad.errorOutput)")
    #expect(bad.errorOutput.contains("line 3"), "\(bad.errorOutput)")
    #expect(try await psql("select count(*) from bank.approval_rule", in: ground.database) == "0\n")
  }

  /// Eight people approve at once what one must approve: one does, and it is carried out once.
  @Test func manyApproveAtOnce() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk")
    _ = try await ground.acceptedTransfer()
    var logins: [String] = []
    for number in 1...8 { logins.append(try await ground.colleague("K\(number)", role: "risk")) }
    let outcomes = try await together(logins) { login in
      try await ground.run("approval", "approve", "1", as: login)
    }
    #expect(outcomes.filter { $0.exitCode == 0 }.count == 1)
    for outcome in outcomes where outcome.exitCode != 0 {
      #expect(outcome.exitCode == 3 && outcome.errorOutput.contains("is applied since"))
    }
    #expect(
      try await psql(
        """
        select count(*) from bank.approval_decision;
        select count(*) from bank.assignment as s join bank.employee as e using (employee_id)
        where e.number = 'E3' and s.effective_from = '2026-06-01'
        """, in: ground.database) == "1\n1\n")
  }

  /// What stood in the way of an approved transfer goes away, and eight sessions carry it out at once.
  @Test func anApprovedTransferIsCarriedOutOnce() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk")
    let number = try await ground.acceptedTransfer()
    try await ground.done(
      "departure", "open", "E1", "--kind", "resignation", "--leaves", "2026-12-31", "--by", "E4",
      as: "head_office")
    let blocked = try await ground.done("approval", "approve", "1", as: "risk")
    #expect(
      blocked.errorOutput.contains("is approved and not carried out: nothing of E1 moves before"))
    #expect(try await ground.managerOfC1() == "E1\n")
    try await ground.done(
      "departure", "withdraw", "1", "--reason", "stays", as: "head_office")
    let outcomes = try await together(Array(0..<8)) { index in
      try await ground.run("approval", "apply", "1", as: index % 2 == 0 ? "risk" : "head_office")
    }
    #expect(outcomes.filter { $0.exitCode == 0 }.count == 1)
    #expect(try await ground.managerOfC1() == "E3\n")
    #expect(
      try await psql(
        "select cardinality(entries), state from bank.transfer where transfer_id = \(number)",
        in: ground.database) == "1|effective\n")
  }

  /// Two who approve whatever the other proposes are named with how often.
  @Test func theSegregationReportCountsApprovals() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("approval_rule", "--role", "head_office", "--role", "risk")
    for (place, pair) in [
      ("head_office", "risk"), ("risk", "head_office"), ("risk", "head_office"),
    ]
    .enumerated() {
      try await ground.done(
        "approval", "rule", "set", "tier_decision", "--role", "risk", "--threshold", "\(place)",
        as: pair.0)
      try await ground.done("approval", "approve", "\(place + 1)", as: pair.1)
    }
    let report = try await ground.done(
      "report", "run", "segregation", "--format", "csv", as: "auditor")
    for line in [
      "decided about the work of another,E4,,E7,2,approval of approval rule",
      "decided about the work of another,E7,,E4,1,approval of approval rule",
      "approve each other's proposals,E4,,E7,3,",
    ] { #expect(report.output.contains(line), "\(line)\n\(report.output)") }
  }

  private func together<Item: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> ProgramOutcome
  ) async throws -> [ProgramOutcome] {
    try await withThrowingTaskGroup(of: ProgramOutcome.self) { group in
      for item in items { group.addTask { try await body(item) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}
