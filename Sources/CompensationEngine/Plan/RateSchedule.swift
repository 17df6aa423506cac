import Quantities

/// What an amount is worth by tiers of it: the heart of rate tables, attainment curves, risk
/// deposits and lookups. The tiers follow each other without a gap or an overlap.
public struct RateSchedule: Hashable, Sendable {
  /// How the rates apply.
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
    /// Each tier adds its rate in proportion to how far it is filled, and the sum applies to the
    /// whole amount.
    case interpolated
    /// The first tier's rate applies to what lies in it, and the rate of the tier that the amount
    /// reaches to all that lies above.
    case overage
    /// The rate of the tier that the amount reaches is the result itself.
    case level
    /// The result lies on the straight line between two points.
    case line
  }

  /// Which tier an amount exactly on the bound between two tiers belongs to.
  public enum Boundary: String, Sendable, CaseIterable {
    /// The lower tier: its upper bound is inclusive.
    case upperInclusive = "upper_inclusive"
    /// The higher tier: its lower bound is inclusive.
    case lowerInclusive = "lower_inclusive"
  }
}

/// One tier of a schedule; for a ``RateSchedule/Mode/line``, the stretch from one point to the next.
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
    self.factor = unit.factor(rate)
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

  /// A rate of this unit as a plain factor.
  func factor(_ rate: ExactDecimal) -> ExactDecimal {
    ExactDecimal(coefficient: rate.coefficient, scale: rate.scale + decimalShift)
  }
}

extension RateSchedule {
  /// What a quantity is worth. Below zero it is worth what its magnitude is, with the other sign,
  /// unless the tiers themselves reach below zero.
  func evaluate(_ quantity: ExactRatio, into trace: inout Trace) throws(QuantityError)
    -> ExactRatio
  {
    switch mode {
    case .level, .line: return try evaluatePoint(quantity, into: &trace)
    default: break
    }
    let isDeducted = quantity.total.isNegative
    let magnitude = isDeducted ? try quantity.total.negated() : quantity.total
    return switch mode {
    case .whole:
      try evaluateWhole(magnitude, quantity.divisor, isDeducted: isDeducted, into: &trace)
    case .interpolated:
      try evaluateFilling(
        ExactRatio(total: magnitude, divisor: quantity.divisor), isDeducted: isDeducted,
        into: &trace)
    default:
      try evaluateSlices(magnitude, quantity.divisor, isDeducted: isDeducted, into: &trace)
    }
  }

  /// The tier that a quantity reaches; below the first one it is the first.
  func tierReached(
    _ total: ExactDecimal, _ divisor: ExactDecimal
  ) throws(QuantityError) -> RateTier {
    var reached = tiers[0]
    for tier in tiers.dropFirst() {
      let above =
        divisor == .one
        ? try total - tier.range.from : try total - tier.range.from * divisor
      if above.isNegative || (above.isZero && boundary == .upperInclusive) { break }
      reached = tier
    }
    return reached
  }

  private func evaluateSlices(
    _ magnitude: ExactDecimal, _ divisor: ExactDecimal, isDeducted: Bool, into trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    let isWhole = divisor == .one
    // In an overage table all that lies above the first tier is one slice, at one rate.
    let slices = mode == .overage ? try overageTiers(magnitude, divisor) : tiers
    let firstSlice = trace.steps.count
    var sum = ExactDecimal.zero
    for tier in slices {
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
      if trace.isExplaining {
        trace.steps.append(
          step(
            .slice, tier, slice,
            result: ExactRatio(total: try slice.total * tier.factor, divisor: slice.divisor)))
      }
    }
    let amount = ExactRatio(total: sum, divisor: divisor)
    if trace.steps.count > firstSlice + 1 {
      let terms = trace.steps[firstSlice...].enumerated().map {
        ArithmeticStep.Term($0.offset == 0 ? .start : .plus, $0.element.result)
      }
      trace.steps.append(ArithmeticStep(.slices, terms: terms, result: amount))
    }
    return amount
  }

