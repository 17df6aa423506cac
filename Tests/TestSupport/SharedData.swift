import Foundation

/// Real data that lies outside the repository. Tests that need it skip where it is absent:
///
///     @Test(.enabled(if: SharedData.isPresent("berka"), "\(SharedData.reasonToSkip)"))
public enum SharedData {
  /// The folder: what `BANYAN_SHARED_DATA` names, else `../shared/data` seen from the package; nil
  /// when there is none.
  public static var folder: String? {
    let named = ProcessInfo.processInfo.environment["BANYAN_SHARED_DATA"]
    let path = named ?? (packageFolder as NSString).deletingLastPathComponent + "/shared/data"
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue ? path : nil
  }

  /// The folder of this package's Package.swift.
  public static var packageFolder: String {
    var path = #filePath
    for _ in 0..<3 { path = (path as NSString).deletingLastPathComponent }
    return path
  }

  /// The path of a file or folder of the shared data; nil when it is absent.
  public static func path(_ relative: String) -> String? {
    guard let folder else { return nil }
    let path = folder + "/" + relative
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Whether a file or folder of the shared data is there.
  public static func isPresent(_ relative: String) -> Bool { path(relative) != nil }

  /// What a skipped test says.
  public static var reasonToSkip: String {
    "The shared data is not here: set BANYAN_SHARED_DATA to its folder to run this test."
  }
}
