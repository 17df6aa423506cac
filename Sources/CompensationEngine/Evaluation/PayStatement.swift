import Quantities

/// One person's pay for one month. `earned` is the exact sum of the paid lines, `payable` and
/// `deferred` sum to `earned`, and the instalments sum to `deferred`.
public struct PayStatement: Hashable, Sendable {
  /// One line for each component, in the order of the plan.
  public let lines: [PayLine]
  /// The sum of the lines that are paid, before deferral.
  public let earned: ExactDecimal
  /// What is paid later; zero if nothing or less than nothing was earned.
  public let deferred: ExactDecimal
  /// What is paid for this month: earned less deferred. It may be negative after deductions.
  public let payable: ExactDecimal
  /// When the deferred amount is due; empty if nothing is deferred.
  public let instalments: [DeferralInstalment]
  /// What the person carries to the next month, by the code of the component, where it is not zero.
  public let carried: [String: ExactDecimal]
}

/// One line of a statement: what one component gives.
public struct PayLine: Hashable, Sendable {
  /// The number of the line, from 1: the position of the component in the plan.
  public let number: Int
  /// The component's code.
  public let component: String
  /// The component's kind; nil for the line that holds the rounding of a total.
  public let kind: Component.Kind?
  /// The component's title.
  public let title: String
  /// The amount, rounded to the plan's places, in the plan's currency.
  public let amount: ExactDecimal
  /// Whether the amount is part of what is earned; if not, it is only shown.
  public let isPaid: Bool
  /// The name of the metric that the line pays for; nil for lines that pay for no single one.
  public let metric: String?
  /// The value of the metric as it was given, or zero where it was missing; nil for lines without a
  /// metric.
  public let basis: MetricValue?
  /// How the amount came about, in order; empty if nobody asked for it.
  public let arithmetic: [ArithmeticStep]
}
