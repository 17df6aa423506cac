import Quantities

/// Random numbers that are the same for the same seed, so that a failure can be run again
/// (SplitMix64 by Steele, Lea and Flood).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A coefficient: often one at which something ends, otherwise of any length.
  mutating func coefficient() -> Int128 {
    if Int.random(in: 0..<4, using: &self) == 0 {
      return Self.edges[Int.random(in: 0..<Self.edges.count, using: &self)]
    }
    let wide = Int128(truncatingIfNeeded: next()) << 64 | Int128(next())
    return wide >> Int128(Int.random(in: 0..<128, using: &self))
  }

  /// A decimal with a scale from 0 to 45, seldom one of thousands of digits.
  mutating func decimal() -> ExactDecimal {
    let scale =
      Int.random(in: 0..<40, using: &self) == 0
      ? [77, 400, ExactDecimal.maximumScale][Int.random(in: 0..<3, using: &self)]
      : Int.random(in: 0...[2, 8, 45][Int.random(in: 0..<3, using: &self)], using: &self)
    return ExactDecimal(coefficient: coefficient(), scale: scale)
  }

  private static let edges: [Int128] = {
    var edges: [Int128] = [0, .max, .min, .max - 1, .min + 1, .max / 10, .min / 10]
    var power: Int128 = 1
    for exponent in 0...38 {
      edges += [power, -power, power - 1, 1 - power]
      if exponent < 38 {
        edges += [5 * power, -5 * power]
        power *= 10
      }
    }
    return edges
  }()
}
