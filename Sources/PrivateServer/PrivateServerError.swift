/// Why a private server could not be made, started, stopped or asked.
///
/// `description` is one sentence that says what failed, where, why, and what to do; where the
/// server itself said more, its last words follow on lines of their own.
public enum PrivateServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No PostgreSQL server programs were found in the named places.
  case programsMissing(searched: [String])
  /// The folder named by `BANYAN_PG_BIN` lacks a program.
  case programMissingInNamedFolder(program: String, folder: String)
  /// A program could not be run, or its answer could not be understood.
  case programUnusable(program: String, reason: String)
  /// The cluster was made by another major version than the programs at hand.
  case versionMismatch(folder: String, cluster: String, programs: [Int])
  /// The operating system has no user of this name.
  case userUnknown(String)
  /// PostgreSQL refuses to run as root, and root was asked for.
  case userIsRoot
  /// Only root may run the server as another user.
  case notAllowedToBecome(user: String)
  /// The user that runs the server cannot pass the folder `blockedAt` on the way to `folder`.
  case folderClosed(folder: String, user: String, blockedAt: String)
  /// A folder or file could not be made, read or written.
  case fileFailed(action: String, path: String, reason: String)
  /// The path cannot be used at all.
  case pathUnusable(path: String, reason: String)
  /// A folder that must belong to the server's user belongs to another.
  case wrongOwner(path: String, owner: String, user: String)
  /// `data` exists but holds no PostgreSQL cluster.
  case notACluster(path: String)
  /// Another command has held the folder's lock for too long.
  case busy(folder: String, seconds: Int)
  /// Making the cluster failed.
  case creationFailed(folder: String, lastWords: [String])
  /// The server did not start.
  case startFailed(folder: String, log: String, lastWords: [String])
  /// The server did not stop.
  case stopFailed(folder: String, process: Int32, lastWords: [String])
  /// Processes of a killed server still work in the cluster.
  case leftoverProcesses(folder: String, processes: [Int32])

  /// The sentence for people.
  public var description: String {
    switch self {
    case .programsMissing(let searched):
      return "No PostgreSQL server programs were found in \(searched.joined(separator: ", ")); "
        + "install them (Debian or Ubuntu: apt-get install postgresql) or set BANYAN_PG_BIN to "
        + "the folder that holds initdb, pg_ctl, postgres and psql."
    case .programMissingInNamedFolder(let program, let folder):
      return "BANYAN_PG_BIN names \(folder), where there is no runnable program \(program); set it "
        + "to the bin folder of a PostgreSQL server or unset it."
    case .programUnusable(let program, let reason):
      return "\(program) could not be used (\(reason)); reinstall PostgreSQL, or set BANYAN_PG_BIN "
        + "to the bin folder of one that works."
    case .versionMismatch(let folder, let cluster, let programs):
      let found = programs.map(String.init).joined(separator: ", ")
      return
        "The server in \(folder) was made by PostgreSQL \(cluster), but the programs found are "
        + "of version \(found); install PostgreSQL \(cluster), or move the data with pg_upgrade or "
        + "pg_dump."
    case .userUnknown(let user):
      return "The operating system has no user \(user) to run PostgreSQL, which refuses to run as "
        + "root; install PostgreSQL (its package makes the user postgres) or name another user."
    case .userIsRoot:
      return "PostgreSQL refuses to run as root; name an ordinary user, such as postgres."
    case .notAllowedToBecome(let user):
      return "Only root may run the server as the user \(user); run the command as \(user) or as "
        + "root, or name no user."
    case .folderClosed(let folder, let user, let blockedAt):
      return "The user \(user), who runs PostgreSQL, cannot enter \(blockedAt) on the way to "
        + "\(folder); choose a data folder elsewhere (for instance below /var/lib) or let the user "
        + "pass with chmod o+x \(blockedAt)."
    case .fileFailed(let action, let path, let reason):
      return
        "Could not \(action) \(path): \(reason); check its owner, its permissions and the free "
        + "space."
    case .pathUnusable(let path, let reason):
      return "The path \(path) cannot hold a server because \(reason); choose another folder."
    case .wrongOwner(let path, let owner, let user):
      return "\(path) belongs to the user \(owner), but the server would run as \(user); run the "
        + "command as \(owner), or choose another data folder."
    case .notACluster(let path):
      return "\(path) exists but is not a PostgreSQL cluster (it has no PG_VERSION file); move it "
        + "away or choose another data folder."
    case .busy(let folder, let seconds):
      return "Another command has been starting or stopping the server in \(folder) for \(seconds) "
        + "seconds; wait for it to end, or end it, and try again."
    case .creationFailed(let folder, let lastWords):
      return Self.sentence(
        "PostgreSQL could not make a new cluster in \(folder); nothing was left behind, so correct "
          + "the cause and start again.", lastWords)
    case .startFailed(let folder, let log, let lastWords):
      return Self.sentence(
        "The server in \(folder) did not start; its log \(log) says why, so correct the cause and "
          + "start again.", lastWords)
    case .stopFailed(let folder, let process, let lastWords):
      return Self.sentence(
        "The server in \(folder) (process \(process)) did not stop; try again, and look into its "
          + "log if it still runs.", lastWords)
    case .leftoverProcesses(let folder, let processes):
      let list = processes.map(String.init).joined(separator: " ")
      return
        "A killed server left processes that still work in \(folder); wait for them to end, or "
        + "end them with: kill \(list)"
    }
  }

  private static func sentence(_ text: String, _ lastWords: [String]) -> String {
    lastWords.isEmpty ? text : ([text] + lastWords.map { "  | " + $0 }).joined(separator: "\n")
  }
}
