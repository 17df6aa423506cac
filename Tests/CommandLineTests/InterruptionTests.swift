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

  @Test func anExportThatIsStoppedLeavesNoFile() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    // The first rows come at once, and the last one never.
    let query = """
      select g, case when g = 50000 then pg_sleep(600)::text end as rest from generate_series(1, 50000) as g
      """
    let (process, errors) = try self.process(
      ["export", "--query", query, "-o", folder.path + "/rows.csv"], in: database)
    try process.run()
    let partial = folder.path + "/rows.csv.partial"
    while process.isRunning, !FileManager.default.fileExists(atPath: partial) {
      try await Task.sleep(for: .milliseconds(20))
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(told == "banyan: interrupted; no file was written\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  /// So do the commands that know nothing of being stopped.
  @Test(arguments: [SIGINT, SIGTERM])
  func whatIsEndedBySignalLeavesNoFile(_ signal: Int32) async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    // The first row comes at once, and the last one never.
    let query =
      "select g, case when g = 50000 then pg_sleep(600)::text end from generate_series(1, 50000) as g"
    let (process, _) = try self.process(
      ["sql", "-c", query, "-o", folder.path + "/rows.csv"], in: database)
    try process.run()
    let partial = folder.path + "/rows.csv.partial"
    while process.isRunning, !FileManager.default.fileExists(atPath: partial) {
      try await Task.sleep(for: .milliseconds(20))
    }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  /// What an import unpacks lies in a temporary folder, which a program that is killed cannot remove.
  @Test func whatAKilledImportHasUnpackedIsClearedAwayByTheNext() async throws {
    let folder = try TemporaryFolder()
    try folder.write("left".utf8, to: "banyan-delivery-killed/B1/clients.csv")
    try folder.write("kept".utf8, to: "banyan-delivery-living/clients.csv")
    try folder.write("kept".utf8, to: "another-program/clients.csv")
    let living = open(folder.path + "/banyan-delivery-living", O_RDONLY | O_DIRECTORY)
    defer { close(living) }
    #expect(flock(living, LOCK_EX | LOCK_NB) == 0)
    let mapping = try TinyBank().write().path + "/mapping"
    // No table has these columns, so no database is asked.
    let outcome = try await BanyanProcess.run(
      ["import", "-", "--mapping", mapping], environment: ["TMPDIR": folder.path],
      input: "of,no,dataset\n1,2,3\n")
    #expect(outcome.exitCode != 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["another-program", "banyan-delivery-living"])
  }
}
