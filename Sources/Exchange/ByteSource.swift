#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where bytes come from: a file, a pipe, memory, a decompressor.
public protocol ByteSource {
  /// What messages call it, usually its path.
  var name: String { get }
  /// Fills the front of a buffer, which is not empty, and returns the number of bytes written
  /// there; 0 means the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int

  /// Whether the lines of its bytes have places of another kind, as the rows of a sheet.
  var tellsPlaces: Bool { get }
  /// The place of the record that begins on a line of its bytes; asked for in ascending order.
  mutating func place(ofLine line: Int) -> RecordPlace?
  /// Name of the sheet of a workbook; nil for all other sources.
  var sheetName: String? { get }
}

extension ByteSource {
  /// Lines are what they are.
  public var tellsPlaces: Bool { false }
  /// None.
  public mutating func place(ofLine line: Int) -> RecordPlace? { nil }
  /// None.
  public var sheetName: String? { nil }
}

/// The bytes of a file or of an open descriptor.
public final class FileSource: ByteSource {
  /// The path, or the name given with the descriptor.
  public let name: String
  private let descriptor: Int32
  private let closes: Bool

  /// Opens a file for reading; `-` is standard input.
  public init(path: String) throws(FileProblem) {
    self.name = path == "-" ? "standard input" : path
    self.closes = path != "-"
    self.descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .cannotOpen(path: path, reason: systemReason()) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw .cannotOpen(path: path, reason: "it is a directory")
    }
  }

  /// Reads an open descriptor, which stays open afterwards.
  public init(descriptor: Int32, name: String) {
    self.name = name
    self.descriptor = descriptor
    self.closes = false
  }

  deinit {
    if closes, descriptor >= 0 { close(descriptor) }
  }

  /// Reads what the system hands over at once.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    while true {
      #if canImport(Darwin)
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 { return count }
      if errno != EINTR { throw .cannotRead(path: name, reason: systemReason()) }
    }
  }
}

/// Bytes in memory, handed out in pieces of a chosen size.
public struct MemorySource: ByteSource {
  /// What messages call these bytes.
  public let name: String
  private let bytes: [UInt8]
  private var position = 0
  private let piece: Int

  /// Serves bytes, at most `piece` at a time.
  public init(_ bytes: some Sequence<UInt8>, name: String = "memory", piece: Int = .max) {
    self.bytes = Array(bytes)
    self.name = name
    self.piece = piece
  }

  /// Copies the next piece.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(piece, buffer.count, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

/// The system's words for the error that just happened.
func systemReason() -> String { String(cString: strerror(errno)) }
