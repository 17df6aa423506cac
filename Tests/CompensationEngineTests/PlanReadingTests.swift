import CompensationEngine
import Documents
import Quantities
import Testing

@Suite("Reading a plan")
struct PlanReadingTests {
  /// A good plan in block style; tests change one thing in it.
  static let good = """
    plan: berka-1993
    title: Performance pay
    currency: CZK
    effective_from: 1993-01-01
    effective_until: 1994-01-01
    rounding:
      places: 2
      mode: half_up
      level: line
    components:
      - code: deposits
        title: Average deposits
        kind: unit_price
        metric: deposit_average_daily_balance
        price: 12.00
        per: 10000
        missing: zero
        negative: zero
      - code: loans
        title: Loans granted
        kind: rate_table
        metric: loans_granted_amount
        mode: graduated
        boundary: upper_inclusive
        rate_unit: percent
        tiers:
          - {from: 0, to: 100000, rate: 0.20}
          - {from: 100000, to: 300000, rate: 0.35}
          - {from: 300000, to: unlimited, rate: 0.50}
        missing: zero
        negative: refuse
      - code: tier
        title: Tier coefficient
        kind: multiplier
        of: [deposits, loans]
        coefficients:
          junior: 0.80
          senior: 1.20
        missing_tier: refuse
      - code: limit
        title: Monthly limit
        kind: cap
        of: [deposits, loans, tier]
        limit: 4000
        period: month
    deferral:
      share: 0.40
      instalments: 3
      spacing_months: 12
      first_due_after_months: 12
      due_day: last_day_of_month

    """

  /// The problems of the good plan after one change.
  static func problemsAfter(_ old: String, _ new: String) -> [DocumentProblem] {
    precondition(good.contains(old), "the good plan does not contain \(old)")
    return problems(in: good.replacing(old, with: new, maxReplacements: 1))
  }

  @Test("A good plan is read as it stands")
  func readsEverything() throws {
    let plan = try Plan(yaml: Self.good)
    #expect(plan.code == "berka-1993" && plan.title == "Performance pay")
    #expect(plan.currency.code == "CZK" && plan.rounding.mode == .halfUp)
    #expect(plan.effectiveFrom.description == "1993-01-01")
    #expect(plan.effectiveUntil?.description == "1994-01-01")
    #expect(plan.components.map(\.code) == ["deposits", "loans", "tier", "limit"])
    #expect(plan.components.map(\.kind) == [.unitPrice, .rateTable, .multiplier, .cap])
    #expect(plan.metrics == ["deposit_average_daily_balance", "loans_granted_amount"])
    #expect(plan.deferral?.instalments == 3)
    guard case .rateTable(let table) = plan.components[1].rule else {
      Issue.record("the second component is not a rate table")
      return
    }
    #expect(table.tiers.map(\.rate.description) == ["0.20", "0.35", "0.50"])
    #expect(table.tiers.map(\.range.upTo?.description) == ["100000", "300000", nil])
  }

  @Test("The order of keys, comments and layout change nothing")
  func keyOrder() throws {
    let other = """
      deferral: {due_day: last_day_of_month, first_due_after_months: 12, spacing_months: 12,
                 instalments: 3, share: 0.40}
      components:
        - {negative: zero, missing: zero, per: 10000, price: 12.00, kind: unit_price,
           metric: deposit_average_daily_balance, title: "Average deposits", code: deposits}
        - negative: refuse   # a remark
          missing: zero
          tiers:
            - {rate: 0.20, to: 100000, from: 0}
            - {rate: 0.35, to: 300000, from: 100000}
            - {rate: 0.50, to: unlimited, from: 300000}
          rate_unit: percent
          boundary: upper_inclusive
          mode: graduated
          metric: loans_granted_amount
          kind: rate_table
          title: Loans granted
          code: loans
        - missing_tier: refuse
          coefficients: {senior: 1.20, junior: 0.80}
          of: [deposits, loans]
          kind: multiplier
          title: Tier coefficient
          code: tier
        - {period: month, limit: 4000, of: [deposits, loans, tier], kind: cap,
           title: Monthly limit, code: limit}
      rounding: {level: line, mode: half_up, places: 2}
      effective_until: 1994-01-01
      effective_from: 1993-01-01
      currency: CZK
      title: 'Performance pay'
      plan: berka-1993
      """
    let (first, second) = (try Plan(yaml: Self.good), try Plan(yaml: other))
    #expect(first == second)
    #expect(first.canonicalText == second.canonicalText)
  }

