import CArchive

/// The bytes of a file that gzip or zstd has compressed, decompressed as they are read.
public final class DecompressingSource: ByteSource {
  /// A text that grows by more than this is no text: spaces and zeros of a hostile file do.
  static let largestRatio = 500
  /// Below this many bytes nothing is a bomb.
  static let harmless = 64 << 20

  /// The path of the compressed file.
  public let name: String
  private let archive: OpaquePointer
  private var produced = 0
  private let limit: Int
  private var isAtEnd: Bool
  private var trailer: GzipTrailer?

  /// Opens a compressed file.
  public init(path: String) throws(FileProblem) {
    name = path
    guard let archive = archive_read_new() else {
      throw .cannotOpen(path: path, reason: "there is no memory")
    }
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_raw(archive)
    var entry: OpaquePointer?
    var status = archive_read_open_filename(archive, path, 64 << 10)
    if status == ARCHIVE_OK { status = archive_read_next_header(archive, &entry) }
    if status != ARCHIVE_OK, status != ARCHIVE_EOF {
      let reason = words(of: archive)
      archive_read_free(archive)
      throw .cannotOpen(path: path, reason: reason)
    }
    self.archive = archive
    isAtEnd = status == ARCHIVE_EOF
    trailer = GzipTrailer(path: path)
    let size = (try? FileSource.size(of: path)) ?? 0
    limit = max(Self.harmless, Self.largestRatio * size)
  }

  deinit { archive_read_free(archive) }

  /// Decompresses the next bytes.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    if isAtEnd { return 0 }
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    if count < 0 { throw .cannotRead(path: name, reason: words(of: archive)) }
    produced += count
    if produced > limit {
      throw .cannotRead(
        path: name,
        reason: "it grows to more than \(Self.largestRatio) times its size, as no file of rows does"
      )
    }
    trailer?.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    if count == 0 {
      isAtEnd = true
      if trailer?.agrees == false {
        throw .cannotRead(
          path: name,
          reason:
            "its checksum does not agree with what it holds: it was damaged on the way, or is several files in one; compress it again"
        )
      }
    }
    return count
  }
}

private func words(of archive: OpaquePointer) -> String {
  archive_error_string(archive).map { String(cString: $0) } ?? "it is damaged"
}
