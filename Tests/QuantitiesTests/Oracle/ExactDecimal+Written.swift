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

/// A division of whole numbers on paper, with the words of each rounding rule.
struct WrittenQuotient {
  private let quotient: WrittenNumber
  private let remainder: WrittenNumber
  private let divisor: WrittenNumber
  private let isNegative: Bool

  init(_ dividend: WrittenNumber, over divisor: WrittenNumber) {
    (quotient, remainder) = dividend.divided(by: divisor)
    self.divisor = divisor.magnitude
    isNegative = dividend.isNegative != divisor.isNegative
  }

  /// The quotient as a whole number.
  func rounded(_ rounding: Rounding) -> WrittenNumber {
    let twice = remainder + remainder
    let isHalf = twice == divisor
    let isAboveHalf = divisor < twice
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
}
