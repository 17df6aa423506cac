import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import Quantities

/// `banyan submissions`: which branch has delivered what.
struct SubmissionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submissions", abstract: "Show which branch has delivered what, and what it owes.",
    discussion: """
      What a branch owes is said once with `banyan submissions expect`. A delivery has come when a batch of the \
      dataset was loaded for the branch and month, as --branch and --period or its manifest said, or as its rows say.
      """,
    subcommands: [SubmissionsBoard.self, SubmissionsExpect.self, SubmissionsList.self],
    defaultSubcommand: SubmissionsBoard.self)
}

struct SubmissionsBoard: RowPrintingCommand {
  static let configuration = CommandConfiguration(
    commandName: "board",
    abstract: "The deliveries of a month: expected, received, rejected, late.",
    discussion: """
      EXAMPLES
        banyan submissions 2026-10
        banyan submissions 2026-10 --regions
        banyan submissions 2026-10 --reminders --format csv
        banyan submissions board 2026-10 --open
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Flag(help: "Only what has not come.") var open = false
  @Flag(help: "Only how complete each region is.") var regions = false
  @Flag(help: "Only what branches are to be reminded of.") var reminders = false
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if [open, regions, reminders].count(where: { $0 }) > 1 {
      throw ValidationError("Write one of --open, --regions and --reminders.")
    }
  }

  func execute() async throws {
    let (month, open, regions, reminders) = (month, open, regions, reminders)
    let isWhole = !open && !regions && !reminders && listing.format == .table
    let listings = try await onPlatform(database) { connection in
      if reminders { return [try SubmissionBoard.reminders(of: month, on: connection)] }
      if regions { return [try SubmissionBoard.completeness(of: month, on: connection)] }
      let board = try SubmissionBoard.deliveries(of: month, onlyOpen: open, on: connection)
      return isWhole
        ? [board, try SubmissionBoard.completeness(of: month, on: connection)] : [board]
    }
    for (index, rows) in listings.enumerated() {
      if index > 0 { FileHandle.standardOutput.write(Data("\n".utf8)) }
      try listing.print(rows)
    }
  }
}

struct SubmissionsExpect: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "expect",
    abstract: "Say which dataset branches deliver, and by which day of the next month.",
    discussion: """
      EXAMPLES
        banyan submissions expect transactions --by-day 5 --from 2026-01
        banyan submissions expect loans --branch B001 --by-day 10 --from 2026-01
        banyan submissions expect loans --branch B001 --by-day 0 --from 2026-07
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The dataset, such as transactions.") var dataset: String
  @Option(help: "Code of the branch; without it every branch that is open.") var branch: String?
  @Option(help: "Last day in time, of the month after; 0 when it is no more owed.") var byDay: Int
  @Option(help: "First month that it is owed for, YYYY-MM.") var from: Month
  @Option(help: "First month that it is no more owed for, YYYY-MM.") var until: Month?

  func validate() throws {
    if !(0...28).contains(byDay) {
      throw ValidationError("--by-day is \(byDay); write a day from 1 to 28, or 0.")
    }
  }

  func execute() async throws {
    let (dataset, branch, byDay, from, until) = (dataset, branch, byDay, from, until)
    let branches = try await onPlatform(database) { connection in
      try SubmissionBoard.expect(
        dataset, of: branch, byDay: byDay, from: from, until: until, on: connection)
    }
    let whose = branches == 1 ? "1 branch" : "\(branches) branches"
    let verb = branches == 1 ? "delivers" : "deliver"
    tell(
      byDay == 0
        ? "\(whose) no more \(verb) \(dataset) from \(from) on."
        : "\(whose) \(verb) \(dataset) by day \(byDay) of the next month, from \(from) on.")
  }
}

struct SubmissionsList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what came with a manifest, and what was refused.",
    discussion: """
      EXAMPLE
        banyan submissions list --period 2026-10
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only this month, YYYY-MM.") var period: Month?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try SubmissionBoard.submissions(of: period, on: connection)
  }
}
