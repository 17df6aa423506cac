import Foundation

/// A PostgreSQL server of one's own in a folder: for the demo, for tests, and for a small bank.
///
/// The folder holds `data` (the cluster), `log`, `run` (the Unix socket), `server.conf` and `lock`.
/// The server listens on the Unix socket only; whoever can enter `run`, which is its owner (and
/// root), is the superuser ``user``. All calls block until they are done.
///
///     let server = PrivateServer(folder: ".banyan")
///     try server.start()
///     print(server.url)
public struct PrivateServer: Sendable {
  /// The absolute path of the folder, links followed.
  public var folder: String { place.path }
  /// What the server is for.
  public let purpose: ServerPurpose

  /// The superuser inside the server.
  public static let user = "banyan"
  /// The database that a new cluster has.
  public static let database = "bank"
  /// The port, which on a Unix socket is only a part of the socket's name.
  static let port = 5432

  let place: ServerFolder
  let operatingSystemUser: String?
  let environment: [String: String]
  let settings: [String: String]

  /// Seconds to wait for another command that holds the folder, for a start (which may have to
  /// recover from a crash), and for a stop.
  var lockLimit = 120
  var startLimit = 120
  var stopLimit = 60

  /// Describes the server of a folder; nothing is made or started yet.
  ///
  /// - Parameters:
  ///   - folder: Where it lives; relative to the working directory unless absolute.
  ///   - operatingSystemUser: Who runs it when the caller is root. Default: the owner of the
  ///     cluster if there is one, else `postgres`. A caller who is not root runs it as himself.
  ///   - purpose: A bank's data (safe) or throw-away tests (fast).
  ///   - settings: Settings of postgresql.conf that replace those of the purpose, written at each
  ///     start.
  ///   - environment: Where `BANYAN_PG_BIN` and `PATH` are looked up.
  public init(
    folder: String, operatingSystemUser: String? = nil, purpose: ServerPurpose = .bank,
    settings: [String: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    place = ServerFolder(folder)
    self.operatingSystemUser = operatingSystemUser
    self.purpose = purpose
    self.settings = settings
    self.environment = environment
  }

  /// The folder of the Unix socket.
  public var socketFolder: String { place.socketFolder }
  /// The server's log file.
  public var logFile: String { place.log }

  /// How libpq reaches the database `bank`, as keywords: `host='...' port='5432' ...`.
  public var conninfo: String { conninfo(database: Self.database) }
  /// How libpq reaches the database `bank`, as a URL.
  public var url: String { url(database: Self.database) }

  /// How libpq reaches a database of this server, as keywords with quoted values.
  public func conninfo(database: String) -> String {
    parameters(database: database)
      .map { "\($0.name)=\(ConnectionText.quotedKeywordValue($0.value))" }
      .joined(separator: " ")
  }

  /// How libpq reaches a database of this server, as a `postgresql://` URL.
  public func url(database: String) -> String {
    let encode = ConnectionText.percentEncoded
    let inQuery = parameters(database: database).filter { $0.name != "user" && $0.name != "dbname" }
    return "postgresql://\(encode(Self.user))@/\(encode(database))?"
      + inQuery.map { "\($0.name)=\(encode($0.value))" }.joined(separator: "&")
  }

  private func parameters(database: String) -> [(name: String, value: String)] {
    var parameters = [
      (name: "host", value: socketFolder), (name: "port", value: String(Self.port)),
      (name: "user", value: Self.user), (name: "dbname", value: database),
    ]
    // Below /tmp a stranger could have made the folder first: libpq then checks who answers.
    if place.socketIsOutside, let owner = try? place.clusterOwner() {
      parameters.append((name: "requirepeer", value: ServerAccount.name(of: owner)))
    }
    return parameters
  }

  /// What the command line executes to give its user a psql session.
  ///
  /// - Parameter arguments: More arguments for psql, such as `-c` and a statement.
  /// - Throws: ``PrivateServerError`` when psql cannot be found.
  public func psqlCommand(
    database: String = PrivateServer.database, arguments: [String] = []
  ) throws(PrivateServerError) -> PsqlCommand {
    let programs = try PostgreSQLPrograms.find(
      environment: environment, cluster: place.clusterVersion(), folder: folder)
    // Where to connect is in the arguments; settings meant for another server must not interfere.
    let elsewhere = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE"]
    return PsqlCommand(
      program: programs.psql, arguments: ["--dbname", conninfo(database: database)] + arguments,
      environment: environment.filter { !elsewhere.contains($0.key) })
  }
}

/// A program with its arguments and environment, ready for `execve`.
public struct PsqlCommand: Sendable, Equatable {
  /// The absolute path of psql.
  public let program: String
  /// The arguments after the program's name.
  public let arguments: [String]
  /// The whole environment.
  public let environment: [String: String]

  /// A program with its arguments and environment.
  public init(program: String, arguments: [String], environment: [String: String]) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
  }
}
