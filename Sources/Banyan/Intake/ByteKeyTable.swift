#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A dictionary whose keys are bytes of a file, looked up where they lie: no string is made of a
/// value only to see what it names. A look costs two accesses to memory, because nearly every key
/// stands whole in its entry, and a slot knows half of its hash.
struct ByteKeyTable<Value> {
  private struct Entry {
    let head: ByteKey.Head
    let length: UInt32
    /// Where the bytes of a key stand that is longer than a head.
    let start: UInt32
    let hash: UInt64
    let value: Value
  }

  private var longKeys: [UInt8] = []
  /// Room for half as many as there are slots.
  private var entries: [Entry]
  /// Open addressing: in the low half the place of an entry plus one, in the high half that of its
  /// hash; 0 if nothing stands there. Never more than half full.
  private var slots: [UInt64]
  /// Different in each table, so that nobody can prepare a file whose values all collide.
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    slots = Array(repeating: 0, count: 64)
    entries = []
  }

  /// A table of the words of a mapping.
  init(_ words: [String: Value]) {
    self.init()
    for (word, value) in words { insert(word, value) }
  }

  /// Adds a key; one that is there already keeps its value.
  mutating func insert(_ key: String, _ value: Value) {
    var key = key
    key.withUTF8 { bytes in
      let key = ByteKey(bytes, seed: seed)
      let slot = slot(of: key)
      if slots[slot] != 0 { return }
      entries.append(
        Entry(
          head: key.head, length: UInt32(bytes.count), start: UInt32(longKeys.count),
          hash: key.hash, value: value))
      if key.isLong { longKeys.append(contentsOf: bytes) }
      slots[slot] = mark(key.hash, entries.count)
    }
    if 2 * entries.count > slots.count { grow() }
  }

  /// The value of a key.
  subscript(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
    let slot = slots[slot(of: ByteKey(bytes, seed: seed))]
    return slot == 0 ? nil : entries[place(slot)].value
  }

  /// The keys, as strings.
  var words: [String] {
    entries.map { entry in
      let (start, length) = (Int(entry.start), Int(entry.length))
      if length > ByteKey.headLength {
        return String(decoding: longKeys[start..<start + length], as: UTF8.self)
      }
      let head = [entry.head.0, entry.head.1, entry.head.2].flatMap { word in
        withUnsafeBytes(of: word.littleEndian, Array.init)
      }
      return String(decoding: head.prefix(length), as: UTF8.self)
    }
  }

  private func mark(_ hash: UInt64, _ number: Int) -> UInt64 {
    hash & 0xFFFF_FFFF_0000_0000 | UInt64(number)
  }

  private func place(_ slot: UInt64) -> Int { Int(slot & 0xFFFF_FFFF) - 1 }

  /// The slot where a key stands, or else where it belongs.
  private func slot(of key: ByteKey) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.hash) & mask
    while slots[slot] != 0 {
      if slots[slot] >> 32 == key.hash >> 32, holds(entries[place(slots[slot])], key) {
        return slot
      }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func holds(_ entry: Entry, _ key: ByteKey) -> Bool {
    guard entry.length == key.bytes.count, entry.head == key.head else { return false }
    guard key.isLong, let bytes = key.bytes.baseAddress else { return true }
    return longKeys.withUnsafeBufferPointer { keys in
      keys.baseAddress.map { memcmp($0 + Int(entry.start), bytes, key.bytes.count) == 0 } ?? false
    }
  }

  private mutating func grow() {
    slots = LargePages.zeros(2 * slots.count)
    entries = LargePages.array(withRoomFor: slots.count / 2, beginningWith: entries)
    let mask = slots.count - 1
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = mark(entry.hash, index + 1)
    }
  }
}

/// Bytes that are looked up, with what a table asks of them.
struct ByteKey {
  /// The first bytes, with zeros behind a shorter key.
  typealias Head = (UInt64, UInt64, UInt64)

  /// How many bytes a head has: the numbers of accounts and clients fit.
  static let headLength = 24

  let bytes: UnsafeBufferPointer<UInt8>
  let head: Head
  /// The bytes spread over 64 bits, differently for each seed.
  let hash: UInt64

  /// - Parameter seed: A number that nobody can foretell, and whatever else tells keys apart.
  init(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) {
    self.bytes = bytes
    let raw = UnsafeRawBufferPointer(bytes)
    head = Self.head(of: bytes)
    var hash = mixed(seed ^ UInt64(truncatingIfNeeded: raw.count) ^ head.0)
    if raw.count > 8 { hash = mixed(hash ^ head.1) }
    var position = 16
    while position < raw.count {
      hash = mixed(hash ^ (position == 16 ? head.2 : word(of: raw, at: position)))
      position += 8
    }
    self.hash = mixed(hash)
  }

  var isLong: Bool { bytes.count > Self.headLength }

  static func head(of bytes: UnsafeBufferPointer<UInt8>) -> Head {
    let raw = UnsafeRawBufferPointer(bytes)
    return (word(of: raw, at: 0), word(of: raw, at: 8), word(of: raw, at: 16))
  }
}

/// Up to eight bytes from an offset on, with zeros for those beyond the end.
@inline(__always)
func word(of raw: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
  let rest = raw.count - offset
  if rest >= 8 {
    return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
  if rest <= 0 { return 0 }
  if raw.count >= 8 {
    let last = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
    return UInt64(littleEndian: last) >> UInt64(8 * (8 - rest))
  }
  var word: UInt64 = 0
  for index in 0..<rest { word |= UInt64(raw[offset + index]) << UInt64(8 * index) }
  return word
}

/// Carries every bit of a number into all others.
@inline(__always)
func mixed(_ value: UInt64) -> UInt64 {
  let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
  return product.high ^ product.low
}
