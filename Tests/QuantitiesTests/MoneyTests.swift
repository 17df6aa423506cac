import Quantities
import Testing

@Suite("Money and currencies")
struct MoneyTests {
  private func money(_ amount: String, _ code: String) throws -> Money {
    Money(try #require(ExactDecimal(amount)), try #require(Currency(isoCode: code)))
  }

  @Test("Amounts of one currency add up; those of two do not")
  func sums() throws {
    #expect(try (money("0.10", "CNY") + money("0.20", "CNY")).description == "0.30 CNY")
    let error = #expect(throws: QuantityError.currenciesDiffer("CNY", "USD")) {
      try money("1", "CNY") + money("1", "USD")
    }
    #expect(
      error?.description
        == "an amount in CNY cannot be added to one in USD; convert one of them first")
  }

  @Test(
    "An amount is rounded to what can be paid",
    arguments: [
      ("CNY", "0.13 CNY"), ("JPY", "0 JPY"), ("KWD", "0.125 KWD"),
    ])
  func rounding(code: String, expected: String) throws {
    #expect(try money("0.125", code).rounded(.halfUp).description == expected)
  }

  @Test("Equal amounts of one currency are equal whatever their zeros")
  func equality() throws {
    #expect(try money("1.50", "CNY") == money("1.5", "CNY"))
    #expect(try money("1.50", "CNY") != money("1.5", "EUR"))
  }

  @Test("A currency has a code of three capital letters and up to four digits")
  func currencies() {
    #expect(Currency(code: "CNY")?.minorUnitDigits == 2)
    #expect(Currency(code: "XAU", minorUnitDigits: 4)?.description == "XAU")
    #expect(Currency(code: "CNY", minorUnitDigits: 5) == nil)
    #expect(Currency(code: "CNY", minorUnitDigits: -1) == nil)
    for code in ["", "CN", "cny", "CNYY", "C1Y", "ÄÖ"] { #expect(Currency(code: code) == nil) }
  }
}
