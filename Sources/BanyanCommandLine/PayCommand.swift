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

struct PayExplain: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show one person's pay, from the total down to the lines of the files.",
    discussion: """
      EXAMPLES
        banyan pay explain RM-1-01 1993-12
        banyan pay explain RM-1-01 1993-12 --format json
      """)

  /// How the explanation is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Option(help: "How to print: text or json.") var format: Format = .text

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (person, month, format) = (person, month, format)
    let explanation = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "pay of \(person) for \(month)", isExport: format != .text,
        detail: ["format": "\(format)"], on: connection)
      return try PayExplanation(person: person, month: month, on: connection)
    }
    switch format {
    case .text: print(explanation.text)
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      print(String(decoding: try encoder.encode(explanation), as: UTF8.self))
    }
    let findings = try explanation.check()
    if findings.isEmpty {
      tell("All sums re-add exactly, down to the accounts and movements.")
      return
    }
    for finding in findings { complain(finding) }
    tell("Facts have come in since this run; run the month again with `banyan pay run \(month)`.")
    throw ExitCode.dataErrors
  }
}
