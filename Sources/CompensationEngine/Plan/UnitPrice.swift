import Quantities

/// A price for so many units of a metric: 1.20 for every 10,000 of average deposits. The price
/// applies to every unit, not to full steps only.
public struct UnitPrice: Hashable, Sendable {
  /// The metric that is paid for.
  public let metric: MetricUse
  /// The price, in the plan's currency.
  public let price: ExactDecimal
  /// How many units of the metric the price is for; above zero.
  public let per: ExactDecimal

  func evaluate(_ quantity: ExactRatio, into steps: inout [ArithmeticStep]) throws(QuantityError)
    -> ExactRatio
  {
    let amount = ExactRatio(
      total: try quantity.total * price,
      divisor: quantity.isWhole ? per : try quantity.divisor * per)
    steps.append(
      ArithmeticStep(
        .price,
        terms: [.init(.start, quantity), .init(.times, price), .init(.dividedBy, per)],
        result: amount))
    return amount
  }
}
