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
      docs/audits.md has the rules.
      """,
    subcommands: [
      InspectionPlan.self, InspectionPlans.self, InspectionSample.self, InspectionShow.self,
      InspectionVerify.self, InspectionFinding.self, InspectionRectify.self, InspectionClose.self,
      InspectionFindings.self,
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

struct InspectionPlans: PlatformCommand {
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

struct InspectionSample: PlatformCommand {
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

struct InspectionShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the items of a sample.",
    discussion: """
      EXAMPLE
        banyan inspection show 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the sample.") var sample: Int64
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Inspections.items(of: sample, connection: connection)
  }
}

struct InspectionVerify: PlatformCommand {
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

struct InspectionFinding: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "finding", abstract: "Record what an audit has found.",
    discussion: """
      EXAMPLE
        banyan inspection finding "signature missing" --sample 1 --item B001/17 --severity medium \
      --responsible RM0001 --due 2026-05-15
      """)

  /// How grave it is.
  enum Severity: String, ExpressibleByArgument, CaseIterable {
    case low, medium, high
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "What is wrong.") var description: String
  @Option(help: "Sample in which it was found.") var sample: Int64?
  @Option(help: "Item of the sample.") var item: String?
  @Option(help: "How grave it is.") var severity: Severity
  @Option(help: "Who puts it right.") var responsible: String
  @Option(help: "Last day to put it right.") var due: CivilDate
  @Option(help: "Who found it, if the login is nobody's.") var by: String?
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if item != nil, sample == nil { throw ValidationError("give --sample with --item") }
  }

  func execute() async throws {
    var request = Findings.Request(
      severity: severity.rawValue, description: description, responsible: responsible, due: due)
    (request.sample, request.item, request.foundBy) = (sample, item, by)
    let wanted = request
    try listing.print(
      try await onPlatform(database) { connection in
        let finding = try wanted.record(on: connection)
        return try Findings.listing(finding, connection: connection)
      })
  }
}

struct InspectionRectify: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "rectify", abstract: "Say how a finding was put right.",
    discussion: """
      EXAMPLE
        banyan inspection rectify 1 --how "signed on 3 May"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the finding.") var finding: Int64
  @Option(help: "How.") var how: String
  @Option(help: "Who put it right, if the login is nobody's.") var by: String?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Findings.rectify(finding, how: how, by: by, on: connection)
    return try Findings.listing(finding, connection: connection)
  }
}

struct InspectionClose: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Find a finding put right, and close it.",
    discussion: """
      Neither the responsible person nor who put it right closes it.

      EXAMPLE
        banyan inspection close 1 --opinion "seen in the file"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the finding.") var finding: Int64
  @Option(help: "What you found.") var opinion: String
  @Option(help: "Who closes it, if the login is nobody's.") var by: String?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Findings.close(finding, opinion: opinion, by: by, on: connection)
    return try Findings.listing(finding, connection: connection)
  }
}

struct InspectionFindings: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "findings", abstract: "List findings by the day they are due.",
    discussion: """
      EXAMPLE
        banyan inspection findings --open --person RM0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only those that are not closed.") var open = false
  @Option(help: "Only those of this person.") var person: String?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try Findings.listing(person: person, onlyOpen: open, connection: connection)
  }
}
