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
    /// The metric is missing, and the plan refuses that.
    case missingMetric(String)
    /// The metric is below zero, and the plan refuses that.
    case negativeMetric(String, MetricValue)
    /// The divisor of a metric is zero or less.
    case unusableDivisor(String, MetricValue)
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
    case .missingMetric(let name):
      "the metric \(name) is missing; load it, or let the plan say `missing: zero`"
    case .negativeMetric(let name, let value):
      "the metric \(name) is below zero (\(value)); correct it, or let the plan say "
        + "`negative: deduct` or `negative: zero`"
    case .unusableDivisor(let name, let value):
      "the metric \(name) has the divisor \(value.divisor); a divisor must be above zero"
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
