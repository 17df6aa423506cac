import Foundation

/// What a start found.
public enum StartOutcome: Sendable, Equatable {
  /// The server was started, after making the cluster if there was none.
  case started
  /// The server was running before.
  case alreadyRunning
}

extension PrivateServer {
  /// Starts the server and waits until it takes connections; makes the cluster if there is none.
  ///
  /// Two starts at once are safe: the second waits and finds the server running. A server that was
  /// killed is recovered, and a pid file that a dead server left is seen through.
  ///
  /// - Throws: ``PrivateServerError``, with the last lines of the server's log where it has some.
  @discardableResult
  public func start() throws(PrivateServerError) -> StartOutcome {
    let account = try ServerAccount.choose(
      named: operatingSystemUser, clusterOwner: try place.clusterOwner())
    try checkWayIn(for: account)
    try place.make()
    try checkWayIn(for: account)
    let lock = try FolderLock(folder: folder, waitingUpTo: lockLimit)
    defer { lock.release() }

    let programs: PostgreSQLPrograms
    if let owner = try place.clusterOwner() {
      try checkOwner(owner, account)
      guard let version = place.clusterVersion() else { throw .notACluster(path: place.data) }
      programs = try PostgreSQLPrograms.find(
        environment: environment, cluster: version, folder: folder)
      if try isRunning(version: version, account: account) { return .alreadyRunning }
      try clearAwayDeadServer(version: version, account: account)
    } else {
      programs = try PostgreSQLPrograms.find(environment: environment)
      try createCluster(programs: programs, account: account)
    }
    try ServerFolder.makePrivate(socketFolder, for: account)
    try ServerFolder.makePrivate(place.logFolder, for: account)
    let text = ServerSettings(purpose: purpose, socketFolder: socketFolder, own: settings).text
    try ServerFolder.write(text, to: place.settings)
    try launch(programs: programs, account: account)
    return .started
  }

  /// Checks that the user whom root becomes can enter the folder, or what there is of its path.
  private func checkWayIn(for account: ServerAccount) throws(PrivateServerError) {
    guard account.mustDrop else { return }
    if let closed = try account.firstClosedFolder(onTheWayTo: folder, environment: environment) {
      throw .folderClosed(folder: folder, user: account.name, blockedAt: closed)
    }
  }

  /// Whether the server runs; one that is starting or stopping is waited for.
  private func isRunning(
    version: String, account: ServerAccount
  ) throws(PrivateServerError) -> Bool {
    let clock = ContinuousClock()
    let begin = clock.now
    while case .running(let server) = try status(version: version, account: account) {
      if server.state == .ready { return true }
      guard begin.duration(to: clock.now) < .seconds(startLimit) else {
        throw .busy(folder: folder, seconds: startLimit)
      }
      usleep(50_000)
    }
    return false
  }

  /// After a server was killed: waits until its last children are gone, and removes a pid file that
  /// PostgreSQL itself would take for a running server's.
  private func clearAwayDeadServer(
    version: String, account: ServerAccount
  ) throws(PrivateServerError) {
    guard case .crashed(let former) = try status(version: version, account: account) else { return }
    let clock = ContinuousClock()
    let begin = clock.now
    while true {
      let left = try clusterProcesses(account).all()
      if left.isEmpty { break }
      guard begin.duration(to: clock.now) < .seconds(60) else {
        throw .leftoverProcesses(folder: place.data, processes: left)
      }
      usleep(50_000)
    }
    // A dead process number PostgreSQL handles by itself, with checks of its own on shared memory.
    // It is mistaken only when the number now belongs to another program, or the file is damaged.
    let numberIsTaken = former.map { kill($0, 0) == 0 || errno == EPERM } ?? true
    if numberIsTaken {
      try ServerFolder.remove(place.data + "/postmaster.pid")
      // The lock of the socket names the same process, and its folder is this server's alone.
      try ServerFolder.remove(socketFolder + "/.s.PGSQL.\(Self.port).lock")
    }
  }

  /// Runs pg_ctl in the folder with relative paths, which spares every question of quoting.
  private func launch(
    programs: PostgreSQLPrograms, account: ServerAccount
  ) throws(PrivateServerError) {
    var facts = stat()
    if lstat(place.log, &facts) == 0 && facts.st_size > 10_000_000 {
      rename(place.log, place.log + ".old")
      facts.st_size = 0
    }
    let outcome = try account.run(
      programs.pgCtl,
      [
        "start", "-w", "-s", "-t", String(startLimit), "-D", "data", "-l", "log/server.log",
      ],
      environment: environment, in: folder, timeLimit: Double(startLimit + 15))
    guard outcome.exitCode == 0 else {
      throw .startFailed(
        folder: folder, log: place.log, lastWords: lastWords(since: facts.st_size, of: outcome))
    }
  }
}
