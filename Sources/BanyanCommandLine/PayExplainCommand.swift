import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import Quantities

struct PayExplain: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show one person's pay, from the total down to the lines of the files.",
    discussion: """
      As html it is a page whose lines open and close, and which prints with all of them open.

      EXAMPLES
        banyan pay explain RM-1-01 1993-12
        banyan pay explain RM-1-01 1993-12 --line 2
        banyan pay explain RM-1-01 1993-12 --format json
        banyan pay explain RM-1-01 1993-12 --format html -o explanation.html
      """)

  /// How the explanation is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, html
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Option(help: "Number of the only line to explain (default: all).") var line: Int?
  @Option(help: "How to print: text, json or html.") var format: Format = .text
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.") var output = "-"
  @OptionGroup var language: LanguageOptions

  func execute() async throws {
    let language = try language.chosen
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (person, month, format, output) = (person, month, format, output)
    let whole = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "pay of \(person) for \(month)", isExport: format != .text || output != "-",
        detail: ["format": "\(format)", "file": output], on: connection)
      return try PayExplanation(person: person, month: month, on: connection)
    }
    let shown = try line.map(whole.showing) ?? whole
    let sink = try OutputSink(path: output)
    switch format {
    case .text:
      try sink.write(shown.text(isWhole: line == nil) + "\n")
      try sink.close()
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      try sink.write(String(decoding: try encoder.encode(shown), as: UTF8.self) + "\n")
      try sink.close()
    case .html: try shown.page(isWhole: line == nil, in: language).write(to: sink)
    }
    let findings = try whole.check()
    if findings.isEmpty {
      tell("All sums re-add exactly, down to the accounts and movements.")
      return
    }
    for finding in findings { complain(finding) }
    tell("Facts have come in since this run; run the month again with `banyan pay run \(month)`.")
    throw ExitCode.dataErrors
  }
}
