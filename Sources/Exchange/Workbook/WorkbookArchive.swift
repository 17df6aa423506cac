import CZip

/// The zip archive that a workbook is.
final class WorkbookArchive {
  /// The most that one part may hold unpacked: Excel's own limit is a million rows, and rows of a
  /// thousand bytes of XML would be a gigabyte.
  static let largestPart = 4 << 30
  /// Parts that unpack to more than so many times their size are made to do harm, unless they are
  /// small.
  static let largestRatio = 200
  static let harmless = 64 << 20

  let path: String
  private let archive: OpaquePointer

  init(path: String) throws(FileProblem) {
    self.path = path
    var code: Int32 = 0
    guard let archive = zip_open(path, Int32(ZIP_RDONLY), &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw .cannotOpen(
        path: path,
        reason: "it is no sound archive (\(String(cString: zip_error_strerror(&error))))")
    }
    self.archive = archive
  }

  deinit { zip_discard(archive) }

  /// The names of all parts.
  var partNames: [String] {
    (0..<zip_get_num_entries(archive, 0)).compactMap { index in
      zip_get_name(archive, zip_uint64_t(index), 0).map { String(cString: $0) }
    }
  }

  /// Opens a part; nil if there is none of the name.
  func part(_ name: String) throws(FileProblem) -> Part? {
    var facts = zip_stat_t()
    zip_stat_init(&facts)
    // Some programs write another case than they refer to.
    let index = zip_name_locate(archive, name, zip_flags_t(ZIP_FL_NOCASE))
    if index < 0 { return nil }
    let place = zip_uint64_t(index)
    if zip_stat_index(archive, place, 0, &facts) != 0 { throw damaged(name) }
    if facts.encryption_method != UInt16(ZIP_EM_NONE) {
      throw .unusable(
        path: path, reason: "it is protected by a password; save it without one and send it again")
    }
    if facts.size > UInt64(Self.largestPart)
      || facts.size > max(UInt64(Self.harmless), facts.comp_size * UInt64(Self.largestRatio))
    {
      throw .unusable(
        path: path, reason: "its part \(name) unpacks to \(facts.size) bytes, as no workbook does")
    }
    guard let file = zip_fopen_index(archive, place, 0) else { throw damaged(name) }
    return Part(file, name: name, archive: self)
  }

  fileprivate func damaged(_ name: String) -> FileProblem {
    .cannotRead(
      path: path,
      reason:
        "its part \(name) is damaged (\(String(cString: zip_strerror(archive)))); ask for it again")
  }

  /// One file within the archive.
  final class Part {
    private let file: OpaquePointer
    private let name: String
    // Keeps the archive open.
    private let archive: WorkbookArchive

    fileprivate init(_ file: OpaquePointer, name: String, archive: WorkbookArchive) {
      self.file = file
      self.name = name
      self.archive = archive
    }

    deinit { zip_fclose(file) }

    /// Unpacks the next bytes; 0 is the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
      let count = zip_fread(file, buffer.baseAddress, zip_uint64_t(buffer.count))
      if count < 0 { throw archive.damaged(name) }
      return Int(count)
    }
  }
}
