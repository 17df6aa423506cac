import CompensationEngine
import Documents
import Quantities
import Testing

/// What pay systems were seen to get wrong, one test each. The thirteenth, recalculating by deleting
/// the rows of the month, is a matter of the database: `PayRunTests` shows that nothing can be deleted.
@Suite("Traps seen in real systems")
struct TrapTests {
  static func plan(_ components: String, top: String = "", deferral: String = "none") throws -> Plan
  {
    try Plan(
      yaml: planText(components: components, deferral: deferral)
        .replacing("components:\n", with: top + "components:\n", maxReplacements: 1))
  }

  static let ratio = """
    figures:
      bad: {metric: bad_loans, of: person, over: month, missing: zero, negative: refuse}
      loans: {metric: loans, of: person, over: month, missing: refuse, negative: refuse}
    tables:
      deduction:
        value_unit: number
        mode: level
        boundary: upper_inclusive
        tiers:
          - {from: unlimited, to: 0.015, value: 0}
          - {from: 0.015, to: 0.02, value: 100}
          - {from: 0.02, to: 0.025, value: 200}
          - {from: 0.025, to: unlimited, value: 300}

    """

  @Test(
    "1. A ratio is compared as it is, not rounded first, so every band can be reached",
    arguments: [
      ("150", "0.00"), ("150.01", "-100.00"), ("200", "-100.00"), ("201", "-200.00"),
      ("249", "-200.00"), ("251", "-300.00"),
    ])
  func unroundedBands(bad: String, expected: String) throws {
    let plan = try Self.plan(
      "  - {code: d, title: D, kind: formula, amount: \"-lookup(deduction, bad / loans)\"}\n",
      top: Self.ratio)
    #expect(try plan.pay(["bad_loans": bad, "loans": "10000"]).amounts == [expected])
  }

  @Test("2. Five of ten is a half, not zero")
  func integerDivision() throws {
    let plan = try Self.plan(
      "  - {code: a, title: A, kind: formula, amount: 100 * (5 / 10)}\n"
        + "  - {code: b, title: B, kind: formula, amount: 1000 * (85 / 100)}\n")
    #expect(try plan.pay([:]).amounts == ["50.00", "850.00"])
  }

  @Test("3. Exactly 120 percent belongs to the tier that the plan says")
  func openBoundary() throws {
    func paid(_ boundary: String) throws -> [String] {
      try Self.plan(
        """
          - code: a
            title: A
            kind: attainment
            actual: "12000000.00"
            target: "10000000.00"
            no_target: refuse
            worth: "1000"
            mode: level
            boundary: \(boundary)
            bound_unit: percent
            tiers: [{from: 0, to: 120, multiplier: 0}, {from: 120, to: unlimited, multiplier: 1}]

        """
      ).pay([:]).amounts
    }
    #expect(try paid("lower_inclusive") == ["1000.00"])
    #expect(try paid("upper_inclusive") == ["0.00"])
  }

  @Test("4. A table with the same name twice is refused: the copy would never be read")
  func copiedRow() {
    let table = """
      tables:
        grade: {value_unit: number, names: {L2: 700, L2: 800}, otherwise: refuse}

      """
    let text = planText(
      components: "  - {code: a, title: A, kind: formula, amount: \"lookup(grade, tier)\"}\n"
    ).replacing("components:\n", with: table + "components:\n")
    #expect(problems(in: text).contains { $0.message.contains("L2") })
    let matrix = """
      tables:
        grade: {value_unit: number, rows: [L2, L2], columns: [a, b], values: [[1, 2], [3, 4]]}

      """
    let twice = planText(
      components: "  - {code: a, title: A, kind: formula, amount: \"lookup(grade, tier, post)\"}\n"
    ).replacing("components:\n", with: matrix + "components:\n")
    #expect(problems(in: twice).contains { $0.message.contains("stands in this list twice") })
  }

  static func scorecard(_ first: Int, _ second: Int) -> String {
    """
      - code: duty
        title: Duty pay
        kind: scorecard
        worth: "1000"
        full_score: 1
        items:
          - {title: Activation completed, weight: \(first), score: "0.9"}
          - {title: Activity completed, weight: \(second), score: "0.6"}

    """
  }

