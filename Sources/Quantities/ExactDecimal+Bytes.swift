extension ExactDecimal {
  /// Appends the characters of ``description`` as bytes, without making a string of them: for the
  /// writers of large outputs.
  public func append(to bytes: inout [UInt8]) {
    if isNegative { bytes.append(UInt8(ascii: "-")) }
    // Digits from the last, in one 128-bit division for every 18 of them.
    let start = bytes.count
    var rest = coefficient.magnitude
    var count = 0
    while rest > 0 || count <= scale {
      var chunk: UInt64
      if rest > UInt128(UInt64.max) {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: Self.chunkSize)
        (rest, chunk) = (quotient, UInt64(remainder))
        for _ in 0..<Self.chunkDigits { appendDigit(of: &chunk, after: &count, to: &bytes) }
      } else {
        (rest, chunk) = (0, UInt64(rest))
        repeat { appendDigit(of: &chunk, after: &count, to: &bytes) } while chunk > 0
        while count <= scale { appendDigit(of: &chunk, after: &count, to: &bytes) }
      }
    }
    bytes[start...].reverse()
  }

  private static let chunkDigits = 18
  private static let chunkSize: UInt128 = 1_000_000_000_000_000_000

  @inline(__always)
  private func appendDigit(of chunk: inout UInt64, after count: inout Int, to bytes: inout [UInt8])
  {
    let (quotient, digit) = chunk.quotientAndRemainder(dividingBy: 10)
    if count == scale, scale > 0 { bytes.append(UInt8(ascii: ".")) }
    bytes.append(UInt8(ascii: "0") + UInt8(digit))
    chunk = quotient
    count += 1
  }
}
