import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan batch`: what was taken in, and what was refused.
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Show what was taken in, and what was refused.",
    subcommands: [BatchRejects.self, BatchChecks.self])
}

struct BatchRejects: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejects",
    abstract: "List the rejected rows of a batch with every reason, or give them back as a file.",
    discussion: """
      With -o the rows are written as they came: under the header of the file, in its separator, quotes and \
      encoding, with columns that say what is wrong. Corrected in place, the file can be imported as it is. With \
      --original a batch that was a workbook comes back as the same workbook, with a column that says of each row \
      what became of it.

      EXAMPLES
        banyan batch rejects 7
        banyan batch rejects 7 --format csv > reasons.csv
        banyan batch rejects 7 --lang zh -o to-correct.csv
        banyan batch rejects 8 --original B102.xlsx -o B102-to-correct.xlsx

      docs/import.md explains the codes.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the batch, as the import printed it.") var batch: Int64
  @Option(help: "How to print the list: table, csv, tsv, json, jsonl, md or xlsx.")
  var format: OutputFormat = .table
  @Option(help: "How many reasons the list has at most.") var limit = 100_000
  @Option(help: "Language of the reasons: en or zh.") var lang: RejectionLanguage = .en
  @Option(
    name: .shortAndLong,
    help: "File for the rows themselves, in their own layout; - is standard output.")
  var output: String?
  @Option(help: "The workbook as it was imported, to be given back with a status for each row.")
  var original: String?

  func validate() throws {
    if original != nil, output == nil {
      throw ValidationError("--original needs -o FILE, for the workbook that goes back")
    }
  }

  func execute() async throws {
    if let output {
      guard let original else { return try await giveBack(to: output) }
      return try await mark(original, to: output)
    }
    let (batch, limit, format) = (batch, limit, format)
    let rejections = try await onPlatform(database) { connection in
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
        .text(lang.sentence(rejection)), rejection.rawRow.map { .text($0) } ?? .null,
      ])
    }
    try writer.finish()
  }

  private func giveBack(to output: String) async throws {
    let (batch, lang) = (batch, lang)
    let (rows, reasons) = try await onPlatform(database) { connection in
      let file = try RejectedFile(batch: batch, language: lang, on: connection)
      try AuditTrail.recordReading(
        of: "rejected rows of batch \(batch)", isExport: true, detail: ["file": output],
        on: connection)
      return try file.write(to: output, on: connection)
    }
    if output != "-" {
      tell(
        (rows == 1 ? "1 row" : "\(rows) rows") + " in \(output)"
          + (reasons.map { ", their reasons in \($0)" } ?? ""))
    }
  }
}

extension BatchRejects {
  private func mark(_ original: String, to output: String) async throws {
    let (batch, lang) = (batch, lang)
    let (rows, heading) = try await onPlatform(database) { connection in
      let file = try RejectedFile(batch: batch, language: lang, on: connection)
      try AuditTrail.recordReading(
        of: "rejected rows of batch \(batch)", isExport: true, detail: ["file": output],
        on: connection)
      return try file.markWorkbook(original, to: output, on: connection)
    }
    if output != "-" {
      tell(
        (rows == 1 ? "1 row" : "\(rows) rows")
          + " to correct in \(output), by the column “\(heading)”")
    }
  }
}

struct BatchChecks: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "checks",
    abstract: "List what the checks of the mapping's folder have found in a batch.",
    discussion: """
      EXAMPLE
        banyan batch checks 7
        banyan batch checks 7 --lang zh
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the batch, as the import printed it.") var batch: Int64
  @Option(help: "Language of the findings: en or zh.") var lang: RejectionLanguage = .en
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try CheckFinding.listing(of: batch, in: lang, on: connection)
  }
}
