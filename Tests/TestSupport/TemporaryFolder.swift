import Foundation
import Synchronization

/// A folder that goes away when the tests end: not before, because programs read it by its path.
public struct TemporaryFolder: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    var template = Array("/tmp/banyan-files-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("No temporary folder could be made in /tmp.")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    Leftovers.shared.remember(path)
  }

  /// Writes a file, making the folders on the way to it.
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    let target = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: target))
  }

  /// Copies a file or a folder in.
  public func copy(_ source: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: path + "/" + name)
  }
}

/// Removes the folders at the end of the process.
private final class Leftovers: Sendable {
  static let shared = Leftovers()
  private let paths = Mutex<[String]>([])

  private init() {
    atexit {
      for path in Leftovers.shared.paths.withLock({ $0 }) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  func remember(_ path: String) { paths.withLock { $0.append(path) } }
}
