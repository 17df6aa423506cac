import Foundation
import TestSupport
import Testing

/// `banyan migrate` on databases and installations in every state.
@Suite struct MigrationTests {
  private let installation: Installation

  init() throws { installation = try Installation() }

  private func migrate(
    _ option: String? = nil, _ database: TestDatabase
  ) async throws -> ProgramOutcome {
    var environment = installation.environment
    environment["DATABASE_URL"] = database.url
    return try await BanyanProcess.run(
      ["migrate"] + (option.map { [$0] } ?? []), environment: environment)
  }

  private func states(_ database: TestDatabase) async throws -> [String: String] {
    let outcome = try await migrate("--status", database)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let rows = outcome.output.split(separator: "\n").dropFirst(2).map { line in
      line.split(separator: " ").map(String.init)
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
  }

  private let anything =
    "select count(*) from pg_namespace where nspname in ('bank', 'report', 'platform')"

  @Test func freshThenUpToDate() async throws {
    let database = try await TestServer.emptyDatabase()
    let files = try installation.schemaFiles()
    #expect(
      try await states(database) == Dictionary(uniqueKeysWithValues: files.map { ($0, "pending") }))
    let dry = try await migrate("--dry-run", database)
    #expect(dry.exitCode == 0)
    #expect(dry.output == files.map { "would apply SQL/\($0)\n" }.joined())
    #expect(try await psql(anything, in: database) == "0\n", "a dry run changes nothing")

    let first = try await migrate(nil, database)
    #expect(first.exitCode == 0, "\(first.errorOutput)")
    #expect(first.output == files.map { "applied SQL/\($0)\n" }.joined())
    #expect(
      try await states(database) == Dictionary(uniqueKeysWithValues: files.map { ($0, "applied") }))
    for option in [nil, "--dry-run"] {
      let again = try await migrate(option, database)
      #expect(again.exitCode == 0)
      #expect(again.output == "The schema is up to date.\n")
    }
    #expect(
      try await psql("select count(*) from platform.applied_file", in: database)
        == "\(files.count)\n")
  }

  @Test func whatWasAppliedMustStayAsItWas() async throws {
    let database = try await TestServer.migratedDatabase()
    try installation.append("-- a remark\n", to: "schema/0002-organisation.sql")
    for option in [nil, "--status", "--dry-run"] {
      let changed = try await migrate(option, database)
      #expect(changed.exitCode == 3)
      #expect(changed.output == "")
      let message = try #require(changed.messages().first)
      #expect(
        message.hasPrefix(
          "banyan: SQL/schema/0002-organisation.sql was changed after it had been applied on 20"))
      #expect(message.hasSuffix("; restore it and write a new file instead"))
    }
    let fresh = try await TestServer.emptyDatabase()
    #expect(try await migrate(nil, fresh).exitCode == 0, "a database without it takes the new text")

    for name in ["schema/0003-coverage.sql", "views/reporting.sql", "functions/coverage.sql"] {
      let other = try Installation()
      try other.remove(name)
      let missing = try await banyan("migrate", on: database, environment: other.environment)
      #expect(missing.exitCode == 3)
      #expect(
        missing.messages() == [
          "banyan: SQL/\(name) was applied to this database but is missing from the installation; restore the file"
        ])
    }

    let third = try Installation()
    try third.write("select 1;\n", to: "schema/0002b-late.sql")
    let late = try await banyan("migrate", on: database, environment: third.environment)
    #expect(late.exitCode == 3)
    #expect(
      late.messages() == [
        "banyan: SQL/schema/0002b-late.sql is new but comes before SQL/schema/0003-coverage.sql, which was applied already; give it a number after that"
      ])
  }

  @Test func functionsAndViewsAreAppliedAgainWhenTheyChange() async throws {
    let database = try await TestServer.migratedDatabase()
    try installation.append(
      "comment on view report.pay_run is 'changed';\n", to: "views/reporting.sql")
    #expect(try await states(database)["views/reporting.sql"] == "changed")
    let report = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-01", on: database,
      environment: installation.environment)
    #expect(report.exitCode == 1)
    #expect(
      report.messages() == [
        "banyan: the database lacks a schema file, first views/reporting.sql; run `banyan migrate`"
      ])
    let outcome = try await migrate(nil, database)
    #expect(outcome.output == "applied SQL/views/reporting.sql\n")
    let comment = "select obj_description('report.pay_run'::regclass)"
    #expect(try await psql(comment, in: database) == "changed\n")
    #expect(try await migrate(nil, database).output == "The schema is up to date.\n")
  }

  @Test func aFileThatFailsLeavesNothingOfItself() async throws {
    let database = try await TestServer.migratedDatabase()
    try installation.write("create table bank.whole (n int);\n", to: "schema/0098-good.sql")
    try installation.write(
      "create table bank.half (n int);\ninsert into bank.half values (1);\nselect 1 / 0;\n",
      to: "schema/0099-broken.sql")
    let dry = try await migrate("--dry-run", database)
    #expect(dry.exitCode == 1)
    #expect(try await psql("select to_regclass('bank.whole') is null", in: database) == "t\n")
    let outcome = try await migrate(nil, database)
    #expect(outcome.exitCode == 1)
    #expect(outcome.messages().count == 1)
    #expect(
      outcome.errorOutput.hasPrefix("banyan: SQL/schema/0099-broken.sql cannot be applied: "),
      "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.contains("division by zero"))
    let tables = "select to_regclass('bank.whole') is not null, to_regclass('bank.half') is null"
    #expect(try await psql(tables, in: database) == "t|t\n")
    let states = try await states(database)
    #expect(states["schema/0098-good.sql"] == "applied")
    #expect(states["schema/0099-broken.sql"] == "pending")
    try installation.write("create table bank.half (n int);\n", to: "schema/0099-broken.sql")
    #expect(try await migrate(nil, database).output == "applied SQL/schema/0099-broken.sql\n")
  }

  @Test func severalAtOnceTakeTurns() async throws {
    let database = try await TestServer.emptyDatabase()
    let outcomes = try await withThrowingTaskGroup(of: ProgramOutcome.self) { group in
      for _ in 0..<3 { group.addTask { try await migrate(nil, database) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.allSatisfy { $0.exitCode == 0 }, "\(outcomes.map(\.errorOutput))")
    let applied = outcomes.flatMap { $0.output.split(separator: "\n") }.filter {
      $0.hasPrefix("applied ")
    }
    #expect(applied.count == (try installation.schemaFiles().count), "each file by one of them")
  }

  @Test func commandsSayWhenTheDatabaseIsNotMigrated() async throws {
    let database = try await TestServer.emptyDatabase()
    let folder = try TinyBank().write()
    let count = try installation.schemaFiles().count
    let message =
      "banyan: the database lacks \(count) schema files, first schema/0001-intake.sql; run `banyan migrate`"
    for arguments in [
      ["import", folder.path + "/files", "--mapping", folder.path + "/mapping"],
      ["pay", "run", "2026-01"], ["pay", "explain", "E1", "2026-01"],
      ["batch", "rejects", "1"], ["plan", "load", folder.path + "/mapping/plans/plan.yaml"],
      ["report", "run", "branch-month", "from=2026-01", "to=2026-01"],
    ] {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 1, "\(arguments)")
      #expect(outcome.messages() == [message], "\(arguments)")
    }
    #expect(try await psql(anything, in: database) == "0\n")
  }

  @Test func whereTheFilesAreNot() async throws {
    let database = try await TestServer.emptyDatabase()
    let empty = try TemporaryFolder()
    let outcome = try await banyan(
      "migrate", on: database, environment: ["BANYAN_HOME": empty.path])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.messages(in: empty) == [
        "banyan: BANYAN_HOME is “FOLDER”, but there is no SQL/schema in it; point it at the folder of the sources or of share/banyan"
      ])
    let both = try await banyan("migrate", "--status", "--dry-run", on: database)
    #expect(both.exitCode == 64)
  }

  @Test func anotherSearchPathIsNoHindrance() async throws {
    let database = try await TestServer.emptyDatabase()
    let environment = ["PGOPTIONS": "-c search_path=x"]
    let migrated = try await banyan("migrate", on: database, environment: environment)
    #expect(migrated.exitCode == 0, "\(migrated.errorOutput)")
    let folder = try TinyBank().write()
    let imported = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database,
      environment: environment)
    #expect(imported.exitCode == 0, "\(imported.errorOutput)")
  }
}
