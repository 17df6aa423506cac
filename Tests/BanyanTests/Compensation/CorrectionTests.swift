import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Months that were posted stay; what they are worth more or less by what became known later is paid by
/// the next run, line by line, with the cause.
@Suite struct CorrectionTests {
  private let february = "F1,A1,2026-02-02,credit,1.00"

  private func january(plan: String? = nil) async throws -> TestDatabase {
    let database = try await TestServer.tinyBankDatabase()
    try await database.payAndPost("2026-01", plan: plan)
    return database
  }

  private func snapshot(of run: Int, in database: TestDatabase) async throws -> String {
    try await psql(
      """
      select md5(string_agg(t::text, '|' order by t::text)) from (
        select l::text from bank.pay_line as l where pay_run_id = \(run)
        union all select s::text from bank.pay_statement as s where pay_run_id = \(run)
        union all select c::text from bank.pay_credit as c join bank.pay_run_credit_set as n using (branch_id, credit_set_id) where pay_run_id = \(run)
        union all select b::text from bank.pay_balance as b where pay_run_id = \(run)
        union all select i::text from bank.deferral_instalment as i where pay_run_id = \(run)
        union all select r::text from bank.pay_run as r where pay_run_id = \(run)) as t
      """, in: database)
  }

  @Test func aLateFactIsPaidByTheNextRunWithItsBatch() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let first = try await database.payAndPost("2026-01")
    let before = try await snapshot(of: first.id, in: database)
    try await database.takeInMovements(february, "T9,A1,2026-01-31,credit,310000.00")
    let refused = await #expect(throws: BanyanError.self) { try await database.pay("2026-01") }
    #expect(
      refused?.description
        == "pay run \(first.id) of 2026-01 is posted and stays as it is; what has changed since is paid by the next month: `banyan pay run 2026-02`"
    )
    let trial = try await database.pay("2026-02", isTrial: true)
    #expect(try await psql("select count(*) from bank.pay_run", in: database) == "1\n")
    let run = try await database.pay("2026-02")
    #expect(run.earned == trial.earned && run.corrections.map(\.month.description) == ["2026-01"])
    // 310,000.00 for one day more: 70 % / 31 x 10 / 10,000 = 7.00 for E1, 3.00 for E2.
    let batch = try await psql("select max(batch_id) from bank.batch", in: database)
      .replacing("\n", with: "")
    #expect(
      try await database.corrections(of: run.id) == """
        E1|2026-01|deposits|7.00|new_batch: batch \(batch) (transactions.csv)
        E2|2026-01|deposits|3.00|new_batch: batch \(batch) (transactions.csv)

        """)
    #expect(try await snapshot(of: first.id, in: database) == before)
    #expect(try await database.verificationFindings(of: run.id) == [])
    // Calculated again, nothing is paid twice: the same inputs make no new run.
    #expect(try await !database.pay("2026-02").isNew)
    // Deferred is corrected as well, by the days on which January's instalments are due.
    #expect(
      try await psql(
        """
        select due_on, sum(amount) from bank.deferral_instalment as i join bank.employee as e using (employee_id)
        where e.number = 'E1' and corrects_month = '2026-01-01' group by 1 order by 1
        """, in: database) == "2027-01-31|0.93\n2028-01-31|0.94\n2029-01-31|0.93\n")
    // Posted, the correction stays; the month after has none, and calculates January no more.
    try await database.withConnection { connection in
      _ = try PayRun.post(Int32(run.id), on: connection)
    }
    try await database.takeInMovements("M1,A1,2026-03-02,credit,1.00")
    let march = try await database.pay("2026-03")
    #expect(march.corrections.isEmpty)
    #expect(try await database.corrections(of: march.id) == "")
  }

  @Test func nothingIsCalculatedAgainWithoutNews() async throws {
    let database = try await january()
    try await database.takeInMovements(february)
    let run = try await database.pay("2026-02")
    #expect(run.corrections.isEmpty)
    #expect(
      try await psql("select count(*) from bank.pay_run where part_of_id is not null", in: database)
        == "0\n")
    // What is new is found by the times of recording, and names who and what.
    func news(since: String) async throws -> String {
      try await psql(
        "select kind, cause from bank.pay_news('2026-01-01', 'tiny', \(since), null) order by 1, 2",
        in: database)
    }
    #expect(try await news(since: "clock_timestamp()") == "")
    let moment = try await psql("select clock_timestamp()", in: database).replacing("\n", with: "")
    // Facts of later months, and assignments of later days, are no news about January.
    try await database.takeInMovements("F2,A1,2026-02-20,credit,5.00")
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A2'), array['E1'], array[1], '2026-02-01', null, 'later')",
      in: database)
    #expect(try await news(since: "'\(moment)'") == "")
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A2'), array['E1'], array[1], '2026-01-20', '2026-02-01', 'it was hers')",
      in: database)
    #expect(try await news(since: "'\(moment)'") == "assignment|correct 2: it was hers\n")
  }

  @Test func aCorrectedAssignmentNamesWhoCorrectedIt() async throws {
    let database = try await january()
    try await database.takeInMovements(february)
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A1'), array['E2', 'E1'], array[0.6, 0.4], '2026-01-01', '2026-02-01', 'agreed so')",
      in: database)
    let run = try await database.pay("2026-02")
    // E1: 40 % of 24,599,992.00 instead of 70 %: 317.42 instead of 555.48; E2 gets the rest.
    #expect(
      try await database.corrections(of: run.id) == """
        E1|2026-01|deposits|-238.06|assignment: correct 1: agreed so
        E2|2026-01|deposits|238.06|assignment: correct 1: agreed so

        """)
    #expect(
      try await psql(
        "select distinct made_by = session_user from bank.pay_correction_cause", in: database)
        == "t\n")
    #expect(try await database.verificationFindings(of: run.id) == [])
    let month = try #require(Month("2026-02"))
    let explanation = try await database.withConnection { connection in
      try PayExplanation(person: "E1", month: month, on: connection)
    }
    #expect(try explanation.check() == [])
    #expect(explanation.text.contains("because of correct 1: agreed so, by "))
    // The line opens into January as it is now, and into what had been paid for it.
    let correction = try #require(explanation.lines.compactMap(\.correction).first)
    #expect(correction.month == "2026-01" && correction.causes.count == 1)
    #expect(correction.lines.map(\.amount.description) == ["317.42"])
    #expect(correction.lines[0].credits.map(\.share.description) == ["0.4"])
    #expect(correction.payments.map(\.amount.description) == ["555.48"])
  }

  @Test func aReplacedBatchAndAPlanVersionAreNamed() async throws {
    let database = try await january()
    let former = try await psql(
      "select batch_id from bank.batch where dataset = 'transactions'", in: database
    ).replacing("\n", with: "")
    let bank = TinyBank()
    let text = String(decoding: try #require(bank.files["transactions.csv"]), as: UTF8.self)
    let folder = try bank.with(
      "transactions.csv", text.replacing("400000.50", with: "400000.00")
    ).write()
    let replaced = try await BanyanProcess.run(
      [
        "import", folder.path + "/files/transactions.csv", "--mapping", folder.path + "/mapping",
        "--replace", former,
      ], environment: ["DATABASE_URL": database.url])
    #expect(replaced.exitCode == 0, "\(replaced.errorOutput)")
    try await database.takeInMovements("F1,A1,2026-02-02,credit,310000.00")
    let run = try await database.payAndPost("2026-02")
    // 0.50 for 16 days is less than a cent for everybody, so no line differs, and yet the month was
    // calculated again.
    #expect(try await database.corrections(of: run.id) == "")
    #expect(
      try await psql(
        "select count(*) from bank.pay_run where part_of_id = \(run.id)", in: database) == "1\n")
    let plan = try TemporaryFolder()
    try plan.write(
      try #require(bank.mappings["plans/plan.yaml"]).replacing("price: 10.00", with: "price: 20.00")
        .utf8, to: "plan.yaml")
    let path = plan.path + "/plan.yaml"
    try await database.withConnection { connection in
      _ = try PlanStore.load(path: path, on: connection)
    }
    try await database.takeInMovements("M1,A1,2026-03-02,credit,1.00")
    let march = try await database.pay("2026-03")
    let lines = try await database.corrections(of: march.id).split(separator: "\n")
    #expect(lines[0] == "E1|2026-01|deposits|555.49|plan: plan tiny, version 2")
    #expect(lines.allSatisfy { $0.hasSuffix("|plan: plan tiny, version 2") })
    #expect(march.corrections.map(\.month.description) == ["2026-01", "2026-02"])
    #expect(try await database.verificationFindings(of: march.id) == [])
  }

  @Test func aLeaverIsCorrectedToo() async throws {
    let database = try await january()
    // E3 has nothing from February on, and January's movement comes late.
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A3'), array['E2'], array[1], '2026-02-01', null, 'E3 has left')",
      in: database)
    try await database.takeInMovements(february, "T8,A3,2026-01-31,credit,310000.00")
    let run = try await database.pay("2026-02")
    #expect(
      try await psql(
        """
        select s.is_regular, s.earned, s.deferred, s.payable, count(*)
        from bank.pay_statement as s
        join bank.pay_line as l using (branch_id, pay_run_id, employee_id)
        join bank.employee as e using (employee_id)
        where e.number = 'E3' and s.pay_run_id = \(run.id) group by 1, 2, 3, 4
        """, in: database) == "f|10.00|4.00|6.00|1\n")
    #expect(try await database.verificationFindings(of: run.id) == [])
  }

  @Test func aRunBeforeAnotherIsCalculatedAnewPaysNothingTwice() async throws {
    let database = try await january()
    try await database.takeInMovements(
      february, "M1,A1,2026-03-02,credit,1.00", "T9,A1,2026-01-31,credit,310000.00")
    // February is a draft with the correction, and March finds it paid.
    let draft = try await database.pay("2026-02")
    let march = try await database.pay("2026-03")
    #expect(draft.corrections.count == 1 && march.corrections.isEmpty)
    // Another late fact: whoever is calculated first pays it, and only once.
    try await database.takeInMovements("T10,A1,2026-01-31,credit,310000.00")
    let later = try await database.pay("2026-03")
    let again = try await database.pay("2026-02")
    let ten = ExactDecimal(coefficient: 1000, scale: 2)
    #expect(later.corrections.map(\.amount) == [ten])
    #expect(again.corrections.map(\.amount) == [ten])
    for run in [later, again] {
      #expect(try await database.verificationFindings(of: run.id) == [])
    }
  }
}
