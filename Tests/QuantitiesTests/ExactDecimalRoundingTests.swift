import Quantities
import Testing

@Suite("Quotients and rounding")
struct ExactDecimalRoundingTests {
  @Test(
    "Quotients are those on paper in every mode, or too long",
    arguments: 1...8 as ClosedRange<UInt64>)
  func quotients(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<100 {
      let (dividend, divisor) = (numbers.decimal(), numbers.decimal())
      let target = [0, 1, 2, 6, 20, 38, 60][Int.random(in: 0..<7, using: &numbers)]
      if divisor.isZero { continue }
      let shift = target + divisor.scale - dividend.scale
      let above = WrittenNumber(dividend.coefficient).timesTen(to: max(0, shift))
      let below = WrittenNumber(divisor.coefficient).timesTen(to: max(0, -shift))
      let written = WrittenQuotient(above, over: below)
      for mode in Rounding.allCases {
        let comment: Comment = "seed \(seed): \(dividend) ÷ \(divisor) to \(target), \(mode)"
        let expected = written.rounded(mode).asInt128
        let actual = try? dividend.divided(by: divisor, scale: target, rounding: mode)
        #expect(actual?.coefficient == expected, comment)
        #expect(actual == nil || actual?.scale == target, comment)
      }
    }
  }

  @Test("Small quotients with every remainder, sign and mode")
  func smallQuotients() throws {
    for dividend in -25...25 {
      for divisor in [-10, -7, -4, -3, -2, -1, 1, 2, 3, 4, 7, 10] {
        let written = WrittenQuotient(WrittenNumber(dividend), over: WrittenNumber(divisor))
        for mode in Rounding.allCases {
          let actual = try ExactDecimal(dividend)
            .divided(by: ExactDecimal(divisor), scale: 0, rounding: mode)
          #expect(
            actual.coefficient == written.rounded(mode).asInt128,
            "\(dividend) ÷ \(divisor), \(mode)")
        }
      }
    }
  }

  @Test(
    "Rounding is that on paper in every mode, or too long",
    arguments: 21...28 as ClosedRange<UInt64>)
  func rounding(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<150 {
      let value = numbers.decimal()
      let target = [0, 1, 2, 5, 38, 40, 400][Int.random(in: 0..<7, using: &numbers)]
      let written = WrittenQuotient(
        value.written(atScale: max(target, value.scale)),
        over: WrittenNumber(1).timesTen(to: max(0, value.scale - target)))
      for mode in Rounding.allCases {
        let comment: Comment = "seed \(seed): \(value) to \(target), \(mode)"
        let expected = written.rounded(mode)
        let actual = try? value.rounded(toScale: target, mode)
        #expect(actual?.coefficient == expected.asInt128, comment)
        #expect(actual == nil || actual?.scale == target, comment)
      }
    }
  }

  @Test(
    "Each mode does what its name says",
    arguments: [
      (Rounding.halfUp, ["0.13", "-0.13", "0.14", "0.12", "0.13"]),
      (.halfEven, ["0.12", "-0.12", "0.14", "0.12", "0.13"]),
      (.halfDown, ["0.12", "-0.12", "0.13", "0.12", "0.13"]),
      (.down, ["0.12", "-0.12", "0.13", "0.12", "0.12"]),
      (.up, ["0.13", "-0.13", "0.14", "0.13", "0.13"]),
      (.floor, ["0.12", "-0.13", "0.13", "0.12", "0.12"]),
      (.ceiling, ["0.13", "-0.12", "0.14", "0.13", "0.13"]),
    ])
  func modes(mode: Rounding, expected: [String]) throws {
    for (text, rounded) in zip(["0.125", "-0.125", "0.135", "0.121", "0.129"], expected) {
      let value = try #require(ExactDecimal(text))
      #expect(try value.rounded(toScale: 2, mode).description == rounded, "\(text), \(mode)")
    }
  }

  @Test("What is far below the last digit rounds to zero, or to one unit away from it")
  func tinyValues() throws {
    let tiny = ExactDecimal(coefficient: .max, scale: 16_383)
    let tinyBelowZero = ExactDecimal(coefficient: .min, scale: 16_383)
    for mode in Rounding.allCases {
      let above: Int128 = [.up, .ceiling].contains(mode) ? 1 : 0
      let below: Int128 = [.up, .floor].contains(mode) ? -1 : 0
      #expect(try tiny.rounded(toScale: 2, mode).coefficient == above)
      #expect(try tinyBelowZero.rounded(toScale: 2, mode).coefficient == below)
      #expect(try tiny.divided(by: .one, scale: 2, rounding: mode).coefficient == above)
      #expect(try tinyBelowZero.divided(by: .one, scale: 2, rounding: mode).coefficient == below)
      #expect(
        try ExactDecimal.zero.divided(by: tiny, scale: 16_383, rounding: mode) == .zero)
    }
  }

  @Test("Long quotients are exact to the last digit")
  func longQuotients() throws {
    let divisor = ExactDecimal(
      coefficient: 100_000_000_000_000_000_000_000_000_000_000_000_000, scale: 0)
    let quotient = try ExactDecimal.one.divided(by: divisor, scale: 40, rounding: .down)
    #expect(quotient.description == "0." + String(repeating: "0", count: 37) + "100")
    #expect(
      try ExactDecimal.one.divided(by: ExactDecimal(3), scale: 38, rounding: .down).description
        == "0." + String(repeating: "3", count: 38))
    let smallest = ExactDecimal(coefficient: .min, scale: 0)
    #expect(try smallest.divided(by: .one, scale: 0, rounding: .down) == smallest)
    #expect(try smallest.divided(by: smallest, scale: 0, rounding: .down) == .one)
  }

  @Test("Division by zero and results without room are errors")
  func errors() throws {
    let smallest = ExactDecimal(coefficient: .min, scale: 0)
    #expect(throws: QuantityError.divisionByZero("1 ÷ 0.00")) {
      try ExactDecimal.one.divided(
        by: ExactDecimal(coefficient: 0, scale: 2), scale: 2, rounding: .halfUp)
    }
    #expect(throws: QuantityError.self) {
      try smallest.divided(by: ExactDecimal(-1), scale: 0, rounding: .down)
    }
    #expect(throws: QuantityError.self) {
      try ExactDecimal.one.divided(by: ExactDecimal(3), scale: 39, rounding: .down)
    }
    #expect(throws: QuantityError.self) { try ExactDecimal.one.rounded(toScale: 39, .down) }
    #expect(try ExactDecimal.zero.rounded(toScale: 16_383, .down).scale == 16_383)
  }
}
