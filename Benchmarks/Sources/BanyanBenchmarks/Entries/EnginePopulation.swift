import CompensationEngine
import Quantities

/// Five thousand people, eight metrics and a plan of twenty components with graduated tables: what the
/// engine is made for. No database and no file is in it.
struct EnginePopulation {
  let population: Population
  let month = CivilDate(daysSinceEpoch: 20_454).month

  init() {
    var random = SplitMix(state: 7)
    population = Population(
      people: (0..<5_000).map { index in
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

  /// The plan, with the lowest rate of its first table as a sweep varies it.
  static func plan(lowestRate: String = "0.10") throws -> Plan {
    var text = """
      plan: size
      title: Twenty components
      currency: CNY
      effective_from: 2026-01-01
      rounding: {places: 2, mode: half_up, level: line}
      figures:
        m2: {metric: m2, of: person, over: month, missing: zero, negative: refuse}
        m3: {metric: m3, of: person, over: month, missing: zero, negative: refuse}
      components:

      """
    for number in 0..<16 {
      let lowest = number == 0 ? lowestRate : "0.1\(number)"
      text += """
          - code: table\(number)
            title: Table \(number)
            kind: rate_table
            metric: m\(number % 8)
            mode: graduated
            boundary: upper_inclusive
            rate_unit: percent
            tiers:
              - {from: 0, to: 10000, rate: \(lowest)}
              - {from: 10000, to: 100000, rate: 0.2\(number)}
              - {from: 100000, to: 500000, rate: 0.3\(number)}
              - {from: 500000, to: unlimited, rate: 0.4\(number)}
            missing: zero
            negative: refuse

        """
    }
    let codes = (0..<16).map { "table\($0)" }.joined(separator: ", ") + ", price, score"
    text += """
        - {code: price, title: Price, kind: unit_price, metric: m1, price: 12, per: 10000, missing: zero, negative: zero}
        - {code: score, title: Score, kind: formula, amount: (m2 + m3) * 0.05%}
        - {code: tier, title: Tier, kind: multiplier, of: [\(codes)], coefficients: {junior: 0.8, senior: 1.2}, missing_tier: refuse}
        - {code: limit, title: Limit, kind: cap, of: [\(codes), tier], limit: 20000, period: month}
      deferral: none

      """
    return try Plan(yaml: text, knownMetrics: Set((0..<8).map { "m\($0)" }))
  }
}

/// Random numbers that are the same in each run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