  @Test("The canonical text is a plan, and the same one")
  func canonicalRoundTrip() throws {
    let titled = Self.good
      .replacing("title: Loans granted", with: #"title: "Loans: \"new\" \\ 贷款 # 1""#)
      .replacing("senior: 1.20", with: "\"高级: a\": 1.20")
    let plan = try Plan(yaml: titled)
    let again = try Plan(yaml: plan.canonicalText)
    #expect(plan == again)
    #expect(plan.canonicalText == again.canonicalText)
    #expect(again.components[1].title == #"Loans: "new" \ 贷款 # 1"#)
  }

  @Test("Numbers are exact texts and never pass through floating point")
  func exactNumbers() throws {
    let long = "0.1234567891"
    let plan = try Plan(
      yaml: Self.good.replacing("price: 12.00", with: "price: \(long)"))
    guard case .unitPrice(let price) = plan.components[0].rule else { return }
    #expect(price.price.description == long)
  }

  @Test(
    "Every key that says something is required, and its absence names the choices",
    arguments: [
      ("  mode: half_up\n", "the key `mode` is missing", "half_even"),
      ("  level: line\n", "the key `level` is missing", "write line"),
      ("    missing: zero\n", "the key `missing` is missing", "zero or refuse"),
      ("    negative: zero\n", "the key `negative` is missing", "deduct, zero or refuse"),
      ("    mode: graduated\n", "the key `mode` is missing", "graduated or whole"),
      ("    boundary: upper_inclusive\n", "the key `boundary` is missing", "lower_inclusive"),
      (
        "    rate_unit: percent\n", "the key `rate_unit` is missing", "fraction, percent, per_mille"
      ),
      ("    per: 10000\n", "the key `per` is missing", "how many units"),
      ("    missing_tier: refuse\n", "the key `missing_tier` is missing", "refuse or 1"),
      ("    period: month\n", "the key `period` is missing", "write month"),
      ("  share: 0.40\n", "the key `share` is missing", "as a fraction, such as 0.40"),
      ("  due_day: last_day_of_month\n", "the key `due_day` is missing", "first_day_of_month"),
      ("currency: CZK\n", "the key `currency` is missing", "such as CNY"),
    ])
  func missingKeys(line: String, start: String, choices: String) {
    let found = Self.problemsAfter(line, "")
    #expect(found.count == 1)
    #expect(found.first?.message.hasPrefix(start) == true)
    #expect(found.first?.message.contains(choices) == true)
  }

  @Test("An unknown key stands with its place and the nearest known name")
  func unknownKey() {
    let found = Self.problemsAfter("    boundary: upper_inclusive", "    bondary: upper_inclusive")
    #expect(
      found.map(\.description).first { $0.contains("bondary") }
        == "line 24, column 5, components[1].bondary: the key `bondary` is not known here; did you "
        + "mean `boundary`?")
    #expect(found.count == 2)
  }

