import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan batch`: what was taken in, and what was refused.
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Show what was taken in, and what was refused.",
    subcommands: [BatchRejects.self])
}

struct BatchRejects: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejects",
    abstract: "List the rejected rows of a batch with every reason.",
    discussion: """
      EXAMPLES
        banyan batch rejects 7
        banyan batch rejects 7 --format csv > to-correct.csv

      docs/import.md explains the codes.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the batch, as the import printed it.") var batch: Int64
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table
  @Option(help: "How many reasons at most.") var limit = 100_000

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (batch, limit, format) = (batch, limit, format)
    let rejections = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "rejected rows of batch \(batch)", isExport: format != .table,
        detail: ["format": "\(format)"], on: connection)
      return try Rejection.of(batch: batch, limit: limit, on: connection)
    }
    let writer = try format.writer(
      columns: [
        Column("line", .integer), Column("code"), Column("column"), Column("value"),
        Column("reason"), Column("row"),
      ], to: OutputSink(path: "-"))
    for rejection in rejections {
      try writer.write([
        .integer(Int64(rejection.lineNumber)), .text(rejection.code.rawValue),
        rejection.column.map { .text($0) } ?? .null, rejection.value.map { .text($0) } ?? .null,
        .text(rejection.reason), rejection.rawRow.map { .text($0) } ?? .null,
      ])
    }
    try writer.finish()
  }
}
