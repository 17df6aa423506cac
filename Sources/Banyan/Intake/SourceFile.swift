import Exchange
import Foundation

/// What a file is before it is read as rows: its digest, size and encoding, found in one pass over
/// its bytes.
struct SourceFile {
  let path: String
  let digest: [UInt8]
  let byteCount: Int
  /// Whether it is text, compressed text, or a workbook.
  let kind: FileKind
  /// What the bytes look like; a mapping may know better.
  let detectedEncoding: TextEncoding
  /// What the first bytes of the text say; nothing of a workbook.
  let opening: TextOpening

  private static let chunk = 1 << 20
  private let modifiedAt: Date?

  /// Passes over the bytes of a file.
  init(path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw FileProblem.cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
    defer { try? handle.close() }
    modifiedAt = Self.modification(of: path)
    kind = try FileKind(path: path)
    let digest = Digest()
    var detector = EncodingDetector()
    var opening = TextOpening()
    var byteCount = 0
    do {
      while let data = try handle.read(upToCount: Self.chunk), !data.isEmpty {
        data.withUnsafeBytes { bytes in
          digest.update(bytes)
          detector.consume(bytes)
          opening.consume(bytes)
        }
        byteCount += data.count
        if kind == .plain { try opening.refuseEndless(path) }
      }
    } catch let problem as FileProblem {
      throw problem
    } catch {
      throw FileProblem.cannotRead(path: path, reason: error.localizedDescription)
    }
    self.path = path
    self.digest = digest.finish()
    self.byteCount = byteCount
    switch kind {
    case .plain: (detectedEncoding, self.opening) = (detector.encoding, opening)
    case .compressed:
      (detectedEncoding, self.opening) = try Self.look(at: DecompressingSource(path: path))
    case .zip, .json, .compressedJSON:
      (detectedEncoding, self.opening) = (.utf8, TextOpening())
    case .oldWorkbook:
      throw FileProblem.unusable(
        path: path,
        reason: "it is a workbook in the form of Excel before 2007; save it as .xlsx or as CSV")
    }
  }

  /// Opens the rows as a mapping describes them.
  func reader(for mapping: Mapping) throws(FileProblem) -> CSVReader {
    guard let layout = mapping.layout else {
      return try opened(
        dialect: mapping.dialect, encoding: mapping.encoding, sheet: mapping.sheet)
    }
    return try CSVReader(
      kind == .compressed ? DecompressingSource(path: path) : FileSource(path: path),
      layout: layout, encoding: mapping.encoding ?? detectedEncoding)
  }

  private static func look(
    at source: DecompressingSource
  ) throws -> (TextEncoding, TextOpening) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 1)
    defer { buffer.deallocate() }
    var detector = EncodingDetector()
    var opening = TextOpening()
    while case let count = try source.read(into: buffer), count > 0 {
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      detector.consume(bytes)
      opening.consume(bytes)
      try opening.refuseEndless(source.name)
    }
    return (detector.encoding, opening)
  }

  /// Opens its rows, whatever kind of file it is. The dialect counts for delimited text alone, and so
  /// does the encoding, which is otherwise what the bytes look like.
  func opened(
    dialect: CSVDialect, encoding: TextEncoding? = nil, sheet: String? = nil
  ) throws(FileProblem) -> CSVReader {
    let (path, encoding) = (path, encoding ?? detectedEncoding)
    return switch kind {
    case .zip:
      try CSVReader(workbook: path, sheet: sheet, trimsBlanks: dialect.trimsBlanks)
    case .json:
      try CSVReader(json: { () throws(FileProblem) in try FileSource(path: path) })
    case .compressedJSON:
      try CSVReader(json: { () throws(FileProblem) in try DecompressingSource(path: path) })
    case .compressed:
      try CSVReader(DecompressingSource(path: path), dialect: dialect, encoding: encoding)
    case .plain, .oldWorkbook:
      try CSVReader(FileSource(path: path), dialect: dialect, encoding: encoding)
    }
  }

  /// Whether somebody has written to the file since its digest was taken.
  var hasChanged: Bool { modifiedAt != Self.modification(of: path) }

  private static func modification(of path: String) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }
}
