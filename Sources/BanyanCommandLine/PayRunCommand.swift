import ArgumentParser
import Banyan
import LibPQ
import Quantities

struct PayRunCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Calculate the pay of a month for everybody.",
    discussion: """
      A run is never changed. When facts, assignments, tiers or the plan have changed since, another run \
      supersedes it and both stay on record; with the same inputs nothing happens. A month that was posted \
      stays: what it is worth more or less by now is paid by the run of the next month, line by line.

      EXAMPLES
        banyan pay run 1993-12
        banyan pay run 1993-12 --dry-run
        banyan pay run 1993-12 --as-of 1994-01-04
        banyan report run pay-statements month=1993-12
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Option(help: "Code of the plan, if several are in force.") var plan: String?
  @Flag(help: "Show what it would come to, and write nothing.") var dryRun = false
  @Option(
    help:
      "As if nothing had been recorded after a day, 2026-04-02, or a time of it, 2026-04-02 18:30; such a run pays nobody."
  ) var asOf: PayRun.Moment?

  func execute() async throws {
    let (month, plan, dryRun, asOf) = (month, plan, dryRun, asOf)
    let result = try await onPlatform(database) { connection in
      try PayRun.run(month: month, planCode: plan, isTrial: dryRun, asOf: asOf, on: connection)
    }
    result.printSummary(isTrial: dryRun)
  }
}

struct PaySupersede: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "supersede",
    abstract: "Calculate the month of a run again, in the place of one that was submitted.",
    discussion: """
      Who was to decide about the run need not any more. A posted run is never superseded: what has \
      changed since is paid by the run of the next month.

      EXAMPLE
        banyan pay supersede 3 --reason "the files of B012 came late"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (run, reason) = (run, reason)
    let result = try await onPlatform(database) { connection in
      try PayRun.supersede(run, reason: reason, on: connection)
    }
    result.printSummary()
  }
}

extension PayRun.Moment: ExpressibleByArgument {
  /// Reads what stands on the command line.
  public init?(argument: String) { self.init(argument) }
}

extension PayRun.Result {
  /// Prints what a run came to, and warns of people whom the plan does not cover.
  fileprivate func printSummary(isTrial: Bool = false) {
    if isTrial {
      print(
        isNew
          ? "A run of \(month) by plan \(plan.code) version \(plan.version) would pay \(people) people"
            + (supersedes.map { " and supersede run \($0)" } ?? "") + "; nothing was written."
          : "Run \(id) of \(month) would stand: its inputs have not changed.")
    } else if isNew {
      print(
        "Run \(id): \(month), plan \(plan.code) version \(plan.version), \(people) people"
          + (supersedes.map { "; it supersedes run \($0)" } ?? "")
          + (knownAt.map { "; as of \($0), so it pays nobody" } ?? ""))
    } else {
      print("Run \(id) of \(month) stands: its inputs have not changed.")
    }
    print("  earned   \(earned.grouped) \(plan.currency)")
    for correction in corrections {
      print(
        "           of it \(correction.amount.grouped) \(plan.currency) corrects \(correction.month)"
      )
    }
    print("  deferred \(deferred.grouped) \(plan.currency)")
    print("  payable  \(payable.grouped) \(plan.currency)")
    if !uncovered.isEmpty {
      let shown = uncovered.prefix(20).joined(separator: ", ")
      let more = uncovered.count > 20 ? " and \(uncovered.count - 20) more" : ""
      tell("warning: the plan does not cover \(shown)\(more), who have clients in the month")
    }
  }
}
