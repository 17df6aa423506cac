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

  /// Makes the same of a scale that is known to be one.
  private init(unchecked coefficient: Int128, scale: Int) {
    self.coefficient = coefficient
    self.scale = scale
  }

  /// Makes a whole number, which must fit into an `Int128`: only a `UInt128` or a wider type may not.
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
  /// The exact sum, at the larger of the two scales, or at the smallest possible one if only
  /// that has room.
  public static func + (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    try combined(left, right, "+") { $0.addingReportingOverflow($1) }
  }

  /// The exact difference, at the larger of the two scales, or at the smallest possible one if only
  /// that has room.
  public static func - (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    try combined(left, right, "-") { $0.subtractingReportingOverflow($1) }
  }

  @inline(__always)
  private static func combined(
    _ left: ExactDecimal, _ right: ExactDecimal, _ sign: String,
    _ operation: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
  ) throws(QuantityError) -> ExactDecimal {
    if left.scale == right.scale,
      case (let value, false) = operation(left.coefficient, right.coefficient)
    {
      return ExactDecimal(unchecked: value, scale: left.scale)
    }
    func result(at scale: Int) -> ExactDecimal? {
      guard let left = left.units(atScale: scale), let right = right.units(atScale: scale),
        case (let value, false) = operation(left, right)
      else { return nil }
      return ExactDecimal(coefficient: value, scale: scale)
    }
    if let result = result(at: max(left.scale, right.scale)) { return result }
    if let result = result(at: max(left.normalized.scale, right.normalized.scale)) { return result }
    throw .overflow("\(left) \(sign) \(right)")
  }

  /// The exact product, at the sum of the two scales, or with fewer trailing zeros if it only fits
  /// without them.
  public static func * (left: ExactDecimal, right: ExactDecimal) throws(QuantityError)
    -> ExactDecimal
  {
    let (product, overflow) = left.coefficient.multipliedReportingOverflow(by: right.coefficient)
    if !overflow, left.scale + right.scale <= maximumScale {
      return ExactDecimal(unchecked: product, scale: left.scale + right.scale)
    }
    guard let shorter = productWithoutZeros(left, right) else {
      throw .overflow("\(left) × \(right)")
    }
    return shorter
  }

  /// The product of numbers whose coefficients or scales are too large to multiply as they are:
  /// the trailing zeros of the full product are cut until it fits; nil if it never does.
  private static func productWithoutZeros(
    _ left: ExactDecimal, _ right: ExactDecimal
  ) -> ExactDecimal? {
    let isNegative = left.isNegative != right.isNegative
    var scale = left.scale + right.scale
    var (high, low) = left.coefficient.magnitude.multipliedFullWidth(
      by: right.coefficient.magnitude)
    while true {
      if high == 0, scale <= maximumScale, let whole = signed(low, isNegative: isNegative) {
        return ExactDecimal(coefficient: whole, scale: scale)
      }
      if high == 0, low == 0 { return .zero }
      let (shorterHigh, carried) = high.quotientAndRemainder(dividingBy: 10)
      let (shorterLow, remainder) = UInt128(10).dividingFullWidth((carried, low))
      if scale == 0 || remainder != 0 { return nil }
      (high, low, scale) = (shorterHigh, shorterLow, scale - 1)
    }
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

  /// The quotient, rounded once to `scale` digits after the point, from 0 to ``maximumScale``.
  /// Nothing is lost before that rounding, however long the quotient is.
  public func divided(
    by divisor: ExactDecimal, scale target: Int, rounding: Rounding
  ) throws(QuantityError) -> ExactDecimal {
    if divisor.isZero { throw .divisionByZero("\(self) ÷ \(divisor)") }
    let quotient = Self.quotient(
      coefficient, timesTenTo: target + divisor.scale - scale, over: divisor.coefficient, rounding)
    guard let quotient else { throw .overflow("\(self) ÷ \(divisor) to \(target) places") }
    return ExactDecimal(coefficient: quotient, scale: target)
  }

  /// The number with `scale` digits after the point, from 0 to ``maximumScale``: padded with zeros,
  /// or rounded as told.
  public func rounded(toScale target: Int, _ rounding: Rounding) throws(QuantityError)
    -> ExactDecimal
  {
    guard
      let units = target >= scale
        ? units(atScale: target)
        : Self.quotient(coefficient, timesTenTo: target - scale, over: 1, rounding)
    else { throw .overflow("\(self) to \(target) places") }
    return ExactDecimal(coefficient: units, scale: target)
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

  /// `dividend × 10^shift ÷ divisor`, rounded to a whole number; nil if that has no room. The
  /// divisor is not zero.
  private static func quotient(
    _ dividend: Int128, timesTenTo shift: Int, over divisor: Int128, _ rounding: Rounding
  ) -> Int128? {
    let isNegative = (dividend < 0) != (divisor < 0)
    guard let denominator = product(divisor.magnitude, tenTo: max(0, -shift)) else {
      // The divisor has more than 128 bits and the dividend has at most 127: less than a half.
      let remainder: Remainder = dividend == 0 ? .zero : .belowHalf
      let away = rounding.roundsAway(remainder: remainder, isNegative: isNegative, isOdd: false)
      return away ? (isNegative ? -1 : 1) : 0
    }
    // Long division, as on paper, by up to 38 digits at a time.
    var (quotient, remainder) = dividend.magnitude.quotientAndRemainder(dividingBy: denominator)
    var missing = max(0, shift)
    while missing > 0, quotient > 0 || remainder > 0 {
      let count = min(missing, powersOfTen.count - 1)
      let power = powersOfTen[count].magnitude
      guard let longer = product(quotient, tenTo: count) else { return nil }
      let digits: UInt128
      (digits, remainder) = denominator.dividingFullWidth(remainder.multipliedFullWidth(by: power))
      let (sum, overflow) = longer.addingReportingOverflow(digits)
      if overflow { return nil }
      (quotient, missing) = (sum, missing - count)
    }
    let away = rounding.roundsAway(
      remainder: Remainder(remainder, of: denominator), isNegative: isNegative,
      isOdd: quotient & 1 == 1)
    let (magnitude, carry) = quotient.addingReportingOverflow(away ? 1 : 0)
    return carry ? nil : signed(magnitude, isNegative: isNegative)
  }

  /// `number × 10^exponent`, or nil if that has no room in 128 bits.
  private static func product(_ number: UInt128, tenTo exponent: Int) -> UInt128? {
    if number == 0 { return 0 }
    guard let power = powerOfTen(exponent) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: power.magnitude)
    return overflow ? nil : product
  }

  /// A magnitude with its sign; nil if there is no room.
  private static func signed(_ magnitude: UInt128, isNegative: Bool) -> Int128? {
    if magnitude <= Int128.max.magnitude {
      return isNegative ? -Int128(magnitude) : Int128(magnitude)
    }
    return isNegative && magnitude == Int128.min.magnitude ? .min : nil
  }

  /// 10 to a power of at most 38, the largest that an Int128 holds.
  static func powerOfTen(_ exponent: Int) -> Int128? {
    let small = smallPowerOfTen(exponent)
    if small != 0 { return Int128(small) }
    return exponent < powersOfTen.count ? powersOfTen[exponent] : nil
  }

  /// 10 to a power below 10, which is what amounts and rates need; 0 for the others. The compiler makes a
  /// table of it that needs no look whether it is there yet.
  @inline(__always)
  private static func smallPowerOfTen(_ exponent: Int) -> Int64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    case 8: 100_000_000
    case 9: 1_000_000_000
    default: 0
    }
  }

  private static let powersOfTen: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()
}
