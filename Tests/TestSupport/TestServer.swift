import Foundation
import PrivateServer

/// A real PostgreSQL server for tests: one a test process, started when a test first asks.
///
///     @Test func countsRows() async throws {
///       let database = try await TestServer.emptyDatabase()
///       #expect(try await psql("select 1", in: database) == "1\n")
///     }
public enum TestServer {
  /// Makes a new database without any content.
  ///
  /// - Throws: An error that says why the server or the database could not be made.
  public static func emptyDatabase() async throws -> TestDatabase {
    try await Databases.shared.make(from: "template0")
  }

  /// Makes a new database as a copy of a template that `prepare` fills.
  ///
  /// - Parameters:
  ///   - name: Names the template, for instance `migrated`. One process prepares each name once.
  ///   - prepare: Fills the database at the given conninfo, and closes its connections. Callers who
  ///     come meanwhile wait for it; if it fails, all of them get its error.
  public static func database(
    template name: String,
    prepare: @escaping @Sendable (_ conninfo: String) async throws -> Void
  ) async throws -> TestDatabase {
    try await Databases.shared.make(from: Databases.shared.template(name, prepare: prepare))
  }

  /// The folder of the server's Unix socket, for tests that stand between it and a client.
  public static func socketFolder() async throws -> String {
    try await Databases.shared.server().socketFolder
  }

  /// The server itself, for tests about it; it is started if needed.
  public static func server() async throws -> PrivateServer {
    try await Databases.shared.server()
  }
}

/// A database of one test.
public struct TestDatabase: Sendable {
  /// Its name on the server.
  public let name: String
  /// How libpq reaches it, as keywords.
  public let conninfo: String
  /// How libpq reaches it, as a URL.
  public let url: String

  /// Removes it, closing its connections. Not calling this is fine: the server ends with the tests.
  public func drop() async {
    _ = try? await psql(
      "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", in: Databases.shared.administration())
  }
}

/// Makes databases, one step at a time where order matters.
actor Databases {
  static let shared = Databases()

  private var starting: Task<PrivateServer, any Error>?
  private var reserving: Task<MemoryTablespace?, any Error>?
  private var templates: [String: Task<String, any Error>] = [:]
  private var count = 0

  func server() async throws -> PrivateServer {
    if let starting { return try await starting.value }
    let task = Task { try await onOwnThread { try ThrowawayServer.start().server } }
    starting = task
    return try await task.value
  }

  /// The database in which databases are made.
  func administration() async throws -> TestDatabase {
    handle("postgres", on: try await server())
  }

  func make(from template: String) async throws -> TestDatabase {
    count += 1
    let name = "test_\(count)"
    let tablespace = try await memory()?.hasRoom == true ? MemoryTablespace.name : "pg_default"
    try await psql(
      "CREATE DATABASE \(name) TEMPLATE \(template) TABLESPACE \(tablespace)", in: administration())
    return handle(name, on: try await server())
  }

  private func memory() async throws -> MemoryTablespace? {
    if let reserving { return try await reserving.value }
    let task = Task {
      let administration = try await self.administration()
      return try await MemoryTablespace(for: self.server()) { folder in
        try await psql(
          "CREATE TABLESPACE \(MemoryTablespace.name) LOCATION '\(folder)'", in: administration)
      }
    }
    reserving = task
    return try await task.value
  }

  func template(
    _ name: String, prepare: @escaping @Sendable (String) async throws -> Void
  ) async throws -> String {
    if let task = templates[name] { return try await task.value }
    let task = Task {
      let database = try await self.make(from: "template0")
      try await prepare(database.conninfo)
      // A connection to a template would stop the copying.
      try await psql(
        "ALTER DATABASE \(database.name) WITH ALLOW_CONNECTIONS false", in: self.administration())
      return database.name
    }
    templates[name] = task
    return try await task.value
  }

  private func handle(_ name: String, on server: PrivateServer) -> TestDatabase {
    TestDatabase(
      name: name, conninfo: server.conninfo(database: name), url: server.url(database: name))
  }
}
