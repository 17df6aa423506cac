import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// `banyan org`: the org tree, on any day.
struct OrgCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "org", abstract: "See and change the org tree, on any day.",
    discussion: """
      A change says from which day on it holds, past or future, and supersedes what was believed of the days \
      that it touches; nothing is deleted. docs/organisation.md explains.
      """,
    subcommands: [
      OrgTreeCommand.self, OrgShow.self, OrgHistory.self, OrgChanges.self, OrgOpen.self,
      OrgClose.self, OrgRename.self, OrgMove.self, OrgLevel.self, OrgMerge.self, OrgSplit.self,
      OrgWithdraw.self,
    ])
}

struct OrgTreeCommand: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Show the tree of a day.",
    discussion: """
      EXAMPLES
        banyan org tree
        banyan org tree R01 --as-of 2025-12-31
        banyan org tree --as-of 2025-12-31 --known-at "2026-01-10 12:00+08"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit to begin with; the whole bank without it.") var unit: String?
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @Option(help: "Show what was known at this time instead of what is known now.")
  var knownAt: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (unit, day, knownAt, indented) = (unit, asOf, knownAt, listing.format == .table)
    try listing.print(
      try await onPlatform(database) { connection in
        try OrgTree.listing(
          on: day, knownAt: knownAt, below: unit, indented: indented, connection: connection)
      })
  }
}

struct OrgShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a unit is on a day.",
    discussion: """
      EXAMPLE
        banyan org show B001 --as-of 2025-12-31
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (unit, day) = (unit, asOf)
    try listing.print(
      try await onPlatform(database) { connection in
        try OrgTree.unit(unit, on: day, connection: connection)
      })
  }
}

struct OrgHistory: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what a unit was and will be, and since when we know.",
    discussion: """
      EXAMPLE
        banyan org history B001 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Flag(help: "Show what was believed before too.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (unit, all) = (unit, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try OrgTree.history(of: unit, withSuperseded: all, connection: connection)
      })
  }
}

struct OrgChanges: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "List the changes of a unit, or of all, the newest first.",
    discussion: """
      EXAMPLE
        banyan org changes --limit 20
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit; all units without it.") var unit: String?
  @Option(help: "How many at most.") var limit = 100
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (unit, limit) = (unit, limit)
    try listing.print(
      try await onPlatform(database) { connection in
        try OrgTree.changes(of: unit, limit: limit, connection: connection)
      })
  }
}