  /// The first tier, and one for all that lies above it at the rate of the tier reached.
  private func overageTiers(
    _ magnitude: ExactDecimal, _ divisor: ExactDecimal
  ) throws(QuantityError) -> [RateTier] {
    let reached = try tierReached(magnitude, divisor)
    guard let upTo = tiers[0].range.upTo, reached != tiers[0] else { return [tiers[0]] }
    return [
      tiers[0],
      RateTier(range: TierRange(from: upTo, upTo: nil), rate: reached.rate, unit: unit),
    ]
  }

  private func evaluateWhole(
    _ magnitude: ExactDecimal, _ divisor: ExactDecimal, isDeducted: Bool, into trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    let reached = try tierReached(magnitude, divisor)
    let quantity = ExactRatio(
      total: isDeducted ? try magnitude.negated() : magnitude, divisor: divisor)
    let amount = ExactRatio(total: try quantity.total * reached.factor, divisor: divisor)
    if trace.isExplaining {
      trace.steps.append(step(.wholeTier, reached, quantity, result: amount))
    }
    return amount
  }

  /// Each tier's rate times how far it is filled, summed: the rate for the whole quantity.
  private func evaluateFilling(
    _ magnitude: ExactRatio, isDeducted: Bool, into trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    var rate = ExactRatio.zero
    var terms: [ArithmeticStep.Term] = []
    for tier in tiers {
      guard let upTo = tier.range.upTo else { break }
      let above = try magnitude - ExactRatio(tier.range.from)
      if above.total.coefficient <= 0 { break }
      let width = ExactRatio(try upTo - tier.range.from)
      let input = try above.compared(to: width) < 0 ? above : width
      let part = try input * ExactRatio(tier.factor) / width
      rate = try rate + part
      if trace.isExplaining {
        trace.steps.append(
          ArithmeticStep(
            .slice, range: tier.range,
            terms: [
              .init(.start, input), .init(.dividedBy, width), .init(.times, tier.rate, unit: unit),
            ], result: part))
        terms.append(.init(terms.isEmpty ? .start : .plus, part))
      }
    }
    let quantity = isDeducted ? try magnitude.negated() : magnitude
    let amount = try quantity * rate
    if trace.isExplaining {
      if terms.count > 1 { trace.steps.append(ArithmeticStep(.slices, terms: terms, result: rate)) }
      trace.steps.append(
        ArithmeticStep(
          .adjustment, terms: [.init(.start, quantity), .init(.times, rate)], result: amount))
    }
    return amount
  }

  /// The value of the tier reached, or the point on the line between two.
  private func evaluatePoint(
    _ quantity: ExactRatio, into trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    let reached = try tierReached(quantity.total, quantity.divisor)
    let start = ExactRatio(reached.factor)
    let next = tiers.first { $0.range.from == reached.range.upTo }
    let above = try quantity - ExactRatio(reached.range.from)
    guard mode == .line, let next, above.total.coefficient > 0 else {
      if trace.isExplaining {
        trace.steps.append(
          ArithmeticStep(
            .level, range: reached.range, terms: [.init(.start, reached.rate, unit: unit)],
            result: start))
      }
      return start
    }
    let width = ExactRatio(try next.range.from - reached.range.from)
    let rise = ExactRatio(try next.factor - reached.factor)
    let climbed = try above / width * rise
    let result = try climbed + start
    if trace.isExplaining {
      trace.steps.append(
        ArithmeticStep(
          .slice, range: reached.range,
          terms: [
            .init(.start, above), .init(.dividedBy, width), .init(.times, rise),
            .init(.plus, start),
          ], result: result))
    }
    return result
  }

  private func step(
    _ purpose: ArithmeticStep.Purpose, _ tier: RateTier, _ quantity: ExactRatio, result: ExactRatio
  ) -> ArithmeticStep {
    ArithmeticStep(
      purpose, range: tier.range,
      terms: [.init(.start, quantity), .init(.times, tier.rate, unit: unit)], result: result)
  }
}
