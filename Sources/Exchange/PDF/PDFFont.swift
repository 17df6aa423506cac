/// The fonts of the PDFs that we write. None is put into the file: every reader has Helvetica or its like,
/// and readers with Chinese fonts show Chinese in theirs, as they do for STSong-Light of other programs.
/// So a file has a few kilobytes, and the same bytes wherever it is made.
enum PDFFont: Int, CaseIterable {
  case regular = 1
  case bold
  /// For whatever Helvetica does not have.
  case chinese

  /// A stretch of text in one font.
  struct Run {
    let font: PDFFont
    /// The operand that shows it, such as `(Total)` or `<6DF15733>`.
    let operand: String
    /// Its width in thousandths of the size.
    let width: Int
  }

  /// Stretches of a text, each in the font that has its characters.
  static func runs(_ text: String, isBold: Bool) -> [Run] {
    var runs: [Run] = []
    var (latin, chinese, width) = ("", "", 0)
    func end() {
      if !latin.isEmpty {
        runs.append(Run(font: isBold ? .bold : .regular, operand: "(\(latin))", width: width))
      } else if !chinese.isEmpty {
        runs.append(Run(font: .chinese, operand: "<\(chinese)>", width: width))
      }
      (latin, chinese, width) = ("", "", 0)
    }
    for scalar in text.unicodeScalars {
      if let byte = winAnsi(scalar) {
        if !chinese.isEmpty { end() }
        latin += escaped(byte)
        width += advance(byte, isBold: isBold)
      } else {
        if !latin.isEmpty { end() }
        for unit in String(scalar).utf16 { chinese += hexadecimal(unit) }
        width += 1000
      }
    }
    end()
    return runs
  }

  /// The width of a text in points.
  static func width(of text: String, size: Double, isBold: Bool) -> Double {
    text.unicodeScalars.reduce(0) { sum, scalar in
      sum + (winAnsi(scalar).map { advance($0, isBold: isBold) } ?? 1000)
    }.scaled(by: size)
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"):
      "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default:
      "\\"
        + String(
          [byte >> 6, byte >> 3 & 7, byte & 7].map { UnicodeScalar($0 + 0x30) }.map(Character.init))
    }
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Characters of WinAnsiEncoding that lie elsewhere in Unicode.
  private static let moved: [UnicodeScalar: UInt8] = [
    "€": 0x80, "…": 0x85, "‰": 0x89, "‘": 0x91, "’": 0x92, "“": 0x93, "”": 0x94, "•": 0x95,
    "–": 0x96, "—": 0x97,
  ]

  /// The byte of a character in WinAnsiEncoding; nil if it has none. A control character is a blank.
  private static func winAnsi(_ scalar: UnicodeScalar) -> UInt8? {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: 0x20
    case 0x20..<0x7F, 0xA0...0xFF: UInt8(scalar.value)
    default: moved[scalar]
    }
  }

  private static func advance(_ byte: UInt8, isBold: Bool) -> Int {
    guard (0x20..<0x7F).contains(byte) else { return others[byte] ?? 556 }
    return (isBold ? boldAdvances : advances)[Int(byte) - 0x20]
  }

  private static let others: [UInt8: Int] = [
    0x85: 1000, 0x89: 1000, 0x91: 222, 0x92: 222, 0x93: 333, 0x94: 333, 0x95: 350, 0x97: 1000,
    0xA0: 278, 0xB7: 278, 0xD7: 584, 0xF7: 584,
  ]

  /// What Adobe's metrics of Helvetica say, from the blank to the tilde.
  private static let advances = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
  ]

  /// The same of Helvetica-Bold.
  private static let boldAdvances = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
  ]
}

extension Int {
  /// Thousandths of a size in points.
  fileprivate func scaled(by size: Double) -> Double { Double(self) * size / 1000 }
}
