import Foundation

/// A folder of the shared conformance data, or nil where it is not on this machine.
func sharedFolder(_ path: String) -> URL? {
  let root =
    ProcessInfo.processInfo.environment["BANYAN_SHARED_DATA"].map(URL.init(fileURLWithPath:))
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("../shared/data").standardized
  let folder = root.appendingPathComponent(path)
  if FileManager.default.fileExists(atPath: folder.path) { return folder }
  print("skipped: \(folder.path) is absent; set BANYAN_SHARED_DATA to the shared data folder")
  return nil
}