  @Test(
    "One problem, at its line, column and path, in one sentence",
    arguments: [
      (
        "price: 12.00", "price: 12,00",
        "line 15, column 12, components[0].price: \"12,00\" is not a plain decimal; write digits "
          + "and a point, such as 1200.50, without separators, exponents, units or percent signs"
      ),
      (
        "per: 10000", "per: 0",
        "line 16, column 10, components[0].per: 0 is not above zero; write how many units the price "
          + "is for"
      ),
      (
        "from: 100000, to: 300000", "from: 150000, to: 300000",
        "line 28, column 16, components[1].tiers[1].from: a gap: amounts from 100000 to 150000 "
          + "belong to no tier; start this tier at 100000"
      ),
      (
        "from: 100000, to: 300000", "from: 90000, to: 300000",
        "line 28, column 16, components[1].tiers[1].from: an overlap: amounts from 90000 to 100000 "
          + "belong to more than one tier; order the tiers and start this one at 100000"
      ),
      (
        "to: 100000, rate: 0.20", "to: 100000, rate: 20.0 %",
        "line 27, column 37, components[1].tiers[0].rate: \"20.0 %\" is not a plain decimal; write "
          + "digits and a point, such as 1200.50, without separators, exponents, units or percent "
          + "signs"
      ),
      (
        "to: 100000, rate: 0.20", "to: 100000, rate: 200",
        "line 27, column 37, components[1].tiers[0].rate: a rate of 200 with rate_unit percent is "
          + "more than the whole amount; check the unit, or write rate_unit: price for currency for "
          + "each unit of the metric"
      ),
      (
        "to: unlimited", "to: 900000",
        "line 29, column 28, components[1].tiers[2].to: amounts above 900000 belong to no tier; "
          + "write unlimited for the last tier (a limit on the pay is a component of kind cap)"
      ),
      (
        "level: line", "level: total",
        "line 7, column 3, rounding: the key `line_places` is missing; it says how many digits "
          + "after the point each line keeps, where the total is rounded"
      ),
      (
        "places: 2", "places: 3",
        "line 7, column 11, rounding.places: an amount in CZK has at most 2 digits after the point; "
          + "write 2 or fewer"
      ),
      (
        "share: 0.40", "share: 40",
        "line 47, column 10, deferral.share: 40 is not a fraction above 0 and up to 1; write 0.40 "
          + "for 40 percent"
      ),
      (
        "mode: graduated", "mode: graduate",
        "line 23, column 11, components[1].mode: \"graduate\" is not known here; write graduated, "
          + "whole, interpolated or overage (did you mean graduated?)"
      ),
      (
        "of: [deposits, loans]", "of: [deposits, loan]",
        "line 35, column 20, components[2].of[1]: there is no component loan; did you mean loans?"
      ),
      (
        "of: [deposits, loans]", "of: [deposits, limit]",
        "line 35, column 20, components[2].of[1]: limit stands below this component; move it above, "
          + "because components are evaluated in order and may not refer to each other in a circle"
      ),
      (
        "of: [deposits, loans]", "of: [deposits, tier]",
        "line 35, column 20, components[2].of[1]: tier refers to itself; name components above this "
          + "one"
      ),
      (
        "of: [deposits, loans, tier]", "of: [deposits, loans]",
        "line 43, column 9, components[3].of: tier above already changes deposits, loans; name tier "
          + "here as well, or move this component above it"
      ),
      (
        "of: [deposits, loans, tier]", "of: [deposits, deposits, loans, tier]",
        "line 43, column 20, components[3].of[1]: deposits stands in this list twice, so it would "
          + "count twice; keep one"
      ),
      (
        "limit: 4000", "limit: 4000.005",
        "line 44, column 12, components[3].limit: 4000.005 has more than the 2 digits after the "
          + "point that are paid; shorten it"
      ),
      (
        "code: loans", "code: deposits",
        "line 19, column 11, components[1].code: the code deposits is that of components[0] "
          + "already; choose another"
      ),
      (
        "effective_until: 1994-01-01", "effective_until: 1993-01-01",
        "line 5, column 18, effective_until: 1993-01-01 is not after effective_from; write the "
          + "first day on which the plan no longer holds"
      ),
      (
        "effective_from: 1993-01-01", "effective_from: 1993-02-29",
        "line 4, column 17, effective_from: \"1993-02-29\" is not a day of the calendar; write it "
          + "as 2026-01-31"
      ),
      (
        "senior: 1.20", "senior: -1.20",
        "line 38, column 15, components[2].coefficients.senior: -1.20 is below zero; write zero or "
          + "more"
      ),
      (
        "title: Loans granted", "title:",
        "line 20, column 11, components[1].title: title has no value; write what people call the "
          + "component"
      ),
      (
        "title: Loans granted", "title: \"Loans\\ngranted\"",
        "line 20, column 12, components[1].title: title has a line break or another control "
          + "character in it; write it on one line"
      ),
      (
        "kind: cap", "kind: capp",
        "line 42, column 11, components[3].kind: \"capp\" is not known here; write unit_price, "
          + "rate, rate_table, attainment, scorecard, formula, multiplier, cap, floor, guarantee, "
          + "pool, rank, roll_up, deal_split or entries (did you mean cap?)"
      ),
    ])
  func oneProblem(old: String, new: String, expected: String) {
    let found = Self.problemsAfter(old, new).map(\.description)
    #expect(found.contains(expected), "found \(found)")
  }

