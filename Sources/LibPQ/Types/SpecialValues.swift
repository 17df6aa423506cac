import Quantities

// The values of numeric and date that are no number and no day, for programs that expect them;
// ExactDecimal and CivilDate refuse them.

/// A `numeric` with its special values.
public enum PostgresNumeric: Hashable, Sendable {
  /// A number.
  case finite(ExactDecimal)
  /// `NaN`, which PostgreSQL holds equal to itself.
  case notANumber
  /// Greater than every number.
  case infinity
  /// Smaller than every number.
  case negativeInfinity
}

extension PostgresNumeric: CustomStringConvertible {
  /// As PostgreSQL writes it.
  public var description: String {
    switch self {
    case .finite(let number): String(describing: number)
    case .notANumber: "NaN"
    case .infinity: "Infinity"
    case .negativeInfinity: "-Infinity"
    }
  }
}

extension PostgresNumeric: PostgresEncodable, PostgresDecodable {
  /// `numeric`.
  public static var postgresType: PostgresType { .numeric }
  /// `numeric` and the integers.
  public static func canDecode(_ type: PostgresType) -> Bool { ExactDecimal.canDecode(type) }

  /// Reads a special value, or a number of at most 38 digits.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresNumeric {
    if cell.type == .numeric, cell.count == 8 {
      switch cell.integer(at: 4, as: UInt16.self) {
      case 0xC000: return .notANumber
      case 0xD000: return .infinity
      case 0xF000: return .negativeInfinity
      default: break
      }
    }
    return .finite(try ExactDecimal.decode(cell))
  }

  /// Appends the value.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    let sign: UInt16
    switch self {
    case .finite(let number): return try number.encode(into: &buffer, as: type)
    case .notANumber: sign = 0xC000
    case .infinity: sign = 0xD000
    case .negativeInfinity: sign = 0xF000
    }
    buffer.append(UInt32(0))
    buffer.append(sign)
    buffer.append(UInt16(0))
  }
}

/// A `date` with its infinities.
public enum PostgresDate: Hashable, Comparable, Sendable {
  /// Earlier than every day.
  case negativeInfinity
  /// A day.
  case day(CivilDate)
  /// Later than every day.
  case infinity
}

extension PostgresDate: CustomStringConvertible {
  /// ISO 8601, or `infinity` and `-infinity`.
  public var description: String {
    switch self {
    case .negativeInfinity: "-infinity"
    case .day(let day): day.description
    case .infinity: "infinity"
    }
  }
}

extension PostgresDate: PostgresRangeBound {
  /// `date`.
  public static var postgresType: PostgresType { .date }
  /// `daterange`.
  public static var postgresRangeType: PostgresType { .daterange }
  /// `date`.
  public static func canDecode(_ type: PostgresType) -> Bool { type == .date }

  /// Reads a day or an infinity.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresDate {
    if cell.count == 4 {
      let days: Int32 = cell.integer()
      if days == .max { return .infinity }
      if days == .min { return .negativeInfinity }
    }
    return .day(try CivilDate.decode(cell))
  }

  /// Appends a day or an infinity.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    switch self {
    case .negativeInfinity: buffer.append(Int32.min)
    case .day(let day): try day.encode(into: &buffer, as: type)
    case .infinity: buffer.append(Int32.max)
    }
  }
}
