/// A day of the Gregorian calendar, with no time and no zone: the date of a transaction, of a
/// posting, of a change of tier.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01, which is 0.
  public let daysSinceEpoch: Int32

  /// The day that lies so many days after 1970-01-01.
  public init(daysSinceEpoch: Int32) {
    self.daysSinceEpoch = daysSinceEpoch
  }

  /// The day of a year (astronomical: 0 is 1 BC), month and day; nil if there is no such day or
  /// the year lies outside -4712 to 5000000, about PostgreSQL's range.
  public init?(year: Int, month: Int, day: Int) {
    guard (-4712...5_000_000).contains(year), (1...12).contains(month),
      (1...Month(uncheckedYear: year, month: month).dayCount).contains(day)
    else { return nil }
    self.init(uncheckedYear: year, month: month, day: day)
  }

  /// The day of a year and month that are known to be good, held within the days that there are.
  init(uncheckedYear year: Int, month: Int, day: Int) {
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.daysSinceEpoch = Int32(clamping: era * 146_097 + dayOfEra - 719_468)
  }

  /// The year, the month from 1 to 12, and the day of the month from 1.
  public var components: (year: Int, month: Int, day: Int) {
    // The same source, civil_from_days.
    let shifted = Int(daysSinceEpoch) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The month that the day lies in.
  public var month: Month {
    let (year, month, _) = components
    return Month(uncheckedYear: year, month: month)
  }

  /// The day so many days later, or earlier for a negative number; the last or first day that there
  /// is, some 5.8 million years from now, if it would lie beyond.
  public func adding(days: Int) -> CivilDate {
    let (sum, overflow) = Int(daysSinceEpoch).addingReportingOverflow(days)
    return CivilDate(daysSinceEpoch: overflow ? (days < 0 ? .min : .max) : Int32(clamping: sum))
  }

  /// The number of days from this day until another, negative if that lies before.
  public func days(until other: CivilDate) -> Int {
    Int(other.daysSinceEpoch) - Int(daysSinceEpoch)
  }

  /// The earlier day is the smaller.
  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.daysSinceEpoch < right.daysSinceEpoch
  }
}

extension CivilDate: CustomStringConvertible, LosslessStringConvertible {
  /// ISO 8601: `1993-12-31`. Years before 0 have a minus, years after 9999 more digits; neither is
  /// read back by ``init(_:)``.
  public var description: String {
    let (year, month, day) = components
    return "\(paddedYear(year))-\(twoDigits(month))-\(twoDigits(day))"
  }

  /// Parses `YYYY-MM-DD`; nil for any other form and for days that do not exist.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = digits(parts[0], 4), let month = digits(parts[1], 2),
      let day = digits(parts[2], 2)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }
}

/// A calendar month, the period of most reports and pay runs.
public struct Month: Hashable, Comparable, Sendable {
  /// Months since January of year 0.
  public let index: Int

  init(uncheckedYear year: Int, month: Int) {
    self.index = year * 12 + month - 1
  }

  /// The month of a year (1 to 9999) with a number from 1 to 12; nil for any other.
  public init?(year: Int, month: Int) {
    guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
    self.init(uncheckedYear: year, month: month)
  }

  /// The year.
  public var year: Int { index >= 0 ? index / 12 : (index - 11) / 12 }
  /// The number of the month, from 1 to 12.
  public var number: Int { index - year * 12 + 1 }

  /// The number of days, 28 to 31.
  public var dayCount: Int {
    switch number {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The first day.
  public var firstDay: CivilDate { CivilDate(uncheckedYear: year, month: number, day: 1) }
  /// The last day.
  public var lastDay: CivilDate {
    CivilDate(uncheckedYear: year, month: number, day: dayCount)
  }

  /// The month so many months later, or earlier for a negative number.
  public func adding(months: Int) -> Month {
    Month(uncheckedYear: 0, month: index + months + 1)
  }

  /// The earlier month is the smaller.
  public static func < (left: Month, right: Month) -> Bool { left.index < right.index }
}

extension Month: CustomStringConvertible, LosslessStringConvertible {
  /// `1993-12`.
  public var description: String { "\(paddedYear(year))-\(twoDigits(number))" }

  /// Parses `YYYY-MM`; nil for any other form.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let year = digits(parts[0], 4), let month = digits(parts[1], 2)
    else { return nil }
    self.init(year: year, month: month)
  }
}

private func digits(_ text: Substring, _ count: Int) -> Int? {
  text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

private func paddedYear(_ year: Int) -> String {
  let digits = String(year.magnitude)
  return (year < 0 ? "-" : "") + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
