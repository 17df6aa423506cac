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
      PayRunCommand.self, PayList.self, PayShow.self, PayCompare.self, PaySubmit.self,
      PayApprove.self, PayPost.self, PaySupersede.self, PayVerify.self, PayExplain.self,
      PayStatementCommand.self, PayPayroll.self,
      PayDisputeCommand.self, PayRelease.self, PayMalus.self, PayClawback.self, PayRestore.self,
      PayRecoverable.self,
    ])
}

extension Month: ExpressibleByArgument {
  /// Reads `YYYY-MM`.
  public init?(argument: String) { self.init(argument) }
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