  @Test("5. Weights stand beside what they weigh, and sum to a hundred")
  func weights() throws {
    #expect(try Self.plan(Self.scorecard(40, 60)).pay([:]).amounts == ["720.00"])
    #expect(try Self.plan(Self.scorecard(60, 40)).pay([:]).amounts == ["780.00"])
    let found = problems(in: planText(components: Self.scorecard(40, 50)))
    #expect(
      found.map(\.message) == [
        "the weights sum to 90, not to 100; weights are percentages of the whole score"
      ])
    let line = try Self.plan(Self.scorecard(40, 60)).pay([:]).lines[0]
    #expect(
      line.arithmetic.contains { $0.description.hasPrefix("Activation completed: 0.9 × 40 %") })
  }

  @Test("6. Nothing is deposited of nothing")
  func depositOfNothing() throws {
    let plan = try Self.plan(
      rateTable("deposit", metric: "pay", [(from: "0", rate: "10"), (from: "2000", rate: "20")]))
    #expect(try plan.pay(["pay": "0"]).amounts == ["0.00"])
    #expect(try plan.pay([:]).amounts == ["0.00"])
  }

  @Test("7. A table that does not say whether a rate is for the slice or for all is refused")
  func tierSemantics() {
    let text = planText(components: rateTable("a", metric: "m", [(from: "0", rate: "1")]))
      .replacing("mode: graduated, ", with: "")
    #expect(problems(in: text).map(\.message).first?.hasPrefix("the key `mode` is missing") == true)
  }

  @Test(
    "8. A negative increment deducts, counts as zero or is refused, and the plan must say which")
  func negativeIncrement() throws {
    func plan(_ negative: String) throws -> Plan {
      try Self.plan(
        unitPrice("a", metric: "increment", price: "3", per: "10000", negative: negative))
    }
    #expect(try plan("deduct").pay(["increment": "-20000"]).amounts == ["-6.00"])
    #expect(try plan("zero").pay(["increment": "-20000"]).amounts == ["0.00"])
    #expect(throws: EvaluationError.self) {
      try plan("refuse").pay(["increment": "-20000"])
    }
    let silent = planText(components: unitPrice("a", metric: "increment", price: "3"))
      .replacing(", negative: refuse", with: "")
    #expect(problems(in: silent).count == 1)
  }

  @Test(
    "9. A missing target is refused, or counts as nothing, as met or as the most: the plan must say",
    arguments: [("nothing", "0.00"), ("met", "1000.00"), ("maximum", "1680.00")])
  func missingTarget(noTarget: String, expected: String) throws {
    let text = """
        - code: a
          title: A
          kind: attainment
          actual: loans
          target: goal
          no_target: \(noTarget)
          worth: "1000"
          mode: whole
          boundary: upper_inclusive
          bound_unit: percent
          tiers: [{from: 0, to: 120, multiplier: 1}, {from: 120, to: unlimited, multiplier: 1.4}]

      """
    let figures = """
      figures:
        loans: {metric: loans, of: person, over: month, missing: zero, negative: zero}
        goal: {target: loans, of: person, over: month, missing: zero, negative: refuse}

      """
    let paid = try Self.plan(text, top: figures).pay(["loans": "500"]).amounts
    // At exactly 120 percent the lower tier still holds, so the most is 1.2 times 1.
    #expect(paid == [noTarget == "maximum" ? "1200.00" : expected])
    let refusing = try Self.plan(
      text.replacing("no_target: \(noTarget)", with: "no_target: refuse"), top: figures)
    let error = #expect(throws: EvaluationError.self) { try refusing.pay(["loans": "500"]) }
    #expect(error?.description.contains("there is no target above zero") == true)
    #expect(throws: DocumentError.self) {
      try Self.plan(text.replacing("    no_target: \(noTarget)\n", with: ""), top: figures)
    }
  }

  @Test("10. Instalments that are not equal, and less than the rule asks for, are warned of")
  func frontLoaded() throws {
    let pay = unitPrice("a", metric: "m", price: "1")
    let rest = "spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month"
    let equal = try Self.plan(
      pay, deferral: "{share: 0.40, instalments: 3, risk_significant: yes, \(rest)}")
    #expect(equal.warnings == [])
    let shaped = try Self.plan(
      pay, deferral: "{share: 0.40, parts: [0.30, 0.40, 0.30], \(rest)}")
    #expect(
      shaped.warnings.map(\.message) == [
        "the instalments are not equal; regulators ask for equal ones, and none may be front-loaded"
      ])
    #expect(
      try shaped.pay(["m": "1000"]).instalments.map(\.amount.description)
        == ["120.00", "160.00", "120.00"])
    let little = try Self.plan(
      pay, deferral: "{share: 0.20, instalments: 2, risk_significant: yes, \(rest)}")
    #expect(little.warnings.count == 2)
    #expect(
      problems(
        in: planText(components: pay, deferral: "{share: 0.4, parts: [0.3, 0.3, 0.3], \(rest)}")
      ).first?.message.hasPrefix("the parts sum to 0.9, not to 1") == true)
  }

  @Test("11. What is released of a deposit is never less than nothing")
  func release() throws {
    let figures = """
      figures:
        due: {metric: due, of: person, over: month, missing: zero, negative: refuse}
        taken: {metric: taken, of: person, over: month, missing: zero, negative: refuse}

      """
    let plan = try Self.plan(
      "  - {code: a, title: A, kind: formula, amount: \"max(0, due - taken)\"}\n", top: figures)
    #expect(try plan.pay(["due": "520", "taken": "600"]).amounts == ["0.00"])
    #expect(try plan.pay(["due": "520", "taken": "200"]).amounts == ["320.00"])
  }

  @Test("12. Amounts are decimals: a tenth and two tenths are three tenths, and halves round up")
  func floatingPoint() throws {
    let plan = try Self.plan(
      "  - {code: a, title: A, kind: formula, amount: \"if(0.1 + 0.2 = 0.3, 1, 0)\"}\n"
        + "  - {code: b, title: B, kind: formula, amount: \"1.005\"}\n")
    #expect(try plan.pay([:]).amounts == ["1.00", "1.01"])
  }

  @Test(
    "14. At the bound of a schedule its two sides meet",
    arguments: ["graduated", "line"])
  func anchorPoint(mode: String) throws {
    let tiers =
      mode == "line"
      ? "points: [{at: 0, value: 0}, {at: 1000, value: 100}, {at: 5000, value: 900}]"
      : "tiers: [{from: 0, to: 1000, value: 0.1}, {from: 1000, to: unlimited, value: 0.2}]"
    let boundary = mode == "line" ? "" : "boundary: upper_inclusive, "
    let plan = try Self.plan(
      "  - {code: a, title: A, kind: formula, amount: \"lookup(allowance, m)\"}\n",
      top: """
        figures:
          m: {metric: m, of: person, over: month, missing: zero, negative: refuse}
        tables:
          allowance: {value_unit: number, mode: \(mode), \(boundary)\(tiers)}

        """)
    let amounts = try ["999.99", "1000", "1000.01"].map { try plan.pay(["m": $0]).earned }
    #expect(amounts.map(\.description) == ["100.00", "100.00", "100.00"])
  }
}
