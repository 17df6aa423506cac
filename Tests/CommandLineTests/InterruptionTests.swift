import Foundation
import TestSupport
import Testing

/// A long import that somebody stops, and what is told meanwhile.
@Suite struct InterruptionTests {
  private func process(
    _ arguments: [String], in database: TestDatabase
  ) throws -> (process: Process, errors: Pipe) {
    let process = Process()
    process.executableURL = URL(filePath: try BanyanProcess.executable())
    process.arguments = arguments
    process.environment = ["DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"]
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    return (process, errors)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func anImportStopsCleanly(_ signal: Int32) async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = TinyBank()
    let folder = try bank.write()
    // It stands still in its ninth file: nobody may write into the roll-up.
    let lock = try await TableLock("bank.account_month", in: database)
    let (process, errors) = try self.process(
      ["import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--quiet"],
      in: database)
    try process.run()
    let session = try await lock.waitingSession(unless: { !process.isRunning })
    #expect(session != nil)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    await lock.release()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
    let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(
      told
        == "banyan: interrupted; 8 files were dealt with, up to loans.csv, and nothing of the next one was loaded; the same command goes on from there\n"
    )
    #expect(try await psql("select count(*) from bank.batch", in: database) == "8\n")
    #expect(try await database.unaccountedRows() == "")
    let again = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
    #expect(again.exitCode == 0, "\(again.errorOutput)")
    #expect(try await psql("select count(*) from bank.transaction", in: database) == "4\n")
  }
}
