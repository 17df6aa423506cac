import Foundation
import Testing

@testable import PrivateServer

extension PrivateServerTests {
  /// What cannot work must be refused with the place and the remedy.
  @Suite struct Refusals {
    private func refusal(_ server: PrivateServer) -> PrivateServerError? {
      failure { () throws(PrivateServerError) in try server.start() }
    }

    @Test func missingProgramsNameWhatToInstall() throws {
      let temporary = try TemporaryServer()
      let error = failure { () throws(PrivateServerError) in
        try PostgreSQLPrograms.find(
          environment: ["PATH": temporary.outer], installations: temporary.outer)
      }
      let text = try #require(error?.description)
      #expect(text.contains("apt-get install postgresql"))
      #expect(text.contains("BANYAN_PG_BIN"))
      let named = refusal(temporary.described(environment: ["BANYAN_PG_BIN": temporary.outer]))
      #expect(
        named == .programMissingInNamedFolder(program: "postgres", folder: temporary.outer))
    }

    @Test func theNewestInstallationIsChosenAndAClustersOwnVersionPreferred() throws {
      let temporary = try TemporaryServer()
      for version in ["9", "15", "17"] {
        let bin = "\(temporary.outer)/\(version)/bin"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for program in ["postgres", "initdb", "pg_ctl", "psql"] {
          let script = "#!/bin/sh\necho 'postgres (PostgreSQL) \(version).4 (Debian)'\n"
          try script.write(toFile: "\(bin)/\(program)", atomically: false, encoding: .utf8)
          chmod("\(bin)/\(program)", 0o755)
        }
      }
      func find(_ cluster: String?) throws(PrivateServerError) -> Int {
        try PostgreSQLPrograms.find(
          environment: [:], cluster: cluster, folder: "/bank", installations: temporary.outer
        ).majorVersion
      }
      #expect(try find(nil) == 17)
      #expect(try find("15") == 15)
      let error = failure { () throws(PrivateServerError) in try find("16") }
      #expect(
        error == .versionMismatch(folder: "/bank", cluster: "16", programs: [17, 15, 9]))
    }

    @Test func aClusterOfAnotherVersionIsNotTouched() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      try server.start()
      try server.stop()
      let path = server.place.data + "/PG_VERSION"
      try "12\n".write(toFile: path, atomically: false, encoding: .utf8)
      let text = try #require(refusal(server)?.description)
      #expect(text.contains("made by PostgreSQL 12"))
      #expect(text.contains("pg_upgrade"))
    }

    @Test func aFolderThatIsNoClusterIsRefused() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      try FileManager.default.createDirectory(
        atPath: server.place.data, withIntermediateDirectories: true)
      try "dear diary".write(
        toFile: server.place.data + "/letter", atomically: false, encoding: .utf8)
      let account = try ServerAccount.choose(named: nil, clusterOwner: nil)
      chown(server.place.data, account.userID, account.groupID)
      #expect(refusal(server) == .notACluster(path: server.place.data))
      #expect(access(server.place.data + "/letter", F_OK) == 0)
    }

    @Test func aBadSettingIsToldInTheServersOwnWords() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described(settings: ["max_connections": "many"])
      let text = try #require(refusal(server)?.description)
      #expect(text.contains("did not start"))
      #expect(text.contains(server.logFile))
      #expect(text.contains("max_connections"))
      #expect(try server.status() == .stopped)
      #expect(try temporary.described().start() == .started)
    }

    @Test func aFileInTheWayIsNamed() throws {
      let temporary = try TemporaryServer()
      try "x".write(toFile: temporary.folder, atomically: false, encoding: .utf8)
      let text = try #require(refusal(temporary.described())?.description)
      #expect(text.contains(temporary.folder))
      let control = PrivateServer(folder: temporary.outer + "/two\nlines")
      #expect(
        refusal(control)
          == .pathUnusable(path: control.folder, reason: "it contains control characters"))
    }

    @Test(.enabled(if: geteuid() == 0, "Only root can become another user."))
    func usersThatCannotRunPostgreSQLAreRefused() throws {
      let temporary = try TemporaryServer()
      #expect(refusal(temporary.described(user: "root")) == .userIsRoot)
      #expect(
        refusal(temporary.described(user: "nobody-of-this-name"))
          == .userUnknown("nobody-of-this-name"))
      #expect(access(temporary.folder, F_OK) != 0)
    }

    @Test(.enabled(if: geteuid() != 0, "Root may become any user."))
    func onlyRootCanBecomeAnotherUser() throws {
      let temporary = try TemporaryServer()
      #expect(
        refusal(temporary.described(user: "root")) == .notAllowedToBecome(user: "root"))
    }

    @Test(.enabled(if: geteuid() == 0, "Only root drops to a user who may be locked out."))
    func aFolderThatTheServersUserCannotEnterIsNamed() throws {
      let temporary = try TemporaryServer("home/bank")
      let home = temporary.outer + "/home"
      #expect(mkdir(home, 0o700) == 0)
      #expect(
        refusal(temporary.described())
          == .folderClosed(folder: temporary.folder, user: "postgres", blockedAt: home))
      #expect(access(temporary.folder, F_OK) != 0)
    }

    @Test(.enabled(if: geteuid() == 0, "Only root can make a cluster for another user."))
    func theOwnerOfAClusterRunsItAndNoOneElse() throws {
      let temporary = try TemporaryServer()
      try temporary.described(user: "daemon").start()
      let process = try temporary.process()
      var facts = stat()
      #expect(stat("/proc/\(process)", &facts) == 0)
      #expect(ServerAccount.name(of: facts.st_uid) == "daemon")
      #expect(try temporary.described().stop() == .stopped)
      #expect(
        refusal(temporary.described(user: "postgres"))
          == .wrongOwner(path: temporary.folder + "/data", owner: "daemon", user: "postgres"))
    }

    @Test(.enabled(if: geteuid() == 0, "Only root can make a stranger's folder."))
    func aStrangersSocketFolderInTmpIsRefused() throws {
      let temporary = try TemporaryServer("one, two")
      let server = temporary.described()
      #expect(mkdir(server.socketFolder, 0o700) == 0)
      defer { rmdir(server.socketFolder) }
      let stranger: uid_t = 1
      #expect(chown(server.socketFolder, stranger, stranger) == 0)
      #expect(
        refusal(server)
          == .wrongOwner(
            path: server.socketFolder, owner: ServerAccount.name(of: stranger), user: "postgres"))
    }
  }
}
