/// A time of day to the microsecond, with no day and no zone: `time without time zone`.
public struct TimeOfDay: Hashable, Comparable, Sendable {
  /// Microseconds since midnight, from 0 to 86,400,000,000, which is 24:00.
  public let microseconds: Int64

  static let latest: Int64 = 86_400_000_000

  /// The time so many microseconds after midnight; nil beyond 24:00.
  public init?(microseconds: Int64) {
    guard (0...Self.latest).contains(microseconds) else { return nil }
    self.microseconds = microseconds
  }

  /// The earlier time is the smaller.
  public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension TimeOfDay: CustomStringConvertible {
  /// `12:30:00`, with six decimals where there is a fraction.
  public var description: String { clockText(microseconds) }
}

extension TimeOfDay: Codable {
  /// Reads microseconds since midnight.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = TimeOfDay(microseconds: try container.decode(Int64.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "The number lies outside a day.")
    }
    self = time
  }

  /// Writes microseconds since midnight.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(microseconds)
  }
}

extension TimeOfDay: PostgresEncodable, PostgresDecodable {
  /// `time without time zone`.
  public static var postgresType: PostgresType { .time }
  /// `time without time zone`.
  public static func canDecode(_ type: PostgresType) -> Bool { type == .time }
  /// Reads eight bytes.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> TimeOfDay {
    if cell.count != 8 { throw .wrongLength(cell.count, for: TimeOfDay.self) }
    guard let time = TimeOfDay(microseconds: cell.integer()) else {
      throw DecodingFailure("lies outside a day")
    }
    return time
  }
  /// Appends eight bytes.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(microseconds)
  }
}

/// A span of time as PostgreSQL keeps it: months, days and microseconds stay apart, because months
/// differ in days and days in hours. Equality is by the parts: a month is not 30 days here.
public struct Interval: Hashable, Codable, Sendable {
  /// Whole months; a year is twelve.
  public var months: Int32
  /// Whole days.
  public var days: Int32
  /// Microseconds beyond the days.
  public var microseconds: Int64

  /// Joins the parts, each of which may be negative by itself.
  public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}

extension Interval: CustomStringConvertible {
  /// ISO 8601: `P1M2DT3.500000S`; `PT0S` for nothing.
  public var description: String {
    var text = "P"
    if months != 0 { text += "\(months)M" }
    if days != 0 { text += "\(days)D" }
    if microseconds != 0 || text == "P" {
      let (seconds, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
      text += "T" + (microseconds < 0 ? "-" : "") + "\(seconds)"
      text += (rest == 0 ? "" : "." + padded(rest, 6)) + "S"
    }
    return text
  }
}

extension Interval: PostgresEncodable, PostgresDecodable {
  /// `interval`.
  public static var postgresType: PostgresType { .interval }
  /// `interval`.
  public static func canDecode(_ type: PostgresType) -> Bool { type == .interval }
  /// Reads sixteen bytes.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Interval {
    if cell.count != 16 { throw .wrongLength(cell.count, for: Interval.self) }
    return Interval(
      months: cell.integer(at: 12), days: cell.integer(at: 8), microseconds: cell.integer())
  }
  /// Appends sixteen bytes.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(microseconds)
    buffer.append(days)
    buffer.append(months)
  }
}

/// `12:30:00` or `12:30:00.000001`, from microseconds since midnight.
func clockText(_ microseconds: Int64) -> String {
  let (seconds, fraction) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
  let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
  return clock.joined(separator: ":") + (fraction == 0 ? "" : "." + padded(fraction, 6))
}

private func padded(_ number: UInt64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A time of day with its distance from UTC: `time with time zone`. Equality is by both parts.
public struct ZonedTimeOfDay: Hashable, Sendable {
  /// The time as the clock there shows it.
  public let time: TimeOfDay
  /// Seconds that the clock there is ahead of UTC; negative west of it.
  public let secondsAheadOfUTC: Int32

  /// Joins a time and its distance from UTC, less than 16 hours; nil beyond.
  public init?(_ time: TimeOfDay, secondsAheadOfUTC: Int32) {
    guard (-57_599...57_599).contains(secondsAheadOfUTC) else { return nil }
    self.time = time
    self.secondsAheadOfUTC = secondsAheadOfUTC
  }
}

extension ZonedTimeOfDay: CustomStringConvertible {
  /// `12:30:00+08:00:00`, with six decimals where there is a fraction.
  public var description: String {
    let offset = clockText(Int64(secondsAheadOfUTC.magnitude) * 1_000_000)
    return "\(time)\(secondsAheadOfUTC < 0 ? "-" : "+")\(offset)"
  }
}

extension ZonedTimeOfDay: PostgresEncodable, PostgresDecodable {
  /// `time with time zone`.
  public static var postgresType: PostgresType { .timetz }
  /// `time with time zone`.
  public static func canDecode(_ type: PostgresType) -> Bool { type == .timetz }
  /// Reads twelve bytes.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> ZonedTimeOfDay {
    if cell.count != 12 { throw .wrongLength(cell.count, for: ZonedTimeOfDay.self) }
    // The server counts to the west.
    let west: Int32 = cell.integer(at: 8)
    guard let time = TimeOfDay(microseconds: cell.integer()), west != .min,
      let zoned = ZonedTimeOfDay(time, secondsAheadOfUTC: -west)
    else { throw DecodingFailure("lies outside a day, or too far from UTC") }
    return zoned
  }
  /// Appends twelve bytes.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(time.microseconds)
    buffer.append(-secondsAheadOfUTC)
  }
}
