/// Writes texts as the XML of a cell holds them: Excel has escapes of its own for what XML does not have.
struct CellEscapes {
  /// For each byte of a text, whether it cannot stand there as it is.
  private let special: [Bool]

  init() {
    special = (0..<256).map { byte in
      // 0xEF may begin a character that XML does not have; an underscore may begin an escape.
      byte < 0x20 || byte == 0xEF || "<>&_".utf8.contains(UInt8(byte))
    }
  }

  /// Appends a text.
  func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    let isPlain = special.withUnsafeBufferPointer { special in
      !text.reduce(false) { $0 || special[Int($1)] }
    }
    if isPlain {
      bytes.append(contentsOf: text)
      return
    }
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "\n"), UInt8(ascii: "\t"): bytes.append(byte)
      case 0..<0x20: bytes.append(contentsOf: "_x00\(hexadecimal(byte))_".utf8)
      // A text that looks like an escape is not to become one.
      case UInt8(ascii: "_") where index + 1 < text.count && text[index + 1] == UInt8(ascii: "x"):
        bytes.append(contentsOf: "_x005F_".utf8)
      case 0xBE where Self.isNoCharacter(text, index): Self.replaceLast(of: &bytes, by: "_xFFFE_")
      case 0xBF where Self.isNoCharacter(text, index): Self.replaceLast(of: &bytes, by: "_xFFFF_")
      default: bytes.append(byte)
      }
    }
  }

  /// Whether U+FFFE or U+FFFF ends here, which XML does not have.
  private static func isNoCharacter(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    index >= 2 && text[index - 1] == 0xBF && text[index - 2] == 0xEF
  }

  private static func replaceLast(of bytes: inout [UInt8], by escape: String) {
    bytes.removeLast(2)
    bytes.append(contentsOf: escape.utf8)
  }
}
