import CArchive

/// Packs bytes on their way somewhere, by libarchive: as one compressed stream, or as the parts of a
/// zip archive. It holds a few hundred kilobytes, however much passes. The same bytes are packed the
/// same way at any time and place: no clock and no user stands in what it makes.
final class Packer {
  /// What is made of the bytes.
  enum Form {
    case gzip
    case zstd
    /// The parts of an archive, each begun by ``beginPart(_:)``.
    case zip
  }

  /// Where packed bytes go. It is asked from within C, which knows no Swift errors: a problem waits
  /// here until the call comes back.
  private final class Outlet {
    let deliver: (UnsafeRawBufferPointer) throws(FileProblem) -> Void
    var problem: FileProblem?

    init(_ deliver: @escaping (UnsafeRawBufferPointer) throws(FileProblem) -> Void) {
      self.deliver = deliver
    }
  }

  private let name: String
  private let archive: OpaquePointer
  private let outlet: Outlet
  private var isFinished = false

  /// Level 1 of deflate: a third of the time of level 6 on the rows of a sheet, for a fifth more
  /// bytes.
  private static let zipLevel = "1"
  /// The mode of a file that is a file.
  private static let regularFile: UInt32 = 0o100_000

  /// Packs for a destination that messages call by a name.
  init(
    _ form: Form, for name: String,
    _ deliver: @escaping (UnsafeRawBufferPointer) throws(FileProblem) -> Void
  ) throws(FileProblem) {
    guard let archive = archive_write_new() else {
      throw .cannotWrite(path: name, reason: "there is no memory")
    }
    self.name = name
    self.archive = archive
    outlet = Outlet(deliver)
    var accepted: [Int32] = []
    switch form {
    case .gzip:
      accepted.append(archive_write_add_filter_gzip(archive))
      accepted.append(archive_write_set_format_raw(archive))
      accepted.append(archive_write_set_filter_option(archive, "gzip", "timestamp", nil))
    case .zstd:
      accepted.append(archive_write_add_filter_zstd(archive))
      accepted.append(archive_write_set_format_raw(archive))
    case .zip:
      accepted.append(archive_write_set_format_zip(archive))
      accepted.append(
        archive_write_set_format_option(archive, "zip", "compression-level", Self.zipLevel))
      // Excel takes no archive whose parts declare the larger form.
      accepted.append(archive_write_set_format_option(archive, "zip", "zip64", nil))
    }
    archive_write_set_bytes_per_block(archive, 64 << 10)
    archive_write_set_bytes_in_last_block(archive, 1)
    accepted.append(
      archive_write_open(
        archive, Unmanaged.passUnretained(outlet).toOpaque(), nil,
        { _, context, bytes, count in
          guard let context, let bytes else { return 0 }
          // The context is the outlet, which lives as long as the archive.
          let outlet = Unmanaged<Outlet>.fromOpaque(context).takeUnretainedValue()
          do throws(FileProblem) {
            try outlet.deliver(UnsafeRawBufferPointer(start: bytes, count: count))
            return count
          } catch {
            outlet.problem = outlet.problem ?? error
            return -1
          }
        }, nil))
    if accepted.contains(where: { $0 < ARCHIVE_WARN }) { throw failure }
    if form != .zip { try beginPart("data") }
  }

  deinit {
    // Nothing is delivered of what was not finished.
    if !isFinished { archive_write_fail(archive) }
    archive_write_free(archive)
  }

  /// Ends the part before, if any, and begins the next.
  func beginPart(_ part: String) throws(FileProblem) {
    guard let entry = archive_entry_new() else {
      throw .cannotWrite(path: name, reason: "there is no memory")
    }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, part)
    archive_entry_set_filetype(entry, Self.regularFile)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_unset_size(entry)
    if archive_write_header(archive, entry) < ARCHIVE_WARN { throw failure }
  }

  /// Packs the next bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileProblem) {
    var rest = bytes
    while !rest.isEmpty {
      let count = archive_write_data(archive, rest.baseAddress, rest.count)
      if count <= 0 { throw failure }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Packs what is still held. Nothing can be written afterwards.
  func finish() throws(FileProblem) {
    if archive_write_close(archive) < ARCHIVE_WARN { throw failure }
    isFinished = true
    if let problem = outlet.problem { throw problem }
  }

  private var failure: FileProblem {
    outlet.problem
      ?? .cannotWrite(
        path: name,
        reason: archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be packed")
  }
}
