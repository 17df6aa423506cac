import CompensationEngine
import Documents
import Foundation
import Quantities
import Testing

/// The month that tests are evaluated for unless they say otherwise.
let december = Month("1993-12")!

/// A plan with these components, written as a user writes it, in one currency with two places.
func planText(
  components: String, deferral: String = "none", places: Int = 2, mode: String = "half_up"
) -> String {
  """
  plan: test
  title: A test
  currency: CNY
  effective_from: 1990-01-01
  rounding: {places: \(places), mode: \(mode), level: line}
  components:
  \(components)
  deferral: \(deferral)

  """
}

/// A unit price on one line.
func unitPrice(
  _ code: String, metric: String, price: String, per: String = "1", missing: String = "zero",
  negative: String = "refuse"
) -> String {
  "  - {code: \(code), title: \(code), kind: unit_price, metric: \(metric), price: \(price), "
    + "per: \(per), missing: \(missing), negative: \(negative)}\n"
}

/// A rate table on one line, from lower bounds and rates; the first bound is 0.
func rateTable(
  _ code: String, metric: String, mode: String = "graduated",
  boundary: String = "upper_inclusive", unit: String = "percent", negative: String = "refuse",
  _ tiers: [(from: String, rate: String)]
) -> String {
  var written: [String] = []
  for (position, tier) in tiers.enumerated() {
    let upTo = position + 1 < tiers.count ? tiers[position + 1].from : "unlimited"
    written.append("{from: \(tier.from), to: \(upTo), rate: \(tier.rate)}")
  }
  return "  - {code: \(code), title: \(code), kind: rate_table, metric: \(metric), mode: \(mode), "
    + "boundary: \(boundary), rate_unit: \(unit), missing: zero, negative: \(negative), "
    + "tiers: [\(written.joined(separator: ", "))]}\n"
}

/// A cap on one line.
func cap(_ code: String, of: [String], limit: String) -> String {
  "  - {code: \(code), title: \(code), kind: cap, of: [\(of.joined(separator: ", "))], "
    + "limit: \(limit), period: month}\n"
}

/// A multiplier on one line.
func multiplier(
  _ code: String, of: [String], coefficients: String, missingTier: String = "refuse"
) -> String {
  "  - {code: \(code), title: \(code), kind: multiplier, of: [\(of.joined(separator: ", "))], "
    + "coefficients: {\(coefficients)}, missing_tier: \(missingTier)}\n"
}

extension Plan {
  /// Evaluates the plan for metrics written as text: `382716.00/31` is a total over a divisor.
  func pay(
    _ metrics: [String: String], tier: String? = nil, month: Month = december
  ) throws -> PayStatement {
    var values: [String: MetricValue] = [:]
    for (name, text) in metrics {
      let value: MetricValue = try #require(MetricValue(text))
      values[name] = value
    }
    return try evaluate(PersonInputs(person: "E100", tier: tier, metrics: values), for: month)
  }
}

extension PayStatement {
  /// The amounts of the lines as they print.
  var amounts: [String] { lines.map(\.amount.description) }
}

/// The problems that reading a plan reports.
func problems(in text: String, knownMetrics: Set<String>? = nil) -> [DocumentProblem] {
  do {
    _ = try Plan(yaml: text, knownMetrics: knownMetrics)
    return []
  } catch {
    return error.problems
  }
}

/// The root of the package, from which tests read the plans and documents that it ships.
let packageRoot = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
