import Quantities

/// How a file writes its dates: `YYYY`, `YY`, `MM` and `DD` stand for digits, everything else for
/// itself. `YYMMDD 00:00:00` is a date with a time that must be midnight; a `*` at the end stands for
/// anything, such as a time that does not matter.
public struct DateFormat: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case year, yearOfCentury, month, day
    case literal(UInt8)
  }

  /// The pattern as written in the mapping.
  public let pattern: String
  private let pieces: [Piece]
  private let length: Int
  private let allowsMore: Bool
  /// The first year of the hundred years that a two-digit year lies in.
  private let century: Int

  /// How the days of workbooks are written when they are read, at midnight or at any time.
  static let ofWorkbooks = ["YYYY-MM-DD", "YYYY-MM-DD *"].compactMap { DateFormat(pattern: $0) }

  /// Whether the pattern has a two-digit year, which needs a century.
  public static func needsCentury(_ pattern: String) -> Bool {
    pattern.contains("YY") && !pattern.contains("YYYY")
  }

  /// Reads a pattern; nil unless it names year, month and day exactly once.
  public init?(pattern: String, century: Int = 2000) {
    var pieces: [Piece] = []
    allowsMore = pattern.hasSuffix("*")
    var rest = Substring(allowsMore ? String(pattern.dropLast()) : pattern).utf8
    func take(_ token: String) -> Bool {
      guard rest.starts(with: token.utf8) else { return false }
      rest = rest.dropFirst(token.utf8.count)
      return true
    }
    while let byte = rest.first {
      if take("YYYY") {
        pieces.append(.year)
      } else if take("YY") {
        pieces.append(.yearOfCentury)
      } else if take("MM") {
        pieces.append(.month)
      } else if take("DD") {
        pieces.append(.day)
      } else {
        pieces.append(.literal(byte))
        rest = rest.dropFirst()
      }
    }
    let years = pieces.count { $0 == .year || $0 == .yearOfCentury }
    guard years == 1, pieces.count(where: { $0 == .month }) == 1,
      pieces.count(where: { $0 == .day }) == 1
    else { return nil }
    self.pattern = pattern
    self.pieces = pieces
    self.length = pattern.utf8.count - (allowsMore ? 1 : 0)
    self.century = century
  }

  /// The day that the bytes say; nil if they have another form or there is no such day.
  func date(from bytes: UnsafeBufferPointer<UInt8>) -> CivilDate? {
    guard allowsMore ? bytes.count >= length : bytes.count == length else { return nil }
    var position = 0
    var year = 0
    var month = 0
    var day = 0
    func digits(_ count: Int) -> Int? {
      var value = 0
      for byte in bytes[position..<position + count] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      position += count
      return value
    }
    for piece in pieces {
      switch piece {
      case .year:
        guard let value = digits(4) else { return nil }
        year = value
      case .yearOfCentury:
        guard let value = digits(2) else { return nil }
        year = century + value
      case .month:
        guard let value = digits(2) else { return nil }
        month = value
      case .day:
        guard let value = digits(2) else { return nil }
        day = value
      case .literal(let byte):
        guard bytes[position] == byte else { return nil }
        position += 1
      }
    }
    return CivilDate(year: year, month: month, day: day)
  }
}
