import CompensationEngine
import Quantities
import Testing

/// Worked examples from public sources, restated here so that the suite proves them by itself.
@Suite("Published worked examples")
struct PublishedCaseTests {
  /// What one rate table pays for each of some amounts.
  struct TableCase: Sendable, CustomTestStringConvertible {
    let name: String
    var mode = "graduated"
    var boundary = "upper_inclusive"
    var unit = "percent"
    let tiers: [[String]]
    let pays: [[String]]

    var testDescription: String { name }
  }

  static let tables = [
    TableCase(
      name: "step rates per transaction",
      tiers: [["0", "1"], ["1000", "2"], ["3000", "3"], ["8000", "5"]],
      pays: [
        ["200", "2.00"], ["300", "3.00"], ["1500", "20.00"], ["1200", "14.00"], ["2000", "30.00"],
        ["4500", "95.00"],
      ]),
    TableCase(
      name: "one rate from the highest tier attained", mode: "whole", boundary: "lower_inclusive",
      tiers: [["0", "1"], ["10000", "2"], ["50000", "3"], ["100000", "4"]],
      pays: [["5000", "50.00"], ["15000", "300.00"], ["60000", "1800.00"], ["10000", "200.00"]]),
    TableCase(
      name: "incremental commission", tiers: [["0", "50"], ["100000", "60"]],
      pays: [["180000", "98000.00"]]),
    TableCase(
      name: "retroactive commission", mode: "whole", tiers: [["0", "50"], ["100000", "60"]],
      pays: [["180000", "108000.00"]]),
    TableCase(
      name: "marginal multipliers on a target bonus of 50,000", unit: "price",
      tiers: [["0", "1.0"], ["50000", "1.4"], ["60000", "1.6"]],
      pays: [["40000", "40000.00"], ["55000", "57000.00"], ["60000", "64000.00"]]),
    TableCase(
      name: "retroactive multipliers on a target bonus of 50,000", mode: "whole", unit: "price",
      tiers: [["0", "1.0"], ["50000", "1.4"], ["60000", "1.6"]], pays: [["55000", "77000.00"]]),
    TableCase(
      name: "three graduated tiers", tiers: [["0", "6"], ["3000", "8"], ["8000", "10"]],
      pays: [["9000", "680.00"]]),
    TableCase(
      name: "half-open tiers instead of 499.99", boundary: "lower_inclusive",
      tiers: [["0", "25"], ["500", "30"], ["3000", "40"]],
      pays: [["400", "100.00"], ["100", "25.00"], ["1500", "425.00"], ["5000", "1675.00"]]),
    TableCase(
      name: "one section, nothing outside it", mode: "whole",
      tiers: [["0", "0"], ["15000", "20"], ["16000", "0"]],
      pays: [
        ["15100", "3020.00"], ["14999.99", "0.00"], ["16000", "3200.00"], ["16000.01", "0.00"],
      ]),
    TableCase(
      name: "nothing for a deal below 50,000", mode: "whole", boundary: "lower_inclusive",
      tiers: [["0", "0"], ["50000", "4"]],
      pays: [["75000", "3000.00"], ["40000", "0.00"], ["50000", "2000.00"]]),
    TableCase(
      name: "price of the n-th micro-loan of the month", unit: "price",
      tiers: [
        ["0", "0"], ["4", "20"], ["5", "70"], ["9", "120"], ["15", "150"], ["20", "200"],
      ],
      pays: [["12", "660.00"], ["25", "2770.00"], ["4", "0.00"]]),
    TableCase(
      name: "flat amount per loan by the number of loans", mode: "whole", unit: "price",
      tiers: [["0", "100"], ["3", "150"], ["7", "250"]],
      pays: [["5", "750.00"], ["3", "300.00"], ["4", "600.00"], ["8", "2000.00"]]),
    TableCase(
      name: "progressive risk deposit",
      tiers: [["0", "10"], ["2000", "20"], ["5000", "30"], ["8000", "40"], ["15000", "50"]],
      pays: [["3740", "548.00"], ["9000", "2100.00"], ["20000", "7000.00"], ["0", "0.00"]]),
    TableCase(
      name: "earlier risk deposit", tiers: [["0", "0"], ["2000", "10"], ["5000", "20"]],
      pays: [["7400", "780.00"], ["2000", "0.00"]]),
    TableCase(
      name: "an overdue rate compared unrounded", mode: "whole", unit: "fraction",
      tiers: [["0", "0"], ["0.015", "1"], ["0.02", "0.5"]],
      pays: [["0.015", "0.00"], ["0.01500001", "0.02"], ["0.0225", "0.01"]]),
  ]

