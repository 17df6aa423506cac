/// What sums are kept by: its parts, spread over 64 bits.
protocol SumKey: Equatable {
  /// Where the sums are looked for first. Keys that follow each other in files should lie near each other.
  var spread: UInt64 { get }
}

/// Sums by key, in the order in which the keys came. Open addressing, at most a quarter full, so that mostly the
/// first look finds them.
struct SumTable<Key: SumKey, Sums> {
  private(set) var entries: [(key: Key, sums: Sums)] = []
  /// The place of an entry plus one, or 0.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// Changes the sums of a key, which begin with none.
  @inline(__always)
  mutating func change(
    _ key: Key, from none: @autoclosure () -> Sums, _ change: (inout Sums) -> Void
  ) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.spread) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if entries[place].key == key { return change(&entries[place].sums) }
      slot = (slot + 1) & mask
    }
    var sums = none()
    change(&sums)
    entries.append((key, sums))
    slots[slot] = UInt32(entries.count)
    if 4 * entries.count > slots.count { grow() }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    let mask = slots.count - 1
    for (place, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.key.spread) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(place + 1)
    }
  }

  /// Forgets all sums and keeps the room.
  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    for slot in slots.indices { slots[slot] = 0 }
  }
}
