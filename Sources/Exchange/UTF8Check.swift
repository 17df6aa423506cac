/// Strict UTF-8, one byte at a time: no overlong forms, no surrogates, nothing above U+10FFFF.
struct UTF8Check {
  /// How many continuation bytes the character at hand still needs.
  private(set) var pending = 0
  private var low: UInt8 = 0x80
  private var high: UInt8 = 0xBF

  /// Takes the next byte; false if it cannot stand here, after which the next byte starts anew.
  mutating func accepts(_ byte: UInt8) -> Bool {
    if pending > 0 {
      guard byte >= low && byte <= high else {
        pending = 0
        return false
      }
      pending -= 1
      (low, high) = (0x80, 0xBF)
      return true
    }
    (low, high) = (0x80, 0xBF)
    switch byte {
    case 0x00...0x7F: return true
    case 0xC2...0xDF: pending = 1
    case 0xE0: (pending, low) = (2, 0xA0)
    case 0xED: (pending, high) = (2, 0x9F)
    case 0xE1...0xEF: pending = 2
    case 0xF0: (pending, low) = (3, 0x90)
    case 0xF1...0xF3: pending = 3
    case 0xF4: (pending, high) = (3, 0x8F)
    default: return false
    }
    return true
  }

  /// The offset of the first byte of the first character that is not UTF-8, or nil if all is well.
  static func firstProblem(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var check = UTF8Check()
    var start = 0
    var position = 0
    let count = bytes.count
    while position < count {
      if check.pending == 0 {
        start = position
        if bytes[position] < 0x80 {
          position += 1
          continue
        }
      }
      if !check.accepts(bytes[position]) { return start }
      position += 1
    }
    return check.pending > 0 ? start : nil
  }
}
