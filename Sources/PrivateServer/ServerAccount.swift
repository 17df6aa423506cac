import Foundation

/// The operating system's user that runs the server.
struct ServerAccount: Equatable, Sendable {
  let name: String
  let userID: uid_t
  let groupID: gid_t
  /// Whether this process is root and must drop to the user to run PostgreSQL's programs.
  let mustDrop: Bool

  /// Chooses the user: oneself, or, for root, the one named, else the owner of an existing cluster,
  /// else `postgres`.
  static func choose(
    named: String?, clusterOwner: uid_t?
  ) throws(PrivateServerError) -> ServerAccount {
    let me = geteuid()
    guard me == 0 else {
      let own = entry(of: me)
      let name = own?.name ?? String(me)
      if let named, named != name { throw .notAllowedToBecome(user: named) }
      return ServerAccount(name: name, userID: me, groupID: getegid(), mustDrop: false)
    }
    let found: ServerAccount
    if named == nil, let clusterOwner, clusterOwner != 0, let owner = entry(of: clusterOwner) {
      found = owner
    } else {
      let wanted = named ?? "postgres"
      guard let user = entry(named: wanted) else { throw .userUnknown(wanted) }
      found = user
    }
    if found.userID == 0 { throw .userIsRoot }
    return found
  }

  /// The name of a user, or the number where it has none.
  static func name(of user: uid_t) -> String {
    entry(of: user)?.name ?? String(user)
  }

  /// Describes a run of a program as this user, in an environment without the caller's PostgreSQL
  /// and language settings.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String],
    in folder: String = "/",
    input: String = "", timeLimit: Double
  ) throws(PrivateServerError) -> ProgramRun.Outcome {
    var clean = environment.filter { name, _ in
      !(name.hasPrefix("PG") || name.hasPrefix("LC_") || name.hasPrefix("LANG"))
    }
    clean["LC_ALL"] = "C"
    clean["PATH"] = clean["PATH"] ?? "/usr/bin:/bin"
    let (first, rest) = try command(program, arguments)
    let run = ProgramRun(
      program: first, arguments: rest, environment: clean, workingDirectory: folder,
      input: Array(input.utf8), timeLimit: timeLimit)
    return try run.run()
  }

  private func command(
    _ program: String, _ arguments: [String]
  ) throws(PrivateServerError) -> (String, [String]) {
    guard mustDrop else { return (program, arguments) }
    for path in ["/usr/bin/setpriv", "/bin/setpriv"] where access(path, X_OK) == 0 {
      let drop = ["--reuid=\(userID)", "--regid=\(groupID)", "--init-groups", "--"]
      return (path, drop + [program] + arguments)
    }
    for path in ["/usr/sbin/runuser", "/sbin/runuser"] where access(path, X_OK) == 0 {
      return (path, ["-u", name, "--", program] + arguments)
    }
    throw .programUnusable(
      program: "setpriv", reason: "neither setpriv nor runuser of util-linux is installed")
  }

  /// Finds the first folder on the way to `folder`, itself included, that the user cannot enter;
  /// folders that do not exist yet are no obstacle.
  func firstClosedFolder(
    onTheWayTo folder: String, environment: [String: String]
  ) throws(PrivateServerError) -> String? {
    var ancestors = ["/"]
    for part in folder.split(separator: "/") {
      ancestors.append((ancestors.last == "/" ? "" : ancestors.last ?? "") + "/" + part)
    }
    let script = #"""
      for folder do
        [ -x "$folder" ] || [ ! -e "$folder" ] || { printf %s "$folder"; exit 1; }
      done
      """#
    let outcome = try run(
      "/bin/sh", ["-c", script, "sh"] + ancestors, environment: environment, timeLimit: 30)
    return outcome.exitCode == 0 ? nil : outcome.outputText
  }

  private static func entry(named name: String) -> ServerAccount? {
    entry { record, buffer, size, result in getpwnam_r(name, record, buffer, size, result) }
  }

  private static func entry(of user: uid_t) -> ServerAccount? {
    entry { record, buffer, size, result in getpwuid_r(user, record, buffer, size, result) }
  }

  private static func entry(
    _ search: (
      UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32
  ) -> ServerAccount? {
    var record = passwd()
    var result: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    return buffer.withUnsafeMutableBufferPointer { space in
      guard let start = space.baseAddress,
        search(&record, start, space.count, &result) == 0, result != nil
      else { return nil }
      return ServerAccount(
        name: String(cString: record.pw_name), userID: record.pw_uid, groupID: record.pw_gid,
        mustDrop: geteuid() == 0)
    }
  }
}
