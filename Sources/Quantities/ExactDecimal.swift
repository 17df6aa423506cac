/// An exact decimal number: an integer coefficient of up to 38 digits and a scale, so that
/// `value = coefficient / 10^scale`. It is the number of every amount, rate, share and balance in
/// Banyan; binary floating point never touches one.
///
/// Sums and products are exact or they throw ``QuantityError/overflow(_:)``; only
/// ``divided(by:scale:rounding:)`` and ``rounded(toScale:_:)`` round, and both make the caller say
/// how. Equality, order and hashing go by value, so `1.5 == 1.50`; the scale is kept for printing.
public struct ExactDecimal: Sendable {
  /// The digits, with the sign: 12.30 has the coefficient 1230.
  public let coefficient: Int128
  /// The number of digits after the decimal point, from 0 to ``maximumScale``.
  public let scale: Int

  /// The largest scale, which is PostgreSQL's own limit for `numeric`.
  public static let maximumScale = 16_383
  /// Zero, with no digits after the point.
  public static let zero = ExactDecimal(0)
  /// One, with no digits after the point.
  public static let one = ExactDecimal(1)

  /// Makes `coefficient / 10^scale`. The scale must be from 0 to ``maximumScale``.
  public init(coefficient: Int128, scale: Int) {
    precondition((0...Self.maximumScale).contains(scale), "a scale is from 0 to 16383")
    self.coefficient = coefficient
    self.scale = scale
  }

  /// Makes a whole number.
  public init(_ value: some BinaryInteger) {
    self.init(coefficient: Int128(value), scale: 0)
  }

  /// Whether the value is exactly zero.
  public var isZero: Bool { coefficient == 0 }
  /// Whether the value is below zero.
  public var isNegative: Bool { coefficient < 0 }

  /// The same value without trailing zeros after the point: 1.50 becomes 1.5.
  public var normalized: ExactDecimal {
    var coefficient = coefficient
    var scale = scale
    if coefficient == 0 { return .zero }
    while scale > 0 {
      let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
      if remainder != 0 { break }
      coefficient = quotient
      scale -= 1
    }
    return ExactDecimal(coefficient: coefficient, scale: scale)
  }
}

// MARK: - Comparison

extension ExactDecimal: Comparable, Hashable {
  /// Whether both are the same number, whatever their scales.
  public static func == (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.scale == right.scale { return left.coefficient == right.coefficient }
    let (left, right) = (left.normalized, right.normalized)
    return left.scale == right.scale && left.coefficient == right.coefficient
  }

  /// Whether the left number is the smaller one, whatever their scales.
  public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.scale == right.scale { return left.coefficient < right.coefficient }
    let (left, right) = (left.normalized, right.normalized)
    if left.isNegative != right.isNegative { return left.isNegative }
    let scale = max(left.scale, right.scale)
    if let leftUnits = left.units(atScale: scale), let rightUnits = right.units(atScale: scale) {
      return leftUnits < rightUnits
    }
    // One of them has no room for the other's scale: the whole parts decide, then the digits after
    // the point, one by one.
    let (leftWhole, rightWhole) = (left.wholePart, right.wholePart)
    if leftWhole != rightWhole { return leftWhole < rightWhole }
    for position in 1...scale {
      let (leftDigit, rightDigit) = (left.digit(at: position), right.digit(at: position))
      if leftDigit != rightDigit { return leftDigit < rightDigit }
    }
    return false
  }

  /// Feeds the value, not its scale, to the hasher.
  public func hash(into hasher: inout Hasher) {
    let value = normalized
    hasher.combine(value.coefficient)
    hasher.combine(value.scale)
  }

  /// The part before the decimal point, cut towards zero.
  public var wholePart: Int128 {
    guard let power = Self.powerOfTen(scale) else { return 0 }
    return coefficient / power
  }

  /// The signed digit at a position after the decimal point; the first is 1.
  private func digit(at position: Int) -> Int128 {
    guard position <= scale, let power = Self.powerOfTen(scale - position) else { return 0 }
    return (coefficient / power) % 10
  }
}

// MARK: - Arithmetic

extension ExactDecimal {
  /// The exact sum, at the larger of the two scales.
  public static func + (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    let (leftUnits, rightUnits, scale) = try aligned(left, right)
    let (sum, overflow) = leftUnits.addingReportingOverflow(rightUnits)
    if overflow { throw .overflow("\(left) + \(right)") }
    return ExactDecimal(coefficient: sum, scale: scale)
  }

  /// The exact difference, at the larger of the two scales.
  public static func - (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    try left + right.negated()
  }

  /// The exact product, at the sum of the two scales.
  public static func * (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    let (product, overflow) = left.coefficient.multipliedReportingOverflow(by: right.coefficient)
    if !overflow, left.scale + right.scale <= maximumScale {
      return ExactDecimal(coefficient: product, scale: left.scale + right.scale)
    }
    let (short, other) = (left.normalized, right.normalized)
    let (shorter, still) = short.coefficient.multipliedReportingOverflow(by: other.coefficient)
    if still || short.scale + other.scale > maximumScale { throw .overflow("\(left) × \(right)") }
    return ExactDecimal(coefficient: shorter, scale: short.scale + other.scale)
  }

