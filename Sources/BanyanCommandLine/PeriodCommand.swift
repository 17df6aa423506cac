import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan period`: months that head office closes.
struct PeriodCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "period", abstract: "Close months, and see what was restated since.",
    subcommands: [PeriodClose.self, PeriodList.self, PeriodShow.self])
}

struct PeriodClose: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a month, with its figures as they stand.",
    discussion: """
      What is loaded later for the month is a restatement and is shown as one. While a rule of approvals asks for it, \
      another person approves the close.

      EXAMPLES
        banyan period close 2026-10
        banyan period close 2026-10 --incomplete --reason "B007 was flooded"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Flag(help: "Close it although deliveries have not come.") var incomplete = false
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let (month, incomplete, reason) = (month, incomplete, reason)
    let waiting = try await onPlatform(database) { connection in
      try Periods.close(month, althoughIncomplete: incomplete, reason: reason, on: connection)
    }
    if waiting == nil { tell("\(month) is closed.") }
    tellWaiting(waiting)
  }
}

struct PeriodList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the months that are closed.",
    discussion: """
      EXAMPLE
        banyan period list
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Periods.listing(on: connection)
  }
}

struct PeriodShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a closed month branch by branch, as it was and as it is now.",
    discussion: """
      EXAMPLE
        banyan period show 2026-10
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Periods.restatements(of: month, on: connection)
  }
}
