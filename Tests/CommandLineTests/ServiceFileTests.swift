import Foundation
import TestSupport
import Testing

/// A database that a service file of libpq names.
@Suite struct ServiceFileTests {
  @Test func aServiceFileNamesTheDatabase() async throws {
    let database = try await TestServer.emptyDatabase()
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/services"
    let socket = try await TestServer.socketFolder()
    try Data(
      """
      [here]
      host=\(socket)
      dbname=\(database.name)
      user=banyan
      """.utf8
    ).write(to: URL(filePath: file))
    for (service, code) in [("here", Int32(0)), ("elsewhere", 2)] {
      let outcome = try await BanyanProcess.run(
        ["migrate"], environment: ["PGSERVICEFILE": file, "DATABASE_URL": "service=\(service)"])
      #expect(outcome.exitCode == code, "\(outcome.errorOutput)")
      #expect(code == 0 || outcome.errorOutput.contains("elsewhere"))
    }
    #expect(
      try await psql("select count(*) > 10 from bank.table_placement", at: database.conninfo)
        == "t\n")
    await database.drop()
  }
}
