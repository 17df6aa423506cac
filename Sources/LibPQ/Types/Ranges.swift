import Quantities

/// A type that PostgreSQL has ranges of.
public protocol PostgresRangeBound: PostgresEncodable, PostgresDecodable, Hashable {
  /// The range type that a range of this type is declared with as a parameter.
  static var postgresRangeType: PostgresType { get }
  /// Whether a range type's bounds can become this type.
  static func canDecodeRange(_ type: PostgresType) -> Bool
}

extension PostgresRangeBound {
  /// The very range type.
  public static func canDecodeRange(_ type: PostgresType) -> Bool { type == postgresRangeType }
}

extension Int32: PostgresRangeBound {
  /// `int4range`.
  public static var postgresRangeType: PostgresType { .int4range }
}
extension Int64: PostgresRangeBound {
  /// `int8range`.
  public static var postgresRangeType: PostgresType { .int8range }
}
extension Int: PostgresRangeBound {
  /// `int8range`.
  public static var postgresRangeType: PostgresType { .int8range }
}
extension ExactDecimal: PostgresRangeBound {
  /// `numrange`.
  public static var postgresRangeType: PostgresType { .numrange }
}
extension CivilDate: PostgresRangeBound {
  /// `daterange`.
  public static var postgresRangeType: PostgresType { .daterange }
}
extension Timestamp: PostgresRangeBound {
  /// `tstzrange`.
  public static var postgresRangeType: PostgresType { .tstzrange }
  /// `tstzrange` and `tsrange`.
  public static func canDecodeRange(_ type: PostgresType) -> Bool {
    type == .tstzrange || type == .tsrange
  }
}

/// A range of values: `daterange`, `int8range` and their kin. The server turns ranges of whole
/// values into the form `[from, until)`.
public enum PostgresRange<Bound: PostgresRangeBound>: Hashable, Sendable {
  /// No value at all.
  case empty
  /// From one end to another.
  case between(lower: End, upper: End)

  /// An end of a range.
  public enum End: Hashable, Sendable {
    /// There is no limit.
    case unbounded
    /// The value is the last inside.
    case including(Bound)
    /// The value is the first outside.
    case excluding(Bound)

    /// The value at the end, if there is one.
    public var bound: Bound? {
      switch self {
      case .unbounded: nil
      case .including(let value), .excluding(let value): value
      }
    }
  }

  /// From a value on, until before another; nil leaves that end open.
  public init(from lower: Bound?, until upper: Bound?) {
    self = .between(
      lower: lower.map { .including($0) } ?? .unbounded,
      upper: upper.map { .excluding($0) } ?? .unbounded)
  }
}

/// The bits of the first byte of a range's binary form.
private enum RangeFlag {
  static let empty: UInt8 = 0x01
  static let lowerIncluded: UInt8 = 0x02
  static let upperIncluded: UInt8 = 0x04
  static let lowerUnbounded: UInt8 = 0x08
  static let upperUnbounded: UInt8 = 0x10
}

extension PostgresRange: PostgresEncodable, PostgresDecodable {
  /// The bound's range type.
  public static var postgresType: PostgresType { Bound.postgresRangeType }

  /// The range types whose bounds can be decoded.
  public static func canDecode(_ type: PostgresType) -> Bool { Bound.canDecodeRange(type) }

  /// Reads the flags and the ends.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresRange {
    guard cell.count >= 1 else { throw .wrongLength(cell.count, for: Self.self) }
    let flags: UInt8 = cell.integer()
    if flags & RangeFlag.empty != 0 { return .empty }
    var offset = 1
    let lower = try decodeEnd(
      cell, &offset, unbounded: flags & RangeFlag.lowerUnbounded != 0,
      included: flags & RangeFlag.lowerIncluded != 0)
    let upper = try decodeEnd(
      cell, &offset, unbounded: flags & RangeFlag.upperUnbounded != 0,
      included: flags & RangeFlag.upperIncluded != 0)
    return .between(lower: lower, upper: upper)
  }

  private static func decodeEnd(
    _ cell: PostgresCell, _ offset: inout Int, unbounded: Bool, included: Bool
  ) throws(DecodingFailure) -> End {
    if unbounded { return .unbounded }
    let malformed = DecodingFailure("is no well-formed range")
    guard cell.count - offset >= 4 else { throw malformed }
    let count = Int(cell.integer(at: offset, as: Int32.self))
    offset += 4
    guard count >= 0, cell.count - offset >= count else { throw malformed }
    let value = try Bound.decode(
      PostgresCell(start: cell.start + offset, count: count, type: Bound.postgresType))
    offset += count
    return included ? .including(value) : .excluding(value)
  }

  /// Appends the flags and the ends.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    guard case .between(let lower, let upper) = self else {
      return buffer.append(RangeFlag.empty)
    }
    var flags: UInt8 = 0
    switch lower {
    case .unbounded: flags |= RangeFlag.lowerUnbounded
    case .including: flags |= RangeFlag.lowerIncluded
    case .excluding: break
    }
    switch upper {
    case .unbounded: flags |= RangeFlag.upperUnbounded
    case .including: flags |= RangeFlag.upperIncluded
    case .excluding: break
    }
    buffer.append(flags)
    for end in [lower, upper] {
      if let bound = end.bound { try buffer.appendWithLength(bound, as: Bound.postgresType) }
    }
  }
}

extension PostgresRange: CustomStringConvertible {
  /// As PostgreSQL writes it: `[2024-01-01,2024-02-01)`.
  public var description: String {
    guard case .between(let lower, let upper) = self else { return "empty" }
    var text = "("
    if case .including = lower { text = "[" }
    text += (lower.bound.map { "\($0)" } ?? "") + "," + (upper.bound.map { "\($0)" } ?? "")
    if case .including = upper { return text + "]" }
    return text + ")"
  }
}
