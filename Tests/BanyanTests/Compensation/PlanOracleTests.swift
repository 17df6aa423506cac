import CompensationEngine
import Foundation
import Quantities
import TestSupport
import Testing

/// A random plan in two languages: as the plan that the engine evaluates, and as one SQL statement in
/// `numeric` that does the same in the slowest and most obvious way.
private struct TwoLanguagePlan {
  private var random: SplitMix
  private(set) var yaml = ""
  /// The line of each component as a SQL expression over the metrics and the lines before it.
  private(set) var sql: [String] = []
  private(set) var people: [(person: String, tier: String, metrics: [String])] = []

  static let metricCount = 4

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    yaml = """
      plan: oracle
      title: Oracle
      currency: CNY
      effective_from: 2020-01-01
      rounding: {places: 2, mode: half_up, level: line}
      figures:

      """
    for metric in 0..<Self.metricCount {
      yaml +=
        "  f\(metric): {metric: m\(metric), of: person, over: month, missing: zero, negative: keep}\n"
    }
    yaml += "components:\n"
    for number in 0..<random.number(3, 7) { add(component: number) }
    yaml += "deferral: none\n"
    for number in 0..<25 {
      people.append(
        (
          person: "E\(number)", tier: number % 2 == 0 ? "junior" : "senior",
          metrics: (0..<Self.metricCount).map { _ in
            (random.number(0, 5) == 0 ? "-" : "") + random.decimal(3_000_000, 2)
          }
        ))
    }
  }

  /// One statement that gives person, then every line.
  var statement: String {
    var text =
      "with p0 (person, tier, \((0..<Self.metricCount).map { "m\($0)" }.joined(separator: ", "))) as (values "
    text += people.map { person in
      "('\(person.person)', '\(person.tier)', \(person.metrics.map { "\($0)::numeric" }.joined(separator: ", ")))"
    }.joined(separator: ", ")
    text += ")"
    for (number, expression) in sql.enumerated() {
      // Sixty places make every quotient exact enough that rounding it again cannot go wrong.
      text +=
        ", p\(number + 1) as (select *, round((\(expression)), 2) as c\(number) from p\(number))"
    }
    let lines = sql.indices.map { "c\($0)" }.joined(separator: ", ")
    return text + " select person, \(lines) from p\(sql.count) order by length(person), person"
  }

  private mutating func add(component number: Int) {
    let code = "c\(number)"
    let metric = random.number(0, Self.metricCount - 1)
    switch number == 0 ? 0 : random.number(0, 6) {
    case 0: addPrice(code, metric)
    case 1: addTable(code, metric, "graduated")
    case 2: addTable(code, metric, "whole")
    case 3: addTable(code, metric, "overage")
    case 4:
      yaml +=
        "  - {code: \(code), title: T, kind: multiplier, of: \(earlier(number)), "
        + "coefficient: \"if(tier = 'junior', 0.85, 1.35)\"}\n"
      sql.append("(\(sum(number))) * (case tier when 'junior' then 0.85 else 1.35 end - 1)")
    case 5:
      let limit = random.number(0, 5_000)
      yaml +=
        "  - {code: \(code), title: T, kind: floor, of: \(earlier(number)), "
        + "limit: \(limit), period: month}\n"
      sql.append("greatest(0, \(limit) - (\(sum(number))))")
    default:
      let (plan, oracle) = formula(depth: 3, lines: number)
      yaml += "  - {code: \(code), title: T, kind: formula, amount: \"\(plan)\"}\n"
      sql.append(oracle)
    }
  }

  /// All components before one: an adjustment names what earlier ones made of others too.
  private func earlier(_ number: Int) -> String {
    "[" + (0..<number).map { "c\($0)" }.joined(separator: ", ") + "]"
  }

  private func sum(_ number: Int) -> String {
    (0..<number).map { "c\($0)" }.joined(separator: " + ")
  }

  private mutating func addPrice(_ code: String, _ metric: Int) {
    let price = random.decimal(20, 3)
    let per = ["1", "3", "7", "10000"][random.number(0, 3)]
    yaml +=
      "  - {code: \(code), title: T, kind: unit_price, metric: m\(metric), price: \(price), "
      + "per: \(per), missing: zero, negative: deduct}\n"
    sql.append(quotient("m\(metric) * \(price)", per))
  }

  private mutating func addTable(_ code: String, _ metric: Int, _ mode: String) {
    let boundary = random.number(0, 1) == 0 ? "upper_inclusive" : "lower_inclusive"
    var bounds = [0]
    for _ in 0..<random.number(1, 4) {
      bounds.append((bounds.last ?? 0) + random.number(1, 60) * 10_000)
    }
    let rates = bounds.map { _ in random.decimal(3, 3) }
    yaml +=
      "  - {code: \(code), title: T, kind: rate_table, metric: m\(metric), mode: \(mode), "
      + "boundary: \(boundary), rate_unit: percent, missing: zero, negative: deduct, tiers: ["
    for index in bounds.indices {
      let end = index + 1 < bounds.count ? "\(bounds[index + 1])" : "unlimited"
      yaml +=
        "{from: \(bounds[index]), to: \(end), rate: \(rates[index])}"
        + (index + 1 < bounds.count ? ", " : "")
    }
    yaml += "]}\n"
    let amount = "abs(m\(metric))"
    let sign = boundary == "upper_inclusive" ? ">" : ">="
    let reached =
      "case "
      + bounds.indices.reversed().map { index in
        index == 0
          ? "else \(rates[0])" : "when \(amount) \(sign) \(bounds[index]) then \(rates[index])"
      }.joined(separator: " ") + " end"
    let slices = bounds.indices.map { index in
      let end = index + 1 < bounds.count ? "least(\(amount), \(bounds[index + 1]))" : amount
      return "greatest(0, \(end) - \(bounds[index])) * \(rates[index])"
    }
    let value =
      switch mode {
      case "whole": "\(amount) * (\(reached))"
      case "overage":
        "least(\(amount), \(bounds[1])) * \(rates[0]) + greatest(0, \(amount) - \(bounds[1])) * (\(reached))"
      default: slices.joined(separator: " + ")
      }
    sql.append("sign(m\(metric)) * (\(value)) * 0.01")
  }

  /// A quotient with so many places that its last one does not matter.
  private func quotient(_ dividend: String, _ divisor: String) -> String {
    "((\(dividend)) * 1.\(String(repeating: "0", count: 60))) / \(divisor)"
  }

  private mutating func formula(depth: Int, lines: Int) -> (plan: String, sql: String) {
    if depth == 0 || random.number(0, 3) == 0 {
      switch random.number(0, 2) {
      case 0:
        let number = random.decimal(50, 2)
        return (number, number)
      case 1:
        let line = random.number(0, lines - 1)
        return ("c\(line)", "c\(line)")
      default:
        let metric = random.number(0, Self.metricCount - 1)
        return ("f\(metric)", "m\(metric)")
      }
    }
    let (left, leftSQL) = formula(depth: depth - 1, lines: lines)
    let (right, rightSQL) = formula(depth: depth - 1, lines: lines)
    switch random.number(0, 6) {
    case 0: return ("(\(left) + \(right))", "(\(leftSQL) + \(rightSQL))")
    case 1: return ("(\(left) - \(right))", "(\(leftSQL) - \(rightSQL))")
    case 2: return ("\(left) * 0.37%", "(\(leftSQL)) * 0.0037")
    case 3:
      let divisor = [3, 7, 11, 13][random.number(0, 3)]
      return ("(\(left)) / \(divisor)", "(" + quotient(leftSQL, "\(divisor)") + ")")
    case 4: return ("min(\(left), \(right))", "least(\(leftSQL), \(rightSQL))")
    case 5: return ("max(\(left), \(right))", "greatest(\(leftSQL), \(rightSQL))")
    default:
      return (
        "if(\(left) > \(right), \(left), \(right) / 2)",
        "(case when \(leftSQL) > \(rightSQL) then \(leftSQL) else "
          + quotient(rightSQL, "2") + " end)"
      )
    }
  }
}

