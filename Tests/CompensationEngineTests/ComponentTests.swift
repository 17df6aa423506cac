import CompensationEngine
import Quantities
import Testing

@Suite("Unit prices, multipliers and caps")
struct ComponentTests {
  @Test("A unit price applies to every unit, with its arithmetic")
  func unitPriceArithmetic() throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("deposits", metric: "balance", price: "12.00", per: "10000")))
    let line = try plan.pay(["balance": "12345.67"]).lines[0]
    #expect(line.amount.description == "14.81")
    #expect(line.kind == .unitPrice && line.number == 1 && line.metric == "balance")
    #expect(line.basis == MetricValue("12345.67"))
    #expect(
      line.arithmetic.map(\.description) == [
        "balance = 12,345.67",
        "12,345.67 × 12.00 ÷ 10,000 = 14.814804",
        "rounded half up to 2 places: 14.81",
      ])
  }

  @Test("An average daily balance is divided once: balance-days, then days")
  func averageDailyBalance() throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("deposits", metric: "balance", price: "1.00", per: "1"),
        mode: "half_up"))
    // 0.335/67 is 0.005 exactly, which rounds up; a double holds less and rounds down.
    #expect(try plan.pay(["balance": "0.335/67"]).amounts == ["0.01"])
    let line = try plan.pay(["balance": "1000000.00/31"]).lines[0]
    #expect(line.amount.description == "32258.06")
    #expect(line.arithmetic[0].description == "balance = 1,000,000.00 ÷ 31 = 32,258.064516129032…")
  }

  @Test(
    "Rounding follows the plan's mode",
    arguments: [
      ("half_up", "0.125", "0.13"), ("half_even", "0.125", "0.12"), ("half_down", "0.125", "0.12"),
      ("down", "0.129", "0.12"), ("up", "0.121", "0.13"), ("floor", "-0.121", "-0.13"),
      ("ceiling", "-0.129", "-0.12"), ("half_up", "-0.125", "-0.13"),
    ])
  func rounding(mode: String, amount: String, expected: String) throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1", negative: "deduct"), mode: mode))
    #expect(try plan.pay(["amount": amount]).amounts == [expected])
  }

  @Test("A missing metric counts as zero or is refused, as the plan says")
  func missing() throws {
    let zero = try Plan(
      yaml: planText(components: unitPrice("pay", metric: "amount", price: "1")))
    let line = try zero.pay([:]).lines[0]
    #expect(line.amount.isZero && line.basis == .zero)
    #expect(line.arithmetic[0].description == "amount is missing and counts as 0")
    let refuse = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1", missing: "refuse")))
    let error = #expect(throws: EvaluationError.self) { try refuse.pay([:]) }
    #expect(error?.reason == .missingMetric("amount") && error?.component == "pay")
  }

  @Test("A divisor of zero or less is refused", arguments: ["5/0", "5/-31"])
  func divisor(value: String) throws {
    let plan = try Plan(
      yaml: planText(components: unitPrice("pay", metric: "amount", price: "1")))
    let error = #expect(throws: EvaluationError.self) { try plan.pay(["amount": value]) }
    #expect(error?.description.hasSuffix("a divisor must be above zero") == true)
  }

  @Test("A number without room for its digits is an error, not a wrong amount")
  func overflow() throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "123456789.0123456789")))
    let huge = String(repeating: "9", count: 38)
    let error = #expect(throws: EvaluationError.self) { try plan.pay(["amount": huge]) }
    guard case .quantity = error?.reason else {
      Issue.record("expected a quantity error, got \(String(describing: error))")
      return
    }
  }

  static let tiered =
    unitPrice("deposits", metric: "balance", price: "1")
    + unitPrice("loans", metric: "granted", price: "1")
    + multiplier("tier", of: ["deposits", "loans"], coefficients: "junior: 0.8, senior: 1.20")

  @Test("A multiplier's line is the difference that the coefficient makes")
  func multiplierLine() throws {
    let plan = try Plan(yaml: planText(components: Self.tiered))
    let senior = try plan.pay(["balance": "100.00", "granted": "214.81"], tier: "senior")
    #expect(senior.amounts == ["100.00", "214.81", "62.96"])
    #expect(senior.earned.description == "377.77")
    #expect(
      senior.lines[2].arithmetic.map(\.description) == [
        "deposits + loans: 100.00 + 214.81 = 314.81",
        "coefficient of tier senior, less 1: 1.20 - 1 = 0.20",
        "314.81 × 0.20 = 62.962",
        "rounded half up to 2 places: 62.96",
      ])
    let junior = try plan.pay(["balance": "100.00", "granted": "214.81"], tier: "junior")
    #expect(junior.amounts == ["100.00", "214.81", "-62.96"])
  }

  @Test("A person without a tier, or with an unlisted one, is refused by name or gets 1")
  func missingTier() throws {
    let refuse = try Plan(yaml: planText(components: Self.tiered))
    #expect(throws: EvaluationError.self) { try refuse.pay([:]) }
    let error = #expect(throws: EvaluationError.self) { try refuse.pay([:], tier: "director") }
    #expect(error?.reason == .unlistedTier("director", listed: ["junior", "senior"]))
    let one = try Plan(
      yaml: planText(
        components: unitPrice("deposits", metric: "balance", price: "1")
          + multiplier(
            "tier", of: ["deposits"], coefficients: "senior: 1.20", missingTier: "1")))
    for tier in [nil, "director"] {
      let statement = try one.pay(["balance": "100"], tier: tier)
      #expect(statement.amounts == ["100.00", "0.00"])
      #expect(
        statement.lines[1].arithmetic[1].description
          == "no coefficient for the tier, so 1: 1 - 1 = 0")
    }
  }

  @Test(
    "A cap's line is what the limit takes away",
    arguments: [
      ("19999.99", "0.00", "19999.99"), ("20000", "0.00", "20000.00"),
      ("20000.01", "-0.01", "20000.00"), ("25000", "-5000.00", "20000.00"), ("-7", "0.00", "-7.00"),
    ])
  func capLine(amount: String, line: String, earned: String) throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1", negative: "deduct")
          + cap("limit", of: ["pay"], limit: "20000")))
    let statement = try plan.pay(["amount": amount])
    #expect(statement.amounts[1] == line)
    #expect(statement.earned.description == earned)
  }

  @Test("A cap explains itself in one sentence")
  func capText() throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1")
          + cap("limit", of: ["pay"], limit: "20000")))
    let text = { (amount: String) in
      try plan.pay(["amount": amount]).lines[1].arithmetic[1].description
    }
    #expect(try text("12000") == "12,000.00 is within the limit of 20,000")
    #expect(try text("25000") == "limit 20,000 - 25,000.00 = -5,000.00")
  }

  @Test("A metric that no component uses changes nothing")
  func unusedMetric() throws {
    let plan = try Plan(yaml: planText(components: Self.tiered))
    #expect(plan.metrics == ["balance", "granted"])
    let metrics = ["balance": "100.00", "granted": "214.81"]
    let more = metrics.merging(["weather": "-17/0"]) { $1 }
    #expect(try plan.pay(metrics, tier: "senior") == plan.pay(more, tier: "senior"))
  }

  @Test(
    "A plan pays only for months in which it holds on every day",
    arguments: [
      ("1993-05", false), ("1993-06", false), ("1993-07", true), ("1993-12", true),
      ("1994-01", false),
    ])
  func inForce(month: String, holds: Bool) throws {
    let text = planText(components: unitPrice("pay", metric: "amount", price: "1"))
      .replacing(
        "effective_from: 1990-01-01",
        with: "effective_from: 1993-06-02\neffective_until: 1994-01-01")
    let plan = try Plan(yaml: text)
    let month = try #require(Month(month))
    #expect(plan.isInForce(for: month) == holds)
    if holds {
      #expect(try plan.pay(["amount": "1"], month: month).amounts == ["1.00"])
    } else {
      #expect(throws: EvaluationError.self) { try plan.pay(["amount": "1"], month: month) }
    }
  }
}
