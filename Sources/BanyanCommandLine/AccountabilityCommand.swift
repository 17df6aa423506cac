import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan accountability`: what people were called to account for.
struct AccountabilityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accountability",
    abstract: "Record what people were called to account for, and their violation points.",
    subcommands: [
      AccountabilityRecord.self, AccountabilityWithdraw.self, AccountabilityList.self,
      AccountabilityPoints.self,
    ])
}

struct AccountabilityRecord: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Record an action taken about a person.",
    discussion: """
      EXAMPLE
        banyan accountability record RM0001 --kind warning --points 3 --on 2026-04-02 \
      --reason "forged signature" --finding 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Option(help: "Action taken: warning, reprimand, suspension ...") var kind: String
  @Option(help: "Violation points.") var points = ExactDecimal.zero
  @Option(help: "Day of the violation.") var on: CivilDate
  @Option(help: "What for.") var reason: String
  @Option(help: "Finding that it follows.") var finding: Int64?
  @Option(help: "Who decided it, if the login is nobody's.") var by: String?

  func execute() async throws {
    var request = Accountability.Request(
      person: person, kind: kind, points: points, happenedOn: on, reason: reason)
    (request.finding, request.decidedBy) = (finding, by)
    let wanted = request
    let entry = try await onPlatform(database) { connection in try wanted.record(on: connection) }
    tell("Record \(entry) of \(person) is made.")
  }
}

struct AccountabilityWithdraw: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Say that a record counts no more.",
    discussion: """
      EXAMPLE
        banyan accountability withdraw 1 --reason "the appeal was upheld"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the record.") var record: Int64
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (record, reason) = (record, reason)
    try await onPlatform(database) { connection in
      try Accountability.withdraw(record, reason: reason, on: connection)
    }
    tell("Record \(record) counts no more.")
  }
}

struct AccountabilityList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the records.",
    discussion: """
      EXAMPLE
        banyan accountability list --person RM0001 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this person.") var person: String?
  @Flag(help: "Also those that count no more.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, all) = (person, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try Accountability.listing(person: person, withWithdrawn: all, connection: connection)
      })
  }
}

struct AccountabilityPoints: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "points", abstract: "Sum the violation points of a period.",
    discussion: """
      EXAMPLE
        banyan accountability points RM0001 --from 2026-01 --to 2026-03
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number; everybody with points without it.") var person: String?
  @Option(help: "First month, YYYY-MM.") var from: Month
  @Option(help: "Last month, YYYY-MM.") var to: Month
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, months) = (person, (first: from, last: to))
    try listing.print(
      try await onPlatform(database) { connection in
        try Accountability.points(person: person, months: months, connection: connection)
      })
  }
}
