import TestSupport
import Testing

/// Plans from the command line: checked, loaded, compared, tried out, and runs that are proved.
@Suite struct PlanProcessTests {
  /// The tiny bank's plan with targets: what is reached against them, and a draw that is owed.
  static let targets = """
    plan: tiny-targets
    title: Loans against targets
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    parameters: {bonus: 1000}
    figures:
      loans: {metric: loans_granted_amount, of: person, over: month, missing: zero, negative: refuse}
      goal: {target: loans_granted_amount, of: person, over: month, missing: zero, negative: refuse}
    components:
      - code: loan_bonus
        title: Loans against target
        kind: attainment
        actual: loans
        target: goal
        no_target: nothing
        worth: bonus
        mode: graduated
        boundary: upper_inclusive
        bound_unit: percent
        tiers:
          - {from: 0, to: 100, multiplier: 1}
          - {from: 100, to: unlimited, multiplier: 2}
      - code: draw
        title: Draw
        kind: guarantee
        of: [loan_bonus]
        minimum: 800
        recovery: {share: 1}
    deferral: none

    """

  private func file(_ text: String, _ name: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(text.utf8, to: name)
    return folder
  }

  @Test func aPlanIsCheckedWithoutADatabase() async throws {
    let folder = try file(Self.targets, "plan.yaml")
    let good = try await BanyanProcess.run(["plan", "check", folder.path + "/plan.yaml"])
    #expect(good.exitCode == 0)
    #expect(good.output == "Plan tiny-targets is a plan of 2 components in CNY.\n")
    let wrong = try file(
      Self.targets.replacing("worth: bonus", with: "worth: bonus * (1 + bonsu)")
        .replacing("from: 100, to", with: "from: 110, to"), "plan.yaml")
    let bad = try await BanyanProcess.run(["plan", "check", wrong.path + "/plan.yaml"])
    #expect(bad.exitCode == 3)
    #expect(
      bad.messages(in: wrong) == [
        "banyan: FOLDER/plan.yaml: line 17, column 25, components[0].worth: the name bonsu is not known here; did you mean bonus?",
        "FOLDER/plan.yaml: line 23, column 16, components[0].tiers[1].from: a gap: amounts from 100 to 110 belong to no tier; start this tier at 100",
      ])
    let absent = try await BanyanProcess.run(["plan", "check", folder.path + "/none.yaml"])
    #expect(absent.exitCode == 3)
    #expect(
      absent.messages(in: folder) == [
        "banyan: the plan file “FOLDER/none.yaml” is missing or is not UTF-8 text"
      ])
  }

  @Test func versionsAreListedShownAndCompared() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try file(
      try #require(TinyBank().mappings["plans/plan.yaml"]).replacing(
        "price: 10.00", with: "price: 12.00"),
      "plan.yaml")
    #expect(
      try await banyan("plan", "load", folder.path + "/plan.yaml", on: database).exitCode == 0)
    let list = try await banyan("plan", "list", "--format", "csv", on: database)
    #expect(list.output.split(separator: "\n").count == 3)
    #expect(list.output.contains("tiny,2,Pay of the tiny bank,CNY,2026-01-01,,active,"))
    let shown = try await banyan("plan", "show", "tiny:1", on: database)
    #expect(shown.output == TinyBank().mappings["plans/plan.yaml"])
    let difference = try await banyan(
      "plan", "diff", "tiny:1", "tiny:2", "--format", "csv", on: database)
    #expect(difference.output == "place,before,after\ncomponents[deposits].price,10.00,12.00\n")
    let none = try await banyan("plan", "diff", "tiny", folder.path + "/plan.yaml", on: database)
    #expect(none.messages() == ["Both say the same."])
    let unknown = try await banyan("plan", "show", "tiny:9", on: database)
    #expect(unknown.exitCode == 64)
    #expect(
      unknown.messages() == [
        "banyan: there is no plan “tiny:9” on record; `banyan plan list` shows those there are"
      ])
    #expect(
      try await banyan("plan", "activate", "tiny:2", on: database).messages() == [
        "The plan tiny:2 may pay."
      ])
  }

  @Test func aSimulationTouchesNothing() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let before = try await psql(
      "select count(*) from bank.pay_run, bank.pay_credit", in: database)
    let swept = try await banyan(
      "plan", "simulate", "tiny", "--period", "2026-01", "--vary", "deposits.price=5..20/4",
      "--format", "csv", on: database)
    #expect(swept.exitCode == 0)
    // 829.03 at 10.00 for every 10,000; E1's and E2's lines are rounded each.
    #expect(
      swept.output == """
        components[deposits].price,earned,deferred,change,winners,losers
        5,414.51,165.81,-414.52,0,2
        10,829.03,331.61,0.00,0,0
        15,1243.55,497.42,414.52,2,0
        20,1658.07,663.23,829.04,2,0

        """)
    #expect(
      try await psql("select count(*) from bank.pay_run, bank.pay_credit", in: database) == before)
    let wrong = try await banyan(
      "plan", "simulate", "tiny", "--period", "2026-01", "--vary", "deposits.prise=5..20/4",
      on: database)
    #expect(wrong.exitCode == 3)
    #expect(
      wrong.errorOutput.contains(
        "components[deposits].prise: there is no single value at this place"))
    let senseless = try await banyan(
      "plan", "simulate", "tiny", "--period", "2026-01", "--vary", "price", on: database)
    #expect(senseless.exitCode == 64)
  }

  @Test func targetsAreLoadedWholeOrNotAtAll() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let bad = try file(
      """
      person,unit,metric,period,amount,seasons
      E1,,loans_granted_amount,2026,1200000,
      E1,B1,loans_granted_amount,2026-01,1,
      E2,,loans_granted,2026-01,1,
      E2,,loans_granted_amount,2026-13,1,
      E2,,loans_granted_amount,2026-Q1,1,1 2

      """, "targets.csv")
    let refused = try await banyan("target", "import", bad.path + "/targets.csv", on: database)
    #expect(refused.exitCode == 3)
    let messages = refused.messages(in: bad)
    #expect(messages.count == 4)
    #expect(messages[0] == "banyan: FOLDER/targets.csv:3: give either a person or a unit")
    #expect(messages[1].hasPrefix("FOLDER/targets.csv:4: the metric “loans_granted” is not known"))
    #expect(messages[2].hasPrefix("FOLDER/targets.csv:5: the period “2026-13” is none"))
    #expect(messages[3].hasPrefix("FOLDER/targets.csv:6: the seasons “1 2” are not 3 weights"))
    #expect(try await psql("select count(*) from bank.target", in: database) == "0\n")
    let good = try file(
      """
      person,unit,metric,period,amount,seasons
      E1,,loans_granted_amount,2026,700000,2 1 1 1 1 1 1 1 1 1 1 2
      ,B1,loans_granted_amount,2026-Q1,100.01,

      """, "targets.csv")
    let loaded = try await banyan("target", "import", good.path + "/targets.csv", on: database)
    #expect(loaded.messages() == ["15 months have a new target."])
    let again = try await banyan("target", "import", good.path + "/targets.csv", on: database)
    #expect(again.messages() == ["All targets were on record already."])
    let list = try await banyan(
      "target", "list", "2026", "--unit", "B1", "--format", "csv", on: database)
    #expect(
      list.output == """
        unit,person,metric,month,amount
        B1,,loans_granted_amount,2026-01,33.34
        B1,,loans_granted_amount,2026-02,33.34
        B1,,loans_granted_amount,2026-03,33.33

        """)
    let unknown = try file(
      "person,metric,period,amount\nE9,loans_granted_amount,2026-01,5\n", "targets.csv")
    let nobody = try await banyan("target", "import", unknown.path + "/targets.csv", on: database)
    #expect(nobody.exitCode == 3)
    #expect(nobody.messages() == ["banyan: there is no employee E9 on record; check the number"])
  }

  @Test func aTargetedMonthIsPaidAndProved() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let plan = try file(Self.targets, "plan.yaml")
    #expect(try await banyan("plan", "load", plan.path + "/plan.yaml", on: database).exitCode == 0)
    let targets = try file(
      "person,metric,period,amount\nE1,loans_granted_amount,2026-01,70000\nE2,loans_granted_amount,2026-01,48000\n",
      "targets.csv")
    #expect(
      try await banyan("target", "import", targets.path + "/targets.csv", on: database).exitCode
        == 0)
    let run = try await banyan("pay", "run", "2026-01", "--plan", "tiny-targets", on: database)
    #expect(run.exitCode == 0, "\(run.errorOutput)")
    // The loan of 120,000: 84,000 for E1 is 120 % of 70,000, 36,000 for E2 is 75 % of 48,000.
    let lines = try await psql(
      """
      select e.number, l.component, l.amount from bank.pay_line as l join bank.employee as e using (employee_id)
      order by 1, l.line_number
      """, in: database)
    #expect(
      lines == """
        E1|loan_bonus|1400.00
        E1|draw|0.00
        E2|loan_bonus|750.00
        E2|draw|50.00
        E3|loan_bonus|0.00
        E3|draw|800.00

        """)
    #expect(
      try await psql(
        "select e.number, b.component, b.amount from bank.pay_balance as b join bank.employee as e using (employee_id) order by 1",
        in: database) == "E2|draw|50.00\nE3|draw|800.00\n")
    let verified = try await banyan("pay", "verify", "1", on: database)
    #expect(verified.exitCode == 0, "\(verified.errorOutput)")
    #expect(
      verified.output
        == "Run 1 of 2026-01 is proved: 6 lines of 3 people are the same when calculated again.\n")
    // A target that changes makes another run, and the first one stays and is proved still.
    let more = try file(
      "person,metric,period,amount\nE2,loans_granted_amount,2026-01,36000\n", "targets.csv")
    #expect(
      try await banyan("target", "import", more.path + "/targets.csv", on: database).exitCode == 0)
    let second = try await banyan("pay", "run", "2026-01", "--plan", "tiny-targets", on: database)
    #expect(second.output.contains("it supersedes run 1"))
    #expect(try await banyan("pay", "verify", "1", on: database).exitCode == 0)
    #expect(try await banyan("pay", "verify", "9", on: database).exitCode == 64)
    let changed = await #expect(throws: TestSupportError.self) {
      try await psql("update bank.target set amount = 1", in: database)
    }
    #expect("\(String(describing: changed))".contains("targets are superseded, never changed"))
  }

  @Test func aRunThatWasTamperedWithIsFound() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    // Only who owns the schema can take the guard away.
    _ = try await psql(
      """
      alter table bank.pay_line disable trigger pay_line_never_changes;
      update bank.pay_line set amount = amount + 1 where employee_id = (
        select employee_id from bank.employee where number = 'E1')
      """, in: database)
    let verified = try await banyan("pay", "verify", "1", on: database)
    #expect(verified.exitCode == 3)
    #expect(
      verified.messages() == [
        "banyan: E1, line 1: 556.48 on record, 555.48 when calculated again"
      ])
  }
}
