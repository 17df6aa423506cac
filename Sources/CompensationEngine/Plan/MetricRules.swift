import Quantities

/// A price for so many units: 1.20 for every 10,000 of average deposits. The price applies to every
/// unit, not to full steps only.
public struct UnitPrice: Hashable, Sendable {
  /// What is paid for.
  public let basis: Basis
  /// The price, in the plan's currency.
  public let price: ExactDecimal
  /// How many units the price is for; above zero.
  public let per: ExactDecimal

  func evaluate(_ quantity: ExactRatio, into trace: inout Trace) throws(QuantityError)
    -> ExactRatio
  {
    let amount = ExactRatio(
      total: try quantity.total * price,
      divisor: quantity.isWhole ? per : try quantity.divisor * per)
    trace.add(
      ArithmeticStep(
        .price,
        terms: [.init(.start, quantity), .init(.times, price), .init(.dividedBy, per)],
        result: amount))
    return amount
  }
}

/// Rates by tiers of an amount; one rate is a table of one tier.
public struct RateTable: Hashable, Sendable {
  /// What is paid for; nil for a table that is applied to each transaction.
  public let basis: Basis?
  /// The metric whose transactions are paid for one by one; nil for others.
  public let transactions: String?
  /// Since when amounts are summed before the table is applied; what the table gives for the time
  /// before the month is taken off, unless the component takes off what it paid.
  public let span: Span
  /// The figure of the same metric over that span; nil for the month alone.
  let cumulative: Int?
  /// The rates.
  public let schedule: RateSchedule

  /// The tiers, from the lowest.
  public var tiers: [RateTier] { schedule.tiers }
}

/// Pay by how much of a target was reached.
public struct Attainment: Hashable, Sendable {
  /// What was reached.
  public let actual: Formula
  /// What was to be reached.
  public let target: Formula
  /// What happens without a target, or with one of zero or less.
  public let noTarget: NoTarget
  /// What reaching the target is worth, in the plan's currency.
  public let worth: Formula
  /// What each attainment is worth as a factor; bounds are fractions of the target.
  public let schedule: RateSchedule

  /// What happens without a target.
  public enum NoTarget: String, Sendable, CaseIterable {
    /// The person's evaluation is refused.
    case refuse
    /// The attainment counts as zero.
    case nothing
    /// The attainment counts as exactly the target.
    case met
    /// The attainment counts as the start of the last tier.
    case maximum
  }
}

/// Pay by several weighted scores.
public struct Scorecard: Hashable, Sendable {
  /// What the full score is worth, in the plan's currency.
  public let worth: Formula
  /// The score that is full: 1 or 100.
  public let fullScore: ExactDecimal
  /// The items; their weights sum to 100.
  public let items: [Item]
  /// The least that the weighted score counts as.
  public let atLeast: ExactDecimal?
  /// The most that the weighted score counts as.
  public let atMost: ExactDecimal?

  /// One item.
  public struct Item: Hashable, Sendable {
    /// What people call it.
    public let title: String
    /// Its weight in percent.
    public let weight: ExactDecimal
    /// Its score.
    public let score: Formula
    /// The least that the score counts as.
    public let atLeast: ExactDecimal?
    /// The most that the score counts as.
    public let atMost: ExactDecimal?
  }
}

/// Deals that several people share by their roles, such as main and assisting managers, or the one
/// who referred a client. Each deal's pay is rounded and then shared out to the last cent.
public struct DealSplit: Hashable, Sendable {
  /// The metric whose deals are shared.
  public let metric: String
  /// What a deal pays, by its amount.
  public let schedule: RateSchedule
  /// The share of each role, as fractions that sum to 1.
  public let roles: [Role]
  /// Who gets the share of a role that nobody has in a deal.
  public let absentRole: AbsentRole

  /// A role and its share.
  public struct Role: Hashable, Sendable {
    /// The name of the role.
    public let name: String
    /// Its share, as a fraction of 1.
    public let share: ExactDecimal
  }

  /// Who gets the share of a role that nobody has.
  public enum AbsentRole: String, Sendable, CaseIterable {
    /// The others, by their shares.
    case others
    /// Nobody: it is not paid.
    case nobody
  }
}
