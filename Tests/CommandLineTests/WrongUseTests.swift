import Foundation
import Synchronization
import TestSupport
import Testing

/// Servers that are not there, and requests for what does not exist.
@Suite struct WrongUseTests {
  /// Whether a program has ended.
  private final class Ended: Sendable {
    let flag = Mutex(false)
  }

  @Test func serversThatCannotBeReached() async throws {
    let folder = try TemporaryFolder()
    let database = try await TestServer.migratedDatabase()
    let wrong = database.url.replacing("/\(database.name)?", with: "/no_such_database?")
    for (url, words) in [
      ("postgresql:///bank?host=\(folder.path)", "cannot connect to PostgreSQL"),
      ("postgresql://127.0.0.1:1/bank", "cannot connect to PostgreSQL"),
      (wrong, "no_such_database"),
      ("postgresql://[broken", "the connection string cannot be read"),
    ] {
      let outcome = try await BanyanProcess.run(
        ["report", "run", "branch-month", "from=2026-01", "to=2026-01"],
        environment: ["DATABASE_URL": url])
      #expect(outcome.exitCode == 2, "\(url): \(outcome.errorOutput)")
      #expect(outcome.output == "")
      #expect(outcome.errorOutput.hasPrefix("banyan: "))
      #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
    }
    let stopped = try await BanyanProcess.run(
      ["migrate"], environment: ["BANYAN_DATA": folder.path + "/none"])
    #expect(stopped.exitCode == 2)
    #expect(
      stopped.messages(in: folder) == [
        "banyan: the private server in “FOLDER/none” is not running; start it with `banyan server start`, or set DATABASE_URL to use another"
      ])
  }

  @Test func aServerThatGoesAwayInTheMiddle() async throws {
    let database = try await TestServer.migratedDatabase()
    let lines = (1...40_000).map { "M\($0),A1,2026-01-01,credit,1.00,,,,,\n" }
    let bank = TinyBank().adding(lines.joined(), to: "transactions.csv")
    let folder = try bank.write()
    let lock = try await TableLock("bank.account_month", in: database)
    let imported = Ended()
    let outcome = try await withThrowingTaskGroup(of: ProgramOutcome?.self) { group in
      group.addTask {
        defer { imported.flag.withLock { $0 = true } }
        return try await banyan(
          "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
      }
      group.addTask {
        let session = try await lock.waitingSession(unless: { imported.flag.withLock { $0 } })
        let process = try #require(session, "the import ended before its server went away")
        try await psql("select pg_terminate_backend(\(process))", in: database)
        return nil
      }
      return try #require(try await group.reduce(nil) { $0 ?? $1 })
    }
    await lock.release()
    #expect(outcome.exitCode == 2, "\(outcome.errorOutput)")
    #expect(outcome.messages().count == 1, "\(outcome.errorOutput)")
    #expect(try await psql("select count(*) from bank.batch", in: database) == "8\n")
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func whatDoesNotExist() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let cases: [(arguments: [String], exitCode: Int32, message: String)] = [
      (
        ["report", "run", "branch-mont", "from=2026-01", "to=2026-01"], 64,
        "there is no report “branch-mont”; did you mean branch-month?"
      ),
      (
        ["report", "run", "branch-month", "from=2026-01"], 64,
        "the report branch-month needs to=2026-01 (last month)"
      ),
      (
        ["report", "run", "branch-month", "from=2026-01", "to=2026-13"], 64,
        "to=2026-13 is not a month; write to=2026-01"
      ),
      (
        ["report", "run", "branch-month", "from=2026-01", "to=2026-01", "form=1"], 64,
        "the report branch-month has no parameter “form”; did you mean from?"
      ),
      (
        ["report", "run", "branch-month", "from=2026-01", "from=2026-01", "to=2026-01"], 64,
        "the parameter “from” is given twice; give it once"
      ),
      (
        ["report", "run", "branch-month", "from=2026-02", "to=2026-01"], 64,
        "from=2026-02 is after to=2026-01; nothing lies between them"
      ),
      (["sample", ""], 64, "the name of the folder is empty; name one to write to"),
      (
        ["sample", "/dev/null/x", "--branches", "0"], 64,
        "branches is 0; a bank has from 1 to 9999 of them"
      ),
      (
        ["sample", "/dev/null/x", "--first-month", "9999-12"], 64,
        "3 months from 9999-12 on end after the year 9999; begin earlier"
      ),
      (
        ["sample", "/dev/null/x"], 1,
        "the folder /dev/null/x/head-office cannot be made: Not a directory; choose another folder"
      ),
      (
        ["report", "run", "branch-month", "2026-01"], 64,
        "“2026-01” is not a parameter; write it as name=value"
      ),
      (
        ["pay", "explain", "E9", "2026-01"], 64,
        "there is no employee “E9” on record; check the number"
      ),
      (
        ["pay", "explain", "E1", "2026-01"], 64,
        "E1 has no statement for 2026-01; run the month first with `banyan pay run 2026-01`"
      ),
      (
        ["pay", "run", "2019-01"], 3,
        "no plan is in force for all of 2019-01; load one with `banyan plan load FILE`"
      ),
      (
        ["pay", "run", "2026-01", "--plan", "other"], 3,
        "no plan “other” is in force for all of 2026-01; load one with `banyan plan load FILE`"
      ),
      (
        ["plan", "load", "/nowhere/plan.yaml"], 3,
        "the plan file “/nowhere/plan.yaml” is missing or is not UTF-8 text"
      ),
    ]
    for (arguments, exitCode, message) in cases {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.messages() == ["banyan: " + message], "\(arguments)")
      #expect(outcome.exitCode == exitCode, "\(arguments)")
      #expect(outcome.output == "", "\(arguments)")
    }
    for arguments in [
      ["pay", "run", "2026-13"], ["pay", "run"], ["report", "run"], ["nonsense"],
    ] {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 64, "\(arguments)")
    }
  }
}
