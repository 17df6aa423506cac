import Foundation
import TestSupport
import Testing

/// The life of a run from the command line: tried, calculated, submitted, approved, posted, superseded
/// and compared.
@Suite struct PayLifeProcessTests {
  @Test func aTrialWritesNothing() async throws {
    let ground = try await PayGround(isPosted: false)
    let trial = try await ground.done("pay", "run", "2026-01", "--dry-run")
    #expect(
      trial.output == """
        A run of 2026-01 by plan tiny version 1 would pay 3 people; nothing was written.
          earned   829.03 CNY
          deferred 331.61 CNY
          payable  497.42 CNY

        """)
    #expect(
      try await psql(
        "select (select count(*) from bank.pay_run), (select count(*) from bank.pay_credit)",
        in: ground.database) == "0|0\n")
    try await ground.done("pay", "run", "2026-01")
    let again = try await ground.done("pay", "run", "2026-01", "--dry-run")
    #expect(
      again.output.hasPrefix(
        "Run \(try await ground.run("2026-01")) of 2026-01 would stand: its inputs have not changed."
      ))
  }

  @Test func withoutRulesARunIsApprovedWhenSubmittedAndIsNotQuietlyReplaced() async throws {
    let ground = try await PayGround(isPosted: false)
    try await ground.done("pay", "run", "2026-01")
    let run = try await ground.run("2026-01")
    #expect(
      try await ground.done("pay", "submit", run).messages() == [
        "Run \(run) is submitted and approved: no rule asks for another person."
      ])
    try await ground.database.takeInMovements("T9,A1,2026-01-31,credit,310000.00")
    #expect(
      try await ground.refused("pay", "run", "2026-01").hasPrefix(
        "banyan: pay run \(run) of 2026-01 was submitted by the login "))
    #expect(
      try await ground.refused("pay", "approve", run).hasPrefix(
        "banyan: pay run \(run) waits for nobody; submit it first"))
    let superseded = try await ground.done(
      "pay", "supersede", run, "--reason", "a file came late")
    #expect(superseded.output.contains("; it supersedes run \(run)\n  earned   839.03 CNY"))
    let list = try await ground.rows("pay", "list", "--all")
    #expect(list.map { $0["state"] } == ["superseded", "draft"])
    #expect(list.map { $0["reason"] } == ["", "a file came late"])
    let second = try await ground.run("2026-01")
    try await ground.done("pay", "post", second)
    let shown = try await ground.done("pay", "show", second, "--format", "csv")
    #expect(shown.errorOutput.contains("plan tiny version 1, in CNY: posted; posted by "))
    #expect(shown.output.contains("\nB1,E1,Ann,junior,562.48,0,0,562.48,224.99,337.49\n"))
    for command in ["post", "submit", "supersede"] {
      let words = command == "supersede" ? ["--reason", "x"] : []
      let outcome = try await BanyanProcess.run(
        ["pay", command, second] + words, environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == 3 && outcome.errorOutput.contains("posted"), "\(command)")
    }
    #expect(try await ground.refused("pay", "post", "99").contains("there is no pay run 99"))
    #expect(
      try await ground.refused("pay", "show", "99", exitCode: 64).contains("there is no pay run 99")
    )
  }

  /// Rules that the tables keep, whoever writes into them.
  @Test func aPostedRunIsImmutableForTheOwnerOfTheSchemaToo() async throws {
    let ground = try await PayGround()
    let run = try await ground.run("2026-01")
    for (statement, words) in [
      (
        "insert into bank.pay_run (month, plan_id, input_digest, engine_version, supersedes_id, reason) select month, plan_id, '\\x00', '3', pay_run_id, 'by hand' from bank.pay_run",
        "was posted on"
      ),
      ("update bank.pay_run set input_digest = '\\x00'", "is never changed"),
      ("delete from bank.pay_posting", "is refused"),
      ("update bank.pay_line set amount = 0", "is never changed"),
      ("truncate bank.pay_statement cascade", "is never changed"),
      (
        "insert into bank.pay_run_step (pay_run_id, step) values (\(run), 'approved')",
        "is not submitted"
      ),
      ("insert into bank.pay_posting (pay_run_id) values (\(run))", "pay_posting_pk"),
      (
        "insert into bank.pay_correction (branch_id, pay_run_id, employee_id, line_number, month, component, paid_before, recalculated, recalculation_id) select branch_id, pay_run_id, employee_id, line_number, '2025-12-01', component, 1, 2, pay_run_id from bank.pay_line",
        "is finished"
      ),
    ] {
      let said = try await ground.refusedInSQL(statement)
      #expect(said.contains(words), "\(statement): \(said)")
    }
  }

  @Test func aRunIsApprovedByAnotherPersonAndPostedThen() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("pay_run_approval", "--role", "risk", "--role", "head_office")
    let run = try await psql("select pay_run_id from bank.pay_run", in: ground.database)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(
      try await ground.refused("pay", "post", run, as: "hr")
        == "banyan: pay run \(run) is not approved; submit it with banyan pay submit \(run), and let another person approve it"
    )
    let submitted = try await ground.done("pay", "submit", run, as: "hr")
    #expect(submitted.messages().first == "Run \(run) is submitted.")
    #expect(submitted.errorOutput.contains("It waits for approval 1"))
    #expect(
      try await ground.refused("pay", "approve", run, as: "hr").contains(
        "E6 has proposed approval 1"))
    #expect(try await ground.refused("pay", "post", run, as: "hr").contains("is not approved"))
    #expect(
      try await ground.done("pay", "approve", run, as: "risk").messages() == [
        "Approval 1 of run \(run) is applied."
      ])
    try await ground.done("pay", "post", run, as: "hr")
    #expect(
      try await psql("select state from report.pay_run", in: ground.database) == "posted\n")
  }

  @Test func whatWaitsIsWithdrawnWhenARunIsSuperseded() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule("pay_run_approval", "--role", "risk")
    let made = try await psql(
      """
      select pay_run_id from bank.pay_run
      """, in: ground.database
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    try await ground.done("pay", "submit", made, as: "hr")
    try await ground.done("pay", "supersede", made, "--reason", "the plan was corrected", as: "hr")
    #expect(
      try await psql(
        "select state, closing_reason like 'run % supersedes it' from bank.approval",
        in: ground.database) == "withdrawn|t\n")
    #expect(
      try await ground.refused("pay", "approve", made, as: "risk").contains("waits for nobody"))
  }

  @Test func twoRunsAreCompared() async throws {
    let ground = try await PayGround()
    try await ground.database.takeInMovements(
      "T9,A1,2026-01-31,credit,310000.00", "F1,A3,2026-02-01,debit,31.01")
    try await ground.done("pay", "run", "2026-02")
    let lines = try await ground.rows("pay", "compare", "2026-02")
    #expect(lines.map { $0["person"] } == ["E1", "E1", "E2", "E2"])
    #expect(lines.map { $0["corrects"] } == ["", "2026-01", "", "2026-01"])
    #expect(lines.map { $0["change"] } == ["81.52", "7.00", "49.45", "3.00"])
    let compared = try await ground.done(
      "pay", "compare", "2026-02", "--by", "component", "--format", "csv")
    #expect(
      compared.output == """
        component,title,people,before,after,change
        deposits,Average deposits,2,829.03,970.00,140.97

        """)
    let (later, earlier) = (try await ground.run("2026-02"), try await ground.run("2026-01"))
    #expect(
      compared.messages() == [
        "run \(later) of 2026-02, plan tiny version 1 against run \(earlier) of 2026-01, plan tiny version 1: 829.03 before, 970.00 after, a change of 140.97."
      ])
    let people = try await ground.rows("pay", "compare", later, "--with", earlier, "--by", "person")
    #expect(people.map { $0["change"] } == ["88.52", "52.45"])
    #expect(
      try await ground.refused("pay", "compare", "2026-01", exitCode: 64)
        == "banyan: 2025-12 has no run to compare with; name one with --with")
    #expect(
      try await ground.refused("pay", "compare", "soon", exitCode: 64).contains(
        "is neither the number of a run nor a month"))
  }
}
