import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan tier`: the ladder, who stands where, and the review.
struct TierCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tier", abstract: "See the ladder of tiers, and review people.",
    subcommands: [TierLadderCommand.self, TierHistory.self, TierReviewCommand.self])
}

struct TierLadderCommand: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "ladder", abstract: "Show what each tier may do and gets, or load a new ladder.",
    discussion: """
      EXAMPLES
        banyan tier ladder --as-of 2026-01-01
        banyan tier ladder --load seeds/tiers/demo-ladder.yaml
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @Option(help: "Put the ladder of this file, in YAML, on record from its first day on.")
  var load: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (day, load) = (asOf, load)
    if let load {
      let changed = try await onPlatform(database) { connection in
        try TierLadder.load(path: load, on: connection)
      }
      tell(
        changed == 0
          ? "The ladder was on record already."
          : "\(changed) \(changed == 1 ? "tier means" : "tiers mean") something else from that day on."
      )
      return
    }
    try listing.print(
      try await onPlatform(database) { connection in
        try TierLadder.listing(on: day, connection: connection)
      })
  }
}

struct TierHistory: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show the tiers of a person from the first.",
    discussion: """
      EXAMPLE
        banyan tier history RM0001 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Flag(help: "Show what was believed before too.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, all) = (person, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try TierLadder.history(of: person, withSuperseded: all, connection: connection)
      })
  }
}

/// `banyan tier review`: a scorecard proposes, a named person decides.
struct TierReviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Propose by a scorecard who rises, stays or falls, and decide.",
    subcommands: [
      TierReviewLoad.self, TierReviewPropose.self, TierReviewList.self, TierReviewShow.self,
      TierReviewDecide.self,
    ])
}

struct TierReviewLoad: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Check a scorecard and put it on record as a new version.",
    discussion: """
      EXAMPLE
        banyan tier review load seeds/tiers/demo-scorecard.yaml
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The scorecard, in YAML.") var file: String

  func execute() async throws {
    let file = file
    let (code, version, isNew) = try await onPlatform(database) { connection in
      try Scorecard.load(path: file, on: connection)
    }
    print(
      "Scorecard \(code), version \(version), \(isNew ? "is on record" : "was on record already").")
  }
}

struct TierReviewPropose: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Apply a scorecard to people and a period.",
    discussion: """
      Without numbers, everybody who holds a tier on the last day is reviewed. Proposals that nobody has \
      decided are superseded; nothing happens to anybody's tier before a decision.

      EXAMPLE
        banyan tier review propose RM0001 --scorecard demo --from 2026-01 --to 2026-03
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee numbers; everybody without them.") var people: [String] = []
  @Option(help: "Code of the scorecard.") var scorecard: String
  @Option(help: "First month of the period, YYYY-MM.") var from: Month
  @Option(help: "Last month of the period, YYYY-MM.") var to: Month
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (people, scorecard, months) = (people, scorecard, (first: from, last: to))
    try listing.print(
      try await onPlatform(database) { connection in
        let reviews = try TierReview.propose(
          scorecard: scorecard, numbers: people, months: months, on: connection)
        return try TierReview.listing(onlyOpen: false, numbers: reviews, connection: connection)
      })
  }
}

struct TierReviewList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the reviews.",
    discussion: """
      EXAMPLE
        banyan tier review list --open
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only those that wait for a decision.") var open = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let open = open
    try listing.print(
      try await onPlatform(database) { connection in
        try TierReview.listing(onlyOpen: open, connection: connection)
      })
  }
}

struct TierReviewShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the lines of a review with their arithmetic.",
    discussion: """
      EXAMPLE
        banyan tier review show 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the review.") var review: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let review = review
    try listing.print(
      try await onPlatform(database) { connection in
        try TierReview.lines(of: review, connection: connection)
      })
  }
}

struct TierReviewDecide: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Decide a review, as proposed or otherwise with a reason.",
    discussion: """
      Nobody decides about the own tier, or about somebody to whom a relationship is declared. \
      Where a rule asks for it, it is a proposal that another person approves.

      EXAMPLES
        banyan tier review decide 3 --by E0001 --from 2026-04-01
        banyan tier review decide 3 --by E0001 --from 2026-04-01 --tier senior --reason "accelerated promotion"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the review.") var review: Int64
  @Option(help: "Number of who decides.") var by: String
  @Option(help: "First day of the tier.") var from: CivilDate
  @Option(help: "Code of another tier than the proposed one.") var tier: String?
  @Option(help: "Why; needed for another tier.") var reason: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (review, decider, day, tier, reason) = (review, by, from, tier, reason)
    let (rows, waiting) = try await onPlatform(database) { connection in
      try TierReview.decide(
        review, by: decider, from: day, tier: tier, reason: reason, on: connection)
      return (
        try TierReview.listing(onlyOpen: false, numbers: [review], connection: connection),
        try Approvals.waiting("tier_decision", for: String(review), on: connection)
      )
    }
    try listing.print(rows)
    tellWaiting(waiting)
  }
}
