import Quantities

/// A number about a person, a unit or the bank that a plan takes from outside, or makes of others.
public struct Figure: Hashable, Sendable {
  /// The name by which formulas refer to it; nil for the metric of a single component.
  public let name: String?
  /// Where it comes from.
  public let source: Source
  /// What happens to a person for whom it is missing.
  public let missing: Missing
  /// What happens if it is below zero.
  public let negative: Negative
  /// Whether it is cut down to the days on which the person is paid.
  public let isProrated: Bool
  /// The currency that it is in, if that is another than the plan's.
  public let currency: String?

  /// Where a figure comes from.
  public enum Source: Hashable, Sendable {
    /// It is measured, or a target for what is measured.
    case measure(Measure)
    /// It is made of other figures.
    case formula(Formula)
  }

  /// What happens where a figure is missing.
  public enum Missing: Hashable, Sendable {
    /// It counts as so much; zero most of the time.
    case counts(ExactDecimal)
    /// The person's evaluation is refused.
    case refuse
  }

  /// What happens to a figure below zero.
  public enum Negative: String, Sendable, CaseIterable {
    /// It counts as it is: what its magnitude would earn is deducted.
    case deduct
    /// It counts as zero.
    case zero
    /// The person's evaluation is refused.
    case refuse
  }

  /// What the figure measures; nil for those that are made of others.
  public var measure: Measure? {
    if case .measure(let measure) = source { measure } else { nil }
  }
}

/// What is measured: which metric, or the target for it, of whom and since when.
public struct Measure: Hashable, Sendable {
  /// The name of the metric.
  public let metric: String
  /// Whether it is the target for the metric rather than the metric.
  public let isTarget: Bool
  /// Whose it is.
  public let owner: Owner
  /// Since when it is summed.
  public let span: Span

  /// Whose a figure is.
  public enum Owner: String, Sendable, CaseIterable {
    /// The person's own.
    case person
    /// That of the person's unit.
    case unit
    /// That of the person's team.
    case team
    /// That of the whole bank.
    case bank
  }

  /// As people read it: `loans_granted_amount`, `target of loans_granted_amount of the unit`.
  var title: String {
    (isTarget ? "target of " : "") + metric
      + (owner == .person ? "" : owner == .bank ? " of the bank" : " of the \(owner.rawValue)")
      + (span == .month ? "" : " in the \(span.rawValue)")
  }
}

/// A span of time that ends with the month that is paid for.
public enum Span: String, Sendable, CaseIterable {
  /// The month itself.
  case month
  /// The quarter, up to the end of the month.
  case quarter
  /// The year, up to the end of the month.
  case year
}
