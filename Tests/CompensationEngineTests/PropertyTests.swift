import CompensationEngine
import Foundation
import Quantities
import Testing

/// Numbers that look random and are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func decimal(upTo limit: Int, places: Int) -> String {
    let power = Int(pow(10, Double(places)))
    return ExactDecimal(
      coefficient: Int128(Int.random(in: 0...limit * power, using: &self)), scale: places
    ).description
  }
}

/// A random plan with positive prices and rates, and random people for it.
struct RandomPlan {
  var numbers: SeededNumbers
  let tiers = ["junior", "senior"]
  private var metricCount = 0
  private var codes: [String] = []

  init(seed: Int) { numbers = SeededNumbers(seed: UInt64(seed)) }

  /// Metric components, then multipliers and caps, each on all lines before it.
  mutating func text() -> String {
    var components = ""
    metricCount = Int.random(in: 1...4, using: &numbers)
    for position in 0..<metricCount {
      codes.append("c\(position)")
      components += metricComponent("c\(position)", metric: "m\(position)")
    }
    for position in 0..<Int.random(in: 0...3, using: &numbers) {
      let code = "a\(position)"
      components +=
        Bool.random(using: &numbers)
        ? cap(code, of: codes, limit: numbers.decimal(upTo: 9_000, places: 2))
        : multiplier(
          code, of: codes,
          coefficients: tiers.map { "\($0): \(numbers.decimal(upTo: 2, places: 2))" }
            .joined(separator: ", "))
      codes.append(code)
    }
    let mode = Rounding.allCases.randomElement(using: &numbers)?.rawValue ?? "half_up"
    let deferral =
      Bool.random(using: &numbers)
      ? "none"
      : "{share: 0.\(Int.random(in: 1...99, using: &numbers)), "
        + "instalments: \(Int.random(in: 1...7, using: &numbers)), spacing_months: 12, "
        + "first_due_after_months: 12, due_day: last_day_of_month}"
    return planText(components: components, deferral: deferral, mode: mode)
  }

  private mutating func metricComponent(_ code: String, metric: String) -> String {
    if Bool.random(using: &numbers) {
      return unitPrice(
        code, metric: metric, price: numbers.decimal(upTo: 20, places: 3),
        per: ["1", "3", "10000"].randomElement(using: &numbers) ?? "1", negative: "deduct")
    }
    var bound = 0
    var rate = 0
    var rows: [(from: String, rate: String)] = []
    for _ in 0...Int.random(in: 0...4, using: &numbers) {
      rows.append(
        (from: "\(bound)", rate: "\(rate / 100).\(rate % 100 < 10 ? "0" : "")\(rate % 100)"))
      bound += Int.random(in: 1...40_000, using: &numbers)
      rate += Int.random(in: 0...150, using: &numbers)
    }
    return rateTable(
      code, metric: metric, mode: Bool.random(using: &numbers) ? "graduated" : "whole",
      boundary: Bool.random(using: &numbers) ? "upper_inclusive" : "lower_inclusive",
      negative: "deduct", rows)
  }

  /// Metrics for one person; about one in ten is missing, and about one in five negative.
  mutating func metrics() -> [String: String] {
    var metrics: [String: String] = [:]
    for position in 0..<metricCount where Int.random(in: 0..<10, using: &numbers) > 0 {
      let sign = Int.random(in: 0..<5, using: &numbers) == 0 ? "-" : ""
      let divisor = ["", "/31", "/7", "/29.5"].randomElement(using: &numbers) ?? ""
      metrics["m\(position)"] = sign + numbers.decimal(upTo: 3_000_000, places: 2) + divisor
    }
    return metrics
  }
}

@Suite("Properties of all plans")
struct PropertyTests {
  @Test("Sums are exact at every level, and every step recomputes", arguments: 0..<150)
  func sumsAndSteps(seed: Int) throws {
    var random = RandomPlan(seed: seed)
    let plan = try Plan(yaml: random.text())
    for _ in 0..<5 {
      let statement = try plan.pay(random.metrics(), tier: random.tiers[seed % 2])
      #expect(try sum(statement.lines.map(\.amount)) == statement.earned)
      #expect(try statement.payable + statement.deferred == statement.earned)
      #expect(try sum(statement.instalments.map(\.amount)) == statement.deferred)
      #expect(statement.lines.map(\.number) == Array(1...plan.components.count))
      for line in statement.lines {
        #expect(line.amount.scale == plan.rounding.places)
        for step in line.arithmetic { try expectRecomputes(step) }
        let last = try #require(line.arithmetic.last)
        #expect(last.purpose == .rounding && last.result == ExactRatio(line.amount))
        let unrounded = line.arithmetic[line.arithmetic.count - 2].result
        let mode = try #require(Rounding(rawValue: last.subject))
        #expect(try unrounded.rounded(places: last.result.total.scale, mode) == line.amount)
      }
    }
  }

