import Banyan
import LibPQ

extension TestServer {
  /// The files of this repository, as an installation has them.
  public static func installedFiles() throws -> InstalledFiles {
    try InstalledFiles(environment: ["BANYAN_HOME": SharedData.packageFolder])
  }

  /// Makes a new database with the schema of this repository and nothing in it.
  public static func migratedDatabase() async throws -> TestDatabase {
    try await database(template: "migrated") { conninfo in
      let migration = Migration(files: try SchemaFile.all(in: installedFiles()))
      try await withConnection(to: conninfo) { connection in
        _ = try migration.run(on: connection)
      }
    }
  }

  /// Makes a new database that holds the small bank of ``TinyBank``.
  public static func tinyBankDatabase() async throws -> TestDatabase {
    try await database(template: "tiny") { conninfo in
      let bank = TinyBank()
      let folder = try bank.write()
      try await fill(conninfo) { try bank.folderImport(from: folder) }
    }
  }

  /// Makes a new database that holds the real bank of the shared data, with the managers that its
  /// mapping makes up. Tests that ask for it are disabled where `SharedData.isPresent("berka")` is
  /// false.
  public static func berkaDatabase() async throws -> TestDatabase {
    try await database(template: "berka") { conninfo in
      try await fill(conninfo) {
        guard let folder = SharedData.path("berka/orig") else {
          throw TestSupportError(SharedData.reasonToSkip)
        }
        return try FolderImport(
          folder: folder,
          mappings: MappingFolder(path: SharedData.packageFolder + "/seeds/mappings/berka"))
      }
    }
  }

  /// Runs statements on a connection of their own, which is closed afterwards.
  @discardableResult
  public static func withConnection<Result: Sendable>(
    to conninfo: String, _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    let connection = try await Connection.connect(ConnectionConfiguration(conninfo: conninfo))
    do {
      let result = try await connection.withConnection(body)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  private static func fill(
    _ conninfo: String, from makeImport: () throws -> FolderImport
  ) async throws {
    let migration = Migration(files: try SchemaFile.all(in: installedFiles()))
    let folderImport = try makeImport()
    try await withConnection(to: conninfo) { connection in
      _ = try migration.run(on: connection)
      _ = try folderImport.run(on: connection)
    }
  }
}

extension TestDatabase {
  /// Runs statements on a connection of their own, which is closed afterwards.
  @discardableResult
  public func withConnection<Result: Sendable>(
    _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    try await TestServer.withConnection(to: conninfo, body)
  }
}