  @Test("Rate tables", arguments: tables)
  func rateTables(example: TableCase) throws {
    let plan = try Plan(
      yaml: planText(
        components: rateTable(
          "pay", metric: "amount", mode: example.mode, boundary: example.boundary,
          unit: example.unit, example.tiers.map { (from: $0[0], rate: $0[1]) })))
    for pay in example.pays {
      #expect(try plan.pay(["amount": pay[0]]).amounts == [pay[1]], "for \(pay[0])")
    }
  }

  @Test("A target bonus by attainment: the fraction actual over target is never rounded")
  func targetBonus() throws {
    let components = rateTable(
      "bonus", metric: "attained_bonus", unit: "price",
      [(from: "0", rate: "1.0"), (from: "20000", rate: "1.4"), (from: "24000", rate: "1.6")])
    let deferral = "{share: 0.40, instalments: 1, spacing_months: 1, first_due_after_months: 3, "
    let plan = try Plan(
      yaml: planText(components: components, deferral: deferral + "due_day: last_day_of_month}"))
    // 20,000 x 800,000 / 1,000,000, then x 1,100,000 / 1,000,000.
    let below = try plan.pay(["attained_bonus": "16000000000/1000000"])
    #expect(below.amounts == ["16000.00"])
    #expect([below.payable, below.deferred].map(\.description) == ["9600.00", "6400.00"])
    let above = try plan.pay(["attained_bonus": "22000000000/1000000"])
    #expect(above.amounts == ["22800.00"])
    #expect([above.payable, above.deferred].map(\.description) == ["13680.00", "9120.00"])
  }

  @Test("A wealth manager's price list, item by item")
  func priceList() throws {
    let items = [
      ("new_clients", "100", "1", "5", "500.00"), ("aum_growth", "4", "10000", "1000000", "400.00"),
      ("on_balance", "1", "10000", "3000000", "300.00"),
      ("off_balance", "0.10", "1", "1000", "100.00"),
      ("money_fund", "1", "10000", "1000000", "100.00"),
      ("bond_fund", "15", "10000", "100000", "150.00"),
      ("other_fund", "30", "10000", "50000", "150.00"),
      ("insurance", "200", "10000", "10000", "200.00"),
      ("fund_plans", "20", "1", "5", "100.00"), ("vip_cards", "100", "1", "10", "1000.00"),
      ("platinum", "200", "1", "2", "400.00"), ("wealth_cards", "200", "1", "2", "400.00"),
      ("custody", "50", "1", "2", "100.00"), ("precious_metal", "50", "10000", "50000", "250.00"),
    ]
    let plan = try Plan(
      yaml: planText(
        components: items.map { unitPrice($0.0, metric: $0.0, price: $0.1, per: $0.2) }.joined()))
    let statement = try plan.pay(Dictionary(uniqueKeysWithValues: items.map { ($0.0, $0.3) }))
    #expect(statement.amounts == items.map(\.4))
    #expect(statement.earned.description == "4150.00")
  }

  @Test("Unit prices with deductions: deposits, interest, fees, penalties")
  func deductions() throws {
    let items = [
      ("stock_fixed", "3", "10000", "5000000", "1500.00"),
      ("stock_other", "0.5", "10000", "10000000", "500.00"),
      ("growth_fixed", "5", "10000", "1000000", "500.00"),
      ("growth_other", "3", "10000", "2000000", "600.00"),
      ("interest_large", "0.3", "100", "50000", "150.00"),
      ("interest_small", "0.8", "100", "120000", "960.00"),
      ("acceptance_fee", "15", "100", "4000", "600.00"), ("surveys", "1", "1", "10", "10.00"),
      ("uncollected", "-20", "100", "3000", "-600.00"),
      ("bad_clients", "-200", "1", "1", "-200.00"),
      ("missing_deals", "-100", "1", "1", "-100.00"),
    ]
    let plan = try Plan(
      yaml: planText(
        components: items.map { unitPrice($0.0, metric: $0.0, price: $0.1, per: $0.2) }.joined()))
    let statement = try plan.pay(Dictionary(uniqueKeysWithValues: items.map { ($0.0, $0.3) }))
    #expect(statement.amounts == items.map(\.4))
    #expect(statement.earned.description == "3920.00")
  }

  @Test("Whole-currency rounding of each goal")
  func wholeCurrency() throws {
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("goal1", metric: "target", price: "0.65")
          + unitPrice("goal2", metric: "target", price: "0.35"), places: 0))
    #expect(try plan.pay(["target": "28361"]).amounts == ["18435", "9926"])
  }
}
