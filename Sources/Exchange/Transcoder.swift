#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A byte source that gives UTF-8 from a source in another encoding, by the system's iconv.
///
/// A byte that has no meaning in that encoding is carried on as three bytes from 0xF8 to 0xFF with
/// three of its bits each, most significant first. UTF-8 never uses these, so whoever checks the
/// text finds them, and ``carriedByte(in:at:)`` recovers what the file held.
struct Transcoder: ByteSource {
  private var converter: Converter
  private var source: any ByteSource
  private var input: [UInt8] = []
  private var position = 0
  private var sourceEnded = false
  private let chunk: Int

  var name: String { source.name }

  /// The longest character of any encoding here, in bytes of UTF-8 or of its own.
  static let longestCharacter = 8

  init(_ source: any ByteSource, from encoding: TextEncoding, chunk: Int) throws(FileProblem) {
    self.source = source
    self.chunk = max(chunk, Self.longestCharacter)
    self.converter = try Converter(
      from: encoding.iconvName, to: "UTF-8", encoding: encoding, path: source.name)
    if encoding == .utf16 { try readOrder() }
  }

  /// Looks at the first bytes of UTF-16: without a mark, iconv takes them in the order of this machine.
  private mutating func readOrder() throws(FileProblem) {
    while input.count < UTF16Order.openingLength, !sourceEnded { try refill() }
    if input.starts(with: [0xFF, 0xFE]) || input.starts(with: [0xFE, 0xFF]) { return }
    guard let order = UTF16Order(opening: input.prefix(UTF16Order.openingLength)) else { return }
    converter = try Converter(
      from: order == .littleEndian ? "UTF-16LE" : "UTF-16BE", to: "UTF-8", encoding: .utf16,
      path: source.name)
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    var written = 0
    while written == 0 {
      if position == input.count || (needsMore && !sourceEnded) { try refill() }
      if position == input.count, sourceEnded { return 0 }
      written = convert(into: buffer)
    }
    return written
  }

  /// Whether the rest of the input is the beginning of a character.
  private var needsMore = false

  private mutating func refill() throws(FileProblem) {
    let rest = input.count - position
    input.removeSubrange(0..<position)
    position = 0
    input.append(contentsOf: repeatElement(0, count: chunk))
    var source = self.source
    var count = 0
    var problem: FileProblem?
    input.withUnsafeMutableBytes { bytes in
      do throws(FileProblem) {
        count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[rest...]))
      } catch {
        problem = error
      }
    }
    self.source = source
    if let problem { throw problem }
    input.removeLast(chunk - count)
    sourceEnded = count == 0
    needsMore = false
  }

  private mutating func convert(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let converter = self.converter
    let ended = sourceEnded
    var needsMore = false
    var (position, written) = (self.position, 0)
    input.withUnsafeMutableBytes { input in
      while position < input.count, buffer.count - written >= Self.longestCharacter {
        let outcome = converter.convert(
          UnsafeMutableRawBufferPointer(rebasing: input[position...]),
          into: UnsafeMutableRawBufferPointer(rebasing: buffer[written...]))
        position += outcome.read
        written += outcome.written
        switch outcome.stop {
        case .done, .full: return
        case .incomplete where !ended:
          needsMore = true
          return
        case .incomplete, .invalid:
          guard buffer.count - written >= 3 else { return }
          let byte = input[position]
          buffer[written] = 0xF8 | byte >> 6
          buffer[written + 1] = 0xF8 | (byte >> 3 & 7)
          buffer[written + 2] = 0xF8 | (byte & 7)
          position += 1
          written += 3
        }
      }
    }
    self.position = position
    self.needsMore = needsMore
    return written
  }

  /// The undecodable byte that is carried at an offset, or nil if there is none.
  static func carriedByte(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt8? {
    guard offset + 3 <= bytes.count, bytes[offset..<offset + 3].allSatisfy({ $0 >= 0xF8 }) else {
      return nil
    }
    return bytes[offset] << 6 | (bytes[offset + 1] & 7) << 3 | bytes[offset + 2] & 7
  }
}

/// One direction of the system's iconv.
final class Converter {
  /// Why a conversion stopped.
  enum Stop {
    /// All input was converted.
    case done
    /// The output has no room for the next character.
    case full
    /// The input ends within a character.
    case incomplete
    /// The input has no meaning, or no counterpart, here.
    case invalid
  }

  private let descriptor: iconv_t

  init(from source: String, to target: String, encoding: TextEncoding, path: String)
    throws(FileProblem)
  {
    let opened = iconv_open(target, source)
    guard let opened, Int(bitPattern: opened) != -1 else {
      throw .unknownEncoding(path: path, name: encoding.rawValue)
    }
    self.descriptor = opened
  }

  deinit { iconv_close(descriptor) }

  /// Converts as much as goes, and says how many bytes were read and written and why it stopped.
  func convert(
    _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> (read: Int, written: Int, stop: Stop) {
    var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
    var to = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    var (left, room) = (input.count, output.count)
    let result = iconv(descriptor, &from, &left, &to, &room)
    let stop: Stop =
      if result != Int(bitPattern: UInt.max) {
        .done
      } else {
        switch errno {
        case E2BIG: .full
        case EINVAL: .incomplete
        default: .invalid
        }
      }
    return (input.count - left, output.count - room, stop)
  }
}
