import CompensationEngine
import Quantities
import Testing

/// People of two units, each with points and pay to share.
private func people(_ count: Int, seed: Int = 1) -> [PersonInputs] {
  var random = SeededNumbers(seed: UInt64(seed))
  return (0..<count).map { index in
    var person = PersonInputs(
      person: "E\(1000 + index)", tier: index % 3 == 0 ? "senior" : "junior",
      metrics: [
        "points": ExactRatio(ExactDecimal(Int.random(in: 0...9, using: &random))),
        "sales": ExactRatio(
          ExactDecimal(coefficient: Int128(Int.random(in: 0...9_999_999, using: &random)), scale: 2)
        ),
      ], unit: "U\(index % 2)", post: "relationship_manager")
    person.team = "T\(index % 4)"
    return person
  }
}

@Suite("Pools, ranks, roll-ups and shared deals")
struct PopulationTests {
  static let figures = """
    figures:
      points: {metric: points, of: person, over: month, missing: zero, negative: refuse}
      sales: {metric: sales, of: person, over: month, missing: zero, negative: refuse}
      unit_pool: {metric: pool, of: unit, over: month, missing: zero, negative: refuse}

    """

  static func plan(_ components: String) throws -> Plan {
    try Plan(
      yaml: planText(components: components)
        .replacing("components:\n", with: figures + "components:\n", maxReplacements: 1))
  }

  static func sum(_ amounts: some Sequence<ExactDecimal>) throws -> ExactDecimal {
    try amounts.reduce(ExactDecimal.zero) { try $0 + $1 }
  }

  static let unitPool = """
      - {code: pool, title: Pool, kind: pool, pool: unit_pool, shared_by: unit, points: points, nobody: keep}

    """

