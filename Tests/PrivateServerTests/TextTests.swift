import Foundation
import Testing

@testable import PrivateServer

extension PrivateServerTests {
  /// The texts that PostgreSQL reads, and the running of programs.
  @Suite struct Texts {
    @Test func quotesWhatLibpqAndPostgreSQLRead() {
      #expect(ConnectionText.quotedKeywordValue(#"it's \ ok"#) == #"'it\'s \\ ok'"#)
      #expect(ConnectionText.quotedSetting(#"it's \ ok"#) == #"'it''s \\ ok'"#)
      #expect(ConnectionText.folderList(#"/a "b", c"#) == #""/a ""b"", c""#)
      #expect(ConnectionText.percentEncoded("/a b%银") == "%2Fa%20b%25%E9%93%B6")
    }

    @Test func readsThePidFileOfARunningServer() throws {
      let text = "4711\n/bank/data\n1700000000\n5432\n/bank/run\n\n  1 2\nready   \n"
      let file = try #require(PostmasterFile(text: text))
      #expect(file.process == 4711)
      #expect(file.startedAt == 1_700_000_000)
      #expect(file.socketFolder == "/bank/run")
      #expect(file.state == "ready")
      #expect(PostmasterFile(text: "4711\n")?.state == "")
      #expect(PostmasterFile(text: "") == nil)
    }

    @Test func aProgramThatPrintsAndReadsMuchDoesNotBlock() throws {
      let input = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
      let script = "cat; head -c 2000000 /dev/zero >&2; exit 7"
      let outcome = try ProgramRun(
        program: "/bin/sh", arguments: ["-c", script], environment: [:], input: input, timeLimit: 60
      ).run()
      #expect(outcome.exitCode == 7)
      #expect(outcome.output == input)
      #expect(outcome.errorOutput.count == 2_000_000)
      #expect(!outcome.timedOut)
    }

    @Test func aProgramIsEndedAtItsTimeLimit() throws {
      let outcome = try ProgramRun(
        program: "/bin/sh", arguments: ["-c", "exec sleep 100"],
        environment: ["PATH": "/usr/bin:/bin"],
        timeLimit: 0.2
      ).run()
      #expect(outcome.timedOut)
      #expect(outcome.exitCode == 128 + SIGTERM)
    }

    @Test func aProgramThatIsNotThereIsNamed() {
      let run = ProgramRun(program: "/nowhere/psql", arguments: [], environment: [:], timeLimit: 1)
      let error = failure { () throws(PrivateServerError) in try run.run() }
      #expect(
        error
          == .programUnusable(program: "/nowhere/psql", reason: "No such file or directory"))
    }
  }
}
