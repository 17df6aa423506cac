import Quantities

/// A coefficient, by the person's tier, on the sum of earlier components. Its line is the
/// difference that the coefficient makes: the sum times (coefficient - 1).
public struct TierMultiplier: Hashable, Sendable {
  /// The components whose lines are summed.
  public let components: ComponentReferences
  /// The coefficient of each tier, by the tier's code; not negative.
  public let coefficients: [String: ExactDecimal]
  /// What happens to a person without a tier, or with one that the plan does not list.
  public let missingTier: MissingTier

  /// What happens where no coefficient is known.
  public enum MissingTier: String, Sendable, CaseIterable {
    /// The person's evaluation is refused.
    case refuse
    /// The coefficient is 1.
    case one = "1"
  }

  func evaluate(
    _ sum: ExactRatio, tier: String?, into steps: inout [ArithmeticStep]
  ) throws(QuantityError) -> ExactRatio {
    let listed = tier.flatMap { coefficients[$0] }
    let coefficient = listed ?? .one
    let difference = ExactRatio(try coefficient - .one)
    steps.append(
      ArithmeticStep(
        .coefficient, subject: listed == nil ? "" : tier ?? "",
        terms: [.init(.start, coefficient), .init(.minus, .one)], result: difference))
    let amount = ExactRatio(try sum.total * difference.total)
    steps.append(
      ArithmeticStep(
        .adjustment, terms: [.init(.start, sum), .init(.times, difference)], result: amount))
    return amount
  }
}

/// A limit on the sum of earlier components. Its line is what the limit takes away: zero or less.
public struct Cap: Hashable, Sendable {
  /// The components whose lines are summed.
  public let components: ComponentReferences
  /// The most that the sum may come to, in the plan's currency.
  public let limit: ExactDecimal
  /// The period that the limit is for.
  public let period: Period

  /// The period of a limit.
  public enum Period: String, Sendable, CaseIterable {
    /// One calendar month.
    case month
  }

  func evaluate(_ sum: ExactRatio, into steps: inout [ArithmeticStep]) throws(QuantityError)
    -> ExactRatio
  {
    let room = try limit - sum.total
    let amount = ExactRatio(room.isNegative ? room : .zero)
    steps.append(
      ArithmeticStep(
        .cap,
        terms: [.init(.start, limit), .init(.minus, sum), .init(.atMost, ExactRatio.zero)],
        result: amount))
    return amount
  }
}