  /// Adds in place.
  public static func += (left: inout ExactDecimal, right: ExactDecimal) throws(QuantityError) {
    left = try left + right
  }

  /// The same number with the other sign.
  public func negated() throws(QuantityError) -> ExactDecimal {
    if coefficient == .min { throw .overflow("-(\(self))") }
    return ExactDecimal(coefficient: -coefficient, scale: scale)
  }

  /// The number without its sign.
  public func magnitude() throws(QuantityError) -> ExactDecimal {
    isNegative ? try negated() : self
  }

  /// The quotient, rounded once to `scale` digits after the point. The intermediate has 256 bits,
  /// so nothing is lost before that rounding.
  public func divided(
    by divisor: ExactDecimal, scale target: Int, rounding: Rounding
  ) throws(QuantityError) -> ExactDecimal {
    if divisor.isZero { throw .divisionByZero("\(self) ÷ \(divisor)") }
    var shift = target + divisor.scale - scale
    var (dividend, divisor) = (self, divisor)
    if !(-38...38).contains(shift) {
      (dividend, divisor) = (dividend.normalized, divisor.normalized)
      shift = target + divisor.scale - dividend.scale
    }
    guard let power = Self.powerOfTen(abs(shift)) else {
      throw .overflow("\(self) ÷ \(divisor) to \(target) places")
    }
    let coefficient = try Self.scaledQuotient(
      dividend.coefficient, times: shift > 0 ? power : 1,
      over: divisor.coefficient, times: shift < 0 ? power : 1, rounding)
    return ExactDecimal(coefficient: coefficient, scale: target)
  }

  /// The number with `scale` digits after the point: padded with zeros, or rounded as told.
  public func rounded(toScale target: Int, _ rounding: Rounding) throws(QuantityError)
    -> ExactDecimal
  {
    if target >= scale {
      guard let units = units(atScale: target) else {
        throw .overflow("\(self) to \(target) places")
      }
      return ExactDecimal(coefficient: units, scale: target)
    }
    guard let power = Self.powerOfTen(scale - target) else {
      return ExactDecimal(
        coefficient: rounding.roundsAway(remainder: .belowHalf(isZero), of: coefficient, odd: false)
          ? coefficient.signum() : 0, scale: target)
    }
    let rounded = try Self.scaledQuotient(coefficient, times: 1, over: power, times: 1, rounding)
    return ExactDecimal(coefficient: rounded, scale: target)
  }

  /// The coefficient that this value has at another scale, or nil where digits would be lost or
  /// there is no room.
  public func units(atScale target: Int) -> Int128? {
    if target == scale || coefficient == 0 { return coefficient }
    guard let power = Self.powerOfTen(abs(target - scale)) else { return nil }
    if target > scale {
      let (product, overflow) = coefficient.multipliedReportingOverflow(by: power)
      return overflow ? nil : product
    }
    let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: power)
    return remainder == 0 ? quotient : nil
  }

  private static func aligned(
    _ left: ExactDecimal, _ right: ExactDecimal
  ) throws(QuantityError) -> (Int128, Int128, scale: Int) {
    if left.scale == right.scale { return (left.coefficient, right.coefficient, left.scale) }
    let scale = max(left.scale, right.scale)
    if let leftUnits = left.units(atScale: scale), let rightUnits = right.units(atScale: scale) {
      return (leftUnits, rightUnits, scale)
    }
    let (short, other) = (left.normalized, right.normalized)
    let least = max(short.scale, other.scale)
    guard let leftUnits = short.units(atScale: least), let rightUnits = other.units(atScale: least)
    else { throw .overflow("\(left) and \(right) have no common scale of 38 digits") }
    return (leftUnits, rightUnits, least)
  }

  /// `dividend × dividendFactor ÷ (divisor × divisorFactor)`, rounded to a whole number.
  private static func scaledQuotient(
    _ dividend: Int128, times dividendFactor: Int128, over divisor: Int128,
    times divisorFactor: Int128, _ rounding: Rounding
  ) throws(QuantityError) -> Int128 {
    let overflow = QuantityError.overflow("a quotient of more than 38 digits")
    let wide = dividend.magnitude.multipliedFullWidth(by: dividendFactor.magnitude)
    let (denominator, denominatorOverflow) =
      divisor.magnitude.multipliedReportingOverflow(by: divisorFactor.magnitude)
    if denominatorOverflow || wide.high >= denominator { throw overflow }
    let (quotient, remainder) = denominator.dividingFullWidth(wide)
    let negative = (dividend < 0) != (divisor < 0)
    let away = rounding.roundsAway(
      remainder: Remainder(remainder, of: denominator), of: negative ? -1 : 1,
      odd: quotient & 1 == 1)
    let (magnitude, carry) = quotient.addingReportingOverflow(away ? 1 : 0)
    if carry || magnitude > UInt128(Int128.max) { throw overflow }
    return negative ? -Int128(magnitude) : Int128(magnitude)
  }

  /// 10 to a power of at most 38, the largest that an Int128 holds.
  static func powerOfTen(_ exponent: Int) -> Int128? {
    exponent < powersOfTen.count ? powersOfTen[exponent] : nil
  }

  private static let powersOfTen: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()
}
