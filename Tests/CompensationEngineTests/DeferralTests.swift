import CompensationEngine
import Quantities
import Testing

@Suite("Deferral")
struct DeferralTests {
  static func plan(
    share: String = "0.40", instalments: Int = 3, spacing: Int = 12, first: Int = 12,
    due: String = "last_day_of_month", places: Int = 2
  ) throws -> Plan {
    try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1", negative: "deduct"),
        deferral: "{share: \(share), instalments: \(instalments), spacing_months: \(spacing), "
          + "first_due_after_months: \(first), due_day: \(due)}", places: places))
  }

  @Test("Forty percent over three equal yearly instalments")
  func threeYears() throws {
    let statement = try Self.plan().pay(["amount": "120000"])
    #expect(statement.earned.description == "120000.00")
    #expect(statement.payable.description == "72000.00")
    #expect(statement.deferred.description == "48000.00")
    #expect(
      statement.instalments.map(\.amount.description) == ["16000.00", "16000.00", "16000.00"])
    #expect(
      statement.instalments.map(\.dueOn.description) == ["1994-12-31", "1995-12-31", "1996-12-31"])
    #expect(statement.instalments.map(\.number) == [1, 2, 3])
  }

  @Test(
    "Cents that do not divide go to the earliest instalments, and the sum is exact",
    arguments: [
      ("0.25", ["0.04", "0.03", "0.03"]), ("0.28", ["0.04", "0.04", "0.03"]),
      ("0.02", ["0.01", "0.00", "0.00"]),
    ])
  func remainders(amount: String, expected: [String]) throws {
    let statement = try Self.plan().pay(["amount": amount])
    #expect(statement.instalments.map(\.amount.description) == expected)
  }

  @Test("The days follow spacing, first month and due day, also over short months")
  func dueDays() throws {
    let month = try #require(Month("2026-01"))
    let plan = try Self.plan(instalments: 4, spacing: 1, first: 1)
    let lastDays = try plan.pay(["amount": "10"], month: month).instalments
    #expect(
      lastDays.map(\.dueOn.description) == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"])
    let firstDays = try Self.plan(spacing: 6, first: 18, due: "first_day_of_month")
    #expect(
      try firstDays.pay(["amount": "10"], month: month).instalments.map(\.dueOn.description)
        == ["2027-07-01", "2028-01-01", "2028-07-01"])
  }

  @Test(
    "Nothing is deferred of nothing, or of less than nothing", arguments: ["0", "-500.00", "0.01"])
  func nothing(amount: String) throws {
    let statement = try Self.plan().pay(["amount": amount])
    #expect(statement.deferred.isZero && statement.instalments.isEmpty)
    #expect(statement.payable == statement.earned)
  }

  @Test("A plan without deferral pays all at once")
  func none() throws {
    let plan = try Plan(
      yaml: planText(components: unitPrice("pay", metric: "amount", price: "1")))
    #expect(plan.deferral == nil)
    let statement = try plan.pay(["amount": "100"])
    #expect(statement.payable.description == "100.00" && statement.deferred.description == "0.00")
  }

  @Test("A currency without cents defers whole units")
  func wholeUnits() throws {
    let statement = try Self.plan(places: 0).pay(["amount": "101"])
    #expect(statement.deferred.description == "40")
    #expect(statement.instalments.map(\.amount.description) == ["14", "13", "13"])
  }
}
