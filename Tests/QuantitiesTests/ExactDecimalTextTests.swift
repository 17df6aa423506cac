import Foundation
import Quantities
import Testing

@Suite("Decimals as text")
struct ExactDecimalTextTests {
  @Test(
    "What is printed is read back with the same digits", arguments: 1...4 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<500 {
      let value = numbers.decimal()
      let text = value.description
      let readBack = ExactDecimal(text)
      #expect(readBack?.coefficient == value.coefficient, "seed \(seed): \(text)")
      #expect(readBack?.scale == value.scale, "seed \(seed): \(text)")
      #expect(ExactDecimal(utf8: Array(text.utf8)) == value, "seed \(seed): \(text)")
    }
  }

  @Test(
    "Plain digits are read, with a sign and a point if there are any",
    arguments: [
      ("0", 0, 0), ("-0", 0, 0), ("+5", 5, 0), ("-5", -5, 0), ("0012.50", 1250, 2),
      ("-0.005", -5, 3), ("0.0", 0, 1),
    ] as [(String, Int, Int)])
  func reading(text: String, coefficient: Int, scale: Int) throws {
    let value = try #require(ExactDecimal(text))
    #expect(value.coefficient == Int128(coefficient))
    #expect(value.scale == scale)
  }

  @Test(
    "Everything else is refused",
    arguments: [
      "", "-", "+", ".", "-.5", ".5", "5.", "5..0", "1.2.3", "--5", "+-5", "5-", "1e5", "1E5",
      "1,000", "1 000", " 1", "1 ", "0x10", "NaN", "inf", "１２", "٣", "½", "12a", "1_000", "−5",
      "170141183460469231731687303715884105728", "-170141183460469231731687303715884105729",
    ])
  func refusing(text: String) {
    #expect(ExactDecimal(text) == nil)
  }

  @Test("The longest scale is that of PostgreSQL")
  func longestScale() throws {
    let text = "0." + String(repeating: "0", count: 16_382) + "7"
    let value = try #require(ExactDecimal(text))
    #expect(value.scale == ExactDecimal.maximumScale)
    #expect(value.description == text)
    #expect(ExactDecimal(text + "0") == nil)
  }

  @Test(
    "Digits are grouped by three before the point only",
    arguments: [
      ("0", "0"), ("-1", "-1"), ("999", "999"), ("1000", "1,000"), ("-1000", "-1,000"),
      ("123456.7890", "123,456.7890"), ("-1234567.50", "-1,234,567.50"), ("0.0001", "0.0001"),
      (
        "-170141183460469231731687303715884105728",
        "-170,141,183,460,469,231,731,687,303,715,884,105,728"
      ),
    ])
  func grouping(text: String, grouped: String) throws {
    #expect(try #require(ExactDecimal(text)).grouped == grouped)
  }

  @Test("Grouping loses nothing", arguments: 31...32 as ClosedRange<UInt64>)
  func groupingLosesNothing(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<300 {
      let value = numbers.decimal()
      #expect(
        value.grouped.replacing(",", with: "") == value.description, "seed \(seed): \(value)")
    }
  }

  @Test("As JSON a decimal is a string; numbers with a point are refused")
  func json() throws {
    let values = try [#require(ExactDecimal("12.50")), #require(ExactDecimal("-0.1"))]
    let data = try JSONEncoder().encode(values)
    #expect(String(decoding: data, as: UTF8.self) == #"["12.50","-0.1"]"#)
    #expect(try JSONDecoder().decode([ExactDecimal].self, from: data) == values)
    #expect(
      try JSONDecoder().decode([ExactDecimal].self, from: Data("[7]".utf8)) == [ExactDecimal(7)])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ExactDecimal].self, from: Data("[12.5]".utf8))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ExactDecimal].self, from: Data(#"["1e5"]"#.utf8))
    }
  }
}
