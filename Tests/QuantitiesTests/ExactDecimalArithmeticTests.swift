import Quantities
import Testing

@Suite("Sums, differences and products")
struct ExactDecimalArithmeticTests {
  @Test(
    "Sums and differences are those on paper, or too long", arguments: 1...8 as ClosedRange<UInt64>)
  func sums(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<400 {
      let (left, right) = (numbers.decimal(), numbers.decimal())
      let scale = max(left.scale, right.scale)
      let (leftUnits, rightUnits) = (left.written(atScale: scale), right.written(atScale: scale))
      for (sign, expected, actual) in [
        ("+", leftUnits + rightUnits, try? left + right),
        ("-", leftUnits + rightUnits.negated, try? left - right),
      ] {
        let comment: Comment = "seed \(seed): \(left) \(sign) \(right)"
        if let actual {
          #expect(actual.scale <= scale, comment)
          #expect(actual.written(atScale: scale) == expected, comment)
        } else {
          // One of the three has no room at any scale that all of them can have.
          let least = max(
            shortest(leftUnits, scale: scale).scale, shortest(rightUnits, scale: scale).scale)
          let hasRoom = [leftUnits, rightUnits, expected].allSatisfy {
            let cut = WrittenNumber(
              digits: Array($0.digits.dropFirst(scale - least)), isNegative: $0.isNegative)
            return cut.asInt128 != nil
          }
          #expect(!hasRoom, comment)
        }
      }
    }
  }

  @Test("Products are those on paper, or too long", arguments: 11...18 as ClosedRange<UInt64>)
  func products(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<400 {
      let (left, right) = (numbers.decimal(), numbers.decimal())
      let comment: Comment = "seed \(seed): \(left) × \(right)"
      let scale = left.scale + right.scale
      let expected = WrittenNumber(left.coefficient) * WrittenNumber(right.coefficient)
      if let actual = try? left * right {
        #expect(actual.scale <= scale, comment)
        #expect(actual.written(atScale: scale) == expected, comment)
      } else {
        let short = shortest(expected, scale: scale)
        #expect(short.number.asInt128 == nil || short.scale > ExactDecimal.maximumScale, comment)
      }
    }
  }

  @Test("A sum keeps the larger scale, a product adds the scales")
  func scales() throws {
    let price = try #require(ExactDecimal("12.50"))
    let count = try #require(ExactDecimal("3.0"))
    #expect(try (price + count).description == "15.50")
    #expect(try (price - count).description == "9.50")
    #expect(try (price * count).description == "37.500")
    var sum = price
    try sum += count
    #expect(sum.description == "15.50")
  }

  @Test("What is too long is an error that shows the calculation")
  func overflow() throws {
    let largest = ExactDecimal(coefficient: .max, scale: 2)
    let smallest = ExactDecimal(coefficient: .min, scale: 2)
    let cent = ExactDecimal(coefficient: 1, scale: 2)
    let error = #expect(throws: QuantityError.self) { try largest + cent }
    #expect(
      error?.description
        == "the result has more than 38 digits: 1701411834604692317316873037158841057.27 + 0.01")
    #expect(throws: QuantityError.self) { try smallest - cent }
    #expect(throws: QuantityError.self) { try smallest.negated() }
    #expect(throws: QuantityError.self) { try smallest.magnitude() }
    #expect(throws: QuantityError.self) { try largest * largest }
    #expect(throws: QuantityError.self) {
      try ExactDecimal.one + ExactDecimal(coefficient: 1, scale: 16_383)
    }
    #expect(throws: QuantityError.self) {
      try ExactDecimal(coefficient: 3, scale: 16_383) * ExactDecimal(coefficient: 1, scale: 1)
    }
  }

  @Test("The ends of the range are reached exactly")
  func ends() throws {
    let largest = ExactDecimal(coefficient: .max, scale: 2)
    let smallest = ExactDecimal(coefficient: .min, scale: 2)
    let cent = ExactDecimal(coefficient: 1, scale: 2)
    #expect(try smallest - smallest == .zero)
    #expect(try (cent.negated() - smallest) == largest)
    #expect(try (largest + smallest).description == "-0.01")
    #expect(try smallest * .one == smallest)
    #expect(try largest.negated().magnitude() == largest)
    // The product of the coefficients has no room, the product has.
    let half = ExactDecimal(coefficient: 5, scale: 1)
    let even = ExactDecimal(coefficient: .max - 1, scale: 0)
    #expect(try (even * half).coefficient == Int128.max / 2)
    #expect(try ExactDecimal(coefficient: 0, scale: 16_383) * half == .zero)
  }
}
