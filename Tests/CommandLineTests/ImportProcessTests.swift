import Foundation
import TestSupport
import Testing

/// Imports as processes: what they print, two at once, and one that is killed.
@Suite struct ImportProcessTests {
  @Test func theSummaryAndTheRejectsAreData() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = TinyBank().adding("T8,A1,2026-02-30,credit,\"1,5\",,,,,\n", to: "transactions.csv")
    let folder = try bank.write()
    try folder.write("a note".utf8, to: "files/README.txt")
    let outcome = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
      on: database)
    #expect(outcome.exitCode == 3)
    #expect(
      outcome.output == """
        file,dataset,batch,outcome,read,loaded,rejected,unchanged
        org_units.csv,org_units,1,loaded,4,4,0,0
        employees.csv,employees,2,loaded,3,3,0,0
        tiers.csv,tiers,3,loaded,4,4,0,0
        clients.csv,clients,4,loaded,3,3,0,0
        accounts.csv,accounts,5,loaded,3,3,0,0
        holders.csv,holders,6,loaded,4,4,0,0
        assignments.csv,assignments,7,loaded,4,4,0,0
        loans.csv,loans,8,loaded,1,1,0,0
        transactions.csv,transactions,9,loaded,5,4,1,0

        """)
    #expect(
      outcome.messages() == [
        "transactions.csv:6: IMP-0202 booked_on: “2026-02-30” is not a day of the calendar written as YYYY-MM-DD",
        "transactions.csv:6: IMP-0203 amount: “1,5” is not a plain number; write digits and a point, without separators or units",
        "Not read, because no mapping names them: README.txt",
      ])
    let rejects = try await banyan("batch", "rejects", "9", "--format", "csv", on: database)
    #expect(rejects.exitCode == 0)
    let table = try CSVTable(text: rejects.output)
    #expect(table.columns == ["line", "code", "column", "value", "reason", "row"])
    #expect(table.rows.map { $0["value"] } == ["2026-02-30", "1,5"])
    #expect(table.rows.map { $0["line"] } == ["6", "6"])
    #expect(table.rows[0]["row"] == "T8,A1,2026-02-30,credit,\"1,5\",,,,,")
    let none = try await banyan("batch", "rejects", "99", on: database)
    #expect(none.exitCode == 64)
    #expect(none.messages().first?.hasPrefix("banyan: there is no batch 99") == true)
  }

  @Test func twoAtOnceLoadEverythingOnce() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TinyBank().write()
    let outcomes = try await withThrowingTaskGroup(of: ProgramOutcome.self) { group in
      for _ in 0..<3 {
        group.addTask {
          try await banyan(
            "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format",
            "csv", on: database)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var loaded = 0
    for outcome in outcomes {
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      loaded += try CSVTable(text: outcome.output).rows.compactMap { Int($0["loaded"] ?? "") }
        .reduce(0, +)
    }
    #expect(loaded == 30)
    #expect(try await psql("select count(*) from bank.batch", in: database) == "9\n")
    #expect(try await psql("select count(*) from bank.plan", in: database) == "1\n")
    #expect(try await database.unaccountedRows() == "")
  }

  /// Ends an import in the middle of its biggest file, as a power cut would: all rows are copied,
  /// their sums are not written.
  @Test func aKilledImportLeavesWholeBatchesAndCanBeRepeated() async throws {
    let database = try await TestServer.migratedDatabase()
    let lines = (1...60_000).map {
      "M\($0),A\($0 % 3 + 1),2026-0\($0 % 3 + 1)-1\($0 % 10),credit,\($0).25,,,,,\n"
    }
    let bank = TinyBank().adding(lines.joined(), to: "transactions.csv")
    let folder = try bank.write()
    let lock = try await TableLock("bank.account_month", in: database)
    let process = Process()
    process.executableURL = URL(filePath: try BanyanProcess.executable())
    process.arguments = [
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping",
    ]
    process.environment = ["DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let session = try await lock.waitingSession(unless: { !process.isRunning })
    #expect(session != nil, "the import ended before it could be killed")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    await lock.release()
    #expect(process.terminationReason == .uncaughtSignal)

    // The same command finishes the work; it waits for what the server still does for the dead one.
    let again = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
      on: database)
    #expect(again.exitCode == 0, "\(again.errorOutput)")
    let rows = try CSVTable(text: again.output).rows
    #expect(rows.count == 9)
    #expect(rows.dropLast().allSatisfy { $0["outcome"] == "unchanged" })
    #expect(rows.last?["loaded"] == "60004")
    #expect(try await psql("select count(*) from bank.transaction", in: database) == "60004\n")
    #expect(try await database.unaccountedRows() == "")
  }
}
