import Quantities
import Testing

@Suite("Sharing an amount out")
struct ApportionmentTests {
  /// The parts of an amount as text.
  private func parts(_ amount: String, _ weights: [String], scale: Int) throws -> [String] {
    try #require(ExactDecimal(amount))
      .apportioned(by: weights.map { try #require(ExactDecimal($0)) }, scale: scale)
      .map(\.description)
  }

  @Test("What does not divide goes to the largest remainders, earlier parts first among equals")
  func ties() throws {
    #expect(try parts("100.00", ["1", "1", "1"], scale: 2) == ["33.34", "33.33", "33.33"])
    #expect(try parts("100.01", ["1", "1", "1"], scale: 2) == ["33.34", "33.34", "33.33"])
    #expect(try parts("0.01", ["0.5", "0.5"], scale: 2) == ["0.01", "0.00"])
    #expect(try parts("10", ["0.3", "0.70"], scale: 0) == ["3", "7"])
    #expect(try parts("10", ["1", "2", "4"], scale: 0) == ["1", "3", "6"])
    #expect(try parts("1", ["0", "1", "0"], scale: 2) == ["0.00", "1.00", "0.00"])
    #expect(try parts("0", ["1", "2"], scale: 2) == ["0.00", "0.00"])
  }

  @Test("A negative amount is shared as its magnitude")
  func negativeAmounts() throws {
    #expect(try parts("-100.00", ["1", "1", "1"], scale: 2) == ["-33.34", "-33.33", "-33.33"])
    let smallest = ExactDecimal(coefficient: .min, scale: 0)
    #expect(try smallest.apportioned(by: [.one], scale: 0) == [smallest])
    let halves = try smallest.apportioned(by: [.one, .one], scale: 0)
    #expect(halves[0] == halves[1])
    #expect(try halves[0] + halves[1] == smallest)
  }

  @Test(
    "The parts sum to the amount, each within one unit of its exact share",
    arguments: 1...8 as ClosedRange<UInt64>)
  func property(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<200 {
      let scale = Int.random(in: 0...4, using: &numbers)
      let amount = ExactDecimal(coefficient: numbers.coefficient(), scale: scale)
      let weights = (0..<Int.random(in: 1...12, using: &numbers)).map { _ in
        ExactDecimal(
          coefficient: Int128.random(in: 0...10_000, using: &numbers),
          scale: Int.random(in: 0...4, using: &numbers))
      }
      if weights.allSatisfy(\.isZero) { continue }
      let comment: Comment = "seed \(seed): \(amount) by \(weights)"
      let parts = try amount.apportioned(by: weights, scale: scale)
      #expect(parts.count == weights.count, comment)
      let sum = parts.reduce(WrittenNumber(0)) { $0 + WrittenNumber($1.coefficient) }
      #expect(sum == WrittenNumber(amount.coefficient), comment)
      // |part × all weights − amount × weight| < all weights, with everything in whole units.
      let units = weights.map { $0.written(atScale: 4) }
      let all = units.reduce(WrittenNumber(0), +)
      for (part, weight) in zip(parts, units) {
        let exact = WrittenNumber(amount.coefficient) * weight
        let distance = (WrittenNumber(part.coefficient) * all + exact.negated).magnitude
        #expect(distance < all, comment)
        #expect(part.scale == scale, comment)
        if weight.isZero { #expect(part.isZero, comment) }
      }
      // Who has the same weight as somebody before gets the same, or a unit less.
      for (later, part) in parts.enumerated() {
        for earlier in 0..<later where weights[earlier] == weights[later] {
          let less = parts[earlier].coefficient.magnitude - part.coefficient.magnitude
          #expect(less == 0 || less == 1, comment)
        }
      }
    }
  }

  @Test("What cannot be shared is refused with the reason")
  func refusals() throws {
    func refusal(_ amount: String, _ weights: [String], scale: Int) -> String? {
      do {
        _ = try parts(amount, weights, scale: scale)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      refusal("1.005", ["1"], scale: 2)
        == "the amount cannot be shared out: 1.005 has more than 2 digits after the point")
    #expect(refusal("1", [], scale: 2)?.contains("none or all zero") == true)
    #expect(refusal("1", ["0", "0.00"], scale: 2)?.contains("none or all zero") == true)
    #expect(refusal("1", ["1", "-1"], scale: 2)?.contains("the weight -1 is negative") == true)
    #expect(
      refusal("1", ["100000000000000000000000000000000000000", "0.1"], scale: 2)?
        .contains("too many digits") == true)
    let huge = ExactDecimal(coefficient: .max, scale: 0)
    #expect(throws: QuantityError.overflow("the sum of the weights")) {
      try ExactDecimal.one.apportioned(by: [huge, huge, huge], scale: 0)
    }
  }
}
