import Exchange

/// The text of a file, unpacked and piece by piece, with its digest.
final class FileText {
  private static let pieceSize = 256 << 10

  private var source: any ByteSource
  private let digest = Digest()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 1)
  /// How many bytes were read.
  private(set) var byteCount = 0
  /// How many lines ended in them.
  private(set) var lineCount = 0

  /// Opens a file, whose name says how it is packed.
  init(path: String) throws(FileProblem) {
    source =
      Compression(path: path) == nil
      ? try FileSource(path: path) : try DecompressingSource(path: path)
  }

  deinit { buffer.deallocate() }

  /// The next piece, which is good until the one after it is asked for; nil at the end.
  func next() throws(FileProblem) -> UnsafeRawBufferPointer? {
    let count = try source.read(into: buffer)
    if count == 0 { return nil }
    let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    digest.update(piece)
    byteCount += count
    lineCount += piece.count { $0 == UInt8(ascii: "\n") }
    return piece
  }

  /// The SHA-256 of all that was read, in hexadecimal digits, to be asked for once.
  func finish() -> String { hexadecimal(digest.finish()) }
}
