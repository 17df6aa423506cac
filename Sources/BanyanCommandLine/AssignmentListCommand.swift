import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import Quantities

/// Which assignments to show.
struct AssignmentFilter: ParsableArguments {
  @Option(help: "Only this client.") var client: String?
  @Option(help: "Only this account.") var account: String?
  @Option(help: "Only this person, by employee number.") var person: String?
  @Option(help: "Only this org unit and what lies below it.") var unit: String?

  var filter: CoverageRecord.Filter {
    var filter = CoverageRecord.Filter()
    filter.client = client
    filter.account = account
    filter.person = person
    filter.unit = unit
    return filter
  }
}

struct AssignmentList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show the assignments of a day, as they are or were believed.",
    discussion: """
      EXAMPLES
        banyan assignment list --client C000001
        banyan assignment list --person RM0001 --as-of 2026-02-01
        banyan assignment list --client C000001 --as-of 2026-02-01 --known-at '2026-03-01 12:00+00'
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: AssignmentFilter
  @Option(help: "The day, YYYY-MM-DD; without it, today.") var asOf: CivilDate?
  @Option(help: "What was believed at this moment; without it, what is believed now.")
  var knownAt: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (asOf, knownAt, filter) = (asOf, knownAt, filter.filter)
    let records = try await onPlatform(database) { connection in
      let day = try asOf ?? connection.value("select current_date", as: CivilDate.self)
      return try CoverageRecord.asOf(day, knownAt: knownAt, filter, on: connection)
    }
    try write(records, listing.format)
  }
}

struct AssignmentHistory: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show everything that was ever recorded, in the order in which it was believed.",
    discussion: """
      EXAMPLE
        banyan assignment history --client C000001
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: AssignmentFilter
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let filter = filter.filter
    let records = try await onPlatform(database) { connection in
      try CoverageRecord.history(filter, on: connection)
    }
    try write(records, listing.format)
  }
}

private func write(_ records: [CoverageRecord], _ format: OutputFormat) throws {
  let writer = try format.writer(
    columns: [
      Column("level"), Column("number"), Column("branch"), Column("line"), Column("person"),
      Column("role"), Column("share", .amount), Column("from"), Column("until"),
      Column("recorded_at"), Column("superseded_at"), Column("source"),
    ], to: OutputSink(path: "-"))
  for record in records {
    try writer.write([
      .text(record.level), .text(record.number), .text(record.branch),
      record.line.map { .text($0) } ?? .null, .text(record.person), .text(record.role),
      .decimal(record.share), .text(record.since.description),
      record.until.map { .text($0.description) } ?? .null, .text(record.recordedAt),
      record.supersededAt.map { .text($0) } ?? .null, .text(record.source),
    ])
  }
  try writer.finish()
}
