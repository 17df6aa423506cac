import Quantities

extension PayLine {
  /// The arithmetic as a JSON array of steps, each with purpose, subject, range, terms and result,
  /// all numbers as strings. It is what a JSON encoder makes of ``arithmetic`` and can be decoded
  /// as such, but the order of the keys is fixed, so that the same line always gives the same bytes.
  public var arithmeticJSON: String {
    var bytes: [UInt8] = []
    appendArithmeticJSON(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the bytes of ``arithmeticJSON``, for runs that write many lines.
  public func appendArithmeticJSON(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "["))
    for (position, step) in arithmetic.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      step.append(to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }
}

extension ArithmeticStep {
  fileprivate func append(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: #"{"purpose":""#.utf8)
    bytes.append(contentsOf: purpose.rawValue.utf8)
    bytes.append(contentsOf: #"","subject":"#.utf8)
    appendJSONString(subject, to: &bytes)
    if let range {
      bytes.append(contentsOf: #","range":{"from":""#.utf8)
      range.from.append(to: &bytes)
      if let upTo = range.upTo {
        bytes.append(contentsOf: #"","upTo":""#.utf8)
        upTo.append(to: &bytes)
      }
      bytes.append(contentsOf: #""}"#.utf8)
    }
    bytes.append(contentsOf: #","terms":["#.utf8)
    for (position, term) in terms.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: #"{"operation":""#.utf8)
      bytes.append(contentsOf: term.operation.rawValue.utf8)
      bytes.append(contentsOf: #"","value":""#.utf8)
      term.value.append(to: &bytes)
      if let unit = term.unit {
        bytes.append(contentsOf: #"","unit":""#.utf8)
        bytes.append(contentsOf: unit.rawValue.utf8)
      }
      bytes.append(contentsOf: #""}"#.utf8)
    }
    bytes.append(contentsOf: #"],"result":""#.utf8)
    result.append(to: &bytes)
    bytes.append(contentsOf: #""}"#.utf8)
  }
}

extension ExactRatio {
  /// Appends the bytes of ``description``.
  fileprivate func append(to bytes: inout [UInt8]) {
    total.append(to: &bytes)
    if isWhole { return }
    bytes.append(UInt8(ascii: "/"))
    divisor.append(to: &bytes)
  }
}

/// Appends a text in quotes, with what JSON does not allow in them escaped.
func appendJSONString(_ string: String, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  for byte in string.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case 0..<0x20, 0x7F:
      let digits = String(byte, radix: 16)
      bytes.append(contentsOf: (digits.utf8.count == 1 ? "\\u000" : "\\u00").utf8)
      bytes.append(contentsOf: digits.utf8)
    default: bytes.append(byte)
    }
  }
  bytes.append(UInt8(ascii: "\""))
}
