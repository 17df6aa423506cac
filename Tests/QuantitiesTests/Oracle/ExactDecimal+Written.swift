import Quantities

extension ExactDecimal {
  /// The coefficient that the number has at a scale that is not smaller than its own.
  func written(atScale target: Int) -> WrittenNumber {
    WrittenNumber(coefficient).timesTen(to: target - scale)
  }
}

/// The least scale at which a number needs no digits to be cut, and its coefficient there.
func shortest(_ number: WrittenNumber, scale: Int) -> (number: WrittenNumber, scale: Int) {
  let zeros = number.isZero ? scale : number.digits.prefix(scale).prefix { $0 == 0 }.count
  return (
    WrittenNumber(digits: Array(number.digits.dropFirst(zeros)), isNegative: number.isNegative),
    scale - zeros
  )
}

/// A quotient of whole numbers rounded to a whole number, by the words of each rule.
func roundedQuotient(
  _ dividend: WrittenNumber, _ divisor: WrittenNumber, _ rounding: Rounding
) -> WrittenNumber {
  let (quotient, remainder) = dividend.divided(by: divisor)
  let isNegative = dividend.isNegative != divisor.isNegative
  let twice = remainder + remainder
  let isHalf = twice == divisor.magnitude
  let isAboveHalf = divisor.magnitude < twice
  let away =
    switch rounding {
    case .halfUp: isHalf || isAboveHalf
    case .halfEven: isAboveHalf || (isHalf && quotient.isOdd)
    case .halfDown: isAboveHalf
    case .down: false
    case .up: !remainder.isZero
    case .floor: isNegative && !remainder.isZero
    case .ceiling: !isNegative && !remainder.isZero
    }
  let magnitude = away ? quotient + WrittenNumber(1) : quotient
  return isNegative ? magnitude.negated : magnitude
}
