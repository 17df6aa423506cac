import Foundation

/// A folder that goes away with its last user.
public final class TemporaryFolder: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    var template = Array("/tmp/banyan-files-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("No temporary folder could be made in /tmp.")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

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
