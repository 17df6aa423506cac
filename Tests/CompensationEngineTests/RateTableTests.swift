import CompensationEngine
import Quantities
import Testing

@Suite("Rate tables")
struct RateTableTests {
  static let threeTiers = [("0", "5"), ("50000", "7"), ("100000", "10")].map {
    (from: $0.0, rate: $0.1)
  }

  static func table(
    mode: String, boundary: String = "upper_inclusive", unit: String = "percent",
    negative: String = "refuse", tiers: [(from: String, rate: String)] = threeTiers
  ) throws -> Plan {
    try Plan(
      yaml: planText(
        components: rateTable(
          "commission", metric: "sales", mode: mode, boundary: boundary, unit: unit,
          negative: negative, tiers)))
  }

  @Test("A graduated table pays each slice at its own rate and shows the slices")
  func graduated() throws {
    let line = try Self.table(mode: "graduated").pay(["sales": "175000.00"]).lines[0]
    #expect(line.amount.description == "13500.00")
    #expect(
      line.arithmetic.map(\.description) == [
        "sales = 175,000.00",
        "first 50,000: 50,000 × 5 % = 2,500.00",
        "from 50,000 to 100,000: 50,000 × 7 % = 3,500.00",
        "above 100,000: 75,000.00 × 10 % = 7,500.00",
        "2,500.00 + 3,500.00 + 7,500.00 = 13,500.00",
        "rounded half up to 2 places: 13,500.00",
      ])
  }

  @Test("A whole table pays all at the rate that is reached")
  func whole() throws {
    let line = try Self.table(mode: "whole").pay(["sales": "175000.00"]).lines[0]
    #expect(line.amount.description == "17500.00")
    #expect(
      line.arithmetic[1].description
        == "all of it at the rate of the tier from 100,000: 175,000.00 × 10 % = 17,500.00")
  }

  @Test(
    "An amount exactly on a bound belongs to the tier that the plan says, to the last digit",
    arguments: [
      ("upper_inclusive", "100000", "7000.00"), ("upper_inclusive", "100000.01", "10000.00"),
      ("lower_inclusive", "100000", "10000.00"), ("lower_inclusive", "99999.99", "7000.00"),
      ("upper_inclusive", "0", "0.00"), ("lower_inclusive", "0", "0.00"),
      // On the bound by way of an average: 3,100,000 balance-days over 31 days.
      ("upper_inclusive", "3100000/31", "7000.00"), ("lower_inclusive", "3100000/31", "10000.00"),
      // 99,999.9999... would be rounded onto the bound by anyone who divides first.
      ("lower_inclusive", "3099999.99/31", "7000.00"),
    ])
  func boundaries(boundary: String, sales: String, expected: String) throws {
    let statement = try Self.table(mode: "whole", boundary: boundary).pay(["sales": sales])
    #expect(statement.amounts == [expected])
  }

  @Test(
    "For a graduated table the boundary changes nothing", arguments: ["50000", "100000", "0.01"])
  func boundaryOfSlices(sales: String) throws {
    let upper = try Self.table(mode: "graduated", boundary: "upper_inclusive")
    let lower = try Self.table(mode: "graduated", boundary: "lower_inclusive")
    #expect(try upper.pay(["sales": sales]).earned == lower.pay(["sales": sales]).earned)
  }

  @Test(
    "The unit of a rate decides what it is worth",
    arguments: [
      ("fraction", "0.5", "50.00"), ("percent", "0.5", "0.50"), ("per_mille", "0.5", "0.05"),
      ("price", "12.5", "1250.00"),
    ])
  func units(unit: String, rate: String, expected: String) throws {
    let plan = try Self.table(mode: "graduated", unit: unit, tiers: [(from: "0", rate: rate)])
    #expect(try plan.pay(["sales": "100"]).amounts == [expected])
  }

  @Test(
    "A negative metric is deducted as its magnitude would be paid, counts as zero, or is refused",
    arguments: [
      ("deduct", "graduated", "-6000.00"), ("deduct", "whole", "-7000.00"),
      ("zero", "graduated", "0.00"), ("zero", "whole", "0.00"),
    ])
  func negative(negative: String, mode: String, expected: String) throws {
    let plan = try Self.table(mode: mode, negative: negative)
    #expect(try plan.pay(["sales": "-100000"]).amounts == [expected])
  }

  @Test("A refused negative metric names person, component, metric and value")
  func refusedNegative() throws {
    let error = #expect(throws: EvaluationError.self) {
      try Self.table(mode: "graduated").pay(["sales": "-1.00"])
    }
    #expect(
      error?.description
        == "no pay for E100 by component commission of plan test: the metric sales is below zero "
        + "(-1.00); correct it, or let the plan say `negative: deduct` or `negative: zero`")
  }

  @Test("An average is divided once, at the rounding of the line")
  func averageAcrossTiers() throws {
    // 75,000.0033... a day: 2,500.00 + 25,000.0033... x 7 % = 4,250.00023... An average rounded to
    // cents first, and a slice rounded to cents first, would hide the rest of the third.
    let plan = try Plan(
      yaml: planText(
        components: rateTable("commission", metric: "sales", Self.threeTiers), places: 2,
        mode: "ceiling"))
    #expect(try plan.pay(["sales": "225000.01/3"]).amounts == ["4250.01"])
    #expect(try plan.pay(["sales": "225000.00/3"]).amounts == ["4250.00"])
  }

  @Test("A graduated table equals the sum of its units, one by one", arguments: 0..<300)
  func unitByUnit(amount: Int) throws {
    // The slow and obvious way: the n-th unit is paid at the rate of the tier it lies in.
    let tiers = [(0, "0.00"), (4, "20.00"), (5, "70.00"), (9, "120.50"), (150, "-3.25")]
    let plan = try Self.table(
      mode: "graduated", unit: "price",
      tiers: tiers.map { (from: String($0.0), rate: $0.1) })
    var expected = ExactDecimal.zero
    for unit in stride(from: 1, through: amount, by: 1) {
      let rate = try #require(tiers.last { $0.0 < unit }).1
      try expected += #require(ExactDecimal(rate))
    }
    #expect(try plan.pay(["sales": String(amount)]).earned == expected)
  }
}
