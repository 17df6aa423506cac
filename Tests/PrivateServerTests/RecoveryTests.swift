import Foundation
import Testing

@testable import PrivateServer

extension PrivateServerTests {
  /// What killed servers, killed commands and stale files must not break.
  @Suite struct Recovery {
    @Test func aKilledServerRecoversWhatWasCommitted() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described(purpose: .bank)
      try server.start()
      #expect(try answer("create table kept as select 7 as n", server) == "")
      let process = try temporary.process()
      try temporary.crash()
      #expect(try server.status() == .crashed(process: process))
      #expect(try server.stop() == .notRunning)
      #expect(try server.start() == .started)
      #expect(try answer("select n from kept", server) == "7")
    }

    @Test func aStrangerWithTheDeadServersNumberIsLeftAlone() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      let account = try temporary.startedAccount()
      try temporary.crash()
      // A program of the same user, which PostgreSQL alone would take for the running server.
      let script = "sleep 7200 >/dev/null 2>&1 & echo $!"
      let outcome = try account.run("/bin/sh", ["-c", script], environment: [:], timeLimit: 600)
      let stranger = try #require(
        pid_t(outcome.outputText.trimmingCharacters(in: .whitespacesAndNewlines)))
      defer { kill(stranger, SIGKILL) }
      let path = server.place.data + "/postmaster.pid"
      var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
      lines[0] = String(stranger)
      try lines.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
      // The lock of the socket names it too.
      let lock = server.socketFolder + "/.s.PGSQL.5432.lock"
      lines = try String(contentsOfFile: lock, encoding: .utf8).components(separatedBy: "\n")
      lines[0] = String(stranger)
      try lines.joined(separator: "\n").write(toFile: lock, atomically: false, encoding: .utf8)

      #expect(try server.status() == .crashed(process: stranger))
      #expect(try server.stop() == .notRunning)
      #expect(try server.start() == .started)
      #expect(try answer("select 1", server) == "1")
      #expect(kill(stranger, 0) == 0)
    }

    @Test func aDamagedPidFileIsSeenThrough() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      try server.start()
      for text in ["", "not a number\n", "-1\n"] {
        try server.stop()
        let path = server.place.data + "/postmaster.pid"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try server.status() == .crashed(process: nil))
        #expect(try server.start() == .started)
      }
    }

    @Test func aHalfMadeClusterIsThrownAwayAndMadeAnew() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      try FileManager.default.createDirectory(
        atPath: server.place.unfinishedData + "/base", withIntermediateDirectories: true)
      try "15\n".write(
        toFile: server.place.unfinishedData + "/PG_VERSION", atomically: false, encoding: .utf8)
      #expect(try server.status() == .notCreated)
      #expect(try server.start() == .started)
      #expect(try answer("select 1", server) == "1")
      #expect(access(server.place.unfinishedData, F_OK) != 0)
    }

    @Test func aFailedCreationLeavesNoClusterAndSaysWhy() throws {
      let temporary = try TemporaryServer()
      let programs = try PostgreSQLPrograms.find(environment: ProcessInfo.processInfo.environment)
      let bin = temporary.outer + "/bin"
      #expect(mkdir(bin, 0o755) == 0)
      for program in ["postgres", "pg_ctl", "psql"] {
        #expect(symlink("\(programs.folder)/\(program)", "\(bin)/\(program)") == 0)
      }
      let script =
        "#!/bin/sh\nmkdir data.unfinished/base\necho 'initdb: no room left' >&2\nexit 1\n"
      try script.write(toFile: bin + "/initdb", atomically: false, encoding: .utf8)
      chmod(bin + "/initdb", 0o755)

      let server = temporary.described(environment: ["BANYAN_PG_BIN": bin])
      let error = failure { () throws(PrivateServerError) in try server.start() }
      #expect(
        error == .creationFailed(folder: server.folder, lastWords: ["initdb: no room left"]))
      #expect(try server.status() == .notCreated)
      #expect(access(server.place.unfinishedData, F_OK) != 0)
      #expect(try temporary.described().start() == .started)
    }

    @Test func theServerHoldsNoLockOfTheCommandThatStartedIt() throws {
      let temporary = try TemporaryServer()
      var server = temporary.described()
      try server.start()
      server.lockLimit = 0
      #expect(try server.start() == .alreadyRunning)

      let held = try FolderLock(folder: server.folder, waitingUpTo: 0)
      let error = failure { () throws(PrivateServerError) in try server.start() }
      #expect(error == .busy(folder: server.folder, seconds: 0))
      held.release()
      #expect(try server.stop() == .stopped)
    }
  }
}
