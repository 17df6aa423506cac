import ArgumentParser
import Banyan
import Foundation
import LibPQ
import Quantities

/// `banyan pay`: calculates a month's pay, and proves it.
struct PayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "Calculate a month's pay, and prove every cent of it.",
    subcommands: [
      PayRunCommand.self, PayPost.self, PayVerify.self, PayExplain.self, PayStatementCommand.self,
      PayPayroll.self,
    ])
}

extension Month: ExpressibleByArgument {
  /// Reads `YYYY-MM`.
  public init?(argument: String) { self.init(argument) }
}

struct PayRunCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Calculate the pay of a month for everybody.",
    discussion: """
      A run is never changed. When facts, assignments, tiers or the plan have changed since, another run \
      supersedes it and both stay on record; with the same inputs nothing happens.

      EXAMPLES
        banyan pay run 1993-12
        banyan report run pay-statements month=1993-12
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Option(help: "Code of the plan, if several are in force.") var plan: String?

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (month, plan) = (month, plan)
    let result = try await connection.withConnection { @Sendable connection in
      try PayRun.run(month: month, planCode: plan, on: connection)
    }
    let stored = result.plan
    if result.isNew {
      print(
        "Run \(result.id): \(month), plan \(stored.code) version \(stored.version), \(result.people) people"
          + (result.supersedes.map { "; it supersedes run \($0)" } ?? ""))
    } else {
      print("Run \(result.id) of \(month) stands: its inputs have not changed.")
    }
    print("  earned   \(result.earned.grouped) \(stored.currency)")
    print("  deferred \(result.deferred.grouped) \(stored.currency)")
    print("  payable  \(result.payable.grouped) \(stored.currency)")
    if !result.uncovered.isEmpty {
      let shown = result.uncovered.prefix(20).joined(separator: ", ")
      let more = result.uncovered.count > 20 ? " and \(result.uncovered.count - 20) more" : ""
      tell("warning: the plan does not cover \(shown)\(more), who have clients in the month")
    }
  }
}

struct PayPost: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "post", abstract: "Post a run for payment, once.",
    discussion: """
      Where a rule asks for it, another person approves first.

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

struct PayVerify: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Calculate a run again from its own inputs, and compare.",
    discussion: """
      Every line is compared to the last digit, and the digest of the inputs too. Nothing is changed.

      EXAMPLE
        banyan pay verify 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the run, as `banyan pay run` printed it.") var run: Int32

  func execute() async throws {
    let run = run
    let verification = try await onPlatform(database) { connection in
      try PayVerification(run: run, on: connection)
    }
    if verification.findings.isEmpty {
      print(
        "Run \(run) of \(verification.month) is proved: \(verification.lines) lines of \(verification.people) people are the same when calculated again."
      )
      return
    }
    for finding in verification.findings.prefix(100) { complain(finding) }
    throw ExitCode.dataErrors
  }
}
