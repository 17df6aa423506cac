/// How the two bytes of each character of UTF-16 follow each other.
enum UTF16Order {
  case littleEndian, bigEndian

  /// How many bytes of a text tell it.
  static let openingLength = 4_096
  /// At least one character in so many is a digit, a separator or the like.
  private static let sparsest = 16

  /// Tells it by the first bytes of a text without a mark: digits, separators and line ends have a zero byte on the
  /// same side everywhere, and one of them ends a line. Nil for what is no UTF-16.
  init?(opening: some RandomAccessCollection<UInt8>) {
    var zeros = (even: 0, odd: 0)
    var lineEnds = (big: 0, little: 0)
    var index = opening.startIndex
    while let next = opening.index(index, offsetBy: 1, limitedBy: opening.endIndex),
      next < opening.endIndex
    {
      let (first, second) = (opening[index], opening[next])
      if first == 0 { zeros.even += 1 }
      if second == 0 { zeros.odd += 1 }
      if first == 0, second == UInt8(ascii: "\n") { lineEnds.big += 1 }
      if second == 0, first == UInt8(ascii: "\n") { lineEnds.little += 1 }
      index = opening.index(after: next)
    }
    let isDense = (zeros.even + zeros.odd) * 2 * Self.sparsest >= opening.count
    if isDense, zeros.even == 0, zeros.odd > 1, lineEnds.little > 0 {
      self = .littleEndian
    } else if isDense, zeros.odd == 0, zeros.even > 1, lineEnds.big > 0 {
      self = .bigEndian
    } else {
      return nil
    }
  }
}
