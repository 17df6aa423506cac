import Quantities
import Testing

@Suite("Currencies by ISO code")
struct CurrencyCodeTests {
  @Test(
    "The minor unit follows the standard",
    arguments: [("CNY", 2), ("CZK", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
  func minorUnit(code: String, digits: Int) throws {
    #expect(try #require(Currency(isoCode: code)).minorUnitDigits == digits)
  }

  @Test("A code that is not three capital letters is no currency", arguments: ["cny", "CN", "C1Y"])
  func refusedCodes(code: String) {
    #expect(Currency(isoCode: code) == nil)
  }
}
