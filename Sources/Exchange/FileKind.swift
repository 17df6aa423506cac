/// How a file holds its rows, told by its first bytes and not by its name.
public enum FileKind: Hashable, Sendable {
  /// Text as it is.
  case plain
  /// Text that gzip or zstd has compressed.
  case compressed
  /// A zip archive: a workbook of Excel, or files packed together.
  case zip
  /// A workbook in the form that Excel wrote until 2003, which is not read.
  case oldWorkbook

  /// Looks at the first bytes of a file.
  public init(path: String) throws(FileProblem) {
    let source = try FileSource(path: path)
    var opening = [UInt8](repeating: 0, count: 8)
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
    self.init(opening: opening[..<filled])
  }

  /// Tells by the first bytes; eight are enough.
  init(opening: ArraySlice<UInt8>) {
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
      } else {
        .plain
      }
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