/// Numbers that are the same in every run.
private struct SplitMix {
  var state: UInt64

  mutating func number(_ lowest: Int, _ highest: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return lowest + Int(mixed % UInt64(highest - lowest + 1))
  }

  mutating func decimal(_ limit: Int, _ places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    return ExactDecimal(coefficient: Int128(number(0, limit * scale)), scale: places).description
  }
}

@Suite struct PlanOracleTests {
  @Test("The engine agrees with PostgreSQL's numeric, to the last digit", arguments: 0..<12)
  func agrees(block: Int) async throws {
    let database = try await TestServer.emptyDatabase()
    let month = try #require(Month("2026-01"))
    for seed in 0..<10 {
      let both = TwoLanguagePlan(seed: UInt64(block * 10 + seed))
      let plan = try Plan(yaml: both.yaml)
      let population = Population(
        people: both.people.map { person in
          var metrics: [String: MetricValue] = [:]
          for (index, value) in person.metrics.enumerated() {
            metrics["m\(index)"] = MetricValue(value)
          }
          return PersonInputs(person: person.person, tier: person.tier, metrics: metrics)
        })
      let engine = try plan.evaluate(population, for: month).enumerated().map { index, statement in
        ([both.people[index].person] + (statement?.lines.map(\.amount.description) ?? []))
          .joined(separator: "|")
      }
      let oracle = try await psql(both.statement, in: database)
        .split(separator: "\n").map(String.init)
      #expect(engine == oracle, "seed \(block * 10 + seed)\n\(both.yaml)")
    }
  }
}
