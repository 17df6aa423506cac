import Foundation
import TestSupport
import Testing

/// Imports that end in the middle, at a moment that nobody chose: the program is killed, the line between it and the
/// server is cut, or the server itself goes down. Whatever the moment, the whole batch is there or nothing of it, and the same
/// command finishes the work. `BANYAN_TORTURE=1` makes it 200 times.
@Suite(.serialized) struct CrashTests {
  private enum Death: CaseIterable {
    /// The program, by SIGKILL.
    case program
    /// The line: the socket between the two is closed, and neither is told why.
    case line
    /// A process of the server, by SIGQUIT: all of the server starts anew from its log.
    case server
  }

  private static let rows = 12_000
  private static let kills = Torture.isOn ? 201 : 6

  private static func server() async throws -> OwnServer {
    try await OwnServer.start(files: [:]) { _ in
      // What a power cut would need; recovery of a process that is killed does not. But a commit that was
      // told is in the log, as on a server of a bank.
      ["fsync": "off", "synchronous_commit": "on", "restart_after_crash": "on"]
    }
  }

  @Test func whateverTheMomentAllOfItIsThereOrNothing() async throws {
    let server = try await Self.server()
    let proxy = try server.proxy()
    defer { proxy.close() }
    let bank = TinyBank()
    let folder = try bank.write()
    let template = try await server.make("ground", from: "template0")
    for arguments in [
      ["migrate"], ["import", folder.path + "/files", "--mapping", folder.path + "/mapping"],
    ] {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": template.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }
    func file(_ amount: String, _ name: String) throws -> String {
      let text =
        ImportGround.header
        + (1...Self.rows).map {
          "K\($0),A\($0 % 3 + 1),2026-0\($0 % 3 + 3)-1\($0 % 10),credit,\(amount),,,,,\n"
        }.joined()
      try folder.write(text.utf8, to: name)
      return folder.path + "/" + name
    }
    let first = try file("1.25", "first/transactions.csv")
    let second = try file("2.50", "second/transactions.csv")
    let clock = ContinuousClock()
    var generator = SystemRandomNumberGenerator()
    // How long the work takes here and now, so that the moments lie all over it.
    var took = Duration.seconds(1)
    for number in 0...Self.kills {
      let database = try await server.make("crash_\(number)", from: "ground")
      let death = Death.allCases[number % 3]
      let isReplacement = number % 2 == 1
      var arguments = ["import", first, "--mapping", folder.path + "/mapping", "--format", "csv"]
      if isReplacement {
        let loaded = try await BanyanProcess.run(
          arguments, environment: ["DATABASE_URL": database.url])
        #expect(loaded.exitCode == 0, "\(loaded.errorOutput)")
        arguments[1] = second
        arguments += ["--replace", "10"]
      }
      let begun = clock.now
      if number > 0 {
        let moment = took * Double.random(in: 0...1.1, using: &generator)
        try await die(death, after: moment, arguments, in: database, through: proxy)
        // Whole batches only, and every figure is that of the rows that are there.
        #expect(try await unaccounted(database) == "", "\(death) after \(moment)")
        let there = try await psql(
          "select count(*), coalesce(sum(amount), 0) from bank.transaction where number like 'K%'",
          in: database)
        let whole = ["1.25", "2.50"].map { amount in
          "\(Self.rows)|\(amount == "1.25" ? "\(Self.rows * 5 / 4).00" : "\(Self.rows * 5 / 2).00")\n"
        }
        #expect(
          (isReplacement ? whole : ["0|0\n", whole[0]]).contains(there),
          "\(death) after \(moment): \(there)")
      }
      let again = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": database.url])
      if number == 0 { took = clock.now - begun }
      // What was replaced before the end of the program was told cannot be replaced once more: it is done.
      #expect(again.exitCode == 0, "\(death): \(again.errorOutput)")
      let amount = isReplacement ? "\(Self.rows * 5 / 2).00" : "\(Self.rows * 5 / 4).00"
      #expect(
        try await psql(
          "select count(*), sum(amount) from bank.transaction where number like 'K%'", in: database)
          == "\(Self.rows)|\(amount)\n")
      #expect(try await database.unaccountedRows() == "")
      try await psql(
        "drop database \(database.name) with (force)", at: server.database("postgres").conninfo)
    }
    try await server.stop()
  }

  /// What does not add up, once the server answers again.
  private func unaccounted(_ database: TestDatabase) async throws -> String {
    for _ in 0..<600 {
      if (try? await psql("select 1", in: database)) != nil { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    // The session of a program that was killed may still be at work.
    while try await psql(
      "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'banyan'",
      in: database) != "0\n"
    { try await Task.sleep(for: .milliseconds(20)) }
    return try await database.unaccountedRows()
  }

  /// Runs a command and ends it, or what it stands on, after a while.
  private func die(
    _ death: Death, after moment: Duration, _ arguments: [String], in database: TestDatabase,
    through proxy: FaultyProxy
  ) async throws {
    let process = Process()
    process.executableURL = URL(filePath: try BanyanProcess.executable())
    process.arguments = arguments
    let line = death == .line ? proxy.conninfo(insteadOf: database.conninfo) : database.url
    process.environment = ["DATABASE_URL": line, "PATH": "/usr/bin:/bin"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try await Task.sleep(for: moment)
    switch death {
    case .program: kill(process.processIdentifier, SIGKILL)
    case .line: proxy.arm(.cut(.toServer))
    case .server:
      let pids = try await psql(
        """
        select pid from pg_stat_activity where datname = '\(database.name)' and application_name = 'banyan'
        """, in: database)
      for pid in pids.split(separator: "\n").compactMap({ pid_t($0) }) { kill(pid, SIGQUIT) }
    }
    process.waitUntilExit()
  }
}
