import Documents
import Quantities
import Testing

@Suite("Values of a document")
struct TypedReadingTests {
  private enum Colour: String, CaseIterable { case red, green, blue }

  /// The message about a value, or nil if it was read.
  private func message<Value>(
    _ value: String, _ read: (DocumentNode) -> Value?
  ) -> String? {
    switch reading("value: \(value)\n", read) {
    case .success: nil
    case .failure(let error): error.problems.first?.message
    }
  }

  @Test("Decimals are read digit by digit")
  func decimals() throws {
    let value = try reading("value: 0.10") { $0.decimal() }.get()
    #expect(value.description == "0.10")
    let long = try reading("value: 123456789012345.0123456789") { $0.decimal() }.get()
    #expect(long.description == "123456789012345.0123456789")
  }

  @Test(
    "What is no plain decimal is refused",
    arguments: ["1e5", "1,000", "12%", "1_000", ".5", "0x10", ".inf", ".nan", "abc", "''", "[1]"])
  func refusedDecimals(text: String) {
    #expect(message(text) { $0.decimal() } != nil, "\(text)")
  }

  @Test("Decimals that are too long or below zero are refused")
  func decimalLimits() {
    #expect(message("1234567890123456") { $0.decimal() }?.contains("15 digits before") == true)
    #expect(message("0.12345678901") { $0.decimal() }?.contains("10 after it") == true)
    #expect(
      message("-0.01") { $0.decimalNotNegative() } == "-0.01 is below zero; write zero or more")
  }

  @Test("Whole numbers stay in their range", arguments: ["0", "13", "-1", "+1", "1.0", "1e1", "９"])
  func wholeNumbers(text: String) throws {
    #expect(try reading("value: 12") { $0.wholeNumber(in: 1...12) }.get() == 12)
    #expect(
      message(text) { $0.wholeNumber(in: 1...12) }
        == "\"\(text)\" is not a whole number from 1 to 12; write one")
  }

  @Test("Dates are days of the calendar")
  func dates() throws {
    #expect(try reading("value: 2026-01-31") { $0.date() }.get().description == "2026-01-31")
    #expect(
      message("2026-02-30") { $0.date() }
        == "\"2026-02-30\" is not a day of the calendar; write it as 2026-01-31")
  }

  @Test("A choice names the nearest word")
  func choices() throws {
    #expect(try reading("value: green") { $0.choice(Colour.self) }.get() == .green)
    #expect(
      message("gren") { $0.choice(Colour.self) }
        == "\"gren\" is not known here; write red, green or blue (did you mean green?)")
  }

  @Test("A text says something", arguments: ["", "~", "null", "''", "\"  \""])
  func emptyTexts(text: String) {
    #expect(message(text) { $0.text("a title") } == "value has no value; write a title")
  }

  @Test(
    "Words that YAML takes for something else stay words", arguments: ["no", "on", "0123", "1.10"])
  func wordsStayWords(text: String) throws {
    #expect(try reading("value: \(text)") { $0.text("a word") }.get() == text)
  }

  @Test("A code has lower-case letters, digits, hyphens and underscores")
  func codes() throws {
    #expect(try reading("value: unit-price_2") { $0.code() }.get() == "unit-price_2")
    for text in ["Unit", "2x", "a b", "ä", "a.b", String(repeating: "a", count: 64)] {
      #expect(message(text) { $0.code() }?.contains("is not a name") == true, "\(text)")
    }
  }

  @Test("A list has items, and not too many; their places are counted from 0")
  func lists() throws {
    func dates(_ node: DocumentNode) -> [CivilDate]? {
      node.list(of: "days", atMost: 3)?.compactMap { $0.date() }
    }
    #expect(try reading("value: [2026-01-01]", dates).get().count == 1)
    #expect(message("2026-01-01", dates)?.contains("is not a list; write days") == true)
    #expect(message("[]", dates) == "value has 0 items; write from 1 to 3")
    #expect(message("[a, b, c, d]", dates) == "value has 4 items; write from 1 to 3")
    guard case .failure(let error) = reading("value:\n  - 2026-01-01\n  - soon\n", dates) else {
      Issue.record("“soon” was read as a day")
      return
    }
    #expect(error.description.hasPrefix("line 3, column 5, value[1]: \"soon\" is not a day"))
  }
}
