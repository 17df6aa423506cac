import CArchive
import CZip

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A zip archive of files, unpacked into a folder. Nothing of what archives are abused for gets through: names
/// that lead elsewhere, links, devices, files twice, and what grows beyond all measure.
public enum PackedFiles {
  /// The most files that a delivery has.
  public static let fileLimit = 10_000
  private static let chunk = 64 << 10

  /// Whether a zip archive is a workbook of Excel, and not files packed together.
  public static func isWorkbook(path: String) -> Bool {
    var code: Int32 = 0
    guard let archive = zip_open(path, Int32(ZIP_RDONLY), &code) else { return false }
    defer { zip_discard(archive) }
    return zip_name_locate(archive, "[Content_Types].xml", 0) >= 0
      || zip_name_locate(archive, "xl/workbook.xml", 0) >= 0
  }

  /// Unpacks all files, holding one piece of one file at a time.
  ///
  /// - Parameters:
  ///   - path: The archive.
  ///   - folder: An empty folder.
  /// - Throws: `FileProblem` with the first entry that is refused; what was unpacked until then stays.
  public static func unpack(_ path: String, into folder: String) throws(FileProblem) {
    // An archive that was cut has lost its list of entries, without which some of them could be missing.
    var code: Int32 = 0
    guard let list = zip_open(path, Int32(ZIP_RDONLY), &code) else {
      throw .cannotOpen(path: path, reason: "it is no sound archive; ask for it again")
    }
    let announced = Int(zip_get_num_entries(list, 0))
    zip_discard(list)
    guard let archive = archive_read_new() else {
      throw .cannotOpen(path: path, reason: "there is no memory")
    }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip(archive)
    // Names that are not marked as UTF-8 are those of a Chinese Windows.
    archive_read_set_format_option(archive, "zip", "hdrcharset", "GB18030")
    if archive_read_open_filename(archive, path, chunk) != ARCHIVE_OK {
      throw .cannotOpen(path: path, reason: words(of: archive))
    }
    var unpacking = Unpacking(
      archive: archive, path: path, folder: folder, size: try FileSource.size(of: path))
    var entry: OpaquePointer?
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF {
        if unpacking.entries == announced { return }
        throw .cannotRead(
          path: path,
          reason: "it lists \(announced) files and holds \(unpacking.entries); ask for it again")
      }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else {
        throw .cannotRead(path: path, reason: words(of: archive))
      }
      try unpacking.take(entry)
    }
  }

  fileprivate static func words(of archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "it is damaged"
  }

  /// The parts of a name inside the folder; nil for one that leads out of it or cannot be one.
  static func parts(of name: String) -> [String]? {
    let plain = name.replacing("\\", with: "/")
    var parts = plain.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.last == "" { parts.removeLast() }
    let isSafe =
      !parts.isEmpty
      && parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && !part.hasSuffix(":")
          && part.utf8.count <= 255
          && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
      }
    return isSafe ? parts : nil
  }
}

/// The entries of one archive on their way into a folder.
private struct Unpacking {
  let archive: OpaquePointer
  let path: String
  let folder: String
  /// The most bytes that all files may have together.
  let limit: Int
  private var produced = 0
  private var files = 0
  /// How many entries were seen, also those that are no files.
  private(set) var entries = 0
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(archive: OpaquePointer, path: String, folder: String, size: Int) {
    self.archive = archive
    self.path = path
    self.folder = folder
    limit = max(DecompressingSource.harmless, DecompressingSource.largestRatio * size)
  }

  mutating func take(_ entry: OpaquePointer) throws(FileProblem) {
    entries += 1
    guard let name = archive_entry_pathname_utf8(entry).map({ String(cString: $0) }) else {
      throw refusal(
        "it holds a file whose name is in no known encoding; pack it again with names in UTF-8")
    }
    guard let parts = PackedFiles.parts(of: name) else {
      throw refusal(
        "the name “\(shown(name))” leads out of its folder or is none; pack the files again with plain names"
      )
    }
    // What macOS adds to every archive.
    if parts[0] == "__MACOSX" || parts.last == ".DS_Store" { return }
    let kind = mode_t(archive_entry_filetype(entry))
    if kind == S_IFDIR { return }
    if kind != S_IFREG {
      throw refusal(
        "“\(shown(name))” is a link or a device, and not a file; pack the files themselves")
    }
    if archive_entry_is_encrypted(entry) != 0 {
      throw refusal("“\(shown(name))” is encrypted; send it without a password over a safe way")
    }
    files += 1
    if files > PackedFiles.fileLimit {
      throw refusal(
        "it holds more than \(PackedFiles.fileLimit) files; send them in several archives")
    }
    try unpack(parts, name)
  }

  private mutating func unpack(_ parts: [String], _ name: String) throws(FileProblem) {
    var place = folder
    for part in parts.dropLast() {
      place += "/" + part
      if mkdir(place, 0o700) != 0, errno != EEXIST {
        throw .cannotWrite(path: place, reason: systemReason())
      }
    }
    place += "/" + parts[parts.count - 1]
    let descriptor = open(
      place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
    if descriptor < 0 {
      if errno == EEXIST { throw refusal("“\(shown(name))” is in it twice; pack each file once") }
      throw .cannotWrite(path: place, reason: systemReason())
    }
    defer { close(descriptor) }
    while case let count = try next(), count > 0 {
      produced += count
      if produced > limit {
        throw refusal(
          "its files grow to more than \(DecompressingSource.largestRatio) times its size, as no files of rows do"
        )
      }
      var written = 0
      while written < count {
        let result = buffer.withUnsafeBytes {
          write(descriptor, $0.baseAddress! + written, count - written)
        }
        if result < 0, errno == EINTR { continue }
        if result < 0 { throw .cannotWrite(path: place, reason: systemReason()) }
        written += result
      }
    }
  }

  private mutating func next() throws(FileProblem) -> Int {
    let archive = archive
    let count = buffer.withUnsafeMutableBytes {
      archive_read_data(archive, $0.baseAddress, $0.count)
    }
    if count < 0 { throw .cannotRead(path: path, reason: PackedFiles.words(of: archive)) }
    return count
  }

  private func refusal(_ reason: String) -> FileProblem { .unusable(path: path, reason: reason) }

  /// A name as it can be printed.
  private func shown(_ name: String) -> String {
    String(
      String.UnicodeScalarView(name.unicodeScalars.prefix(100).map { $0.value < 32 ? "?" : $0 }))
  }
}