  @Test("A pool is shared to the last cent by points, whatever the order of the people")
  func pool() throws {
    let plan = try Self.plan(Self.unitPool)
    var population = Population(
      people: people(7),
      units: [
        "U0": FigureInputs(metrics: [.month: ["pool": ExactRatio(ExactDecimal(1000))]]),
        "U1": FigureInputs(metrics: [
          .month: ["pool": ExactRatio(ExactDecimal(coefficient: 5, scale: 2))]
        ]),
      ])
    let statements = try plan.evaluate(population, for: december).compactMap(\.self)
    let byUnit = Dictionary(grouping: zip(population.people, statements)) { $0.0.unit }
    #expect(
      try Self.sum(byUnit["U0"]!.map(\.1.earned)).description == "1000.00")
    #expect(try Self.sum(byUnit["U1"]!.map(\.1.earned)).description == "0.05")
    population.people.reverse()
    let turned = try plan.evaluate(population, for: december).compactMap(\.self)
    #expect(turned.map(\.earned) == statements.map(\.earned).reversed())
  }

  @Test("A pool that its people fund is zero-sum within each group", arguments: 0..<40)
  func fundedPool(seed: Int) throws {
    let plan = try Self.plan(
      unitPrice("pay", metric: "sales", price: "0.0137") + """
          - code: second
            title: Second distribution
            kind: pool
            funded_by: {of: [pay], share: 0.3333}
            shared_by: team
            points: points
            nobody: keep

        """)
    let population = Population(people: people(30, seed: seed))
    let statements = try plan.evaluate(population, for: december).compactMap(\.self)
    for team in ["T0", "T1", "T2", "T3"] {
      let lines = zip(population.people, statements).filter { $0.0.team == team }
        .map { $0.1.lines[1].amount }
      #expect(try Self.sum(lines).isZero, "team \(team)")
    }
  }

  @Test("Nobody with points: the pool is kept, or the run is refused by name")
  func nobody() throws {
    var population = Population(people: people(2))
    population.people = population.people.map {
      var person = $0
      person.metrics["points"] = .zero
      return person
    }
    population.units["U0"] = FigureInputs(
      metrics: [.month: ["pool": ExactRatio(ExactDecimal(100))]])
    let keep = try Self.plan(Self.unitPool)
    #expect(
      try keep.evaluate(population, for: december).compactMap { $0?.earned.description }
        == ["0.00", "0.00"])
    let refuse = try Self.plan(Self.unitPool.replacing("nobody: keep", with: "nobody: refuse"))
    let error = #expect(throws: PopulationError.self) {
      try refuse.evaluate(population, for: december)
    }
    #expect(error?.description.contains("nobody who shares the pool of U0 has points") == true)
  }

  @Test(
    "Ranks share, keep or refuse the amounts of people with the same value",
    arguments: [
      ("share", ["2500.00", "2500.00", "1000.00"]), ("best", ["3000.00", "3000.00", "1000.00"]),
    ])
  func ranks(ties: String, expected: [String]) throws {
    let text = """
        - {code: rank, title: Rank, kind: rank, by: sales, among: everyone, order: highest_first, ties: \(ties), amounts: [3000, 2000, 1000]}

      """
    let population = Population(
      people: [("A", "500"), ("B", "500"), ("C", "100")].map {
        PersonInputs(person: $0.0, tier: nil, metrics: ["sales": MetricValue($0.1)!])
      })
    let paid = try Self.plan(text).evaluate(population, for: december)
    #expect(paid.compactMap { $0?.earned.description } == expected)
    #expect(throws: PopulationError.self) {
      try Self.plan(text.replacing("ties: \(ties)", with: "ties: refuse"))
        .evaluate(population, for: december)
    }
  }

  @Test("A leader gets a share of the team's lines, or a multiple of their average")
  func rollUp() throws {
    let text =
      unitPrice("pay", metric: "sales", price: "0.1") + """
          - {code: share, title: Share, kind: roll_up, of: [pay], takes: share_of_total, factor: 0.10}
          - {code: average, title: Average, kind: roll_up, of: [pay], takes: multiple_of_average, factor: 1.5}
          - {code: same, title: The same by formula, kind: formula, amount: "1.5 * average(pay, led)"}

        """
    var leader = PersonInputs(person: "L", tier: nil, metrics: ["sales": MetricValue("99")!])
    leader.unit = "U0"
    leader.leads = ["U0"]
    let members = [("A", "1000"), ("B", "500"), ("C", "250")].map {
      PersonInputs(person: $0.0, tier: nil, metrics: ["sales": MetricValue($0.1)!], unit: "U0")
    }
    let paid = try Self.plan(text).evaluate(Population(people: [leader] + members), for: december)
    #expect(paid[0]?.amounts == ["9.90", "17.50", "87.50", "87.50"])
    #expect(paid[1]?.amounts == ["100.00", "0.00", "0.00", "0.00"])
  }

  @Test("The price of a pool is the pool over the volume of all")
  func poolPrice() throws {
    let plan = try Self.plan(
      """
        - {code: pay, title: Pay, kind: formula, amount: "unit_pool / total(sales, unit) * sales"}

      """)
    let members = [("A", "600"), ("B", "300"), ("C", "100")].map {
      PersonInputs(person: $0.0, tier: nil, metrics: ["sales": MetricValue($0.1)!], unit: "U")
    }
    let population = Population(
      people: members,
      units: ["U": FigureInputs(metrics: [.month: ["pool": MetricValue("5000")!]])])
    let paid = try plan.evaluate(population, for: december)
    #expect(paid.compactMap { $0?.earned.description } == ["3000.00", "1500.00", "500.00"])
  }

  @Test("Deals shared by roles conserve every cent", arguments: 0..<40)
  func deals(seed: Int) throws {
    var random = SeededNumbers(seed: UInt64(seed))
    let plan = try Self.plan(
      """
        - code: deals
          title: Deals
          kind: deal_split
          deals: loans
          mode: graduated
          boundary: upper_inclusive
          rate_unit: percent
          tiers: [{from: 0, to: 1000, rate: 0.33}, {from: 1000, to: unlimited, rate: 0.71}]
          roles: {main: 0.55, assist: 0.30, referrer: 0.15}
          absent_role: others

      """)
    var population = Population(people: people(5))
    var total = ExactDecimal.zero
    for number in 0..<20 {
      let cents = Int.random(in: 1...900_000, using: &random)
      var participants = [Deal.Participant(person: "E1000", role: "main")]
      if Bool.random(using: &random) { participants.append(.init(person: "E1001", role: "assist")) }
      if Bool.random(using: &random) { participants.append(.init(person: "E1002", role: "assist")) }
      if Bool.random(using: &random) {
        participants.append(.init(person: "E1003", role: "referrer"))
      }
      let amount = ExactDecimal(coefficient: Int128(cents), scale: 2)
      population.deals.append(
        Deal(number: "D\(number)", metric: "loans", amount: amount, participants: participants))
      let low = min(amount, ExactDecimal(1000))
      let first = try low * #require(ExactDecimal("0.0033"))
      let second = try (amount - low) * #require(ExactDecimal("0.0071"))
      total = try total + (first + second).rounded(toScale: 2, .halfUp)
    }
    let statements = try plan.evaluate(population, for: december).compactMap(\.self)
    #expect(try Self.sum(statements.map(\.earned)) == total)
    population.deals.shuffle(using: &random)
    #expect(try plan.evaluate(population, for: december).compactMap(\.self) == statements)
  }

  @Test("Everybody for whom something stands in the way is named")
  func allRefusals() throws {
    let plan = try Self.plan(unitPrice("pay", metric: "missing", price: "1", missing: "refuse"))
    let error = #expect(throws: PopulationError.self) {
      try plan.evaluate(Population(people: people(3)), for: december)
    }
    #expect(error?.errors.map(\.person) == ["E1000", "E1001", "E1002"])
  }

  @Test("What is left out of the explanation changes no amount")
  func silent() throws {
    let plan = try Self.plan(
      unitPrice("pay", metric: "sales", price: "0.0137")
        + multiplier("adjusted", of: ["pay"], coefficients: "junior: 0.8, senior: 1.2")
        + "  - {code: f, title: F, kind: formula, amount: \"max(0, pay + adjusted) / 3 * rank(sales, team)\"}\n"
    )
    let population = Population(people: people(20))
    let loud = try plan.evaluate(population, for: december)
    let silent = try plan.evaluate(population, for: december, isExplaining: false)
    #expect(loud.map { $0?.amounts } == silent.map { $0?.amounts })
    #expect(silent.allSatisfy { $0?.lines.allSatisfy(\.arithmetic.isEmpty) == true })
  }
}
