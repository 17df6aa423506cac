import Quantities

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
private let daysToPostgresEpoch: Int32 = 10_957

extension CivilDate: PostgresEncodable, PostgresDecodable {
  /// `date`.
  @inlinable public static var postgresType: PostgresType { .date }
  /// `date`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .date }

  /// Reads a day; infinite dates are failures.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> CivilDate {
    if cell.count != 4 { throw .wrongLength(cell.count, for: CivilDate.self) }
    let days: Int32 = cell.integer()
    if days == .max || days == .min {
      throw DecodingFailure(
        "is \(days < 0 ? "-" : "")infinity; only a PostgresDate can be that")
    }
    let (shifted, overflow) = days.addingReportingOverflow(daysToPostgresEpoch)
    if overflow { throw DecodingFailure("lies after the year 5,000,000") }
    return CivilDate(daysSinceEpoch: shifted)
  }

  /// Appends a day.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    let (days, overflow) = daysSinceEpoch.subtractingReportingOverflow(daysToPostgresEpoch)
    if overflow || days == .min { throw EncodingFailure("lies before 4713 BC, PostgreSQL's limit") }
    buffer.append(days)
  }
}

/// A point in time to the microsecond, or one of the two infinities: `timestamp with time zone`,
/// and `timestamp` read as UTC.
public struct Timestamp: Hashable, Comparable, Codable, Sendable {
  /// Microseconds since 2000-01-01 00:00 UTC, from which PostgreSQL counts.
  public let microsecondsSince2000: Int64

  /// Later than every other.
  public static let infinity = Timestamp(microsecondsSince2000: .max)
  /// Earlier than every other.
  public static let negativeInfinity = Timestamp(microsecondsSince2000: .min)

  private static let microsecondsTo2000: Int64 = 946_684_800_000_000
  private static let microsecondsPerDay: Int64 = 86_400_000_000

  /// The point so many microseconds after 2000-01-01 00:00 UTC.
  @inlinable public init(microsecondsSince2000: Int64) {
    self.microsecondsSince2000 = microsecondsSince2000
  }

  /// The point so many microseconds after 1970-01-01 00:00 UTC; nil beyond what fits.
  public init?(microsecondsSince1970: Int64) {
    let (value, overflow) =
      microsecondsSince1970.subtractingReportingOverflow(Self.microsecondsTo2000)
    if overflow { return nil }
    self.init(microsecondsSince2000: value)
  }

  /// Midnight UTC at the start of a day, and microseconds after it; nil beyond what fits, about
  /// the year 294,000.
  public init?(_ date: CivilDate, microsecondsOfDay: Int64 = 0) {
    let days = Int64(date.daysSinceEpoch) - Int64(daysToPostgresEpoch)
    let (midnight, overflow) = days.multipliedReportingOverflow(by: Self.microsecondsPerDay)
    let (value, carry) = midnight.addingReportingOverflow(microsecondsOfDay)
    if overflow || carry { return nil }
    self.init(microsecondsSince2000: value)
  }

  /// The present, by the clock of this machine.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    return Timestamp(microsecondsSince2000: microseconds - microsecondsTo2000)
  }

  /// Whether this is a point in time and not an infinity.
  public var isFinite: Bool { self != .infinity && self != .negativeInfinity }

  /// The day in UTC and the microseconds since its midnight; nil for the infinities.
  public var civil: (date: CivilDate, microsecondsOfDay: Int64)? {
    guard isFinite else { return nil }
    var day = microsecondsSince2000 / Self.microsecondsPerDay
    var rest = microsecondsSince2000 % Self.microsecondsPerDay
    if rest < 0 {
      day -= 1
      rest += Self.microsecondsPerDay
    }
    return (CivilDate(daysSinceEpoch: Int32(day) + daysToPostgresEpoch), rest)
  }

  /// The earlier is the smaller.
  @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microsecondsSince2000 < right.microsecondsSince2000
  }
}

extension Timestamp: CustomStringConvertible {
  /// ISO 8601 in UTC, with six decimals where there is a fraction: `2024-02-29T12:30:00Z`.
  public var description: String {
    guard let (date, rest) = civil else { return self == .infinity ? "infinity" : "-infinity" }
    return "\(date)T\(clockText(rest))Z"
  }
}

extension Timestamp: PostgresEncodable, PostgresDecodable {
  /// `timestamp with time zone`.
  @inlinable public static var postgresType: PostgresType { .timestamptz }
  /// `timestamp with time zone` and `timestamp without time zone`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type == .timestamptz || type == .timestamp
  }
  /// `timestamp with time zone` and `timestamp without time zone`.
  @inlinable public static func canCopy(into type: PostgresType) -> Bool { canDecode(type) }
  /// Reads eight bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Timestamp {
    if cell.count != 8 { throw .wrongLength(cell.count, for: Timestamp.self) }
    return Timestamp(microsecondsSince2000: cell.integer())
  }
  /// Appends eight bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(microsecondsSince2000)
  }
}
