import Foundation
import Testing

@testable import PrivateServer

extension PrivateServerTests {
  /// The ordinary life of a server, in folders with ordinary and with unusual names.
  @Suite struct Life {
    @Test func startsAnswersStopsAndKeepsItsData() throws {
      // Blanks, quotes, a backslash, a dollar, a percent sign and Chinese in one path.
      let temporary = try TemporaryServer(#"a bank's "50%" \ $HOME 银行"#)
      let server = temporary.described(purpose: .bank)
      #expect(try server.status() == .notCreated)
      #expect(try server.stop() == .notRunning)
      #expect(try server.start() == .started)
      #expect(try server.start() == .alreadyRunning)

      guard case .running(let running) = try server.status() else {
        Issue.record("The server does not run.")
        return
      }
      #expect(running.state == .ready)
      #expect(running.socketFolder == server.folder + "/run")
      #expect(running.uptime < 3_600)
      #expect(try answer("show server_version_num", server).hasPrefix(running.majorVersion))

      let who = "select current_user, current_database()"
      #expect(try answer(who, server) == "banyan|bank")
      #expect(try answer(who, server, at: server.conninfo) == "banyan|bank")
      #expect(try answer(who, server, at: server.url) == "banyan|bank")
      #expect(try answer(who, server, at: server.url(database: "postgres")) == "banyan|postgres")
      #expect(try answer("create table kept as select 7 as n", server) == "")

      #expect(try server.stop() == .stopped)
      #expect(try server.stop() == .notRunning)
      #expect(try server.status() == .stopped)
      #expect(try server.start() == .started)
      #expect(try answer("select n from kept", server) == "7")
    }

    @Test func isSafeSortsByCodePointAndListensOnItsSocketOnly() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described(purpose: .bank)
      try server.start()
      let settings = """
        select string_agg(setting, ' ' order by name) from pg_settings where name in
        ('data_checksums', 'fsync', 'full_page_writes', 'listen_addresses', 'server_encoding',
         'synchronous_commit', 'max_wal_size')
        """
      #expect(try answer(settings, server) == "on on on  2048 UTF8 on")
      let locale = "select datcollate, datctype from pg_database where datname = 'bank'"
      #expect(try answer(locale, server) == "C|C.UTF-8")
      #expect(try answer("select upper('é') || ('Z' < 'a')::text", server) == "Étrue")

      var facts = stat()
      #expect(stat(server.socketFolder, &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o700)
      if geteuid() == 0 { #expect(facts.st_uid != 0) }
    }

    @Test func ownSettingsReplaceThoseOfThePurpose() throws {
      let temporary = try TemporaryServer()
      let server = temporary.described(settings: ["work_mem": "3MB", "cluster_name": "it's mine"])
      try server.start()
      #expect(try answer("show work_mem", server) == "3MB")
      #expect(try answer("show cluster_name", server) == "it's mine")
      #expect(try answer("show fsync", server) == "off")
    }

    @Test func aMovedFolderStartsAtItsNewPlace() throws {
      let temporary = try TemporaryServer()
      try temporary.described().start()
      try temporary.described().stop()
      let elsewhere = temporary.outer + "/moved"
      #expect(rename(temporary.folder, elsewhere) == 0)
      let moved = PrivateServer(folder: elsewhere, purpose: .tests)
      try moved.start()
      defer { _ = try? moved.stop() }
      #expect(try answer("show unix_socket_directories", moved).contains("/moved/run"))
    }

    @Test func aLongPathOrAPathWithACommaUsesAPrivateFolderInTmp() throws {
      for name in [String(repeating: "a very long name ", count: 6), "one, two"] {
        let temporary = try TemporaryServer(name)
        let server = temporary.described()
        #expect(server.socketFolder.hasPrefix("/tmp/banyan-"))
        try server.start()
        #expect(try answer("select 1", server, at: server.url) == "1")
        #expect(server.conninfo.contains("requirepeer="))
        var facts = stat()
        #expect(stat(server.socketFolder, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o700)
        try server.stop()
        #expect(stat(server.socketFolder, &facts) != 0)
      }
    }

    @Test func twoStartsAtOnceMakeOneServer() async throws {
      let temporary = try TemporaryServer()
      let server = temporary.described()
      let outcomes = try await withThrowingTaskGroup(of: StartOutcome.self) { group in
        for _ in 0..<3 {
          group.addTask {
            try await withCheckedThrowingContinuation { continuation in
              Thread.detachNewThread { continuation.resume(with: Result { try server.start() }) }
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { $0 == .started } == 1)
      #expect(outcomes.count { $0 == .alreadyRunning } == 2)
    }

    @Test func relativeAndLinkedFoldersAreTheSameServer() throws {
      let temporary = try TemporaryServer()
      #expect(mkdir(temporary.folder, 0o755) == 0)
      let link = temporary.outer + "/link"
      #expect(symlink(temporary.folder, link) == 0)
      #expect(PrivateServer(folder: link).folder == temporary.folder)
      #expect(PrivateServer(folder: link + "/new/../newer").folder == temporary.folder + "/newer")
      let working = FileManager.default.currentDirectoryPath
      #expect(PrivateServer(folder: ".banyan").folder == ServerFolder(working).path + "/.banyan")
    }
  }
}
