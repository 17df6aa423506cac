import Quantities

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the value of a numeric cell is written as in a text file.
enum CellText {
  /// The digits that Excel keeps of a number.
  static let keptDigits = 15

  /// Whether a number is written as people see it, with no more digits than Excel keeps.
  static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var digits = 0
    var points = 0
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "."):
        if digits == 0 || index + 1 == text.count { return false }
        points += 1
      case UInt8(ascii: "-"): if index > 0 { return false }
      default: return false
      }
    }
    return (1...keptDigits).contains(digits) && points <= 1
  }

  /// The number by which a cell refers to a text; -1 if it is none.
  static func reference(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var number = 0
    for byte in text {
      guard (48...57).contains(byte), number < 1 << 40 else { return -1 }
      number = number * 10 + Int(byte - 48)
    }
    return number
  }

  /// `2026-01-31T00:00:00` is the day.
  static func isoDate(_ text: UnsafeBufferPointer<UInt8>) -> String {
    let written = String(decoding: text, as: UTF8.self)
    let parts = written.split(separator: "T", maxSplits: 1)
    let isMidnight = parts.count == 2 && parts[1].allSatisfy { "0:.Z".contains($0) }
    return isMidnight ? String(parts[0]) : written.replacing("T", with: " ")
  }

  /// A number as people see it. Files hold up to 17 digits, the last of which are an artefact of
  /// binary fractions: 1.1000000000000001 is 1.1. Nil if it is no number.
  static func number(_ text: UnsafeBufferPointer<UInt8>) -> (text: String, lostDigits: Bool)? {
    if text.isEmpty || text.count > 40 { return nil }
    var digits = 0
    var isPlain = true
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "."), UInt8(ascii: "-"): break
      default: isPlain = false
      }
    }
    let written = String(decoding: text, as: UTF8.self)
    guard let value = Double(written), value.isFinite else { return nil }
    // Above this a number of Excel's has lost its last digits.
    let lost = value.magnitude >= 1e15
    if isPlain, digits <= keptDigits { return (written, lost) }
    return (plain(value), lost)
  }

  /// Fifteen significant digits, without an exponent.
  private static func plain(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 32)
    let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.14e", $0) }
    let text = String(
      decoding: buffer[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let parts = text.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return text }
    let isNegative = parts[0].hasPrefix("-")
    var digits = parts[0].filter(\.isNumber)
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    var plain: String
    if exponent < 0 {
      plain = "0." + String(repeating: "0", count: -exponent - 1) + digits
    } else if digits.count <= exponent + 1 {
      plain = digits + String(repeating: "0", count: exponent + 1 - digits.count)
    } else {
      let point = digits.index(digits.startIndex, offsetBy: exponent + 1)
      plain = digits[..<point] + "." + digits[point...]
    }
    if value == 0 { plain = "0" }
    return (isNegative && value != 0 ? "-" : "") + plain
  }

  /// A day, a time of day or both, as ISO 8601 writes them with a blank; nil for what is no day of
  /// Excel's calendar. Its year 1900 has a 29 February, which never was: the days before it count
  /// one less, and that day is none.
  static func moment(
    _ text: UnsafeBufferPointer<UInt8>, _ meaning: NumberStyles.Meaning, countsFrom1904: Bool
  ) -> String? {
    guard let serial = Double(String(decoding: text, as: UTF8.self)), serial >= 0,
      serial < 2_958_466
    else { return nil }
    var whole = serial.rounded(.down)
    var seconds = ((serial - whole) * 86_400).rounded()
    if seconds == 86_400 {
      whole += 1
      seconds = 0
    }
    let time = clock(Int(seconds))
    if meaning == .time, whole == 0 { return time }
    let days = Int32(whole)
    // Days since 1970-01-01.
    let first: Int32
    if countsFrom1904 {
      first = -24_107
    } else {
      if days == 0 || days == 60 { return nil }
      first = days < 60 ? -25_568 : -25_569
    }
    let day = CivilDate(daysSinceEpoch: first + days).description
    return seconds == 0 && meaning != .time ? day : day + " " + time
  }

  /// The number of a day in the calendar that counts from 1900; nil for days outside of it. Those
  /// before March 1900 are left out, which programs count in two ways.
  static func serial(of date: CivilDate) -> Int32? {
    let serial = date.daysSinceEpoch + 25_569
    return (61..<2_958_466).contains(serial) ? serial : nil
  }

  private static func clock(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    return two(seconds / 3_600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60)
  }
}

extension CellText {
  /// Whether Excel keeps all digits of a number.
  static func isKept(_ number: ExactDecimal) -> Bool {
    number.coefficient.magnitude < 1_000_000_000_000_000
  }
}
