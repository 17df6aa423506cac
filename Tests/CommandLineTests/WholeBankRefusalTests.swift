import Foundation
import TestSupport
import Testing

/// Whole banks that are damaged, incomplete or unwanted, and restorations that end in the middle: one sentence, and
/// a database that is as empty as before.
@Suite struct WholeBankRefusalTests {
  /// A folder of the tiny bank that a test may spoil.
  private func folder(_ arguments: String...) async throws -> TemporaryFolder {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let outcome = try await BanyanProcess.run(
      ["export", "--all", folder.path + "/bank"] + arguments,
      environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    return folder
  }

  private func edit(_ path: String, _ change: (String) -> String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try change(text).write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func isUntouched(_ database: TestDatabase) async throws -> Bool {
    try await psql(
      """
      select (select count(*) from bank.institution) + (select count(*) from bank.batch)
        + (select count(*) from platform.audit_entry) + (select count(*) from bank.transaction),
        (select count(*) from pg_trigger where tgenabled = 'D'), to_regclass('bank.transaction_2026_01') is null
      """, in: database) == "0|0|t\n"
  }

  @Test func whatIsNotAsItWasWrittenIsRefusedWhole() async throws {
    let sound = try await folder()
    let database = try await TestServer.migratedDatabase()
    func refusal(
      _ exitCode: Int32, _ arguments: String..., spoil: (String) throws -> Void
    ) async throws -> String {
      let copy = try TemporaryFolder()
      try copy.copy(sound.path + "/bank", to: "bank")
      try spoil(copy.path + "/bank")
      let outcome = try await BanyanProcess.run(
        ["import", copy.path + "/bank"] + arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == exitCode, "\(outcome.errorOutput)")
      #expect(outcome.messages().count == 1, "\(outcome.errorOutput)")
      #expect(try await isUntouched(database), "\(outcome.errorOutput)")
      return outcome.messages(in: copy).first ?? ""
    }
    let accounts = "/tables/bank.account.csv"
    // A figure that COPY takes gladly, and a byte that it stumbles over.
    for (old, new) in [("2025-06-01", "2025-06-02"), ("2025-06-01", "2025-06-31")] {
      let damaged = try await refusal(3) { folder in
        try edit(folder + accounts) { $0.replacing(old, with: new) }
      }
      #expect(
        damaged.hasPrefix(
          "banyan: “tables/bank.account.csv” is damaged: what it holds has the SHA-256"))
    }
    let cut = try await refusal(3) { folder in
      try edit(folder + accounts) { String($0.dropLast(20)) }
    }
    #expect(cut.contains("“tables/bank.account.csv” is damaged"))
    let missing = try await refusal(3) { folder in
      try FileManager.default.removeItem(atPath: folder + accounts)
    }
    #expect(
      missing
        == "banyan: the folder “FOLDER/bank” is not as it was written, and nothing was restored: “tables/bank.account.csv” is in the manifest and is not there, or is no file"
    )
    let more = try await refusal(3) { folder in
      try Data("x".utf8).write(to: URL(filePath: folder + "/tables/more.csv"))
    }
    #expect(more.hasSuffix("“tables/more.csv” is there and is not in the manifest"))
    // A line of the manifest that is gone together with its file.
    let left = try await refusal(3) { folder in
      try FileManager.default.removeItem(atPath: folder + accounts)
      try edit(folder + "/manifest.yaml") { text in
        text.split(separator: "\n").filter { !$0.contains("bank.account.csv") }
          .joined(separator: "\n")
      }
    }
    #expect(left.contains("the rows and digests of the files do not make these totals"))
    let escaping = try await refusal(3) { folder in
      try edit(folder + "/manifest.yaml") {
        $0.replacing("tables/bank.account.csv", with: "../../etc/passwd")
      }
    }
    #expect(escaping.contains("it was changed"))
    let sums = try await refusal(3) { folder in
      try edit(folder + "/manifest.yaml") {
        $0.replacing("\"amount\": 1450031.51", with: "\"amount\": 1")
      }
      try edit(folder + "/manifest.yaml") {
        $0.replacing("\"amount\": 120000.00", with: "\"amount\": 1")
      }
    }
    #expect(
      sums
        == "banyan: “tables/bank.loan.csv” has 1 rows and the sum 120000.00 of “amount”, and the manifest says otherwise; nothing was restored"
    )
    let otherRelease = try await refusal(3) { folder in
      try edit(folder + "/manifest.yaml") { $0.replacing("schema: \"0", with: "schema: \"1") }
    }
    #expect(otherRelease.contains("restore it with the release that wrote it, then migrate"))
    let future = try await refusal(3) { folder in
      try edit(folder + "/manifest.yaml") { $0.replacing("whole_bank: 1", with: "whole_bank: 9") }
    }
    #expect(future.contains("the folder is laid out in way 9"))
    let bare = try await refusal(64) { folder in
      try FileManager.default.removeItem(atPath: folder + "/manifest.yaml")
    }
    #expect(bare.hasSuffix("as when its export was broken off; export it again"))
    let together = try await refusal(64, "--branch", "B1") { _ in }
    #expect(together.hasSuffix("beside it stand --dry-run and --quiet alone"))
    // Nothing of all that is in the way of the sound one; once it is there, it is in the way of another.
    let restored = try await banyan("import", sound.path + "/bank", on: database)
    #expect(restored.exitCode == 0, "\(restored.errorOutput)")
    let twice = try await banyan("import", sound.path + "/bank", on: database)
    #expect(twice.exitCode == 64)
    #expect(
      twice.errorOutput.hasPrefix("banyan: this database is in use: it holds the bank “Tiny” and"))
  }

  @Test func anExportOverwritesNothing() async throws {
    let sound = try await folder()
    let database = try await TestServer.tinyBankDatabase()
    let full = try await banyan("export", "--all", sound.path + "/bank", on: database)
    #expect(full.exitCode == 64)
    #expect(full.messages().first?.contains("is there already and not empty") == true)
    let both = try await banyan("export", "accounts", "--all", sound.path + "/b", on: database)
    #expect(both.exitCode == 64)
    let nowhere = try await banyan("export", "--all", "/dev/null/bank", on: database)
    #expect(nowhere.exitCode == 1)
    #expect(nowhere.messages().count == 1)
    // What a broken export has left behind is in nobody's way; what is not its own stays.
    try FileManager.default.createDirectory(
      atPath: sound.path + "/next.partial/tables", withIntermediateDirectories: true)
    #expect(
      try await banyan("export", "--all", sound.path + "/next", on: database).exitCode == 0)
    try sound.write("mine".utf8, to: "mine.partial/letter.txt")
    let other = try await banyan("export", "--all", sound.path + "/mine", on: database)
    #expect(other.exitCode == 64)
    #expect(FileManager.default.fileExists(atPath: sound.path + "/mine.partial/letter.txt"))
    let empty = try await banyan(
      "export", "--all", sound.path + "/none", on: TestServer.migratedDatabase())
    #expect(empty.exitCode == 3)
    #expect(
      empty.messages() == ["banyan: there is no bank in this database; import one first"])
    let names = try FileManager.default.contentsOfDirectory(atPath: sound.path).sorted()
    #expect(names == ["bank", "mine.partial", "next"])
  }

  @Test func killedInTheMiddleItIsThereAsAWholeOrNotAtAll() async throws {
    let sound = try await folder("--compress", "gz")
    let clock = ContinuousClock()
    let begun = clock.now
    let trial = try await banyan(
      "import", sound.path + "/bank", "--dry-run", on: TestServer.migratedDatabase())
    #expect(trial.exitCode == 0, "\(trial.errorOutput)")
    let took = clock.now - begun
    for share in Torture.isOn
      ? Array(stride(from: 0.02, through: 1.1, by: 0.02)) : [0.4, 0.7, 0.95]
    {
      let database = try await TestServer.migratedDatabase()
      let process = Process()
      process.executableURL = URL(filePath: try BanyanProcess.executable())
      process.arguments = ["import", sound.path + "/bank"]
      process.environment = ["DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      try await Task.sleep(for: took * share)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      // The session of a program that was killed may still be at work.
      while try await psql(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'banyan'",
        in: database) != "0\n"
      { try await Task.sleep(for: .milliseconds(20)) }
      if try await isUntouched(database) {
        let again = try await banyan("import", sound.path + "/bank", on: database)
        #expect(again.exitCode == 0, "\(again.errorOutput)")
      }
      #expect(try await banyan("audit", "verify", on: database).exitCode == 0, "\(share)")
      #expect(
        try await psql("select count(*), sum(amount) from bank.transaction", in: database)
          == "4|1450031.51\n", "\(share)")
      await database.drop()
    }
  }
}
