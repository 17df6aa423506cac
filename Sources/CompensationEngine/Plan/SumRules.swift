import Quantities

/// A coefficient on the sum of earlier components. Its line is the difference that the coefficient
/// makes: the sum times (coefficient - 1).
public struct Multiplier: Hashable, Sendable {
  /// The components whose lines are summed.
  public let components: ComponentReferences
  /// The coefficient.
  public let coefficient: Coefficient

  /// Where the coefficient comes from.
  public enum Coefficient: Hashable, Sendable {
    /// The person's tier, by its code; not negative.
    case byTier([String: ExactDecimal], missing: MissingTier)
    /// A formula.
    case formula(Formula)
  }

  /// What happens where no coefficient is known.
  public enum MissingTier: String, Sendable, CaseIterable {
    /// The person's evaluation is refused.
    case refuse
    /// The coefficient is 1.
    case one = "1"
  }
}

/// The most or the least that the sum of earlier components may come to. Its line is what the limit
/// takes away or adds.
public struct Limit: Hashable, Sendable {
  /// The components whose lines are summed.
  public let components: ComponentReferences
  /// The limit, in the plan's currency.
  public let limit: Formula
  /// Whether it is the most (a cap) or the least (a floor).
  public let isMost: Bool
  /// The span that the limit is for.
  public let period: Span
  /// What happens to what lies above a cap.
  public let excess: Excess

  /// What happens to what lies above a cap.
  public enum Excess: String, Sendable, CaseIterable {
    /// It is not paid.
    case lost
    /// It is paid in later months, as far as their limits leave room.
    case carried
  }
}

/// A guaranteed minimum for the sum of earlier components.
public struct Guarantee: Hashable, Sendable {
  /// The components whose lines are summed.
  public let components: ComponentReferences
  /// The minimum, in the plan's currency.
  public let minimum: Formula
  /// The last month that has a minimum; nil while it goes on.
  public let lastMonth: Month?
  /// How what was added is taken back; nil if it never is.
  public let recovery: Recovery?

  /// How a draw is taken back.
  public struct Recovery: Hashable, Sendable {
    /// The share of what lies above the minimum that is taken back.
    public let share: ExactDecimal
    /// The first month in which it is; nil for from the start.
    public let firstMonth: Month?
  }
}

/// An amount of money that the people of a group share, to the last cent.
public struct Pool: Hashable, Sendable {
  /// The amount of the group's pool; nil if its people fund it.
  public let amount: Formula?
  /// What its people give into it; nil if it is an amount.
  public let funding: Funding?
  /// Who shares a pool.
  public let group: PeopleGroup
  /// The points by which it is shared: volume, points, or the shares that a manager decided.
  public let points: Formula
  /// What happens to a pool in whose group nobody has points.
  public let nobody: Nobody

  /// What people give into a pool.
  public struct Funding: Hashable, Sendable {
    /// The components that a part is taken of.
    public let components: ComponentReferences
    /// The part, as a fraction above 0 and up to 1.
    public let share: ExactDecimal
  }

  /// What happens to a pool in whose group nobody has points.
  public enum Nobody: String, Sendable, CaseIterable {
    /// It is not paid.
    case keep
    /// The run is refused.
    case refuse
  }
}

/// A bonus by rank within a group.
public struct RankBonus: Hashable, Sendable {
  /// What people are ranked by.
  public let by: Formula
  /// Among whom.
  public let group: PeopleGroup
  /// Which end is the first rank.
  public let order: Order
  /// What happens to people with the same value.
  public let ties: Ties
  /// The amounts of the ranks, from the first.
  public let amounts: [ExactDecimal]

  /// Which end is the first rank.
  public enum Order: String, Sendable, CaseIterable {
    /// The highest value comes first.
    case highestFirst = "highest_first"
    /// The lowest value comes first.
    case lowestFirst = "lowest_first"
  }

  /// What happens to people with the same value.
  public enum Ties: String, Sendable, CaseIterable {
    /// They share the amounts of the ranks that they take up, to the last cent.
    case share
    /// Each gets the amount of the best of those ranks.
    case best
    /// The run is refused.
    case refuse
  }
}

/// A part of what those earn whom a person leads.
public struct RollUp: Hashable, Sendable {
  /// The components whose lines are summed for each of them.
  public let components: ComponentReferences
  /// What the factor applies to.
  public let takes: Takes
  /// The factor.
  public let factor: ExactDecimal

  /// What the factor applies to.
  public enum Takes: String, Sendable, CaseIterable {
    /// The sum of all of them: the factor is a share.
    case shareOfTotal = "share_of_total"
    /// The average of them: the factor is a multiple.
    case multipleOfAverage = "multiple_of_average"
  }
}
