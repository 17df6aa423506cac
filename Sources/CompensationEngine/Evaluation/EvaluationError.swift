import Quantities

/// Why a plan gives a person no pay for a month. Nothing is guessed: the plan or the inputs must be
/// put right, and then the person is evaluated again.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The code of the plan.
  public let plan: String
  /// The person, as the inputs name them.
  public let person: String
  /// The component that could not be evaluated; nil if it was not a component.
  public let component: String?
  /// What stood in the way.
  public let reason: Reason

  /// What stood in the way of an evaluation.
  public enum Reason: Error, Hashable, Sendable {
    /// The plan does not hold on every day of the month.
    case notInForce(Month, from: CivilDate, until: CivilDate?)
    /// The plan does not cover the person.
    case notCovered
    /// The metric is missing, and the plan refuses that.
    case missingMetric(String)
    /// The metric is below zero, and the plan refuses that.
    case negativeMetric(String, MetricValue)
    /// The divisor of a metric is zero or less.
    case unusableDivisor(String, MetricValue)
    /// A target is missing, or zero or less, and the plan refuses that.
    case missingTarget(ExactRatio)
    /// A name is not in a table that says no value for others.
    case unlistedName(String, table: String)
    /// A pool is shared by people none of whom has points, and the plan refuses that.
    case poolWithoutPoints(String)
    /// The people who share a pool have different amounts for it.
    case poolDiffers(String)
    /// Points below zero.
    case negativePoints(ExactRatio)
    /// Two people have the same rank, and the plan refuses that.
    case tie(ExactRatio)
    /// A deal names a role that the plan does not know.
    case unknownRole(String, deal: String)
    /// No exchange rate of a currency is among the inputs.
    case missingExchangeRate(String)
    /// The person is in the inputs twice.
    case repeated
    /// The person has no tier, and the plan refuses that.
    case missingTier(listed: [String])
    /// The person's tier has no coefficient, and the plan refuses that.
    case unlistedTier(String, listed: [String])
    /// A number has no room for its digits.
    case quantity(QuantityError)
  }

  /// One sentence for a person, with what to do.
  public var description: String {
    let place = component.map { "component \($0) of plan \(plan)" } ?? "plan \(plan)"
    return "no pay for \(person) by \(place): \(reason)"
  }
}

extension EvaluationError.Reason: CustomStringConvertible {
  /// The reason as the rest of a sentence, with what to do.
  public var description: String {
    switch self {
    case .notInForce(let month, let from, let until):
      "the plan holds from \(from)\(until.map { " until before \($0)" } ?? ""), not for all of "
        + "\(month); choose the plan version that covers the month"
    case .notCovered:
      "the plan does not cover the person; choose a plan that does, or change whom it covers"
    case .missingMetric(let name):
      "the metric \(name) is missing; load it, or let the plan say `missing: zero`"
    case .negativeMetric(let name, let value):
      "the metric \(name) is below zero (\(value)); correct it, or let the plan say "
        + "`negative: deduct` or `negative: zero`"
    case .unusableDivisor(let name, let value):
      "the metric \(name) has the divisor \(value.divisor); a divisor must be above zero"
    case .missingTarget(let target):
      "there is no target above zero (\(target)); set one, or let the plan say `no_target: nothing`, "
        + "`met` or `maximum`"
    case .unlistedName(let name, let table):
      "the table \(table) has no value for \(name.isEmpty ? "nobody in particular" : name); add it, "
        + "or let the table say `otherwise`"
    case .poolWithoutPoints(let group):
      "nobody who shares the pool of \(group) has points; correct them, or let the plan say "
        + "`nobody: keep`"
    case .poolDiffers(let group):
      "the people who share the pool of \(group) have different amounts for it; make the pool of "
        + "figures of the unit, the team or the bank"
    case .negativePoints(let points):
      "the points for sharing are below zero (\(points)); correct them, or write max(0, ...)"
    case .tie(let value):
      "another person has the same value \(value); decide who is first, or let the plan say "
        + "`ties: share` or `ties: best`"
    case .unknownRole(let role, let deal):
      "the deal \(deal) names the role \(role), which the plan does not share with; correct the "
        + "deal, or add the role"
    case .missingExchangeRate(let currency):
      "there is no exchange rate of \(currency) for the month; load it"
    case .repeated: "the person stands in the inputs twice; keep one"
    case .missingTier(let listed):
      "the person has no tier; assign one of \(listed.joined(separator: ", ")), or let the plan "
        + "say `missing_tier: 1`"
    case .unlistedTier(let tier, let listed):
      "the tier \(tier) has no coefficient; add it to those of \(listed.joined(separator: ", ")), "
        + "or let the plan say `missing_tier: 1`"
    case .quantity(let error):
      "\(error); check the size of the metrics"
    }
  }
}

/// Why a plan gives a population no pay: everybody for whom something stands in the way.
public struct PopulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What stands in the way, in the order of the people; at least one.
  public let errors: [EvaluationError]
  /// The most that are collected: nobody corrects more at a time.
  static let limit = 100

  /// One line for each.
  public var description: String {
    errors.map(\.description).joined(separator: "\n")
  }
}
