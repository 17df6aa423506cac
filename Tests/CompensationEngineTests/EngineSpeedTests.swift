import CompensationEngine
import Foundation
import Quantities
import Testing

/// A population and a plan of the size that the engine is made for. Speed is not asserted here, because
/// machines differ; `BANYAN_ENGINE_SPEED=1` prints it.
@Suite("Five thousand people and twenty components")
struct EngineSpeedTests {
  static func plan() throws -> Plan {
    var components = ""
    for number in 0..<16 {
      components += rateTable(
        "table\(number)", metric: "m\(number % 8)", unit: "percent",
        [
          (from: "0", rate: "0.1\(number)"), (from: "10000", rate: "0.2\(number)"),
          (from: "100000", rate: "0.3\(number)"), (from: "500000", rate: "0.4\(number)"),
        ])
    }
    components += unitPrice("price", metric: "m1", price: "12", per: "10000")
    components += "  - {code: score, title: Score, kind: formula, amount: \"(m2 + m3) * 0.05%\"}\n"
    let codes = (0..<16).map { "table\($0)" } + ["price", "score"]
    components += multiplier("tier", of: codes, coefficients: "junior: 0.8, senior: 1.2")
    components += cap("limit", of: codes + ["tier"], limit: "20000")
    let figures = """
      figures:
        m2: {metric: m2, of: person, over: month, missing: zero, negative: refuse}
        m3: {metric: m3, of: person, over: month, missing: zero, negative: refuse}

      """
    return try Plan(
      yaml: planText(components: components)
        .replacing("components:\n", with: figures + "components:\n", maxReplacements: 1))
  }

  static func population(_ count: Int) -> Population {
    var random = SeededNumbers(seed: 7)
    return Population(
      people: (0..<count).map { index in
        var metrics: [String: MetricValue] = [:]
        for number in 0..<8 {
          metrics["m\(number)"] = ExactRatio(
            total: ExactDecimal(
              coefficient: Int128(Int.random(in: 0...90_000_000, using: &random)), scale: 2),
            divisor: number == 1 ? ExactDecimal(31) : .one)
        }
        return PersonInputs(
          person: "E\(index)", tier: index % 2 == 0 ? "junior" : "senior", metrics: metrics,
          unit: "U\(index % 200)")
      })
  }

  @Test("Each person is paid what they are paid alone")
  func aloneOrTogether() throws {
    let isMeasuring = ProcessInfo.processInfo.environment["BANYAN_ENGINE_SPEED"] != nil
    let plan = try Self.plan()
    let population = Self.population(isMeasuring ? 5_000 : 200)
    let clock = ContinuousClock()
    var statements: [PayStatement?] = []
    for isExplaining in [true, false, true, false] {
      let elapsed = try clock.measure {
        statements = try plan.evaluate(population, for: december, isExplaining: isExplaining)
      }
      if isMeasuring {
        print("\(population.people.count) people, explaining \(isExplaining): \(elapsed)")
      }
    }
    for index in stride(from: 0, to: population.people.count, by: 37) {
      let alone = try plan.evaluate(population.people[index], for: december)
      #expect(alone.lines.map(\.amount) == statements[index]?.lines.map(\.amount))
    }
  }
}
