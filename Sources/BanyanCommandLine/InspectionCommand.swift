import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan inspection`: routine audits, what they find, and how it is put right.
struct InspectionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspection",
    abstract: "Plan routine audits, draw their samples, and follow what they find.",
    discussion: """
      A sample is drawn by a seed, once for a plan and a period; the same seed gives it again. \
      docs/inspections.md has the rules.
      """,
    subcommands: [
      InspectionPlan.self, InspectionPlans.self, InspectionSample.self, InspectionShow.self,
      InspectionVerify.self, InspectionFinding.self, InspectionReassign.self,
      InspectionRectify.self,
      InspectionClose.self, InspectionFindings.self,
    ])
}

struct InspectionPlan: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Plan a routine audit from a day on.",
    discussion: """
      EXAMPLE
        banyan inspection plan coverage --population assignments --every quarterly --size 25 --from 2026-01-01
      """)

  /// What is sampled.
  enum Population: String, ExpressibleByArgument, CaseIterable {
    case assignments
    case payLines = "pay_lines"
    case creditFiles = "credit_files"
  }

  /// How often.
  enum Frequency: String, ExpressibleByArgument, CaseIterable {
    case monthly, quarterly, yearly
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the plan.") var code: String
  @Option(help: "What is sampled.") var population: Population
  @Option(help: "How often.") var every: Frequency
  @Option(help: "How many items are drawn.") var size: Int32
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Day after the last.") var until: CivilDate?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let plan = Inspections.Plan(
      code: code, population: population.rawValue, frequency: every.rawValue, size: size,
      from: from, until: until, reason: reason)
    try await onPlatform(database) { connection in try plan.set(on: connection) }
    tell("The plan \(code) is on record.")
  }
}

struct InspectionPlans: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plans", abstract: "List the plans, and when the next sample is due.",
    discussion: """
      EXAMPLE
        banyan inspection plans
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    try listing.print(
      try await onPlatform(database) { connection in try Inspections.plans(connection: connection) }
    )
  }
}

struct InspectionSample: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw the sample of a plan and a period, once.",
    discussion: """
      EXAMPLE
        banyan inspection sample coverage --from 2026-01 --to 2026-03 --seed "draw of 2 April"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the plan.") var plan: String
  @Option(help: "First month of the period, YYYY-MM.") var from: Month
  @Option(help: "Last month of the period, YYYY-MM.") var to: Month
  @Option(help: "What decides the draw: any text, chosen before.") var seed: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (plan, months, seed) = (plan, (first: from, last: to), seed)
    try listing.print(
      try await onPlatform(database) { connection in
        let sample = try Inspections.draw(plan: plan, months: months, seed: seed, on: connection)
        return try Inspections.items(of: sample, connection: connection)
      })
  }
}

struct InspectionShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the items of a sample.",
    discussion: """
      EXAMPLE
        banyan inspection show 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the sample.") var sample: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let sample = sample
    try listing.print(
      try await onPlatform(database) { connection in
        try Inspections.items(of: sample, connection: connection)
      })
  }
}

struct InspectionVerify: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Draw a sample again from its seed and compare.",
    discussion: """
      EXAMPLE
        banyan inspection verify 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the sample.") var sample: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let sample = sample
    let differences = try await onPlatform(database) { connection in
      try Inspections.verify(sample, connection: connection)
    }
    guard !differences.rows.isEmpty else {
      return tell("Sample \(sample) is what its seed gives.")
    }
    try listing.print(differences)
    complain("sample \(sample) is not what its seed gives; see what changed since it was drawn")
    throw ExitCode.dataErrors
  }
}
