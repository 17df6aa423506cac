import Documents
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
  /// Whom the plan pays.
  public let covers: Coverage
  /// How amounts are rounded.
  public let rounding: PlanRounding
  /// Numbers with a name, for formulas.
  public let parameters: [Parameter]
  /// Where the rates of other currencies come from.
  public let exchange: Exchange
  /// What formulas and components take of people, units and the bank. Metrics that a component names
  /// by itself are figures without a name.
  public let figures: [Figure]
  /// Tables that formulas look into.
  public let tables: [LookupTable]
  /// The components in the order of evaluation; a component refers to earlier ones only.
  public let components: [Component]
  /// How a part of the pay is paid later, for whom; the first that covers a person holds.
  public let deferrals: [Deferral]
  /// What the plan says, whatever its layout and the order of its keys.
  public let canonicalText: String
  /// What is allowed but unusual, for the person who approves the plan.
  public let warnings: [DocumentProblem]
  let aggregates: [Aggregate]

  /// The names of the metrics that the plan needs for each person, unit, team or the bank.
  public var metrics: Set<String> {
    Set(figures.compactMap(\.measure?.metric)).union(
      components.compactMap { component -> String? in
        switch component.rule {
        case .dealSplit(let rule): rule.metric
        case .rateTable(let rule): rule.transactions
        default: nil
        }
      })
  }

  /// How a part of everybody's pay is paid later; nil if all is paid at once.
  public var deferral: Deferral? { deferrals.first }

  /// Whether the plan holds on every day of a month.
  public func isInForce(for month: Month) -> Bool {
    guard effectiveFrom <= month.firstDay else { return false }
    guard let effectiveUntil else { return true }
    return month.lastDay < effectiveUntil
  }
}

/// The rounding of a plan.
public struct PlanRounding: Hashable, Sendable {
  /// Digits after the point of every amount that is paid.
  public let places: Int
  /// What happens to the digits that do not fit.
  public let mode: Rounding
  /// Where rounding happens.
  public let level: Level
  /// Digits after the point of each line, where only the total is rounded to what is paid.
  public let linePlaces: Int

  /// Where rounding happens.
  public enum Level: String, Sendable, CaseIterable {
    /// Each line is rounded, and totals are exact sums of the rounded lines.
    case line
    /// Lines keep more digits, the total is rounded, and one line more holds the difference.
    case total
  }
}

/// A number with a name.
public struct Parameter: Hashable, Sendable {
  /// The name by which formulas refer to it.
  public let name: String
  /// The number; a percentage is a fraction here.
  public let value: ExactDecimal
}

/// Whom a plan, a component or a deferral is for: all of the conditions that are there must hold.
public struct Coverage: Hashable, Sendable {
  /// The posts; nil for all.
  public let posts: Set<String>?
  /// The tiers; nil for all.
  public let tiers: Set<String>?
  /// The units; nil for all.
  public let units: Set<String>?

  /// Everybody.
  public static let everyone = Coverage(posts: nil, tiers: nil, units: nil)

  /// Whether a person belongs to it. Somebody without a post is in no list of posts.
  public func includes(_ person: PersonInputs) -> Bool {
    func holds(_ names: Set<String>?, _ name: String?) -> Bool {
      names.map { name.map($0.contains) ?? false } ?? true
    }
    return holds(posts, person.post) && holds(tiers, person.tier) && holds(units, person.unit)
  }
}

/// Where the rates of other currencies come from.
public enum Exchange: Hashable, Sendable {
  /// The plan knows one currency only.
  case none
  /// The plan says the rates: what one unit of each currency is in its own.
  case fixed([String: ExactDecimal])
  /// The inputs bring the rates of a day.
  case dated(Day)

  /// The day of a rate.
  public enum Day: String, Sendable, CaseIterable {
    /// The rate of the last day of the month.
    case monthEnd = "month_end"
    /// The average of the month's rates.
    case monthAverage = "month_average"
  }
}
