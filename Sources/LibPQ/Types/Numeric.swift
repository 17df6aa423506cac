import Quantities

// The binary form of numeric: four 16-bit numbers (count of digits, weight of the first, sign,
// digits shown after the point) and then digits to the base 10,000.

extension ExactDecimal: PostgresEncodable, PostgresDecodable {
  /// `numeric`.
  @inlinable public static var postgresType: PostgresType { .numeric }

  /// `numeric`, and the integers, whose sums PostgreSQL gives now as one and now as the other.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type == .numeric || Int64.canDecode(type)
  }

  /// Reads a number exactly, with the scale that the server shows. NaN, infinities and more than
  /// 38 digits are failures.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> ExactDecimal {
    if cell.type != .numeric { return ExactDecimal(try Int64.decode(cell)) }
    guard cell.count >= 8 else { throw .wrongLength(cell.count, for: ExactDecimal.self) }
    let digitCount = Int(cell.integer(at: 0, as: Int16.self))
    let weight = Int(cell.integer(at: 2, as: Int16.self))
    let sign: UInt16 = cell.integer(at: 4)
    let scale = Int(cell.integer(at: 6, as: UInt16.self) & 0x3FFF)
    switch sign {
    case 0, 0x4000: break
    case 0xC000: throw DecodingFailure("is NaN; only a PostgresNumeric can be that")
    case 0xD000, 0xF000: throw DecodingFailure("is infinite; only a PostgresNumeric can be that")
    default: throw DecodingFailure("is no well-formed numeric")
    }
    guard digitCount >= 0, cell.count == 8 + 2 * digitCount else {
      throw DecodingFailure("is no well-formed numeric")
    }
    // The last digit stands for 10,000 to the power of (weight - digitCount + 1); shift is how many
    // decimal places the coefficient still has to move.
    let shift = 4 * (weight - digitCount + 1) + scale
    // Beyond the scale the server sends at most what fills up the last digit.
    if digitCount > 0, shift < -3 { throw DecodingFailure("is no well-formed numeric") }
    guard
      let magnitude = magnitude(of: cell, digitCount: digitCount, shift: shift),
      let coefficient = sign == 0 ? Int128(exactly: magnitude) : negative(magnitude)
    else { throw DecodingFailure("has more than 38 digits; cast it: …::text") }
    return ExactDecimal(coefficient: coefficient, scale: scale)
  }

  /// The negative of a magnitude, which may be one more than the greatest positive number.
  private static func negative(_ magnitude: UInt128) -> Int128? {
    if magnitude <= UInt128(Int128.max) { return -Int128(magnitude) }
    return magnitude == Int128.min.magnitude ? .min : nil
  }

  private static func magnitude(
    of cell: PostgresCell, digitCount: Int, shift: Int
  ) -> UInt128? {
    if digitCount == 0 { return 0 }
    if digitCount <= 4, shift <= 0 {
      // At most 16 decimal digits: ordinary amounts.
      var value: UInt64 = 0
      for index in 0..<digitCount {
        value = value &* 10_000 &+ UInt64(cell.integer(at: 8 + 2 * index, as: UInt16.self))
      }
      return UInt128(value / UInt64(smallPower(-shift)))
    }
    var value: UInt128 = 0
    for index in 0..<digitCount {
      var digit = UInt128(cell.integer(at: 8 + 2 * index, as: UInt16.self))
      var base: UInt128 = 10_000
      if shift < 0, index == digitCount - 1 {
        // The digits of the last group beyond the scale are zeros.
        let cut = UInt128(smallPower(-shift))
        digit /= cut
        base /= cut
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    if shift > 0, value != 0 {
      for _ in 0..<shift {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        value = product
      }
    }
    return value
  }

  /// 10 to a power from 0 to 4, where larger ones end.
  private static func smallPower(_ exponent: Int) -> Int {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    default: 10_000
    }
  }

  /// Appends the number exactly, with its scale.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    let header = buffer.count
    buffer.reserve(8 + 2 * 12)  // 38 digits touch at most eleven groups of four.
    buffer.append(UInt64(0))
    let fractionGroups = (scale + 3) / 4
    let first = UInt64(Self.smallPower(scale % 4))
    let groups: Int
    if let small = UInt64(exactly: coefficient.magnitude) {
      groups = Self.appendGroups(small, first: first, to: &buffer)
    } else {
      groups = Self.appendGroups(coefficient.magnitude, first: UInt128(first), to: &buffer)
    }
    // The groups were appended least first, without the zeros at the end.
    let skipped = groups - (buffer.count - header - 8) / 2
    buffer.reverseDigits(from: header + 8)
    let kept = groups - skipped
    let weight = kept == 0 ? 0 : groups - fractionGroups - 1
    guard let shortWeight = Int16(exactly: weight) else {
      throw EncodingFailure("has more digits than a numeric can")
    }
    buffer.overwrite(Int32(kept) << 16 | Int32(UInt16(bitPattern: shortWeight)), at: header)
    buffer.overwrite((isNegative ? 0x4000_0000 : 0) | Int32(scale), at: header + 4)
  }

  /// Appends the digits to the base 10,000 from the least on, leaving out zeros before the first
  /// that is not, and returns how many there are with those. `first` is the part of the least digit
  /// that the scale fills: 10 to the power of its decimal places.
  private static func appendGroups<Magnitude: UnsignedInteger & FixedWidthInteger>(
    _ magnitude: Magnitude, first: Magnitude, to buffer: inout EncodingBuffer
  ) -> Int {
    var rest = magnitude
    var groups = 0
    var started = false
    func place(_ digit: Magnitude) {
      groups += 1
      if digit != 0 { started = true }
      if started { buffer.append(UInt16(truncatingIfNeeded: digit)) }
    }
    if first != 1, rest != 0 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: first)
      place(remainder * (10_000 / first))
      rest = quotient
    }
    while rest != 0 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000)
      place(remainder)
      rest = quotient
    }
    return groups
  }
}

extension EncodingBuffer {
  /// Turns round the 16-bit numbers from an offset to the end.
  fileprivate mutating func reverseDigits(from offset: Int) {
    var low = offset
    var high = count - 2
    while low < high {
      let left = base.loadUnaligned(fromByteOffset: low, as: UInt16.self)
      let right = base.loadUnaligned(fromByteOffset: high, as: UInt16.self)
      base.storeBytes(of: right, toByteOffset: low, as: UInt16.self)
      base.storeBytes(of: left, toByteOffset: high, as: UInt16.self)
      low += 2
      high -= 2
    }
  }
}
