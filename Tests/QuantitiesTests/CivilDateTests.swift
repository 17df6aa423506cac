import Quantities
import Testing

@Suite("Civil dates")
struct CivilDateTests {
  /// The length of a month, from the rule of the calendar.
  private static func length(ofMonth month: Int, in year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  @Test("Every day from 1600 to 2400 stands where counting day by day puts it")
  func everyDay() throws {
    var number = try #require(CivilDate(year: 1600, month: 1, day: 1)).daysSinceEpoch
    var wrong: [String] = []
    for year in 1600...2400 {
      for month in 1...12 {
        for day in 1...Self.length(ofMonth: month, in: year) {
          let date = CivilDate(daysSinceEpoch: number)
          let parts = date.components
          let isRight =
            parts == (year, month, day)
            && CivilDate(year: year, month: month, day: day) == date
            && CivilDate(date.description) == date
          if !isRight { wrong.append("\(year)-\(month)-\(day)") }
          number += 1
        }
        let past = CivilDate(
          year: year, month: month, day: Self.length(ofMonth: month, in: year) + 1)
        if past != nil { wrong.append("a day after the end of \(year)-\(month)") }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(
    "Days that are known",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
      ("1600-01-01", -135_140), ("1993-12-31", 8765), ("9999-12-31", 2_932_896),
      ("0000-01-01", -719_528),
    ])
  func knownDays(text: String, number: Int32) throws {
    let date = try #require(CivilDate(text))
    #expect(date.daysSinceEpoch == number)
    #expect(date.description == text)
  }

  @Test(
    "What is not a day as YYYY-MM-DD is refused",
    arguments: [
      "", "2026", "2026-01", "2026-1-1", "2026-01-32", "2026-02-29", "1900-02-29", "2026-00-10",
      "2026-13-01", "2026-04-31", "2026-01-00", "26-01-01", "02026-01-01", "-2026-01-01",
      "2026-01-01 ", " 2026-01-01", "2026/01/01", "2026-01-0１", "2026-+1-01", "2026-01-01T00:00",
      "2026--01-01", "--", "2026-01-01-", "10000-01-01",
    ])
  func refusals(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(
    "Leap years follow the Gregorian rule",
    arguments: [
      (1600, true), (1700, false), (1900, false), (1904, true), (2000, true), (2023, false),
      (2024, true), (2100, false), (0, true), (-4, true), (-100, false), (-400, true), (-1, false),
    ])
  func leapYears(year: Int, isLeap: Bool) {
    #expect((CivilDate(year: year, month: 2, day: 29) != nil) == isLeap)
  }

  @Test("Years before the first count through the year 0")
  func negativeYears() throws {
    let lastBefore = try #require(CivilDate(year: -1, month: 12, day: 31))
    let firstOfZero = try #require(CivilDate(year: 0, month: 1, day: 1))
    #expect(lastBefore.days(until: firstOfZero) == 1)
    #expect(lastBefore.description == "-0001-12-31")
    #expect(lastBefore.month.lastDay == lastBefore)
    #expect(CivilDate(year: -4712, month: 1, day: 1) != nil)
    #expect(CivilDate(year: -4713, month: 12, day: 31) == nil)
    var number = try #require(CivilDate(year: -800, month: 1, day: 1)).daysSinceEpoch
    for year in -800...4 {
      for month in 1...12 {
        let first = CivilDate(daysSinceEpoch: number)
        #expect(first.components == (year, month, 1))
        #expect(first.month.firstDay == first)
        number += Int32(first.month.dayCount)
      }
    }
  }

  @Test("Days are added and counted, and stop at the ends of the calendar")
  func days() throws {
    let date = try #require(CivilDate("2024-02-28"))
    #expect(date.adding(days: 2).description == "2024-03-01")
    #expect(date.adding(days: -59).description == "2023-12-31")
    #expect(date.days(until: date.adding(days: 366)) == 366)
    #expect(date.days(until: date.adding(days: -366)) == -366)
    #expect(date < date.adding(days: 1))
    let (first, last) = (CivilDate(daysSinceEpoch: .min), CivilDate(daysSinceEpoch: .max))
    #expect(last.adding(days: 1) == last)
    #expect(first.adding(days: .min) == first)
    #expect(first.adding(days: .max) == last)
    #expect(first.days(until: last) == Int(UInt32.max))
    #expect(last.month.firstDay <= last && last.month.lastDay == last)
    #expect(first.month.firstDay == first)
    #expect(CivilDate(year: 5_000_000, month: 12, day: 31)?.components.year == 5_000_000)
    #expect(CivilDate(year: 5_000_001, month: 1, day: 1) == nil)
  }
}
