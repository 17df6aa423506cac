import Quantities

/// Rates on a metric by tiers of its amount. The tiers start at zero, follow each other without a
/// gap or an overlap, and the last one has no upper bound.
public struct RateTable: Hashable, Sendable {
  /// The metric that is paid for.
  public let metric: MetricUse
  /// Whether each tier's rate applies to its slice or one rate to all.
  public let mode: Mode
  /// Which tier an amount exactly on a bound belongs to.
  public let boundary: Boundary
  /// The unit of the rates.
  public let unit: RateUnit
  /// The tiers, from the lowest.
  public let tiers: [RateTier]

  /// How the rates apply.
  public enum Mode: String, Sendable, CaseIterable {
    /// Each tier's rate applies to the slice of the amount that lies in the tier, as in a
    /// progressive tax.
    case graduated
    /// The rate of the tier that the amount reaches applies to the whole amount.
    case whole
  }

  /// Which tier an amount exactly on the bound between two tiers belongs to.
  public enum Boundary: String, Sendable, CaseIterable {
    /// The lower tier: its upper bound is inclusive.
    case upperInclusive = "upper_inclusive"
    /// The higher tier: its lower bound is inclusive.
    case lowerInclusive = "lower_inclusive"
  }
}

/// One tier of a rate table.
public struct RateTier: Hashable, Sendable {
  /// The amounts that the tier covers.
  public let range: TierRange
  /// The rate as the plan writes it, in the table's unit.
  public let rate: ExactDecimal
  /// The rate as a plain factor: 0.10 percent is 0.0010.
  let factor: ExactDecimal

  init(range: TierRange, rate: ExactDecimal, unit: RateUnit) {
    self.range = range
    self.rate = rate
    self.factor = ExactDecimal(
      coefficient: rate.coefficient, scale: rate.scale + unit.decimalShift)
  }
}

/// The unit of a rate. A plan always says it, because 0.5 may be a half or a two-hundredth.
public enum RateUnit: String, Sendable, Codable, CaseIterable {
  /// A fraction of 1: 0.001 pays 1 for every 1,000.
  case fraction
  /// Hundredths: 0.1 pays 1 for every 1,000.
  case percent
  /// Thousandths: 1 pays 1 for every 1,000.
  case perMille = "per_mille"
  /// Currency for each unit of the metric, such as 150 for each loan.
  case price

  /// The rate of this unit that pays the whole amount, 1 for every 1; nil for a price, which is not
  /// a share of anything.
  var whole: ExactDecimal? {
    switch self {
    case .fraction: .one
    case .percent: ExactDecimal(100)
    case .perMille: ExactDecimal(1000)
    case .price: nil
    }
  }

  /// How many places the decimal point moves from the unit to a plain factor.
  var decimalShift: Int {
    switch self {
    case .fraction, .price: 0
    case .percent: 2
    case .perMille: 3
    }
  }
}

extension RateTable {
  func evaluate(_ quantity: ExactRatio, into steps: inout [ArithmeticStep]) throws(QuantityError)
    -> ExactRatio
  {
    // A deducted quantity earns what its magnitude would, with the other sign.
    let isDeducted = quantity.total.isNegative
    let magnitude = isDeducted ? try quantity.total.negated() : quantity.total
    return switch mode {
    case .graduated:
      try evaluateSlices(magnitude, quantity.divisor, isDeducted: isDeducted, into: &steps)
    case .whole:
      try evaluateWhole(magnitude, quantity.divisor, isDeducted: isDeducted, into: &steps)
    }
  }

  private func evaluateSlices(
    _ magnitude: ExactDecimal, _ divisor: ExactDecimal, isDeducted: Bool,
    into steps: inout [ArithmeticStep]
  ) throws(QuantityError) -> ExactRatio {
    let isWhole = divisor == .one
    let firstSlice = steps.count
    var sum = ExactDecimal.zero
    for tier in tiers {
      let from = isWhole ? tier.range.from : try tier.range.from * divisor
      let above = try magnitude - from
      if above.coefficient <= 0 { break }
      // A full slice is a round number that needs no divisor, which is how a person expects it.
      var slice = ExactRatio(total: above, divisor: divisor)
      var part = above
      if let upTo = tier.range.upTo {
        let width = try upTo - tier.range.from
        let scaledWidth = isWhole ? width : try width * divisor
        if try !(above - scaledWidth).isNegative {
          slice = ExactRatio(width)
          part = scaledWidth
        }
      }
      if isDeducted {
        slice = ExactRatio(total: try slice.total.negated(), divisor: slice.divisor)
        part = try part.negated()
      }
      sum = try sum + part * tier.factor
      steps.append(
        step(
          .slice, tier, slice,
          result: ExactRatio(total: try slice.total * tier.factor, divisor: slice.divisor)))
    }
    let amount = ExactRatio(total: sum, divisor: divisor)
    if steps.count > firstSlice + 1 {
      let slices = steps[firstSlice...]
      steps.append(
        ArithmeticStep(
          .slices,
          terms: slices.enumerated().map {
            .init($0.offset == 0 ? .start : .plus, $0.element.result)
          },
          result: amount))
    }
    return amount
  }

  private func evaluateWhole(
    _ magnitude: ExactDecimal, _ divisor: ExactDecimal, isDeducted: Bool,
    into steps: inout [ArithmeticStep]
  ) throws(QuantityError) -> ExactRatio {
    var reached = tiers[0]
    for tier in tiers.dropFirst() {
      let above = try magnitude - tier.range.from * divisor
      if above.isNegative || (above.isZero && boundary == .upperInclusive) { break }
      reached = tier
    }
    let quantity = ExactRatio(
      total: isDeducted ? try magnitude.negated() : magnitude, divisor: divisor)
    let amount = ExactRatio(total: try quantity.total * reached.factor, divisor: divisor)
    steps.append(step(.wholeTier, reached, quantity, result: amount))
    return amount
  }

  private func step(
    _ purpose: ArithmeticStep.Purpose, _ tier: RateTier, _ quantity: ExactRatio, result: ExactRatio
  ) -> ArithmeticStep {
    ArithmeticStep(
      purpose, range: tier.range,
      terms: [.init(.start, quantity), .init(.times, tier.rate, unit: unit)], result: result)
  }
}
