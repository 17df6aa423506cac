#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory that is looked into everywhere, and so should lie in large pages where the system has them: each look
/// into small ones needs to find out first where its page lies.
enum LargePages {
  private static let size = 1 << 21

  /// Room for so many values, none of them set yet.
  static func room<Value>(for count: Int, of type: Value.Type) -> UnsafeMutableBufferPointer<Value>
  {
    let bytes = count * MemoryLayout<Value>.stride
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes, alignment: bytes >= size ? size : MemoryLayout<Value>.alignment)
    prefer(in: room)
    return room.bindMemory(to: type)
  }

  /// An array with room for so many values, which begins with those of another.
  static func array<Value>(withRoomFor capacity: Int, beginningWith former: [Value]) -> [Value] {
    Array(unsafeUninitializedCapacity: capacity) { room, count in
      prefer(in: UnsafeMutableRawBufferPointer(room))
      _ = room.initialize(fromContentsOf: former)
      count = former.count
    }
  }

  /// An array of zeros.
  static func zeros(_ count: Int) -> [UInt64] {
    Array(unsafeUninitializedCapacity: count) { room, initialized in
      prefer(in: UnsafeMutableRawBufferPointer(room))
      room.initialize(repeating: 0)
      initialized = count
    }
  }

  /// Asks for large pages where memory that nothing was written to yet has whole ones.
  private static func prefer(in room: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
      guard room.count >= size, let base = room.baseAddress else { return }
      let first = base.alignedUp(toMultipleOf: size)
      let last = (base + room.count).alignedDown(toMultipleOf: size)
      if first < last { _ = madvise(first, last - first, MADV_HUGEPAGE) }
    #endif
  }
}
