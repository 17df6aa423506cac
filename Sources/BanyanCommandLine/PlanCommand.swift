import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import Quantities

/// `banyan plan`: the pay plans.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Check, load, compare and try out pay plans.",
    discussion: """
      docs/plans.md is the reference of the plan language. A plan on record is named by its code, which \
      means the latest version, or by CODE:VERSION.
      """,
    subcommands: [
      PlanCheck.self, PlanLoad.self, PlanList.self, PlanShow.self, PlanDiff.self,
      PlanActivate.self, PlanSimulate.self,
    ])
}

struct PlanCheck: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a plan file without a database.",
    discussion: """
      Tells everything that is wrong with it, each with line, column and place, and what is unusual.

      It knows the metrics that every bank has; name those of your own with --metric.

      EXAMPLE
        banyan plan check seeds/plans/demo-2026.yaml
        banyan plan check insurance-2026.yaml --metric premium_income
      """)

  @Argument(help: "The plan, in YAML.") var file: String
  @Option(
    help: ArgumentHelp("A free metric of the bank that the plan may name.", valueName: "code"))
  var metric: [String] = []

  func execute() async throws {
    let (summary, warnings) = try PlanStore.check(
      path: file, metrics: MetricCatalogue(adding: metric))
    for warning in warnings { tell("warning: \(file): \(warning)") }
    print(summary)
  }
}

struct PlanLoad: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Check a plan and put it on record as a new version of its code.",
    discussion: """
      EXAMPLE
        banyan plan load seeds/plans/berka-1993.yaml

      docs/plans.md is the reference of the plan language.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The plan, in YAML.") var file: String

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let file = file
    let (stored, isNew, waiting) = try await connection.withConnection { @Sendable connection in
      let (stored, isNew) = try PlanStore.load(path: file, on: connection)
      return (stored, isNew, try PlanStore.waiting(stored, on: connection))
    }
    print(
      "Plan \(stored.code), version \(stored.version), \(isNew ? "is on record" : "was on record already")."
    )
    for warning in stored.warnings { tell("warning: \(file): \(warning)") }
    tellWaiting(waiting)
  }
}

struct PlanList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the plans on record, version by version.",
    discussion: """
      EXAMPLE
        banyan plan list --code demo-2026
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only the versions of this code.") var code: String?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try PlanStore.listing(code: code, on: connection)
  }
}

struct PlanShow: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a plan on record, word for word.",
    discussion: """
      EXAMPLE
        banyan plan show demo-2026:1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "CODE or CODE:VERSION.") var plan: String

  func execute() async throws {
    let plan = plan
    let document = try await onPlatform(database) { connection in
      try PlanStore.document(plan, on: connection)
    }
    print(document, terminator: document.hasSuffix("\n") ? "" : "\n")
  }
}

struct PlanDiff: RowPrintingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what two plans say differently, place by place.",
    discussion: """
      Layout, remarks and the order of keys make no difference.

      EXAMPLES
        banyan plan diff demo-2026:1 demo-2026:2
        banyan plan diff demo-2026 new-plan.yaml
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "A file, or CODE or CODE:VERSION on record.") var first: String
  @Argument(help: "The other one.") var second: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (first, second) = (first, second)
    let difference = try await onPlatform(database) { connection in
      try PlanDifference(between: first, and: second, on: connection)
    }
    try listing.print(difference.listing)
    if difference.places.isEmpty { tell("Both say the same.") }
  }
}

struct PlanActivate: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Let a version on record pay, or propose it anew.",
    discussion: """
      A version that is loaded pays at once, or waits for another person where a rule asks for one. This \
      proposes a version again whose proposal was rejected or has expired.

      EXAMPLE
        banyan plan activate demo-2026:2
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "CODE or CODE:VERSION.") var plan: String

  func execute() async throws {
    let plan = plan
    let waiting = try await onPlatform(database) { connection in
      try PlanStore.activate(plan, on: connection)
    }
    if waiting == nil { tell("The plan \(plan) may pay.") }
    tellWaiting(waiting)
  }
}

struct PlanSimulate: RowPrintingCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Show what a plan would pay for a month, and who would win and lose.",
    discussion: """
      Nothing is changed: the credits of the month are made, read and undone. A value can be tried in \
      several sizes; its place is a component's code with keys, or a key of the plan with keys.

      EXAMPLES
        banyan plan simulate new-plan.yaml --period 2026-03
        banyan plan simulate demo-2026 --period 2026-03 --against demo-2026:1
        banyan plan simulate demo-2026 --period 2026-03 --vary deposits.price=2.50..4.00/7
        banyan plan simulate demo-2026 --period 2026-03 --vary parameters.bonus=10000..20000/3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "A file, or CODE or CODE:VERSION on record.") var plan: String
  @Option(help: "The month, YYYY-MM.") var period: Month
  @Option(help: "The plan to compare with (default: the one in force).") var against: String?
  @Option(help: "PLACE=FROM..TO/STEPS; may be given several times.") var vary: [String] = []
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (plan, period, against) = (plan, period, against)
    let variations = try vary.map { try PlanVariation($0) }
    let simulation = try await onPlatform(database) { connection in
      try PlanSimulation(
        of: plan, month: period, against: against, variations: variations, on: connection)
    }
    tell(
      "\(plan) for \(period), in \(simulation.currency), against \(simulation.against ?? "nothing")"
    )
    try listing.print(simulation.variantListing)
    guard variations.isEmpty, listing.format == .table else { return }
    for (title, groups) in [("tier", simulation.tiers), ("unit", simulation.units)] {
      write("\n")
      try listing.print(simulation.listing(of: groups, named: title))
    }
    write("\nHow many earn how much:\n\(simulation.chart)\n")
  }

  /// Writes at once, because tables do not wait for what `print` holds back.
  private func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }
}
