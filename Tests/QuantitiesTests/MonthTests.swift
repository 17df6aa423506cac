import Quantities
import Testing

@Suite("Months")
struct MonthTests {
  @Test("Months are printed and read as YYYY-MM")
  func text() throws {
    for year in [1, 999, 1993, 2026, 9999] {
      for number in 1...12 {
        let month = try #require(Month(year: year, month: number))
        #expect(Month(month.description) == month)
        #expect(month.year == year && month.number == number)
      }
    }
    #expect(Month(year: 7, month: 3)?.description == "0007-03")
  }

  @Test(
    "What is not a month is refused",
    arguments: [
      "", "1993", "1993-13", "1993-00", "0000-01", "1993-1", "93-01", "1993-012", "1993/01",
      "1993-01-01", "-1993-01", "1993-0１", "1993- 1",
    ])
  func refusals(text: String) {
    #expect(Month(text) == nil)
  }

  @Test("Months are added across years, in both directions")
  func arithmetic() throws {
    var month = try #require(Month("1999-11"))
    var expected = (year: 1999, number: 11)
    for _ in 0..<40 {
      month = month.adding(months: 1)
      expected =
        expected.number == 12 ? (expected.year + 1, 1) : (expected.year, expected.number + 1)
      #expect(
        month.description == "\(expected.year)-\(expected.number < 10 ? "0" : "")\(expected.number)"
      )
    }
    #expect(month.adding(months: -40).description == "1999-11")
    #expect(month.adding(months: -39) > month.adding(months: -40))
    #expect(try #require(Month("0001-01")).adding(months: -13).description == "-0001-12")
  }

  @Test(
    "A month has its first and last day",
    arguments: [
      ("1900-02", 28, "1900-02-28"), ("2000-02", 29, "2000-02-29"), ("1993-12", 31, "1993-12-31"),
      ("2026-04", 30, "2026-04-30"), ("9999-12", 31, "9999-12-31"),
    ])
  func days(text: String, count: Int, last: String) throws {
    let month = try #require(Month(text))
    #expect(month.dayCount == count)
    #expect(month.firstDay.description == text + "-01")
    #expect(month.lastDay.description == last)
    #expect(month.lastDay.month == month)
    #expect(month.lastDay.adding(days: 1).month == month.adding(months: 1))
  }
}
