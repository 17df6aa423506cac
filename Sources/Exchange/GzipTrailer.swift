#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The last eight bytes of a gzip file, which say what it must unpack to, and what was unpacked so far. The library
/// that unpacks does not compare them.
struct GzipTrailer {
  private let checksum: UInt32
  private let length: UInt32
  private var seen = CyclicChecksum()
  private var count: UInt32 = 0

  /// Reads the trailer; nil for a file of another kind.
  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 8)
    guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, 2, 0) }) == 2,
      bytes[0] == 0x1F, bytes[1] == 0x8B
    else { return nil }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 18,
      bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, 8, size - 8) }) == 8
    else { return nil }
    func number(_ place: Int) -> UInt32 {
      bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    checksum = number(0)
    length = number(4)
  }

  /// Takes the next bytes that were unpacked.
  mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    seen.update(bytes)
    count &+= UInt32(truncatingIfNeeded: bytes.count)
  }

  /// Whether what was unpacked is what was packed.
  var agrees: Bool { seen.value == checksum && count == length }
}

/// The cyclic redundancy check of gzip and zip, eight bytes at a time.
struct CyclicChecksum {
  private static let tables: [[UInt32]] = {
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[0][byte] = value
    }
    for table in 1..<8 {
      for byte in 0..<256 {
        let value = tables[table - 1][byte]
        tables[table][byte] = value >> 8 ^ tables[0][Int(value & 0xFF)]
      }
    }
    return tables
  }()

  /// All tables end to end.
  private static let table = tables.flatMap(\.self)
  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of all bytes so far.
  var value: UInt32 { ~state }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    Self.table.withUnsafeBufferPointer { table in
      var place = 0
      while place + 8 <= bytes.count {
        let word =
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
          ^ UInt64(state)
        state = 0
        for index in 0..<8 {
          state ^= table[(7 - index) << 8 | Int(truncatingIfNeeded: word >> (8 * index) & 0xFF)]
        }
        place += 8
      }
      while place < bytes.count {
        state = state >> 8 ^ table[Int((state ^ UInt32(bytes[place])) & 0xFF)]
        place += 1
      }
    }
    self.state = state
  }
}
