import ArgumentParser
import Banyan
import Foundation
import LibPQ
import Quantities

/// `banyan pay`: calculates a month's pay, and proves it.
struct PayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "Calculate a month's pay, and prove every cent of it.",
    subcommands: [PayRunCommand.self, PayPost.self, PayExplain.self])
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
