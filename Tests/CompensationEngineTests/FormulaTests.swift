import CompensationEngine
import Documents
import Quantities
import Testing

@Suite("Formulas")
struct FormulaTests {
  static func text(_ formula: String, more: String = "") -> String {
    planText(
      components:
        "  - {code: first, title: First, kind: rate, metric: m, rate: 1, rate_unit: price, "
        + "missing: zero, negative: deduct, paid: no}\n"
        + "  - code: pay\n    title: Pay\n    kind: formula\n    amount: \(formula)\n"
        + "  - {code: later, title: Later, kind: formula, amount: \"1\", paid: no}\n"
    ).replacing(
      "components:\n",
      with: """
        parameters: {rate: 12.5%, floor: 7}
        tables:
          by_tier: {value_unit: number, names: {senior: 3, junior: 2}, otherwise: refuse}
          curve:
            value_unit: fraction
            mode: line
            points: [{at: 0.8, value: 0.5}, {at: 1, value: 1}, {at: 1.2, value: 2}]
          grid:
            value_unit: number
            boundary: upper_inclusive
            rows: [0, 100]
            columns: [junior, senior]
            values: [[1, 2], [3, 4]]
        figures:
          a: {metric: a, of: person, over: month, missing: zero, negative: keep}
          b: {metric: b, of: person, over: month, missing: 4, negative: keep}
          attained: {formula: a / b}
        \(more)components:

        """, maxReplacements: 1)
  }

  @Test(
    "A formula gives exactly what its arithmetic says",
    arguments: [
      ("1 + 2 * 3 - 4 / 8", "6.50"), ("(1 + 2) * 3", "9.00"), ("-(2 - 5)", "3.00"),
      ("1 / 3 + 1 / 3 + 1 / 3", "1.00"), ("2 - 1 - 1", "0.00"), ("8 / 4 / 2", "1.00"),
      ("40% * 200", "80.00"), ("rate * 200", "25.00"), ("a + b", "14.00"), ("attained", "2.50"),
      ("first", "5.00"), ("min(a, b, 3)", "3.00"), ("max(a, b)", "10.00"), ("abs(3 - a)", "7.00"),
      ("round(a / 3, 1, half_up)", "3.30"), ("round(a / 3, 0, up)", "4.00"),
      ("if(a > b, 1, 2)", "1.00"), ("if(a = 10 and not b = 5, 1, 2)", "1.00"),
      ("if(a < 10 or b <= 4, 1, 2)", "1.00"), ("if(tier = 'senior', 3, 4)", "3.00"),
      ("if(tier != 'senior', 3, 4)", "4.00"), ("divide(a, 0 * b, 9)", "9.00"),
      ("divide(a, b, 9)", "2.50"), ("lookup(by_tier, tier)", "3.00"),
      ("lookup(curve, 0.7)", "0.50"), ("lookup(curve, 0.9)", "0.75"),
      ("lookup(curve, 1.1)", "1.50"),
      ("lookup(curve, 9)", "2.00"), ("lookup(grid, 100, tier)", "2.00"),
      ("lookup(grid, 100.01, tier)", "4.00"), ("total(a, everyone)", "10.00"),
      ("days_in_month", "31.00"), ("month_of_quarter + month_of_year", "15.00"),
    ])
  func values(formula: String, expected: String) throws {
    let plan = try Plan(yaml: Self.text("\"\(formula)\""))
    let statement = try plan.pay(["a": "10", "m": "5"], tier: "senior")
    #expect(statement.earned.description == expected)
  }

  @Test(
    "A mistake is told at its column",
    arguments: [
      ("a + c", 4, "the name c is not known here"), ("a + later", 4, "later stands below"),
      ("a + pay", 4, "pay refers to itself"), ("min(a)", 0, "min compares two or more"),
      ("a +", 3, "the end of the formula stands where a number"),
      ("(a", 2, "a closing parenthesis"),
      ("a = b", 0, "this is a condition, and a number is expected"),
      ("tier", 0, "this is a text, and a number is expected"),
      ("a < b < 3", 6, "comparisons do not chain"), ("if(a, 1, 2)", 3, "a condition is expected"),
      ("roun(a, 1, up)", 0, "did you mean round?"), ("round(a, 2)", 10, "the rounding mode"),
      ("lookup(nothing, a)", 7, "the plan has the tables by_tier, curve, grid"),
      ("lookup(by_tier, a)", 16, "this is a number, and a text is expected"),
      ("a × b", 2, "write * for a product"), ("a / 0", 4, "nothing can be divided by zero"),
      ("1.2.3", 0, "is not a plain decimal"), ("3a", 0, "write a sign between them"),
      ("carried", 0, "carried has no value here"), ("by_tier", 0, "by_tier is a table"),
      ("tier < 'a'", 5, "texts are only compared by = and !="),
      ("sum(a, unit)", 0, "there is no function sum"), ("total(a, region)", 9, "write the group"),
      ("convert(a, 'USD')", 11, "write the currency"),
    ])
  func problemsAtTheirColumn(formula: String, offset: Int, message: String) throws {
    let found = problems(in: Self.text("\"\(formula)\""))
    let line = try #require(
      Self.text("\"\(formula)\"").split(separator: "\n", omittingEmptySubsequences: false)
        .firstIndex { $0.contains("    amount:") })
    #expect(found.first?.message.contains(message) == true, "\(found)")
    #expect(found.first?.line == line + 1)
    #expect(found.first?.column == 14 + offset, "\(found)")
  }

  @Test("A formula without quotes, and one over two lines, has its column too")
  func columnsInTheSource() throws {
    let plain = problems(in: Self.text("a + c"))
    #expect(plain.first?.column == 13 + 4)
    let folded = problems(in: Self.text("a +\n      b * c"))
    #expect(folded.first?.column == 11 && folded.first?.path == "components[1].amount")
  }

  @Test("Figures that are made of each other are refused where they meet")
  func circles() throws {
    let text = Self.text("a").replacing(
      "  attained: {formula: a / b}\n",
      with: "  x: {formula: a + y}\n  y: {formula: z * 2}\n  z: {formula: 1 + x}\n")
    let found = problems(in: text)
    #expect(found.count == 1)
    #expect(found.first?.message.contains("in a circle") == true)
    #expect(found.first?.path == "figures.z.formula" && found.first?.column == 20)
    let own = problems(
      in: Self.text("a").replacing("formula: a / b", with: "formula: attained + 1"))
    #expect(own.first?.message.contains("attained refers to itself") == true)
  }

  @Test("A sum of many uneven fractions is exact")
  func unevenFractions() throws {
    let plan = try Plan(yaml: Self.text("\"a / 7 + a / 11 + a / 13 + a / 17 + a / 19 + a / 23\""))
    let statement = try plan.pay(["a": "1"])
    // 1/7 + 1/11 + 1/13 + 1/17 + 1/19 + 1/23 is 0.4660...
    #expect(statement.earned.description == "0.47")
    let boundary = try Plan(
      yaml: Self.text("\"if(a / 3 + a / 7 + a / 21 = 11 * a / 21, 1, 0)\""))
    #expect(try boundary.pay(["a": "123456789.01"]).earned.description == "1.00")
  }

  @Test("Deep nesting is a problem, not a crash")
  func depth() {
    let deep = String(repeating: "(", count: 900) + "1" + String(repeating: ")", count: 900)
    #expect(problems(in: Self.text("\"\(deep)\"")).count == 1)
    let signs = String(repeating: "- ", count: 900) + "1"
    #expect(problems(in: Self.text("\"\(signs)\"")).count == 1)
  }
}
