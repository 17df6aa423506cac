/// Remembers the keys of a file's rows in memory that does not grow with the file (a Bloom filter).
/// A key that comes again is always noticed; now and then one that is new is taken for known, which
/// costs that row a closer look in the database and nothing else.
final class SeenKeys {
  /// Bits per expected key: with four of them set by each, about one new key in 400 is mistaken.
  private static let bitsPerKey = 16
  /// The most memory, in bits: 32 MB.
  private static let bitLimit = 1 << 28
  /// The shortest row of facts that is expected, in bytes, to guess the rows of a file.
  private static let shortestRow = 32

  private let words: UnsafeMutableBufferPointer<UInt64>
  private let mask: UInt64

  /// Room for the rows of a file of so many bytes.
  init(fileSize: Int) {
    let wanted = max(1 << 16, fileSize / Self.shortestRow * Self.bitsPerKey)
    var bits = 1 << 16
    while bits < wanted, bits < Self.bitLimit { bits *= 2 }
    words = .allocate(capacity: bits / 64)
    words.initialize(repeating: 0)
    mask = UInt64(bits / 64 - 1)
  }

  deinit { words.deallocate() }

  /// Notes a key; whether it may have been there before. All four bits lie in one word, so that a
  /// look costs one access to memory.
  func insert(branch: Int32, number: UnsafeBufferPointer<UInt8>) -> Bool {
    let hash = byteHash(number, seed: UInt64(truncatingIfNeeded: branch) &* 0xD6E8_FEB8_6659_FD93)
    let place = Int(truncatingIfNeeded: hash & mask)
    var bits: UInt64 = 1 << (hash >> 40 & 63)
    bits |= 1 << (hash >> 46 & 63)
    bits |= 1 << (hash >> 52 & 63)
    bits |= 1 << (hash >> 58)
    let known = words[place] & bits == bits
    words[place] |= bits
    return known
  }
}
