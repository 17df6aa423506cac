/// How a file holds its rows, told by its first bytes and not by its name.
public enum FileKind: Hashable, Sendable {
  /// Text as it is.
  case plain
  /// Text that gzip or zstd has compressed.
  case compressed
  /// Objects of JSON, in a list or one a line.
  case json
  /// Such objects, compressed.
  case compressedJSON
  /// A zip archive: a workbook of Excel, or files packed together.
  case zip
  /// A workbook in the form that Excel wrote until 2003, which is not read.
  case oldWorkbook

  /// How many bytes tell the kind: enough to find the first key behind the blanks before it.
  public static let openingLength = 256

  /// Looks at the first bytes of a file.
  public init(path: String) throws(FileProblem) {
    let kind = FileKind(opening: try Self.opening(of: FileSource(path: path)))
    if kind == .compressed,
      FileKind(opening: try Self.opening(of: DecompressingSource(path: path))) == .json
    {
      self = .compressedJSON
    } else {
      self = kind
    }
  }

  /// The first bytes of a source.
  private static func opening(of source: any ByteSource) throws(FileProblem) -> ArraySlice<UInt8> {
    var source = source
    var opening = [UInt8](repeating: 0, count: openingLength)
    var filled = 0
    while filled < opening.count {
      let result = opening.withUnsafeMutableBytes { bytes in
        Result { () throws(FileProblem) in
          try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
        }
      }
      let count = try result.get()
      if count == 0 { break }
      filled += count
    }
    return opening[..<filled]
  }

  /// Tells by the first bytes; not whether compressed ones hold JSON.
  public init(opening: ArraySlice<UInt8>) {
    self =
      if opening.starts(with: [0x1F, 0x8B]) {
        .compressed
      } else if opening.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
        .compressed
      } else if opening.starts(with: [0x50, 0x4B, 0x03, 0x04])
        || opening.starts(with: [0x50, 0x4B, 0x05, 0x06])
      {
        .zip
      } else if opening.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        .oldWorkbook
      } else if Self.beginsObject(opening) {
        .json
      } else {
        .plain
      }
  }

  /// Whether a text begins as an object of JSON does, or a list of objects; no header of a delimited
  /// file does.
  private static func beginsObject(_ opening: ArraySlice<UInt8>) -> Bool {
    let marked = opening.starts(with: [0xEF, 0xBB, 0xBF]) ? opening.dropFirst(3) : opening
    var signs = marked.lazy.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.makeIterator()
    var sign = signs.next()
    if sign == UInt8(ascii: "[") {
      sign = signs.next()
      if sign == UInt8(ascii: "]") { return signs.next() == nil }
    }
    guard sign == UInt8(ascii: "{"), let next = signs.next() else { return false }
    return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
  }
}

extension FileSource {
  /// The number of bytes of a file.
  static func size(of path: String) throws(FileProblem) -> Int {
    var status = stat()
    if stat(path, &status) != 0 { throw .cannotOpen(path: path, reason: systemReason()) }
    return Int(status.st_size)
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