  @Test("More of a paid metric never pays less", arguments: 0..<150)
  func monotone(seed: Int) throws {
    var random = RandomPlan(seed: 1_000 + seed)
    let plan = try Plan(yaml: random.text())
    for _ in 0..<5 {
      var metrics = random.metrics()
      guard let name = metrics.keys.sorted().first, let text = metrics[name],
        let value = MetricValue(text)
      else { continue }
      let before = try plan.pay(metrics, tier: "senior")
      let more = try #require(ExactDecimal(random.numbers.decimal(upTo: 100_000, places: 2)))
      metrics[name] = ExactRatio(total: try value.total + more, divisor: value.divisor).description
      let after = try plan.pay(metrics, tier: "senior")
      #expect(after.earned >= before.earned, "\(name) from \(text) by \(more)")
    }
  }

  @Test(
    "A metric that nobody uses, and the order of a file's keys, change nothing", arguments: 0..<50)
  func indifference(seed: Int) throws {
    var random = RandomPlan(seed: 2_000 + seed)
    let text = random.text()
    let plan = try Plan(yaml: text)
    let lines = text.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("components") })
    let end = try #require(lines.firstIndex { $0.hasPrefix("deferral") })
    let turned = lines[end...] + lines[start..<end] + lines[..<start].reversed()
    let other = try Plan(yaml: turned.joined(separator: "\n"))
    #expect(other == plan && other.canonicalText == plan.canonicalText)
    #expect(try Plan(yaml: plan.canonicalText) == plan)
    let metrics = random.metrics()
    let more = metrics.merging(["unused": "99"]) { $1 }
    #expect(try plan.pay(metrics, tier: "junior") == other.pay(more, tier: "junior"))
  }

  @Test(
    "The JSON of the arithmetic is what a JSON encoder makes, and reads back", arguments: 0..<30)
  func json(seed: Int) throws {
    var random = RandomPlan(seed: 3_000 + seed)
    let plan = try Plan(yaml: random.text())
    for line in try plan.pay(random.metrics(), tier: "junior").lines {
      let ours = Data(line.arithmeticJSON.utf8)
      #expect(try JSONDecoder().decode([ArithmeticStep].self, from: ours) == line.arithmetic)
      let theirs = try JSONSerialization.jsonObject(with: JSONEncoder().encode(line.arithmetic))
      #expect(try JSONSerialization.jsonObject(with: ours) as? NSArray == theirs as? NSArray)
    }
  }

  private func sum(_ amounts: [ExactDecimal]) throws -> ExactDecimal {
    var sum = ExactDecimal.zero
    for amount in amounts { try sum += amount }
    return sum
  }

  /// Folds the terms from left to right as fractions and compares with the result.
  private func expectRecomputes(_ step: ArithmeticStep) throws {
    guard !step.terms.isEmpty, step.purpose != .condition else { return }
    var (total, divisor) = (ExactDecimal.zero, ExactDecimal.one)
    for term in step.terms {
      var value = term.value
      switch term.unit {
      case .percent:
        value = ExactRatio(total: value.total, divisor: try value.divisor * ExactDecimal(100))
      case .perMille:
        value = ExactRatio(total: value.total, divisor: try value.divisor * ExactDecimal(1000))
      case .fraction, .price, nil: break
      }
      switch term.operation {
      case .start: (total, divisor) = (value.total, value.divisor)
      case .plus, .minus:
        // Only different divisors are multiplied, so that there is room for the digits of long sums.
        let (left, right) =
          divisor == value.divisor
          ? (total, value.total) : (try total * value.divisor, try value.total * divisor)
        if divisor != value.divisor { divisor = try divisor * value.divisor }
        total = term.operation == .plus ? try left + right : try left - right
      case .times: (total, divisor) = (try total * value.total, try divisor * value.divisor)
      case .dividedBy: (total, divisor) = (try total * value.divisor, try divisor * value.total)
      case .atMost:
        if try total * value.divisor > value.total * divisor {
          (total, divisor) = (value.total, value.divisor)
        }
      case .atLeast:
        if try total * value.divisor < value.total * divisor {
          (total, divisor) = (value.total, value.divisor)
        }
      case .comparedWith: break
      }
    }
    #expect(try total * step.result.divisor == step.result.total * divisor, "\(step)")
  }
}
