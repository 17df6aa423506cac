import Foundation

/// What there is in a private server's folder.
public enum ServerStatus: Sendable, Equatable {
  /// The folder holds no cluster.
  case notCreated
  /// There is a cluster, and its server was stopped properly.
  case stopped
  /// The server runs.
  case running(RunningServer)
  /// The server ended without tidying up; its next start recovers. `process` is its former number
  /// (nil when its pid file is damaged), which by now may belong to another program.
  case crashed(process: Int32?)
}

/// A server that runs, by its own words.
public struct RunningServer: Sendable, Equatable {
  /// How far it is.
  public enum State: Sendable, Equatable {
    /// Not yet open for connections; it may be recovering.
    case starting
    /// Open for connections.
    case ready
    /// Closing.
    case stopping
  }

  /// The process id of the server's main process.
  public let process: Int32
  /// How far it is.
  public let state: State
  /// The major version of the cluster, such as 15.
  public let majorVersion: String
  /// The folder of its Unix socket.
  public let socketFolder: String
  /// When it started, in seconds since 1970.
  public let startedAt: Int

  /// Whole seconds since its start, by the clock of this machine; never negative.
  public var uptime: Int { max(0, Int(time(nil)) - startedAt) }
}

extension PrivateServer {
  /// Looks whether the server runs. It changes nothing and waits for nothing.
  ///
  /// - Throws: ``PrivateServerError`` when the folder cannot be read.
  public func status() throws(PrivateServerError) -> ServerStatus {
    guard let owner = try place.clusterOwner() else { return .notCreated }
    let account = try ServerAccount.choose(named: operatingSystemUser, clusterOwner: owner)
    try checkOwner(owner, account)
    guard let version = place.clusterVersion() else { throw .notACluster(path: place.data) }
    return try status(version: version, account: account)
  }

  func status(
    version: String, account: ServerAccount
  ) throws(PrivateServerError) -> ServerStatus {
    let path = place.data + "/postmaster.pid"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      return access(path, F_OK) == 0 ? .crashed(process: nil) : .stopped
    }
    guard let file = PostmasterFile(text: text) else {
      // The server makes the file first and fills it next: an empty one may be a start.
      return try clusterProcesses(account).all().isEmpty
        ? .crashed(process: nil) : .running(justStarting(version))
    }
    guard try clusterProcesses(account).contains(file.process) else {
      return .crashed(process: file.process)
    }
    let state: RunningServer.State =
      switch file.state {
      case "ready": .ready
      case "stopping": .stopping
      default: .starting
      }
    return .running(
      RunningServer(
        process: file.process, state: state, majorVersion: version,
        socketFolder: file.socketFolder, startedAt: file.startedAt))
  }

  private func justStarting(_ version: String) -> RunningServer {
    RunningServer(
      process: 0, state: .starting, majorVersion: version, socketFolder: socketFolder,
      startedAt: Int(time(nil)))
  }

  func clusterProcesses(_ account: ServerAccount) -> ClusterProcesses {
    ClusterProcesses(data: place.data, account: account, environment: environment)
  }

  func checkOwner(_ owner: uid_t, _ account: ServerAccount) throws(PrivateServerError) {
    guard owner == account.userID else {
      throw .wrongOwner(
        path: place.data, owner: ServerAccount.name(of: owner), user: account.name)
    }
  }

  /// The last lines of the log from byte `start` on; where there is no log, the program's own.
  func lastWords(since start: off_t, of outcome: ProgramRun.Outcome) -> [String] {
    let file = open(place.log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return outcome.lastLines(5) }
    defer { close(file) }
    let from = max(start, lseek(file, 0, SEEK_END) - 16_384)
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = pread(file, &bytes, bytes.count, from)
    guard count > 0 else { return outcome.lastLines(5) }
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    return lines.suffix(6).map(String.init)
  }
}
