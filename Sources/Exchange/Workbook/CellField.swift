extension RowBytes {
  /// Appends the text of a cell as a field of a delimited line, and returns how many line ends it holds. Excel
  /// writes control characters as `_x000D_`; line ends become those of this system.
  @inline(__always)
  mutating func append(cellText text: UnsafeBufferPointer<UInt8>) -> Int {
    var isPlain = true
    for byte in text {
      isPlain =
        isPlain && byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ",")
        && byte != UInt8(ascii: "_")
    }
    if isPlain {
      append(text)
      return 0
    }
    return append(field: CellText.unescaped(text))
  }

  /// Appends a value as a field of a delimited line, in quotes if it needs them, and returns how many line ends it
  /// holds.
  mutating func append(field: some BidirectionalCollection<UInt8>) -> Int {
    var quoted: [UInt8] = []
    let lines = quoted.appendField(field, keepsBlanks: false)
    append(quoted)
    return lines
  }
}

extension CellText {
  /// A text with its escapes and line ends as they are meant.
  static func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var meant: [UInt8] = []
    meant.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      var byte = text[index]
      var length = 1
      if byte == UInt8(ascii: "_"), let escaped = escaped(text, at: index) {
        guard escaped.isASCII else {
          meant.append(contentsOf: UTF8.encode(escaped) ?? UTF8.encodedReplacementCharacter)
          index += 7
          continue
        }
        (byte, length) = (UInt8(escaped.value), 7)
      }
      index += length
      if byte == UInt8(ascii: "\r") {
        if index < text.count, text[index] == UInt8(ascii: "\n") { continue }
        byte = UInt8(ascii: "\n")
      }
      meant.append(byte)
    }
    return meant
  }

  /// The character of an escape such as `_x000A_`.
  private static func escaped(
    _ text: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> Unicode.Scalar? {
    guard text.count - index >= 7, text[index + 1] == UInt8(ascii: "x"),
      text[index + 6] == UInt8(ascii: "_"),
      text[index + 2..<index + 6].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    else { return nil }
    let digits = String(decoding: text[index + 2..<index + 6], as: UTF8.self)
    // A zero byte stays as it is written: no text holds one.
    return UInt32(digits, radix: 16).flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
  }
}
