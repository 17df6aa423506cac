/// Tells UTF-8 from GB 18030 while the bytes of a file pass by, for example on their way into a
/// digest.
///
/// Text in GB 18030 is hardly ever valid UTF-8, so a file that is valid is UTF-8. So is one with a
/// byte order mark, and one whose good characters far outnumber its bad bytes: that is UTF-8 with
/// damage, and the damaged records must be reported rather than read as something else.
public struct EncodingDetector: Sendable {
  private var check = UTF8Check()
  private var opening: [UInt8] = []
  private var goodCharacters = 0
  private var badBytes = 0

  /// How many good characters outside ASCII outweigh one bad byte. About one pair in eight of
  /// GB 18030 text happens to be valid UTF-8, far from four for each bad byte.
  private static let goodPerBad = 4

  /// A detector that has seen nothing yet.
  public init() {}

  /// Takes the next bytes of the file.
  public mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    opening.append(contentsOf: bytes.prefix(UTF16Order.openingLength - opening.count))
    var position = 0
    while position < bytes.count {
      if check.pending == 0 {
        while position + 8 <= bytes.count,
          bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080
            == 0
        {
          position += 8
        }
        if position == bytes.count { break }
      }
      consume(bytes[position])
      position += 1
    }
  }

  private mutating func consume(_ byte: UInt8) {
    let continued = check.pending > 0
    if check.accepts(byte) {
      if continued, check.pending == 0 { goodCharacters += 1 }
      return
    }
    badBytes += 1
    // A character was cut short; this byte may begin the next one.
    if continued, !check.accepts(byte) { badBytes += 1 }
  }

  /// The encoding of the bytes seen so far, taken as a whole file.
  public var encoding: TextEncoding {
    if opening.starts(with: [0xFF, 0xFE]) || opening.starts(with: [0xFE, 0xFF]) { return .utf16 }
    if opening.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
    if UTF16Order(opening: opening) != nil { return .utf16 }
    let bad = badBytes + (check.pending > 0 ? 1 : 0)
    return bad == 0 || goodCharacters >= bad * Self.goodPerBad ? .utf8 : .gb18030
  }
}