  @Test("All problems are reported at once, in the order of lines")
  func allAtOnce() throws {
    let text = Self.good
      .replacing("currency: CZK", with: "currency: czk")
      .replacing("per: 10000", with: "per: ten")
      .replacing("share: 0.40", with: "share: 40")
    let found = problems(in: text)
    #expect(found.map(\.path) == ["currency", "components[0].per", "deferral.share"])
    let error = #expect(throws: DocumentError.self) { try Plan(yaml: text) }
    #expect(error?.description.split(separator: "\n").count == 3)
  }

  @Test("A metric that is not known is refused with the nearest name where the names are given")
  func knownMetrics() {
    let known: Set = ["deposit_average_daily_balance", "loans_granted_count"]
    let found = problems(in: Self.good, knownMetrics: known)
    #expect(
      found.map(\.description) == [
        "line 22, column 13, components[1].metric: the metric loans_granted_amount is not known; "
          + "did you mean loans_granted_count?"
      ])
  }

  @Test("Tiers that are unordered, or unlimited in the middle, are refused")
  func tierOrder() {
    let unordered = Self.problemsAfter(
      "          - {from: 0, to: 100000, rate: 0.20}\n".replacing("          ", with: "      "), "")
    #expect(
      unordered.first?.message.hasPrefix("amounts from 0 to 100000 belong to no tier") == true)
    let middle = Self.problemsAfter("to: 300000", "to: unlimited")
    #expect(middle.first?.message.hasPrefix("only the last tier may be unlimited") == true)
    let reversed = Self.problemsAfter("from: 0, to: 100000", "from: 0, to: 0")
    #expect(reversed.contains { $0.message.contains("not above its start 0") })
  }

  @Test(
    "What is not YAML, or not one plan, is one clear problem",
    arguments: [
      ("", "the document is empty"), ("# only a remark\n", "the document is empty"),
      ("plan: [a", "this is not YAML"), ("plan: a\nplan: b\n", "more than once"),
      ("plan: \"a\n", "this is not YAML"), ("- a\n- b\n", "nested keys are expected here"),
      ("plan: a\n---\nplan: b\n", "this is not YAML"), ("\tplan: a", "this is not YAML"),
    ])
  func notAPlan(text: String, expected: String) {
    let found = problems(in: text)
    #expect(found.count >= 1)
    #expect(found.contains { $0.message.contains(expected) }, "found \(found)")
  }

  @Test("Sizes that no plan has are refused")
  func limits() {
    #expect(problems(in: String(repeating: "#", count: 1_048_577)).count == 1)
    let many = planText(
      components: (0...200).map { unitPrice("c\($0)", metric: "m", price: "1") }.joined())
    #expect(problems(in: many).map(\.path) == ["components"])
    let deep = String(repeating: "[", count: 500_000)
    #expect(problems(in: deep).count == 1)
    let digits = Self.problemsAfter("price: 12.00", "price: 1234567890123456.00")
    #expect(digits.first?.message.contains("is too long") == true)
  }
}
