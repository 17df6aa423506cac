import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan migrate`: brings the database to the schema of the installation.
struct MigrateCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the database to the schema of this installation.",
    discussion: """
      Applies the files under SQL in order, each in a transaction of its own. A file under SQL/schema is \
      applied once; functions, views and policies again whenever they have changed.

      EXAMPLES
        banyan migrate
        banyan migrate --status
        banyan migrate --dry-run
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only list the files and their state.") var status = false
  @Flag(help: "Run everything that is pending, then undo it.") var dryRun = false

  func validate() throws {
    if status && dryRun { throw ValidationError("choose one of --status and --dry-run") }
  }

  func execute() async throws {
    let migration = Migration(files: try SchemaFile.all(in: InstalledFiles()))
    let connection = try await database.connect()
    if status {
      let steps = try await connection.withConnection { @Sendable connection in
        try migration.status(on: connection)
      }
      let writer = try OutputFormat.table.writer(
        columns: [Column("file"), Column("state"), Column("applied_at")], to: OutputSink(path: "-"))
      for step in steps {
        try writer.write([
          .text(step.name), .text(step.state.rawValue), step.appliedAt.map { .text($0) } ?? .null,
        ])
      }
      try writer.finish()
      return
    }
    let dryRun = dryRun
    let steps = try await connection.withConnection { @Sendable connection in
      try migration.run(on: connection, dryRun: dryRun)
    }
    for step in steps { print("\(dryRun ? "would apply" : "applied") SQL/\(step.name)") }
    if steps.isEmpty { print("The schema is up to date.") }
  }
}
