import Quantities

/// One version of a compensation plan, as the bank wrote and approved it. It never changes: a new
/// rule is a new version. `docs/plans.md` is the reference of the language it is written in.
public struct Plan: Hashable, Sendable {
  /// The code of the plan, such as `berka-1993`.
  public let code: String
  /// What people call the plan.
  public let title: String
  /// The currency of every amount in the plan and of all pay under it.
  public let currency: Currency
  /// The first day on which the plan holds.
  public let effectiveFrom: CivilDate
  /// The first day on which the plan no longer holds; nil while it is open.
  public let effectiveUntil: CivilDate?
  /// How amounts are rounded.
  public let rounding: PlanRounding
  /// The components in the order of evaluation; a component refers to earlier ones only.
  public let components: [Component]
  /// How a part of the pay is paid later; nil if all is paid at once.
  public let deferral: Deferral?

  /// The names of the metrics that the plan needs for each person.
  public var metrics: Set<String> {
    Set(components.compactMap(\.rule.metric?.name))
  }

  /// Whether the plan holds on every day of a month.
  public func isInForce(for month: Month) -> Bool {
    guard effectiveFrom <= month.firstDay else { return false }
    guard let effectiveUntil else { return true }
    return month.lastDay < effectiveUntil
  }
}

/// The rounding of a plan: every line is rounded once, at its end.
public struct PlanRounding: Hashable, Sendable {
  /// Digits after the point of every amount that is paid.
  public let places: Int
  /// What happens to the digits that do not fit.
  public let mode: Rounding
  /// Where rounding happens.
  public let level: Level

  /// Where rounding happens.
  public enum Level: String, Sendable, CaseIterable {
    /// Each line is rounded, and totals are exact sums of the rounded lines.
    case line
  }
}

/// One component of a plan. It gives each person one line a month.
public struct Component: Hashable, Sendable {
  /// The code by which later components and statements refer to it.
  public let code: String
  /// What people call the component, as printed on statements.
  public let title: String
  /// How its amount is found.
  public let rule: Rule

  /// The name of the component's kind.
  public var kind: Kind {
    switch rule {
    case .unitPrice: .unitPrice
    case .rateTable: .rateTable
    case .multiplier: .multiplier
    case .cap: .cap
    }
  }

  /// The kinds of components, by the names that plans use.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A price for so many units of a metric.
    case unitPrice = "unit_price"
    /// Rates on a metric by tiers of its amount.
    case rateTable = "rate_table"
    /// A coefficient, by the person's tier, on earlier components.
    case multiplier
    /// A limit on the sum of earlier components.
    case cap
  }

  /// How a component's amount is found, with everything that the plan says about it.
  public enum Rule: Hashable, Sendable {
    /// A price for so many units of a metric.
    case unitPrice(UnitPrice)
    /// Rates on a metric by tiers of its amount.
    case rateTable(RateTable)
    /// A coefficient, by the person's tier, on earlier components.
    case multiplier(TierMultiplier)
    /// A limit on the sum of earlier components.
    case cap(Cap)

    /// The metric that the rule pays for, if it pays for one.
    public var metric: MetricUse? {
      switch self {
      case .unitPrice(let rule): rule.metric
      case .rateTable(let rule): rule.metric
      case .multiplier, .cap: nil
      }
    }

    /// The earlier components that the rule adjusts, if it adjusts any.
    public var adjusted: ComponentReferences? {
      switch self {
      case .unitPrice, .rateTable: nil
      case .multiplier(let rule): rule.components
      case .cap(let rule): rule.components
      }
    }
  }
}

/// A metric as a component uses it: what happens where it is missing or negative.
public struct MetricUse: Hashable, Sendable {
  /// The name of the metric.
  public let name: String
  /// What happens to a person for whom the metric is missing.
  public let missing: Missing
  /// What happens if the metric is below zero.
  public let negative: Negative

  /// What happens where a metric is missing.
  public enum Missing: String, Sendable, CaseIterable {
    /// It counts as zero.
    case zero
    /// The person's evaluation is refused.
    case refuse
  }

  /// What happens to a metric below zero.
  public enum Negative: String, Sendable, CaseIterable {
    /// What its magnitude would earn is deducted.
    case deduct
    /// It counts as zero.
    case zero
    /// The person's evaluation is refused.
    case refuse
  }
}

/// The earlier components of a plan that a multiplier or a cap applies to.
public struct ComponentReferences: Hashable, Sendable {
  /// Their codes, in the order in which the plan names them.
  public let codes: [String]
  /// Their positions among the plan's components, counted from 0.
  public let positions: [Int]
  /// The codes joined for print, once for the plan and not once for each person.
  let listing: String

  init(codes: [String], positions: [Int]) {
    self.codes = codes
    self.positions = positions
    self.listing = codes.joined(separator: " + ")
  }
}
