import Quantities

/// What a plan needs to know about one person for one month.
public struct PersonInputs: Hashable, Sendable {
  /// The person's employee number or any other name; it appears in errors only.
  public var person: String
  /// The code of the person's tier; nil if they have none.
  public var tier: String?
  /// The person's metrics by name. Metrics that the plan does not use change nothing.
  public var metrics: [String: MetricValue]

  /// Joins the inputs.
  public init(person: String, tier: String?, metrics: [String: MetricValue]) {
    self.person = person
    self.tier = tier
    self.metrics = metrics
  }
}

/// One person's pay for one month. `earned` is the exact sum of the lines, `payable` and `deferred`
/// sum to `earned`, and the instalments sum to `deferred`.
public struct PayStatement: Hashable, Sendable {
  /// One line for each component, in the order of the plan.
  public let lines: [PayLine]
  /// The sum of all lines, before deferral.
  public let earned: ExactDecimal
  /// What is paid later; zero if nothing or less than nothing was earned.
  public let deferred: ExactDecimal
  /// What is paid for this month: earned less deferred. It may be negative after deductions.
  public let payable: ExactDecimal
  /// When the deferred amount is due; empty if nothing is deferred.
  public let instalments: [DeferralInstalment]
}

/// One line of a statement: what one component gives.
public struct PayLine: Hashable, Sendable {
  /// The number of the line, from 1: the position of the component in the plan.
  public let number: Int
  /// The component's code.
  public let component: String
  /// The component's kind.
  public let kind: Component.Kind
  /// The component's title.
  public let title: String
  /// The amount, rounded to the plan's places, in the plan's currency.
  public let amount: ExactDecimal
  /// The name of the metric that the line pays for; nil for multipliers and caps.
  public let metric: String?
  /// The value of the metric as it was given, or zero where it was missing; nil for multipliers and
  /// caps.
  public let basis: MetricValue?
  /// How the amount came about, in order.
  public let arithmetic: [ArithmeticStep]
}
