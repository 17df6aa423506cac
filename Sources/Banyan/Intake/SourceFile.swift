import Exchange
import Foundation

/// What a file is before it is read as rows: its digest, size and encoding, found in one pass over
/// its bytes.
struct SourceFile {
  let path: String
  let digest: [UInt8]
  let byteCount: Int
  /// What the bytes look like; a mapping may know better.
  let detectedEncoding: TextEncoding

  private static let chunk = 1 << 20
  private let modifiedAt: Date?

  /// Passes over the bytes of a file.
  init(path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw FileProblem.cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
    defer { try? handle.close() }
    modifiedAt = Self.modification(of: path)
    let digest = Digest()
    var detector = EncodingDetector()
    var byteCount = 0
    do {
      while let data = try handle.read(upToCount: Self.chunk), !data.isEmpty {
        data.withUnsafeBytes { bytes in
          digest.update(bytes)
          detector.consume(bytes)
        }
        byteCount += data.count
      }
    } catch {
      throw FileProblem.cannotRead(path: path, reason: error.localizedDescription)
    }
    self.path = path
    self.digest = digest.finish()
    self.byteCount = byteCount
    self.detectedEncoding = detector.encoding
  }

  /// Whether somebody has written to the file since its digest was taken.
  var hasChanged: Bool { modifiedAt != Self.modification(of: path) }

  private static func modification(of path: String) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }
}
