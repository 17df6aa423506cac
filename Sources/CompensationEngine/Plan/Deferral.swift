import Quantities

/// The part of the pay that is paid later, in instalments that are equal unless the plan says parts.
public struct Deferral: Hashable, Sendable {
  /// For whom it is.
  public let covers: Coverage
  /// What is deferred of what is earned.
  public let taken: Taken
  /// The share of each instalment, as fractions that sum to 1; nil where they are equal.
  public let parts: [ExactDecimal]?
  /// How many instalments it is paid in.
  public let instalments: Int
  /// Months from one instalment to the next.
  public let spacingMonths: Int
  /// Months from the month of the pay to the first instalment.
  public let firstDueAfterMonths: Int
  /// The day of the month on which an instalment is due.
  public let dueDay: DueDay

  /// What is deferred of what is earned.
  public enum Taken: Hashable, Sendable {
    /// A share, as a fraction of 1: above 0, at most 1.
    case share(ExactDecimal)
    /// What a formula makes of it.
    case formula(Formula)
  }

  /// The day of the month on which an instalment is due.
  public enum DueDay: String, Sendable, CaseIterable {
    /// The first day.
    case firstDayOfMonth = "first_day_of_month"
    /// The last day.
    case lastDayOfMonth = "last_day_of_month"
  }

  /// The instalments of a deferred amount: equal to the last digit that is paid, or by their parts,
  /// with the units left over on the largest remainders, earlier ones first, so that they sum to the
  /// amount.
  func schedule(
    _ amount: ExactDecimal, from month: Month, places: Int
  ) throws(QuantityError) -> [DeferralInstalment] {
    let weights = parts ?? [ExactDecimal](repeating: .one, count: instalments)
    let parts = try amount.apportioned(by: weights, scale: places)
    return parts.enumerated().map { index, part in
      let due = month.adding(months: firstDueAfterMonths + index * spacingMonths)
      return DeferralInstalment(
        number: index + 1,
        dueOn: dueDay == .firstDayOfMonth ? due.firstDay : due.lastDay, amount: part)
    }
  }
}

/// One instalment of a deferred amount.
public struct DeferralInstalment: Hashable, Sendable {
  /// The number of the instalment, from 1.
  public let number: Int
  /// The day on which it is due.
  public let dueOn: CivilDate
  /// The amount, in the plan's currency and at its places.
  public let amount: ExactDecimal
}
