#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A dictionary whose keys are bytes of a file, looked up where they lie: no string is made of a
/// value only to see what it names. All keys stand in one piece of memory.
struct ByteKeyTable<Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let start: Int
    let length: Int
    let hash: UInt64
    let value: Value
  }

  private var keys: [UInt8] = []
  private var entries: [Entry] = []
  /// Open addressing: the place of an entry plus one, or 0. Never more than half full.
  private var slots: [UInt32]

  init() {
    slots = Array(repeating: 0, count: 64)
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
      let hash = byteHash(bytes)
      let slot = slot(of: bytes, hash)
      if slots[slot] != 0 { return }
      entries.append(Entry(start: keys.count, length: bytes.count, hash: hash, value: value))
      keys.append(contentsOf: bytes)
      slots[slot] = UInt32(entries.count)
    }
    if 2 * entries.count > slots.count { grow() }
  }

  /// The value of a key.
  subscript(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
    let place = slots[slot(of: bytes, byteHash(bytes))]
    return place == 0 ? nil : entries[Int(place) - 1].value
  }

  /// The keys, as strings.
  var words: [String] {
    entries.map { String(decoding: keys[$0.start..<$0.start + $0.length], as: UTF8.self) }
  }

  /// The slot where a key stands, or else where it belongs.
  private func slot(of bytes: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.hash == hash, holds(entry, bytes) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func holds(_ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard entry.length == bytes.count, let other = bytes.baseAddress else {
      return entry.length == bytes.count
    }
    return keys.withUnsafeBufferPointer { keys in
      keys.baseAddress.map { memcmp($0 + entry.start, other, entry.length) == 0 } ?? false
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    let mask = slots.count - 1
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index + 1)
    }
  }
}

/// Spreads bytes over 64 bits, differently in each process, so that nobody can prepare a file whose
/// values all collide.
func byteHash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64 = 0) -> UInt64 {
  let raw = UnsafeRawBufferPointer(bytes)
  var hash = processSeed ^ seed ^ UInt64(truncatingIfNeeded: bytes.count)
  var position = 0
  while position + 8 <= raw.count {
    hash = mixed(hash ^ raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    position += 8
  }
  var rest: UInt64 = 0
  while position < raw.count {
    rest = rest << 8 | UInt64(raw[position])
    position += 1
  }
  return mixed(mixed(hash ^ rest))
}

/// Carries every bit of a number into all others.
private func mixed(_ value: UInt64) -> UInt64 {
  let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
  return product.high ^ product.low
}

private let processSeed = UInt64.random(in: .min ... .max)
