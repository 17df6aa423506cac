import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

struct PayList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List runs, and how far each has come.",
    discussion: """
      EXAMPLES
        banyan pay list
        banyan pay list --month 2026-03 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this month, YYYY-MM.") var month: Month?
  @Flag(help: "Also those that count no more, and months that were calculated again.") var all =
    false
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try PayRun.listing(month: month, withSuperseded: all, on: connection)
  }
}

struct PayShow: RowPrintingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a run pays each person, and how far it has come.",
    discussion: """
      EXAMPLE
        banyan pay show 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let run = run
    let (summary, people) = try await onPlatform(database) { connection in
      try PayRun.people(of: run, on: connection)
    }
    try listing.print(people)
    tell(summary)
  }
}

extension PayComparison.Grouping: ExpressibleByArgument {}

struct PayCompare: RowPrintingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Show what differs between two runs.",
    discussion: """
      A month is compared with the month before, a run that is named by its number with the one that it \
      superseded, or with the month before; --with names another.

      EXAMPLES
        banyan pay compare 2026-03
        banyan pay compare 2026-03 --with 2025-03 --by component
        banyan pay compare 7 --with 5 --by person
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "A month, YYYY-MM, or the number of a run.") var period: String
  @Option(help: "What to compare it with: a month, or the number of a run.") var with: String?
  @Option(help: "Code of the plan, if a month was run for several.") var plan: String?
  @Option(help: "Of what a difference is shown.") var by: PayComparison.Grouping = .line
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (period, with, plan, by) = (period, with, plan, by)
    let comparison = try await onPlatform(database) { connection in
      try PayComparison(of: period, with: with, planCode: plan, by: by, on: connection)
    }
    try listing.print(comparison.differences)
    tell(comparison.summary)
  }
}

struct PaySubmit: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Hand a run in to be approved.",
    discussion: """
      From then on it is superseded with a reason only. Where no rule asks for another person, it is \
      approved at once.

      EXAMPLE
        banyan pay submit 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32
  @Option(help: "What who decides should know.") var reason: String?

  func execute() async throws {
    let (run, reason) = (run, reason)
    let waiting = try await onPlatform(database) { connection in
      try PayRun.submit(run, reason: reason, on: connection)
    }
    tell(
      waiting == nil
        ? "Run \(run) is submitted and approved: no rule asks for another person."
        : "Run \(run) is submitted.")
    tellWaiting(waiting)
  }
}

struct PayApprove: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve a run that was submitted, as another person.",
    discussion: """
      To reject it, give its number of approval to `banyan approval reject`.

      EXAMPLE
        banyan pay approve 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32
  @Option(help: "Why.") var reason: String?

  func execute() async throws {
    let (run, reason) = (run, reason)
    let (approval, outcome) = try await onPlatform(database) { connection in
      try PayRun.approve(run, reason: reason, on: connection)
    }
    if let obstacle = outcome.obstacle {
      tell("Approval \(approval) is given and could not be carried out: \(obstacle).")
    } else {
      tell("Approval \(approval) of run \(run) is \(outcome.state).")
    }
  }
}

struct PayPost: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "post", abstract: "Post a run for payment, once.",
    discussion: """
      Where a rule asks for it, another person approves first. What is posted is never changed and never \
      superseded.

      EXAMPLE
        banyan pay post 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32

  func execute() async throws {
    let run = run
    let waiting = try await onPlatform(database) { connection in
      try PayRun.post(run, on: connection)
    }
    if waiting == nil { tell("Run \(run) is posted.") }
    tellWaiting(waiting)
  }
}
