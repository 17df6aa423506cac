import TestSupport
import Testing

/// `banyan assignment` and `banyan client` as their users run them.
@Suite struct CoverageProcessTests {
  @Test func aClientThroughTheCommands() async throws {
    let database = try await TestServer.tinyBankDatabase()
    func run(_ arguments: String...) async throws -> ProgramOutcome {
      var environment: [String: String] = [:]
      environment["DATABASE_URL"] = database.url
      return try await BanyanProcess.run(arguments, environment: environment, workingDirectory: "/")
    }
    let wrong = try await run(
      "assignment", "assign", "C1", "E1=0.7", "E2=0.2999", "--from", "2026-01-01")
    #expect(wrong.exitCode == 3)
    #expect(
      wrong.messages() == [
        "banyan: the shares 0.7 + 0.2999 sum to 0.9999; they must be above 0 and sum to exactly 1"
      ])
    let tried = try await run(
      "assignment", "assign", "C1", "E1=0.7", "E2=0.3", "--from", "2026-01-01", "--dry-run")
    #expect(tried.exitCode == 0 && tried.errorOutput.contains("nothing was changed"))
    let done = try await run(
      "assignment", "assign", "C1", "E1=0.7", "E2=0.3", "--from", "2026-01-01", "--format", "csv")
    #expect(
      done.output == """
        effect,level,number,line,person,role,share,from,until
        recorded,client,C1,,E1,main,0.7,2026-01-01,
        recorded,client,C1,,E2,assisting,0.3,2026-01-01,

        """)
    let second = try await run("assignment", "assign", "C1", "E3", "--from", "2026-02-01")
    #expect(second.exitCode == 3)
    #expect(
      second.errorOutput.hasPrefix("banyan: client C1 is E1's from 2026-01-01 (main, share 0.7"))
    let moved = try await run(
      "assignment", "transfer", "E1", "E3", "--from", "2026-02-01", "--client", "C1", "--format",
      "csv")
    #expect(
      moved.output == """
        person,clients_before,clients_after,shares_before,shares_after,balance_change
        E1,2,1,1.4,0.7,0.0
        E3,1,2,1.0,1.7,0.0

        """)
    let list = try await run(
      "assignment", "list", "--client", "C1", "--as-of", "2026-02-01", "--format", "csv")
    let table = try CSVTable(text: list.output)
    #expect(table.rows.map { $0["person"] } == ["E2", "E3"])
    #expect(table.rows.map { $0["role"] } == ["assisting", "main"])
    let reversed = try await run(
      "assignment", "end", "C1", "--from", "2026-05-01", "--until", "2026-04-01")
    #expect(reversed.exitCode == 3 && reversed.errorOutput.contains("the dates are reversed"))
    let unknown = try await run("client", "show", "C9")
    #expect(unknown.exitCode == 3 && unknown.errorOutput.contains("there is no client “C9”"))
    let shown = try await run("client", "show", "C1", "--as-of", "2026-03-01", "--format", "csv")
    #expect(shown.exitCode == 0 && shown.output.contains("main,E3,share 0.7 from 2026-02-01"))
  }

  /// Wherever a moment is asked for, also where nothing is on record.
  @Test(arguments: [
    ["assignment", "list"], ["client", "show", "C1"], ["client", "group", "list"], ["org", "tree"],
  ])
  func aMomentThatIsNoneIsWrongUse(_ command: [String]) async throws {
    let database = try await TestServer.tinyBankDatabase()
    for moment in ["nonsense", "2026-02-30 12:00", "2026-01-01 25:00"] {
      let outcome = try await BanyanProcess.run(
        command + ["--known-at", moment], environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 64, "\(outcome.output)")
      #expect(
        outcome.messages() == [
          "banyan: “\(moment)” is no point in time; write a day and a time, such as 2026-01-31 18:00+08"
        ])
      #expect(outcome.output == "")
    }
  }
}
