import ArgumentParser
import Banyan
import Foundation
import LibPQ
import PrivateServer
import Synchronization

/// Which server a command uses: the private one of `--data`, or the one that the environment names,
/// or the private one of the working directory.
struct DatabaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the private server to use (default: BANYAN_DATA, or .banyan here).",
      valueName: "dir"))
  var data: String?

  /// Where the commands find their database.
  enum Target {
    /// A connection string, which is empty when libpq reads the PG* variables itself.
    case environment(conninfo: String, variable: String)
    case privateServer(PrivateServer)
  }

  /// Variables by which libpq is told of a server.
  private static let serverVariables = [
    "PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGDATABASE",
  ]

  /// The server that counts: of the option, the environment, and the files of settings, in this order.
  var target: Target {
    get throws {
      let environment = ProcessInfo.processInfo.environment
      let settings = try Settings()
      if data == nil {
        if case .environment(let variable) = settings[.database]?.origin {
          return .environment(conninfo: settings[.database]?.text ?? "", variable: variable)
        }
        if let name = Self.serverVariables.first(where: { environment[$0]?.isEmpty == false }) {
          return .environment(conninfo: "", variable: name)
        }
        if let database = settings[.database], !settings.isStronger(.data, than: .database) {
          return .environment(conninfo: database.text, variable: "database")
        }
      }
      return .privateServer(PrivateServer(folder: try folder))
    }
  }

  /// The folder of the private server, whether or not it is the target.
  var folder: String {
    get throws { try data ?? Settings()[.data]?.text ?? Settings.Key.data.standard }
  }

  private static let connectedLogin = Mutex<String?>(nil)

  /// The login that the command has connected as, for messages; nil before.
  static var login: String? { connectedLogin.withLock { $0 } }

  /// The command as it was given, for the audit trail.
  private static var command: String {
    (["banyan"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
  }

  /// Why it was given: its own --reason, or BANYAN_REASON.
  private static var reason: String? {
    let arguments = CommandLine.arguments
    if let option = arguments.lastIndex(of: "--reason"), option + 1 < arguments.endIndex {
      return arguments[option + 1]
    }
    return arguments.last { $0.hasPrefix("--reason=") }.map { String($0.dropFirst(9)) }
      ?? ProcessInfo.processInfo.environment["BANYAN_REASON"]
  }

  /// Connects, or says what to do.
  func connect() async throws -> Connection {
    let conninfo: String
    switch try target {
    case .environment(let text, _): conninfo = text
    case .privateServer(let server):
      guard case .running = try server.status() else {
        throw ServerNotRunning(folder: server.folder)
      }
      conninfo = server.conninfo
    }
    var configuration = ConnectionConfiguration(conninfo: conninfo)
    configuration.applicationName = "banyan"
    let connection = try await Connection.connect(configuration)
    try await connection.withConnection { @Sendable connection in
      try Migration.searchUsualSchemas(on: connection)
    }
    return connection
  }

  /// Connects to a database whose schema is that of the installed files.
  func connectToPlatform(files: InstalledFiles) async throws -> Connection {
    let connection = try await connect()
    let migration = Migration(files: try SchemaFile.all(in: files))
    try await connection.withConnection { @Sendable connection in
      let login = try connection.value("select session_user::text", as: String.self)
      Self.connectedLogin.withLock { $0 = login }
      try AccessRefusal.requireAccess(on: connection)
      try migration.requireCurrent(on: connection)
      try AuditTrail.announce(command: Self.command, reason: Self.reason, on: connection)
    }
    return connection
  }
}

/// The private server is not there to be asked.
struct ServerNotRunning: Error, CustomStringConvertible {
  let folder: String

  var description: String {
    "the private server in “\(folder)” is not running; start it with `banyan server start`, or set DATABASE_URL to use another"
  }
}
