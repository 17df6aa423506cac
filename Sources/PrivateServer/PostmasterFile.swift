import Foundation

/// What a running server wrote about itself into `data/postmaster.pid`.
struct PostmasterFile: Equatable, Sendable {
  /// The server's process.
  let process: pid_t
  /// When it started, in seconds since 1970.
  let startedAt: Int
  /// The folder of its socket.
  let socketFolder: String
  /// Its own word for its state: starting, ready, stopping; empty in the first moment.
  let state: String

  /// Reads the file's text; nil when the text is cut short before the process id.
  init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard let first = lines.first, let process = pid_t(first), process > 0 else { return nil }
    self.process = process
    startedAt = lines.count > 2 ? Int(lines[2]) ?? 0 : 0
    socketFolder = lines.count > 4 ? lines[4] : ""
    state = lines.count > 7 ? lines[7] : ""
  }
}

/// Which processes work in a cluster. A server and all its children have the data folder as their
/// working directory, which tells them from a stranger that got a dead server's process number.
struct ClusterProcesses {
  let data: String
  let account: ServerAccount
  let environment: [String: String]

  /// Whether `process` is alive and is a server process of this cluster.
  func contains(_ process: pid_t) throws(PrivateServerError) -> Bool {
    if kill(process, 0) != 0 && errno == ESRCH { return false }
    #if os(Linux)
      return try working(among: [process]).contains(process)
    #else
      return true
    #endif
  }

  /// All processes that work in the cluster; empty where the system has no /proc.
  func all() throws(PrivateServerError) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return try working(among: names.compactMap { pid_t($0) })
  }

  private func working(among processes: [pid_t]) throws(PrivateServerError) -> [pid_t] {
    var folder = stat()
    guard stat(data, &folder) == 0 else { return [] }
    var found: [pid_t] = []
    var hidden: [pid_t] = []
    for process in processes {
      var place = stat()
      if stat("/proc/\(process)/cwd", &place) == 0 {
        if place.st_dev == folder.st_dev && place.st_ino == folder.st_ino { found.append(process) }
      } else if errno == EACCES {
        hidden.append(process)
      }
    }
    // In a container even root may not look into the processes of another user; that user may.
    if account.mustDrop && !hidden.isEmpty {
      let script =
        #"data=$1; shift; for p do [ "/proc/$p/cwd" -ef "$data" ] && echo "$p"; done; true"#
      let outcome = try account.run(
        "/bin/sh", ["-c", script, "sh", data] + hidden.map(String.init), environment: environment,
        timeLimit: 30)
      found += outcome.outputText.split(separator: "\n").compactMap { pid_t($0) }
    }
    return found.sorted()
  }
}
