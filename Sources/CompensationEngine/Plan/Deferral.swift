import Quantities

/// The part of the pay that is paid later, in equal instalments.
public struct Deferral: Hashable, Sendable {
  /// The share that is deferred, as a fraction of 1: above 0, at most 1.
  public let share: ExactDecimal
  /// How many instalments it is paid in.
  public let instalments: Int
  /// Months from one instalment to the next.
  public let spacingMonths: Int
  /// Months from the month of the pay to the first instalment.
  public let firstDueAfterMonths: Int
  /// The day of the month on which an instalment is due.
  public let dueDay: DueDay

  /// The day of the month on which an instalment is due.
  public enum DueDay: String, Sendable, CaseIterable {
    /// The first day.
    case firstDayOfMonth = "first_day_of_month"
    /// The last day.
    case lastDayOfMonth = "last_day_of_month"
  }

  /// The instalments of a deferred amount: equal to the last digit that is paid, with the units
  /// left over on the earliest ones (the largest-remainder rule), so that they sum to the amount.
  func schedule(
    _ amount: ExactDecimal, from month: Month, places: Int
  ) throws(QuantityError) -> [DeferralInstalment] {
    let weights = [ExactDecimal](repeating: .one, count: instalments)
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
