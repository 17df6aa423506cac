#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A growing piece of memory that values are encoded into.
public struct EncodingBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  /// The number of bytes so far.
  public internal(set) var count: Int {
    @inlinable get { used }
    @inlinable set { used = newValue }
  }
  @usableFromInline var used = 0
  /// What is known of the database's own types, where values are encoded for a connection.
  @usableFromInline var catalogue: TypeCatalogue?

  @usableFromInline
  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    base = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit {
    base.deallocate()
  }

  /// Makes room for so many bytes more.
  @inlinable
  public mutating func reserve(_ byteCount: Int) {
    if capacity - used < byteCount { grow(byteCount) }
  }

  @usableFromInline
  mutating func grow(_ byteCount: Int) {
    let larger = max(capacity * 2, used + byteCount)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    memory.copyMemory(from: base, byteCount: used)
    base.deallocate()
    base = memory
    capacity = larger
  }

  /// Appends an integer in network byte order.
  @inlinable
  public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    reserve(MemoryLayout<Value>.size)
    base.storeBytes(of: value.bigEndian, toByteOffset: used, as: Value.self)
    used += MemoryLayout<Value>.size
  }

  /// Appends bytes as they are.
  @inlinable
  public mutating func append(bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + used).copyMemory(from: start, byteCount: bytes.count)
    used += bytes.count
  }

  /// Appends the UTF-8 of a text.
  @inlinable
  public mutating func append(utf8 text: String) {
    var text = text
    text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Replaces the four bytes at an offset, which an earlier append made room for.
  @inlinable
  mutating func overwrite(_ value: Int32, at offset: Int) {
    base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
  }

  /// Forgets the bytes from an offset on, keeping the memory.
  @inlinable
  mutating func truncate(to count: Int) {
    used = count
  }

  /// Whether a byte from an offset on is zero.
  @usableFromInline
  func holdsZeroByte(from offset: Int) -> Bool {
    memchr(base + offset, 0, used - offset) != nil
  }

  /// All bytes; the pointer is valid until the next change.
  @inlinable
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: used) }
}
