import Foundation
import PrivateServer

/// Room in memory for databases of tests, where the machine has plenty of it. A database is two thousand files,
/// and to make them on a disk takes five times as long.
struct MemoryTablespace: Sendable {
  /// Name in a server's folder of the link to its folder in memory, by which that is removed.
  static let link = "memory"
  static let name = "memory"

  private static let place = "/dev/shm"
  /// The most memory that databases take.
  private static let limit: UInt64 = 7 << 30

  private let freeAtFirst: UInt64

  /// Makes one for a server that has been started; nil where there is no room for it.
  init?(for server: PrivateServer, create: (_ folder: String) async throws -> Void) async throws {
    guard let free = Self.free, free >= Self.limit + 2 << 30,
      ProcessInfo.processInfo.physicalMemory >= 2 * Self.limit
    else { return nil }
    freeAtFirst = free
    var template = Array("\(Self.place)/banyan-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard symlink(folder, server.folder + "/" + Self.link) == 0 else {
      rmdir(folder)
      return nil
    }
    // The server's user writes there.
    var data = stat()
    if stat(server.folder + "/data", &data) == 0 { chown(folder, data.st_uid, data.st_gid) }
    try await create(folder)
  }

  /// Whether there is room for another database.
  var hasRoom: Bool { (Self.free ?? 0) + Self.limit > freeAtFirst }

  private static var free: UInt64? {
    var system = statvfs()
    guard statvfs(place, &system) == 0 else { return nil }
    return UInt64(system.f_bavail) * UInt64(system.f_frsize)
  }
}
