import Foundation

/// The places inside a private server's folder, and the making of folders with the right owner.
struct ServerFolder: Equatable, Sendable {
  /// The absolute path of the whole.
  let path: String

  /// The cluster; it exists only when it was made completely.
  var data: String { path + "/data" }
  /// A cluster in the making; whatever a killed command left here is thrown away.
  var unfinishedData: String { path + "/data.unfinished" }
  /// The folder of the server's log.
  var logFolder: String { path + "/log" }
  /// The server's log.
  var log: String { logFolder + "/server.log" }
  /// The settings that postgresql.conf includes.
  var settings: String { path + "/server.conf" }

  /// The longest path of a Unix socket that every system takes, with its closing zero: 104 bytes.
  private static let longestSocketPath = 103

  /// The folder of the Unix socket, which only its owner can enter.
  ///
  /// A path that is too long for a socket, or has a comma (at which libpq cuts a list of hosts),
  /// is replaced by a private folder below /tmp, named after the folder's path: every command finds
  /// the same one, in every session.
  var socketFolder: String {
    let inside = path + "/run"
    if inside.utf8.count + "/.s.PGSQL.\(PrivateServer.port)".utf8.count <= Self.longestSocketPath,
      !inside.contains(",")
    {
      return inside
    }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "/tmp/banyan-" + String(hash, radix: 36)
  }

  /// Whether the socket lies outside the folder, where others may also make folders.
  var socketIsOutside: Bool { !socketFolder.hasPrefix(path + "/") }

  /// Makes an absolute path of `given`, following the links of the part that exists.
  init(_ given: String) {
    var rest: [String] = []
    var existing =
      given.hasPrefix("/") ? given : FileManager.default.currentDirectoryPath + "/" + given
    existing = NSString(string: existing).standardizingPath
    while existing != "/" {
      if let real = realpath(existing, nil) {
        existing = String(cString: real)
        free(real)
        break
      }
      rest.append((existing as NSString).lastPathComponent)
      existing = (existing as NSString).deletingLastPathComponent
    }
    path = rest.reversed().reduce(existing) { ($0 == "/" ? "" : $0) + "/" + $1 }
  }

  /// The major version in data/PG_VERSION; nil when there is no cluster.
  func clusterVersion() -> String? {
    guard let text = try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8) else {
      return nil
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The owner of the cluster; nil when there is none.
  func clusterOwner() throws(PrivateServerError) -> uid_t? {
    var facts = stat()
    if lstat(data, &facts) == 0 { return facts.st_uid }
    if errno == ENOENT { return nil }
    throw .fileFailed(action: "look at", path: data, reason: systemReason(errno))
  }

  /// Makes the folder itself and those above it that are missing.
  func make() throws(PrivateServerError) {
    if path.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
      throw .pathUnusable(path: path, reason: "it contains control characters")
    }
    let parent = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw .fileFailed(
        action: "make the folder", path: parent, reason: Self.words(of: error))
    }
    // Root's folder lets the server's user pass to the inner folders, which are private to it.
    if mkdir(path, geteuid() == 0 ? 0o755 : 0o700) != 0 {
      let reason = errno
      var facts = stat()
      guard reason == EEXIST, stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
        throw .fileFailed(action: "make the folder", path: path, reason: systemReason(reason))
      }
    } else if geteuid() == 0 {
      chmod(path, 0o755)
    }
  }

  /// Makes a folder that only `account` can enter, or checks that an existing one is that.
  ///
  /// The owner is set through an open descriptor, so a link put in its place is never followed.
  static func makePrivate(
    _ path: String, for account: ServerAccount
  ) throws(PrivateServerError) {
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw .fileFailed(action: "make the folder", path: path, reason: systemReason(errno))
    }
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard folder >= 0 else {
      throw .fileFailed(action: "open the folder", path: path, reason: systemReason(errno))
    }
    defer { close(folder) }
    var facts = stat()
    guard fstat(folder, &facts) == 0 else {
      throw .fileFailed(action: "look at the folder", path: path, reason: systemReason(errno))
    }
    if facts.st_uid != account.userID {
      guard facts.st_uid == geteuid() else {
        throw .wrongOwner(
          path: path, owner: ServerAccount.name(of: facts.st_uid), user: account.name)
      }
      guard fchown(folder, account.userID, account.groupID) == 0 else {
        throw .fileFailed(action: "give away the folder", path: path, reason: systemReason(errno))
      }
    }
    guard fchmod(folder, 0o700) == 0 else {
      throw .fileFailed(action: "close the folder", path: path, reason: systemReason(errno))
    }
  }

  /// Writes a file whole: readers see the old text or the new one.
  static func write(_ text: String, to path: String) throws(PrivateServerError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .fileFailed(action: "write", path: path, reason: words(of: error))
    }
    guard chmod(path, 0o644) == 0 else {
      throw .fileFailed(action: "set the permissions of", path: path, reason: systemReason(errno))
    }
  }

  /// Removes a file or a folder with all in it; what does not exist is fine.
  static func remove(_ path: String) throws(PrivateServerError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw .fileFailed(action: "remove", path: path, reason: words(of: error))
    }
  }

  /// The operating system's reason inside an error of Foundation.
  static func words(of error: any Error) -> String {
    let outer = error as NSError
    if let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError,
      inner.domain == NSPOSIXErrorDomain
    {
      return systemReason(Int32(inner.code))
    }
    return outer.localizedDescription
  }
}
