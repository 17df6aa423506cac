import CompensationEngine
import Documents
import Quantities
import Testing

@Suite("Limits, guarantees, days, entries and deferral by post")
struct RuleTests {
  static let pay = unitPrice("pay", metric: "m", price: "1", negative: "deduct")

  /// Evaluates one person whose inputs are changed before.
  static func paid(
    _ components: String, _ metrics: [String: String], deferral: String = "none", top: String = "",
    month: String = "2026-02", _ change: (inout PersonInputs) -> Void = { _ in }
  ) throws -> PayStatement {
    let plan = try Plan(
      yaml: planText(components: components, deferral: deferral)
        .replacing("components:\n", with: top + "components:\n", maxReplacements: 1))
    var person = PersonInputs(
      person: "E1", tier: "senior",
      metrics: metrics.compactMapValues { MetricValue($0) }, unit: "U1",
      post: "relationship_manager")
    change(&person)
    return try plan.evaluate(person, for: #require(Month(month)))
  }

  @Test("A cap that carries pays what waits as soon as there is room")
  func carryingCap() throws {
    let cap =
      Self.pay
      + "  - {code: most, title: Most, kind: cap, of: [pay], limit: 1000, period: month, excess: carried}\n"
    let first = try Self.paid(cap, ["m": "1600"])
    #expect(
      first.amounts == ["1600.00", "-600.00"] && first.carried == ["most": ExactDecimal(600)])
    let second = try Self.paid(cap, ["m": "700"]) { $0.carried = ["most": ExactDecimal(600)] }
    #expect(
      second.amounts == ["700.00", "300.00"] && second.carried == ["most": ExactDecimal(300)])
    let third = try Self.paid(cap, ["m": "0"]) { $0.carried = ["most": ExactDecimal(300)] }
    #expect(third.earned == ExactDecimal(300) && third.carried.isEmpty)
  }

  @Test("A cap for a quarter has the room that the earlier months left")
  func quarterCap() throws {
    let cap =
      Self.pay
      + "  - {code: most, title: Most, kind: cap, of: [pay], limit: 2500, period: quarter}\n"
    let statement = try Self.paid(cap, ["m": "1000"]) {
      $0.paid = [.quarter: ["pay": ExactDecimal(2000), "most": ExactDecimal(-100)]]
    }
    #expect(statement.amounts == ["1000.00", "-400.00"])
  }

  @Test(
    "A floor adds what is missing",
    arguments: [("300", "700.00"), ("1000", "0.00"), ("1200", "0.00")])
  func floor(amount: String, line: String) throws {
    let floor =
      Self.pay
      + "  - {code: least, title: Least, kind: floor, of: [pay], limit: 1000, period: month}\n"
    #expect(try Self.paid(floor, ["m": amount]).amounts[1] == line)
  }

  @Test("A draw is taken back by the share that the plan says, and never more than is owed")
  func recovery() throws {
    let draw =
      Self.pay
      + "  - {code: draw, title: Draw, kind: guarantee, of: [pay], minimum: 1000, recovery: {share: 0.5}}\n"
    let half = try Self.paid(draw, ["m": "1500"]) { $0.carried = ["draw": ExactDecimal(400)] }
    #expect(half.amounts == ["1500.00", "-250.00"] && half.carried == ["draw": ExactDecimal(150)])
    let rest = try Self.paid(draw, ["m": "9000"]) { $0.carried = ["draw": ExactDecimal(150)] }
    #expect(rest.amounts == ["9000.00", "-150.00"] && rest.carried.isEmpty)
  }

  @Test("With rounding of the total, the lines and their rounding sum to what is paid")
  func totalRounding() throws {
    let text =
      planText(
        components: unitPrice("a", metric: "m", price: "1", per: "3")
          + unitPrice("b", metric: "m", price: "1", per: "3")
          + unitPrice("c", metric: "m", price: "1", per: "3")
      ).replacing("level: line", with: "level: total, line_places: 6")
    let statement = try Plan(yaml: text).pay(["m": "100"])
    #expect(statement.amounts == ["33.333333", "33.333333", "33.333333", "0.000001"])
    #expect(statement.earned.description == "100.00")
    #expect(statement.lines.last?.component == "rounding")
  }

  @Test("Seventeen days of twenty-eight, of a line and of a target")
  func days() throws {
    let figures = """
      figures:
        goal: {target: m, of: person, over: month, missing: refuse, negative: refuse, proration: by_days}

      """
    let components =
      "  - {code: base, title: Base, kind: formula, amount: \"2800\", proration: by_days}\n"
      + "  - {code: goal_shown, title: Goal, kind: formula, amount: goal, paid: no}\n"
    let statement = try Self.paid(components, [:], top: figures) {
      $0.daysActive = 17
      $0.figures.targets = [.month: ["m": ExactRatio(ExactDecimal(100))]]
    }
    #expect(statement.amounts == ["1700.00", "60.71"])
    #expect(statement.earned.description == "1700.00")
  }

  @Test("A component for some posts gives others a line of zero, and says why")
  func coverage() throws {
    let text =
      "  - {code: head, title: Head, kind: formula, for: {posts: [branch_head]}, amount: \"500\"}\n"
      + "  - {code: manager, title: M, kind: formula, for: {posts: [relationship_manager], units: [U1]}, amount: \"70\"}\n"
    let statement = try Self.paid(text, [:])
    #expect(statement.amounts == ["0.00", "70.00"])
    #expect(statement.lines[0].arithmetic[0].description == "not for this post, tier or unit")
  }

  @Test("A gate that is closed pays nothing, and shows the comparison")
  func gate() throws {
    let figures =
      "figures:\n  m: {metric: m, of: person, over: month, missing: zero, negative: keep}\n"
    let text = "  - {code: a, title: A, kind: formula, when: m >= 60%, amount: \"100\"}\n"
    let closed = try Self.paid(text, ["m": "0.5999"], top: figures).lines[0]
    #expect(closed.amount.isZero)
    #expect(
      closed.arithmetic.map(\.description).prefix(3) == [
        "m = 0.5999", "0.5999 ≥ 0.60: no", "so nothing is paid",
      ])
    #expect(try Self.paid(text, ["m": "0.60"], top: figures).amounts == ["100.00"])
  }

  @Test("A table over the quarter pays what the month adds, or less what was paid")
  func cumulative() throws {
    let table = rateTable("pay", metric: "m", [(from: "0", rate: "1"), (from: "1000", rate: "2")])
      .replacing("mode: graduated", with: "mode: graduated, over: quarter")
    func paid(_ text: String) throws -> [String] {
      try Self.paid(text, ["m": "600"]) {
        $0.figures.metrics[.quarter] = ["m": ExactRatio(ExactDecimal(1400))]
        $0.paid = [.quarter: ["pay": ExactDecimal(5)]]
      }.amounts
    }
    // 10 + 8 for the quarter so far; 8 of it for the 800 before the month.
    #expect(try paid(table) == ["10.00"])
    #expect(
      try paid(table.replacing("over: quarter", with: "over: quarter, less_paid: quarter")) == [
        "13.00"
      ])
  }

  @Test(
    "By days, a line is calculated for each tier of the month; otherwise for that of its last day")
  func tierChange() throws {
    func text(_ change: String) -> String {
      Self.pay
        + "  - {code: tier, title: Tier, kind: multiplier, of: [pay], coefficients: {junior: 0.8, senior: 1.2}, "
        + "missing_tier: refuse, tier_change: \(change)}\n"
        + "  - {code: seniors, title: Seniors, kind: formula, amount: \"280\", for: {tiers: [senior]}, tier_change: \(change)}\n"
    }
    func paid(_ change: String) throws -> PayStatement {
      try Self.paid(text(change), ["m": "2800"]) {
        $0.tierSpans = [TierSpan(tier: "junior", days: 7), TierSpan(tier: "senior", days: 21)]
      }
    }
    #expect(try paid("last_day").amounts == ["2800.00", "560.00", "280.00"])
    let byDays = try paid("by_days")
    #expect(byDays.amounts == ["2800.00", "280.00", "210.00"])
    let steps = byDays.lines[1].arithmetic.map(\.description)
    #expect(steps.contains("as junior, 7 of 28 days") && steps.contains("as senior, 21 of 28 days"))
    let pool = planText(
      components: Self.pay
        + "  - {code: most, title: Most, kind: cap, of: [pay], limit: 1, period: month, tier_change: by_days}\n"
    )
    #expect(
      problems(in: pool).map(\.message) == [
        "a line of kind cap is not one person's alone, or keeps a balance, and goes by the tier of the last day; leave `tier_change` out"
      ])
  }

  @Test("Entries come with their records, and a deferral goes by post")
  func entries() throws {
    let text = Self.pay + "  - {code: back, title: Taken back, kind: entries, entries: clawback}\n"
    let rest =
      "instalments: 2, spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month"
    let deferral =
      "[{for: {posts: [branch_head]}, share: 0.5, \(rest)}, {amount: max(0, earned - 100) * 10%, \(rest)}]"
      .replacing(
        "amount: max(0, earned - 100) * 10%", with: "amount: \"max(0, earned - 100) * 10%\"")
    func paid(_ post: String) throws -> PayStatement {
      try Self.paid(text, ["m": "1000"], deferral: deferral) {
        $0.post = post
        $0.entries = [
          Entry(entryClass: "clawback", record: "AC-7", amount: ExactDecimal(-200)),
          Entry(entryClass: "other", record: "AC-8", amount: ExactDecimal(-1)),
        ]
      }
    }
    let head = try paid("branch_head")
    #expect(head.amounts == ["1000.00", "-200.00"] && head.deferred.description == "400.00")
    #expect(head.lines[1].arithmetic[0].description == "AC-7 = -200")
    #expect(try paid("teller").deferred.description == "70.00")
  }

  @Test("Other currencies are converted at the rate of the inputs, or the person is refused")
  func currencies() throws {
    let top = """
      exchange_rates: month_end
      figures:
        fee: {metric: fee, of: person, over: month, missing: zero, negative: refuse, currency: USD}

      """
    let plan = try Plan(
      yaml: planText(components: "  - {code: a, title: A, kind: formula, amount: fee * 10%}\n")
        .replacing("components:\n", with: top + "components:\n", maxReplacements: 1))
    var population = Population(
      people: [PersonInputs(person: "E1", tier: nil, metrics: ["fee": MetricValue("100.00")!])])
    let error = #expect(throws: PopulationError.self) {
      try plan.evaluate(population, for: december)
    }
    #expect(error?.description.contains("there is no exchange rate of USD for the month") == true)
    population.exchangeRates = ["USD": ExactDecimal(coefficient: 71234, scale: 4)]
    #expect(
      try plan.evaluate(population, for: december)[0]?.amounts == ["71.23"])
  }

  @Test("A scorecard clamps each item and the whole")
  func clamps() throws {
    let text = """
        - code: a
          title: A
          kind: scorecard
          worth: "1000"
          full_score: 1
          at_most: 1.1
          items:
            - {title: Deposits, weight: 70, score: "1.5", at_most: 1.2}
            - {title: Loans, weight: 30, score: "-0.4", at_least: 0}
      """
    #expect(try Self.paid(text + "\n", [:]).amounts == ["840.00"])
    let more = text.replacing("\"-0.4\", at_least: 0", with: "\"1.0\"")
    #expect(try Self.paid(more + "\n", [:]).amounts == ["1100.00"])
  }
}
