import ArgumentParser
import Banyan
import LibPQ
import Quantities

struct InspectionFinding: ListingCommand {
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

/// A command that goes on with a finding and shows what it is then.
protocol FindingStepCommand: ListingCommand {
  var database: DatabaseOptions { get }
  var finding: Int64 { get }
  var step: Findings.Step { get }
}

extension FindingStepCommand {
  func execute() async throws {
    let (finding, step) = (finding, step)
    try listing.print(
      try await onPlatform(database) { connection in
        try Findings.take(step, with: finding, on: connection)
        return try Findings.listing(finding, connection: connection)
      })
  }
}

struct InspectionReassign: FindingStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "reassign", abstract: "Make another person responsible for a finding.",
    discussion: """
      EXAMPLE
        banyan inspection reassign 1 RM0002 --reason "RM0001 leaves"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the finding.") var finding: Int64
  @Argument(help: "Who puts it right from now on.") var person: String
  @Option(help: "Why.") var reason: String
  @OptionGroup var listing: ListingOptions

  var step: Findings.Step { .reassign(to: person, reason: reason) }
}

struct InspectionRectify: FindingStepCommand {
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

  var step: Findings.Step { .rectify(how: how, by: by) }
}

struct InspectionClose: FindingStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Find a finding put right, and close it.",
    discussion: """
      Neither who is or was responsible nor who put it right closes it.

      EXAMPLE
        banyan inspection close 1 --opinion "seen in the file"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the finding.") var finding: Int64
  @Option(help: "What you found.") var opinion: String
  @Option(help: "Who closes it, if the login is nobody's.") var by: String?
  @OptionGroup var listing: ListingOptions

  var step: Findings.Step { .close(opinion: opinion, by: by) }
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

  func execute() async throws {
    let (open, person) = (open, person)
    try listing.print(
      try await onPlatform(database) { connection in
        try Findings.listing(person: person, onlyOpen: open, connection: connection)
      })
  }
}
