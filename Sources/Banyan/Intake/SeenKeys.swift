/// Remembers the keys of a file's rows in memory that does not grow with the file (a Bloom filter).
/// A key that comes again is always noticed; now and then one that is new is taken for known, which
/// costs that row a closer look in the database and nothing else.
final class SeenKeys {
  /// Bits per expected key; each sets eight, so that hardly one new key in a thousand is mistaken, and of
  /// longer rows none. More bits would be farther from the processor.
  private static let bitsPerKey = 16
  /// The most memory, in bits: 32 MB. Beyond some 20 million rows more new keys are mistaken.
  private static let bitLimit = 1 << 28
  /// About the shortest row of facts, in bytes, to guess the rows of a file.
  private static let shortestRow = 48
  /// A key's bits lie in this many words next to each other, one in each, so that a look costs one
  /// access to memory.
  private static let wordsPerBlock = 8

  private let words: UnsafeMutableBufferPointer<UInt64>
  private let blockMask: UInt64
  /// What the hashes of keys begin with, so that nobody can prepare a file whose keys all collide.
  let seed = UInt64.random(in: .min ... .max)

  /// Room for the rows of a file of so many bytes.
  init(fileSize: Int) {
    let wanted = fileSize / Self.shortestRow * Self.bitsPerKey
    var bits = 1 << 16
    while bits < wanted, bits < Self.bitLimit { bits *= 2 }
    words = LargePages.room(for: bits / 64, of: UInt64.self)
    words.initialize(repeating: 0)
    blockMask = UInt64(bits / 64 / Self.wordsPerBlock - 1)
  }

  deinit { words.deallocate() }

  /// Notes a key by its hash; whether it may have been there before.
  func insert(_ hash: UInt64) -> Bool {
    // The low bits find the block; the places in it come from all bits, spread anew.
    let block = Int(truncatingIfNeeded: hash & blockMask) * Self.wordsPerBlock
    var places = hash &* 0x9E37_79B9_7F4A_7C15
    places ^= places >> 32
    var isKnown = true
    for index in block..<block + Self.wordsPerBlock {
      let bit: UInt64 = 1 << (places & 63)
      isKnown = isKnown && words[index] & bit != 0
      words[index] |= bit
      places >>= 6
    }
    return isKnown
  }
}
