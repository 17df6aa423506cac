import Foundation
import TestSupport
import Testing

/// Maker and checker from the command line: who proposes, who decides, and what comes of it.
@Suite struct ApprovalProcessTests {
  @Test func withoutARuleAVerbActs() async throws {
    let ground = try await ApprovalGround()
    _ = try await ground.acceptedTransfer()
    #expect(try await ground.managerOfC1() == "E3\n")
    #expect(try await psql("select count(*) from bank.approval", in: ground.database) == "0\n")
  }

  @Test func aTransferWaitsForAnother() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk", "--role", "head_office")
    let number = try await ground.acceptedTransfer()
    #expect(try await ground.managerOfC1() == "E1\n")
    // To apply it once more only says that it waits.
    let again = try await ground.done("transfer", "apply", number, as: "head_office")
    #expect(again.errorOutput.contains("It waits for approval 1"))
    let list = try await ground.done("approval", "list", "--open", "--format", "csv", as: "risk")
    #expect(
      list.output.contains(
        "1,assignment_transfer,\"transfer \(number) of E1 to E3 from 2026-06-01 on, 1 client\""))
    #expect(
      try await ground.refused("approval", "approve", "1", as: "head_office")
        .hasPrefix("banyan: E4 has proposed approval 1 (transfer \(number) of E1"))
    let approved = try await ground.done("approval", "approve", "1", as: "risk")
    #expect(approved.messages() == ["Approval 1 is applied."])
    #expect(try await ground.managerOfC1() == "E3\n")
    #expect(
      try await ground.refused("approval", "approve", "1", as: "risk")
        .contains("is applied since"))
    let steps = try await ground.done("approval", "show", "1", "--format", "csv", as: "auditor")
    let rows = try CSVTable(text: steps.output).rows
    #expect(rows.map { $0["step"] } == ["proposed", "approved", "applied"])
    #expect(rows.map { $0["person"] } == ["E4", "E7", ""])
  }

  /// The proposer, whom the order names, whom it is about, who manages clients, who has no such right, and
  /// a login that is nobody's: none of them decides, whatever else they are.
  @Test func whoNeverApproves() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule(
      "assignment_transfer", "--role", "risk", "--role", "head_office", "--role", "hr")
    _ = try await ground.acceptedTransfer()
    let receiver = try await ground.ground.newLogin()
    let officer = try await ground.colleague("M1", role: "risk")
    let other = try await ground.colleague("M2", role: "risk")
    try await psql(
      """
      insert into bank.access_grant (login, role, employee_id, effective_from)
        select '\(receiver)', 'risk', employee_id, '2026-01-01' from bank.employee where number = 'E3';
      select bank.settle_memberships('\(receiver)');
      insert into bank.post (employee_id, org_unit_id, kind, effective_from, origin)
      select e.employee_id, u.org_unit_id, 'field_agent', '2026-01-01', 'appointment'
      from bank.employee as e, bank.org_unit as u where e.number = 'M1' and u.code = 'HQ';
      insert into bank.access_grant (login, role, employee_id, effective_from)
        select '\(other)', 'relationship_manager', employee_id, '2026-01-01' from bank.employee where number = 'M2';
      """, in: ground.database)
    for (login, words) in [
      ("head_office", "E4 has proposed approval 1"),
      (receiver, "is about E3, who cannot decide about it"),
      (officer, "M1 is a field agent, and who manages clients proposes and never approves"),
      (other, "M2 is a relationship manager, and who manages clients proposes and never approves"),
      ("access_officer", "E2 may not decide about approval 1"),
    ] {
      let sentence = try await ground.refused("approval", "approve", "1", as: login)
      #expect(sentence.contains(words), "\(sentence)")
    }
    let manager = try await ground.run("approval", "approve", "1", as: "relationship_manager")
    #expect(manager.exitCode == 77)
    let owner = try await banyan("approval", "approve", "1", on: ground.database)
    #expect(owner.exitCode == 3 && owner.errorOutput.contains("is nobody's"))
    #expect(try await psql("select state from bank.approval", in: ground.database) == "proposed\n")
    #expect(try await ground.managerOfC1() == "E1\n")
  }

  /// What the tables refuse to a superuser who writes into them by hand.
  @Test func aSuperuserIsRefusedToo() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk")
    let number = try await ground.acceptedTransfer()
    for (statement, words) in [
      (
        "insert into bank.approval_decision (approval_id, employee_id, login, approves) select 1, employee_id, 'access_risk', true from bank.employee where number = 'E7'",
        "is not E7's"
      ),
      ("update bank.approval set state = 'approved'", "0 of 1 have approved"),
      ("update bank.approval set approvers = 0", "approval 1 is proposed and cannot become"),
      ("delete from bank.approval", "delete of bank.approval is refused"),
      ("truncate bank.approval_decision", "truncate of bank.approval_decision is refused"),
      (
        "update bank.approval set state = 'expired', closed_at = now(), closed_by = session_user",
        "approval 1 expires on"
      ),
      (
        "update bank.transfer set state = 'effective', closed_at = now() where transfer_id = \(number)",
        "takes effect by an approval"
      ),
      (
        "insert into bank.approval (action, subject_key, subject, request, approval_rule_id, approvers, proposed_by, expires_at) select 'assignment_transfer', 'x', 'x', '{}', 1, 1, 'access_hr', now() + '1 day'",
        "is that of the login and the person of the session"
      ),
      ("update bank.approval_rule set approvers = 5", "only ever superseded"),
      ("delete from bank.approval_rule", "delete of bank.approval_rule is refused"),
    ] {
      do {
        try await psql(statement, in: ground.database)
        Issue.record("\(statement) was taken")
      } catch let error as TestSupportError {
        #expect(error.description.contains(words), "\(statement): \(error)")
      }
    }
  }

  @Test func rejectedWithdrawnAndExpired() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk", "--expires-after-days", "3")
    let number = try await ground.acceptedTransfer()
    #expect(
      try await ground.refused("approval", "reject", "1", "--reason", " ", as: "risk")
        == "banyan: a rejection says why; give a reason")
    #expect(
      try await ground.refused("approval", "withdraw", "1", "--reason", "no", as: "risk")
        .contains("was proposed by the login “access_head_office”"))
    try await ground.done("approval", "reject", "1", "--reason", "at capacity", as: "risk")
    #expect(
      try await ground.refused("approval", "approve", "1", as: "risk").contains(
        "is rejected since"))
    let second = try await ground.done("transfer", "apply", number, as: "head_office")
    #expect(second.errorOutput.contains("It waits for approval 2"))
    try await ground.done("approval", "withdraw", "2", "--reason", "wrong day", as: "head_office")
    try await ground.done("transfer", "apply", number, as: "head_office")
    try await psql(
      """
      alter table bank.approval disable trigger user;
      update bank.approval set proposed_at = now() - interval '4 days', expires_at = now() - interval '1 day'
        where approval_id = 3;
      alter table bank.approval enable trigger user;
      """, in: ground.database)
    #expect(
      try await ground.refused("approval", "approve", "3", as: "risk").contains("has expired on"))
    let list = try await ground.done("approval", "list", "--format", "csv", as: "auditor")
    #expect(
      try CSVTable(text: list.output).rows.map { $0["state"] } == [
        "rejected", "withdrawn", "expired",
      ])
    // What has expired is in nobody's way.
    let fourth = try await ground.done("transfer", "apply", number, as: "head_office")
    #expect(fourth.errorOutput.contains("It waits for approval 4"))
    #expect(
      try await psql("select state from bank.approval where approval_id = 3", in: ground.database)
        == "expired\n")
    #expect(try await ground.managerOfC1() == "E1\n")
  }

  @Test func aPlanPaysNobodyBeforeItIsApproved() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("plan_activation", "--role", "head_office")
    let plan = SharedData.packageFolder + "/seeds/plans/demo-2026.yaml"
    let loaded = try await ground.done("plan", "load", plan, as: "hr")
    #expect(loaded.errorOutput.contains("It waits for approval 1"))
    let early = try await ground.refused("pay", "run", "2026-01", "--plan", "demo-2026", as: "hr")
    #expect(early.contains("the plan demo-2026 may not pay yet: it waits for approval 1"))
    #expect(
      try await ground.refused("approval", "approve", "1", as: "hr").contains("E6 has proposed"))
    try await ground.done("approval", "approve", "1", as: "head_office")
    #expect(
      try await psql(
        "select code from bank.plan_activation join bank.plan using (plan_id) order by 1",
        in: ground.database) == "demo-2026\ntiny\n")
  }

  @Test func aPayRunIsPostedFromAThresholdByTwo() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule(
      "pay_run_posting", "--role", "head_office", "--role", "risk", "--approvers", "2",
      "--threshold", "200")
    let run = try await psql("select pay_run_id from bank.pay_run", in: ground.database)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let posted = try await ground.done("pay", "post", run, as: "hr")
    #expect(posted.messages().first?.hasPrefix("It waits for approval 1") == true)
    let half = try await ground.done("approval", "approve", "1", as: "risk")
    #expect(half.messages() == ["Approval 1 waits for others to approve it too."])
    #expect(
      try await ground.refused("approval", "approve", "1", as: "risk").contains(
        "a person decides about a proposal once"))
    try await ground.done("approval", "approve", "1", as: "head_office")
    #expect(
      try await psql("select posted_by from bank.pay_posting", in: ground.database)
        == "access_head_office\n")
    #expect(
      try await ground.refused("pay", "post", run, as: "hr").contains("was posted already"))
    let other = try await ApprovalGround()
    try await other.rule("pay_run_posting", "--role", "risk", "--threshold", "301")
    let small = try await other.done("pay", "post", run, as: "hr")
    #expect(small.messages() == ["Run \(run) is posted."])
  }

  @Test func aTierIsDecidedByTwo() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("tier_decision", "--post", "branch_manager", "--role", "head_office")
    let seeds = SharedData.packageFolder + "/seeds/tiers/"
    try await ground.done("tier", "ladder", "--load", seeds + "demo-ladder.yaml", as: "hr")
    try await ground.done("tier", "review", "load", seeds + "demo-scorecard.yaml", as: "hr")
    try await ground.done(
      "tier", "review", "propose", "E1", "--scorecard", "demo", "--from", "2026-01", "--to",
      "2026-01", as: "hr")
    let decided = try await ground.done(
      "tier", "review", "decide", "1", "--by", "E6", "--from", "2026-03-01", "--tier", "senior",
      "--reason", "accelerated promotion", as: "hr")
    #expect(decided.errorOutput.contains("It waits for approval 1"))
    let undecided = "select count(decided_at) from bank.tier_review"
    #expect(try await psql(undecided, in: ground.database) == "0\n")
    // Another order about the same review does not slip in behind it.
    #expect(
      try await ground.refused(
        "tier", "review", "decide", "1", "--by", "E6", "--from", "2026-04-01", as: "hr"
      ).contains("waits as approval 1"))
    let byHand = try await ground.ground.refusal(
      "update bank.tier_review set decided_tier = proposed_tier, decision = proposal, decided_by_id = (select employee_id from bank.employee where number = 'E3'), effective_from = '2026-03-01', decided_at = now()",
      as: "hr")
    #expect(byHand.contains("is decided by an approval"), "\(byHand)")
    try await ground.done("approval", "approve", "1", as: "head_office")
    #expect(try await psql(undecided, in: ground.database) == "1\n")
  }

  @Test func accessIsGrantedByTwo() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("access_grant", "--role", "access_officer", "--role", "risk")
    let login = try await ground.ground.newLogin()
    let granted = try await ground.done(
      "access", "grant", login, "risk", "--person", "E8", as: "access_officer")
    #expect(granted.errorOutput.contains("It waits for approval 1"))
    #expect(try await ground.run("org", "tree", as: login).exitCode == 77)
    try await ground.done("approval", "approve", "1", as: "risk")
    #expect(try await ground.run("org", "tree", as: login).exitCode == 0)
  }

  @Test func accessIsRevokedByTwoWhereARuleSaysSo() async throws {
    let ground = try await ApprovalGround()
    let login = try await ground.colleague("E20", role: "risk")
    try await ground.rule("access_revocation", "--role", "risk")
    let revoked = try await ground.done(
      "access", "revoke", login, "risk", "--reason", "moves on", as: "access_officer")
    #expect(revoked.errorOutput.contains("It waits for approval 1"), "\(revoked.errorOutput)")
    #expect(try await ground.run("org", "tree", as: login).exitCode == 0)
    let own = try await ground.refused("approval", "approve", "1", as: login)
    #expect(own.contains("cannot decide about it"), "\(own)")
    let byHand = await #expect(throws: TestSupportError.self) {
      try await psql(
        "update bank.access_grant set superseded_at = now(), superseded_by = 'x' where login = '\(login)'",
        in: ground.database)
    }
    #expect(byHand?.description.contains("is revoked by an approval") == true)
    try await ground.done("approval", "approve", "1", as: "risk")
    #expect(try await ground.run("org", "tree", as: login).exitCode == 77)
  }

  @Test func accessGrantedByHandNeedsTwoAsWell() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("access_grant", "--role", "risk")
    let login = try await ground.ground.newLogin()
    let byHand = await #expect(throws: TestSupportError.self) {
      try await psql(
        """
        insert into bank.access_grant (login, role, employee_id, effective_from)
          select '\(login)', 'risk', employee_id, '2026-01-01' from bank.employee where number = 'E8'
        """, in: ground.database)
    }
    #expect(byHand?.description.contains("is granted by an approval") == true)
    // What remains of a grant that ends later is no new one.
    let ended = try await ground.done(
      "access", "revoke", "access_hr", "--on", "2036-01-01", as: "access_officer")
    #expect(ended.errorOutput.contains("1 grant of access_hr revoked"))
  }

  /// Whatever verb, file or function asks for it: clients leave who has them by an approved transfer only.
  @Test func clientsMoveByNoOtherWay() async throws {
    let ground = try await ApprovalGround()
    let transfer = try await ground.acceptedTransferThatWaits()
    for arguments in [
      ["assignment", "transfer", "E1", "E3", "--from", "2026-06-01", "--client", "C1"],
      ["assignment", "reassign", "C1", "E3", "--from", "2026-06-01"],
      ["assignment", "end", "C1", "--from", "2026-06-01"],
      ["assignment", "correct", "C1", "E3", "--from", "2026-02-01", "--until", "2026-03-01"],
    ] {
      let outcome = try await ground.runAll(arguments, as: "head_office")
      #expect(outcome.exitCode == 3, "\(arguments): \(outcome.errorOutput)")
      #expect(outcome.errorOutput.contains("needs an approval"), "\(outcome.errorOutput)")
    }
    let passed = await #expect(throws: TestSupportError.self) {
      try await psql(
        "select bank.carry_out_transfer(t) from bank.transfer as t where t.transfer_id = \(transfer)",
        in: ground.database)
    }
    #expect(passed?.description.contains("needs an approval") == true)
    #expect(try await ground.managerOfC1() == "E1\n")
    try await ground.done("approval", "approve", "1", as: "risk")
    #expect(try await ground.managerOfC1() == "E3\n")
  }

  /// From a size on, as for transfers; what nobody has may be given to anybody.
  @Test func aFewClientsMayMoveWhereTheRuleLetsThem() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("assignment_transfer", "--role", "risk", "--threshold", "2")
    try await ground.done(
      "assignment", "reassign", "C1", "E3", "--from", "2026-06-01", as: "head_office")
    #expect(try await ground.managerOfC1() == "E3\n")
    let both = try await ground.refused(
      "assignment", "transfer", "E3", "E1", "--from", "2026-06-01", as: "head_office")
    #expect(both.contains(" clients or accounts from who has them needs an approval"))
  }
}
