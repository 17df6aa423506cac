import Foundation

/// What a stop found.
public enum StopOutcome: Sendable, Equatable {
  /// The server was stopped.
  case stopped
  /// No server was running.
  case notRunning
}

extension PrivateServer {
  /// Stops the server: open transactions are rolled back, everything committed is kept.
  ///
  /// - Returns: ``StopOutcome/notRunning`` also when there is no cluster, or when the server was
  ///   killed before.
  /// - Throws: ``PrivateServerError`` when the server does not stop within a minute.
  @discardableResult
  public func stop() throws(PrivateServerError) -> StopOutcome {
    guard try status() != .notCreated else { return .notRunning }
    let lock = try FolderLock(folder: folder, waitingUpTo: lockLimit)
    defer { lock.release() }
    guard case .running(let server) = try status() else { return .notRunning }
    let account = try ServerAccount.choose(
      named: operatingSystemUser, clusterOwner: try place.clusterOwner())
    let programs = try PostgreSQLPrograms.find(
      environment: environment, cluster: server.majorVersion, folder: folder)
    var facts = stat()
    _ = lstat(place.log, &facts)
    let outcome = try account.run(
      programs.pgCtl,
      ["stop", "-w", "-s", "-m", "fast", "-t", String(stopLimit), "-D", "data"],
      environment: environment, in: folder, timeLimit: Double(stopLimit + 15))
    if case .running = try status() {
      throw .stopFailed(
        folder: folder, process: server.process,
        lastWords: lastWords(since: facts.st_size, of: outcome))
    }
    if place.socketIsOutside { rmdir(socketFolder) }
    return .stopped
  }
}
