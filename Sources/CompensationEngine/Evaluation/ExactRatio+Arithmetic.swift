import Quantities

/// Exact arithmetic with fractions. Nothing is divided and nothing is rounded; where the digits of a
/// result would not fit, common factors are cancelled first, and only what does not fit then throws.
extension ExactRatio {
  @inline(__always)
  static func + (left: ExactRatio, right: ExactRatio) throws(QuantityError) -> ExactRatio {
    if left.isWhole, right.isWhole { return ExactRatio(try left.total + right.total) }
    return try left.combined(with: right) { (a, b) throws(QuantityError) in try a + b }
  }

  @inline(__always)
  static func - (left: ExactRatio, right: ExactRatio) throws(QuantityError) -> ExactRatio {
    if left.isWhole, right.isWhole { return ExactRatio(try left.total - right.total) }
    return try left.combined(with: right) { (a, b) throws(QuantityError) in try a - b }
  }

  private func combined(
    with other: ExactRatio,
    _ operation: (ExactDecimal, ExactDecimal) throws(QuantityError) -> ExactDecimal
  ) throws(QuantityError) -> ExactRatio {
    if divisor == other.divisor {
      return ExactRatio(total: try operation(total, other.total), divisor: divisor)
    }
    do throws(QuantityError) {
      return ExactRatio(
        total: try operation(try total * other.divisor, try other.total * divisor),
        divisor: try divisor * other.divisor)
    } catch {
      let (left, right) = (lowestTerms, other.lowestTerms)
      let common = ExactDecimal(
        greatestCommonDivisor(
          left.divisor.coefficient.magnitude, right.divisor.coefficient.magnitude))
      let leftPart = try left.divisor.dividedExactly(by: common)
      let rightPart = try right.divisor.dividedExactly(by: common)
      return ExactRatio(
        total: try operation(try left.total * rightPart, try right.total * leftPart),
        divisor: try left.divisor * rightPart)
    }
  }

  @inline(__always)
  static func * (left: ExactRatio, right: ExactRatio) throws(QuantityError) -> ExactRatio {
    if left.isWhole, right.isWhole { return ExactRatio(try left.total * right.total) }
    do throws(QuantityError) {
      return ExactRatio(
        total: try left.total * right.total,
        divisor: left.isWhole
          ? right.divisor : right.isWhole ? left.divisor : try left.divisor * right.divisor)
    } catch {
      let first = ExactRatio(total: left.total, divisor: right.divisor).lowestTerms
      let second = ExactRatio(total: right.total, divisor: left.divisor).lowestTerms
      return ExactRatio(
        total: try first.total * second.total, divisor: try first.divisor * second.divisor)
    }
  }

  static func / (left: ExactRatio, right: ExactRatio) throws(QuantityError) -> ExactRatio {
    if right.total.isZero { throw .divisionByZero("\(left) ÷ \(right)") }
    let isNegative = right.total.isNegative
    let turned = ExactRatio(
      total: isNegative ? try right.divisor.negated() : right.divisor,
      divisor: isNegative ? try right.total.negated() : right.total)
    return (try left * turned).divided
  }

  /// The quotient, where it ends within a few digits; else the fraction as it is. It keeps numbers
  /// short and explanations readable, and changes no value.
  private var divided: ExactRatio {
    if isWhole { return self }
    guard
      let quotient = try? total.divided(by: divisor, scale: Self.endingPlaces, rounding: .down),
      let product = try? quotient * divisor, product == total
    else { return self }
    return ExactRatio(quotient.normalized)
  }

  /// Within how many digits after the point a quotient has to end to be written as a decimal.
  private static let endingPlaces = 12

  func negated() throws(QuantityError) -> ExactRatio {
    ExactRatio(total: try total.negated(), divisor: divisor)
  }

  /// Below zero, zero or above zero as this fraction is the smaller, the same or the larger one.
  func compared(to other: ExactRatio) throws(QuantityError) -> Int {
    if divisor == other.divisor { return total.order(against: other.total) }
    do throws(QuantityError) {
      return (try total * other.divisor).order(against: try other.total * divisor)
    } catch {
      let difference = try lowestTerms - other.lowestTerms
      return difference.total.order(against: .zero)
    }
  }

  /// The same fraction of two whole numbers without a common factor.
  var lowestTerms: ExactRatio {
    let total = total.normalized
    let divisor = divisor.normalized
    // Powers of ten first: the larger scale becomes none.
    let scale = max(total.scale, divisor.scale)
    guard let above = total.units(atScale: scale), let below = divisor.units(atScale: scale) else {
      return ExactRatio(total: total, divisor: divisor)
    }
    let common = greatestCommonDivisor(above.magnitude, below.magnitude)
    guard common > 1, let factor = Int128(exactly: common) else {
      return ExactRatio(total: ExactDecimal(above), divisor: ExactDecimal(below))
    }
    return ExactRatio(total: ExactDecimal(above / factor), divisor: ExactDecimal(below / factor))
  }
}

extension ExactDecimal {
  fileprivate func order(against other: ExactDecimal) -> Int {
    self < other ? -1 : self == other ? 0 : 1
  }

  /// The quotient by a number that divides the coefficient.
  fileprivate func dividedExactly(by number: ExactDecimal) throws(QuantityError) -> ExactDecimal {
    if number.coefficient <= 1 { return self }
    return ExactDecimal(coefficient: coefficient / number.coefficient, scale: scale)
  }
}

/// The largest number that divides both; the other one if one is zero.
private func greatestCommonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
  var (left, right) = (left, right)
  while right != 0 { (left, right) = (right, left % right) }
  return left
}
