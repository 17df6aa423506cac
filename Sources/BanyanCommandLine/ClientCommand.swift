import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// `banyan client`: what is known of clients.
struct ClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "Show clients, classify them, and find those that are one.",
    subcommands: [
      ClientShow.self, ClientSegment.self, ClientAssess.self, ClientDuplicates.self,
      ClientMerge.self, ClientProspect.self, KeyPersonCommand.self, ClientGroupCommand.self,
    ])
}

struct ClientShow: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what is on record about a client; identity numbers are masked.",
    discussion: """
      EXAMPLES
        banyan client show C000001
        banyan client show C000001 --as-of 2026-02-01 --known-at '2026-03-01 12:00+00'
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Client number.") var number: String
  @Option(help: "The day, YYYY-MM-DD; without it, today.") var asOf: CivilDate?
  @Option(help: "What was believed at this moment; without it, what is believed now.")
  var knownAt: String?
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (number, asOf, knownAt, format) = (number, asOf, knownAt, format)
    let facts = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "client \(number)", isExport: format != .table, detail: ["format": "\(format)"],
        on: connection)
      let day = try asOf ?? connection.value("select current_date", as: CivilDate.self)
      return try ClientBook.facts(of: number, on: day, knownAt: knownAt, connection: connection)
    }
    let writer = try format.writer(
      columns: [Column("topic"), Column("value"), Column("note")], to: OutputSink(path: "-"))
    for fact in facts {
      try writer.write([
        .text(fact.topic), .text(fact.value), fact.note.map { .text($0) } ?? .null,
      ])
    }
    try writer.finish()
  }
}

struct ClientSegment: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Put a client into a segment of an axis: industry, size, risk or status.",
    discussion: """
      EXAMPLES
        banyan client segment C000001 risk high --from 2026-03-01 --reason 'watch list'
        banyan client segment C000001 status prospect --from 2026-01-01 --until 2026-02-01
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Client number.") var number: String
  @Argument(help: "Axis: industry, size, risk or status.") var axis: String
  @Argument(help: "Code of the segment.") var segment: String
  @Option(help: "First day, YYYY-MM-DD.") var from: CivilDate
  @Option(help: "Day after the last; without it, all days from the first.") var until: CivilDate?
  @Option(help: "Why; kept with the change.") var reason: String?

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (number, axis, segment, from, until, reason) = (number, axis, segment, from, until, reason)
    let changed = try await connection.withConnection { @Sendable connection in
      try ClientBook.classify(
        number, axis: axis, as: segment, since: from, until: until, reason: reason, on: connection)
    }
    print(
      changed
        ? "\(number): \(axis) is \(segment) from \(from)." : "\(number): that is on record already."
    )
  }
}

struct ClientAssess: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "assess",
    abstract: "Assess the value of all clients for a month, and find their bands.",
    discussion: """
      Thresholds of bands stand in bank.band_threshold, expected rates of income in bank.income_rate, both by date.

      EXAMPLE
        banyan client assess 2026-01
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let month = month
    let (assessed, bands) = try await connection.withConnection { @Sendable connection in
      try ClientBook.assess(month, on: connection)
    }
    print("\(assessed) clients have a new assessment for \(month).")
    if let bands {
      print("\(bands) clients changed their band.")
    } else {
      tell("No bands: bank.band_threshold is empty.")
    }
  }
}

struct ClientDuplicates: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "List pairs of clients that may be one: same identity number, or similar names.",
    discussion: """
      EXAMPLE
        banyan client duplicates --similarity 0.8
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(help: "How alike names must be, from 0 to 1.")
  var similarity: String = "0.6"
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table

  func execute() async throws {
    guard let similarity = ExactDecimal(similarity), similarity.coefficient >= 0,
      similarity <= .one
    else {
      throw BanyanError.usage("the similarity is a number from 0 to 1, such as 0.6")
    }
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let format = format
    let duplicates = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "duplicates of clients", isExport: format != .table, detail: ["format": "\(format)"],
        on: connection)
      return try ClientBook.duplicates(similarity: similarity, on: connection)
    }
    let writer = try format.writer(
      columns: [
        Column("client"), Column("name"), Column("other"), Column("other_name"),
        Column("evidence"), Column("similarity", .amount),
      ], to: OutputSink(path: "-"))
    for pair in duplicates {
      try writer.write([
        .text(pair.client), pair.name.map { .text($0) } ?? .null, .text(pair.other),
        pair.otherName.map { .text($0) } ?? .null, .text(pair.evidence), .decimal(pair.similarity),
      ])
    }
    try writer.finish()
  }
}

struct ClientMerge: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Enter that one client is another; nothing is moved or lost.",
    discussion: """
      EXAMPLE
        banyan client merge C000009 C000001 --reason 'same resident identity card'
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the client that goes.") var duplicate: String
  @Argument(help: "Number of the client that stays.") var survivor: String
  @Option(help: "Why they are one.") var reason: String

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (duplicate, survivor, reason) = (duplicate, survivor, reason)
    try await connection.withConnection { @Sendable connection in
      try ClientBook.merge(duplicate, into: survivor, reason: reason, on: connection)
    }
    print("\(duplicate) is \(survivor) from now on.")
  }
}
