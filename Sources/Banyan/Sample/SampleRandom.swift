/// SplitMix64 (Steele, Lea and Flood, 2014): small, fast, and the same on every machine, so that a
/// seed always makes the same bank.
struct SampleRandom {
  private var state: UInt64

  /// A stream of its own for each part of a bank, so that one part does not change with another.
  init(seed: UInt64, stream: UInt64) {
    state = seed
    state = next() ^ (stream &* 0xD6E8_FEB8_6659_FD93)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to below a bound, which is above 0.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number within a range.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// True in so many of a hundred cases.
  mutating func happens(percent: Int) -> Bool { below(100) < percent }

  /// One of the elements, of which there is at least one.
  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
