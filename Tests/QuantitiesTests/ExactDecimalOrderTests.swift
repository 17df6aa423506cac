import Quantities
import Testing

@Suite("Equality, order and units of decimals")
struct ExactDecimalOrderTests {
  @Test("The order is that on paper, whatever the scales", arguments: 1...8 as ClosedRange<UInt64>)
  func order(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<400 {
      let (left, right) = (numbers.decimal(), numbers.decimal())
      let scale = max(left.scale, right.scale)
      let (leftUnits, rightUnits) = (left.written(atScale: scale), right.written(atScale: scale))
      let comment: Comment = "seed \(seed): \(left) and \(right)"
      #expect((left < right) == (leftUnits < rightUnits), comment)
      #expect((left > right) == (rightUnits < leftUnits), comment)
      #expect((left == right) == (leftUnits == rightUnits), comment)
    }
  }

  @Test(
    "Numbers that differ only in their zeros are one", arguments: 41...44 as ClosedRange<UInt64>)
  func equalValues(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<400 {
      let short = ExactDecimal(
        coefficient: numbers.coefficient() / 1_000_000,
        scale: Int.random(in: 0...40, using: &numbers))
      let long = ExactDecimal(coefficient: short.coefficient * 1000, scale: short.scale + 3)
      #expect(short == long, "seed \(seed): \(short)")
      #expect(!(short < long) && !(long < short), "seed \(seed): \(short)")
      #expect(short.hashValue == long.hashValue, "seed \(seed): \(short)")
      #expect(Set([short, long]).count == 1, "seed \(seed): \(short)")
      #expect(long.normalized.description == short.normalized.description, "seed \(seed): \(short)")
    }
  }

  @Test("Neighbours of very different scales are told apart")
  func farScales() throws {
    let one = ExactDecimal.one
    let justAbove = try #require(ExactDecimal("1.00000000000000000000000000000000000001"))
    let tiny = ExactDecimal(coefficient: 1, scale: 16_383)
    let tinyBelowZero = ExactDecimal(coefficient: -1, scale: 16_383)
    let largest = ExactDecimal(coefficient: .max, scale: 0)
    let smallest = ExactDecimal(coefficient: .min, scale: 0)
    let expected = [smallest, tinyBelowZero, .zero, tiny, one, justAbove, largest]
    #expect(expected.shuffled().sorted() == expected)
    #expect(ExactDecimal(coefficient: 0, scale: 16_383) == .zero)
  }

  @Test("Units at a scale are exact or nil", arguments: 51...54 as ClosedRange<UInt64>)
  func units(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<400 {
      let value = numbers.decimal()
      let target = [0, 1, 2, 10, 38, 39, 16_383][Int.random(in: 0..<7, using: &numbers)]
      let comment: Comment = "seed \(seed): \(value) at \(target)"
      let least = shortest(WrittenNumber(value.coefficient), scale: value.scale)
      let expected =
        least.scale > target
        ? nil : least.number.timesTen(to: target - least.scale).asInt128
      #expect(value.units(atScale: target) == expected, comment)
    }
  }

  @Test("The whole part is cut towards zero", arguments: [("-2.99", -2), ("2.99", 2), ("0.5", 0)])
  func wholePart(text: String, whole: Int) throws {
    #expect(try #require(ExactDecimal(text)).wholePart == Int128(whole))
    #expect(ExactDecimal(coefficient: .min, scale: 39).wholePart == 0)
    #expect(ExactDecimal(coefficient: .min, scale: 38).wholePart == -1)
  }
}
