/// A whole number of any length as its decimal digits, calculated with as on paper: slow and
/// obvious, and without anything in common with the arithmetic that it checks.
struct WrittenNumber: Equatable, CustomStringConvertible {
  /// Digits from the last to the first, without leading zeros; none for zero.
  private(set) var digits: [UInt8]
  private(set) var isNegative: Bool

  init(digits: [UInt8], isNegative: Bool = false) {
    let length = (digits.lastIndex { $0 != 0 } ?? -1) + 1
    self.digits = Array(digits.prefix(length))
    self.isNegative = isNegative && length > 0
  }

  /// Takes the digits of a number as the standard library prints it.
  init(_ value: some BinaryInteger) {
    let text = String(value)
    let digits = text.utf8.reversed().filter { $0 != 45 }.map { $0 - 48 }
    self.init(digits: digits, isNegative: text.hasPrefix("-"))
  }

  var description: String {
    let text = digits.isEmpty ? "0" : digits.reversed().map(String.init).joined()
    return (isNegative ? "-" : "") + text
  }

  var isZero: Bool { digits.isEmpty }
  var isOdd: Bool { (digits.first ?? 0) % 2 == 1 }
  var magnitude: WrittenNumber { WrittenNumber(digits: digits) }
  var negated: WrittenNumber { WrittenNumber(digits: digits, isNegative: !isNegative) }

  /// The number with zeros appended.
  func timesTen(to exponent: Int) -> WrittenNumber {
    WrittenNumber(
      digits: [UInt8](repeating: 0, count: exponent) + digits, isNegative: isNegative)
  }

  /// The number as an Int128, nil if it has no room there.
  var asInt128: Int128? { Int128(description) }

  static func < (left: WrittenNumber, right: WrittenNumber) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let smaller = isSmaller(left.digits, right.digits)
    return left.isNegative ? isSmaller(right.digits, left.digits) : smaller
  }

  static func + (left: WrittenNumber, right: WrittenNumber) -> WrittenNumber {
    if left.isNegative == right.isNegative {
      return WrittenNumber(digits: sum(left.digits, right.digits), isNegative: left.isNegative)
    }
    if isSmaller(left.digits, right.digits) {
      return WrittenNumber(
        digits: difference(right.digits, left.digits), isNegative: right.isNegative)
    }
    return WrittenNumber(digits: difference(left.digits, right.digits), isNegative: left.isNegative)
  }

  static func * (left: WrittenNumber, right: WrittenNumber) -> WrittenNumber {
    var columns = [Int](repeating: 0, count: left.digits.count + right.digits.count + 1)
    for (position, digit) in left.digits.enumerated() {
      for (other, otherDigit) in right.digits.enumerated() {
        columns[position + other] += Int(digit) * Int(otherDigit)
      }
    }
    for position in columns.indices.dropLast() {
      columns[position + 1] += columns[position] / 10
      columns[position] %= 10
    }
    return WrittenNumber(
      digits: columns.map { UInt8($0) }, isNegative: left.isNegative != right.isNegative)
  }

  /// The quotient and the remainder of the magnitudes, by subtracting digit by digit.
  func divided(by divisor: WrittenNumber) -> (quotient: WrittenNumber, remainder: WrittenNumber) {
    var quotient: [UInt8] = []
    var rest = WrittenNumber(digits: [])
    for digit in digits.reversed() {
      rest = WrittenNumber(digits: [digit] + rest.digits)
      var count: UInt8 = 0
      while !Self.isSmaller(rest.digits, divisor.digits) {
        rest = WrittenNumber(digits: Self.difference(rest.digits, divisor.digits))
        count += 1
      }
      quotient.append(count)
    }
    return (WrittenNumber(digits: quotient.reversed()), rest)
  }

  // MARK: - Digits

  private static func isSmaller(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    if left.count != right.count { return left.count < right.count }
    for position in left.indices.reversed() where left[position] != right[position] {
      return left[position] < right[position]
    }
    return false
  }

  private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var carry: UInt8 = 0
    for position in 0..<max(left.count, right.count) {
      let column =
        (position < left.count ? left[position] : 0)
        + (position < right.count ? right[position] : 0) + carry
      result.append(column % 10)
      carry = column / 10
    }
    return result + [carry]
  }

  /// The difference of digits of which the left ones are not smaller.
  private static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var borrowed: UInt8 = 0
    for position in left.indices {
      let taken = (position < right.count ? right[position] : 0) + borrowed
      borrowed = left[position] < taken ? 1 : 0
      result.append(left[position] + borrowed * 10 - taken)
    }
    return result
  }
}
