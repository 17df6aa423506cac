import Quantities

/// One component of a plan. It gives each person one line a month.
public struct Component: Hashable, Sendable {
  /// The code by which later components and statements refer to it.
  public let code: String
  /// What people call the component, as printed on statements.
  public let title: String
  /// The component's kind.
  public let kind: Kind
  /// How its amount is found.
  public let rule: Rule
  /// For whom it is; others get a line of zero.
  public let appliesTo: Coverage
  /// The condition under which it pays; nil if it always does.
  public let gate: Formula?
  /// Whether the amount is cut down to the days on which the person is paid.
  public let isProrated: Bool
  /// Whether the line is calculated for each tier that the person held in the month, by its days.
  public let goesByTierDays: Bool
  /// The span since which earlier payments of the component are taken off; nil if none are.
  public let lessPaid: Span?
  /// What the person carries to the next month; nil for nothing.
  public let carries: Formula?
  /// Whether the line is part of what is earned, or only shown and used by later components.
  public let isPaid: Bool

  /// The kinds of components, by the names that plans use.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A price for so many units of a metric.
    case unitPrice = "unit_price"
    /// A rate on a metric.
    case rate
    /// Rates on a metric by tiers of its amount.
    case rateTable = "rate_table"
    /// Pay by how much of a target was reached.
    case attainment
    /// Pay by several weighted scores.
    case scorecard
    /// Whatever the others cannot say.
    case formula
    /// A coefficient on earlier components.
    case multiplier
    /// The most that the sum of earlier components may come to.
    case cap
    /// The least that the sum of earlier components comes to.
    case floor
    /// A guaranteed minimum, given or lent.
    case guarantee
    /// An amount of money that a group shares.
    case pool
    /// A bonus by rank within a group.
    case rank
    /// A part of what those earn whom a person leads.
    case rollUp = "roll_up"
    /// Deals that several people share by their roles.
    case dealSplit = "deal_split"
    /// Amounts decided elsewhere, each with its record.
    case entries
  }

  /// How a component's amount is found, with everything that the plan says about it.
  public enum Rule: Hashable, Sendable {
    /// A price for so many units.
    case unitPrice(UnitPrice)
    /// Rates by tiers, or one rate.
    case rateTable(RateTable)
    /// Pay by attainment.
    case attainment(Attainment)
    /// Pay by weighted scores.
    case scorecard(Scorecard)
    /// A formula.
    case formula(Formula)
    /// A coefficient on earlier components.
    case multiplier(Multiplier)
    /// The most or the least that earlier components may come to.
    case limit(Limit)
    /// A guaranteed minimum.
    case guarantee(Guarantee)
    /// A pool of money.
    case pool(Pool)
    /// A bonus by rank.
    case rank(RankBonus)
    /// A part of what others earn.
    case rollUp(RollUp)
    /// Deals shared by roles.
    case dealSplit(DealSplit)
    /// Amounts of a class, decided elsewhere.
    case entries(String)

    /// What the rule pays for, if it pays for one thing.
    var basis: Basis? {
      switch self {
      case .unitPrice(let rule): rule.basis
      case .rateTable(let rule): rule.basis
      default: nil
      }
    }

    /// The earlier components that the rule sums, if it sums any.
    public var adjusted: ComponentReferences? {
      switch self {
      case .multiplier(let rule): rule.components
      case .limit(let rule): rule.components
      case .guarantee(let rule): rule.components
      case .rollUp(let rule): rule.components
      case .pool(let rule): rule.funding?.components
      default: nil
      }
    }
  }
}

/// The earlier components of a plan whose lines a component sums.
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

/// What a price or a rate is paid for: a metric, or what a formula makes of several.
public struct Basis: Hashable, Sendable {
  /// Where it comes from.
  public let source: Source
  /// What happens if it is below zero.
  public let negative: Figure.Negative

  /// Where a basis comes from.
  public enum Source: Hashable, Sendable {
    /// A figure of the plan, by position.
    case figure(Int)
    /// A formula.
    case formula(Formula)
  }
}
