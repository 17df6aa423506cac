import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan selection`: competitive selection, from the round to the appointment.
struct SelectionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selection", abstract: "Run rounds of competitive selection.",
    discussion: """
      Open a round, record applications, waivers and the panel's scores, rank, publish, appoint. Once a \
      ranking is published nothing about its round changes.
      """,
    subcommands: [
      SelectionList.self, SelectionShow.self, SelectionOpen.self, SelectionApply.self,
      SelectionWaive.self, SelectionScore.self, SelectionRank.self, SelectionPublish.self,
      SelectionAppoint.self,
    ])
}

/// A command that takes a step of a round and shows where the applicants stand then.
protocol SelectionStepCommand: ListingCommand {
  var database: DatabaseOptions { get }
  var round: String { get }
  var step: Selection.Step { get }
}

extension SelectionStepCommand {
  func execute() async throws {
    let (round, step) = (round, step)
    try listing.print(
      try await onPlatform(database) { connection in
        try Selection.take(step, of: round, on: connection)
        return try Selection.applicants(of: round, connection: connection)
      })
  }
}

struct SelectionList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the rounds, the newest first.",
    discussion: """
      EXAMPLE
        banyan selection list
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    try listing.print(
      try await onPlatform(database) { connection in try Selection.listing(connection: connection) }
    )
  }
}

struct SelectionShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the applicants of a round, ranked, with their arithmetic.",
    discussion: """
      EXAMPLE
        banyan selection show RM-2026-1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let round = round
    try listing.print(
      try await onPlatform(database) { connection in
        try Selection.applicants(of: round, connection: connection)
      })
  }
}

struct SelectionOpen: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a round for posts at a unit.",
    discussion: """
      The three weights sum to exactly 1.

      EXAMPLE
        banyan selection open RM-2026-1 "RMs of branch 1" --post relationship_manager --unit B001 --seats 2 \
      --on 2026-01-05 --exam 0.4 --interview 0.3 --performance 0.3 --pass-mark 60 \
      --criterion "education: a degree" --criterion "service: two years in other posts"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Argument(help: "Its title.") var title: String
  @Option(help: "Kind of the posts.") var post: String = "relationship_manager"
  @Option(help: "Code of the unit.") var unit: String
  @Option(help: "How many posts.") var seats = 1
  @Option(help: "Day from which people may apply.") var on: CivilDate
  @Option(help: "Weight of the exam.") var exam: ExactDecimal
  @Option(help: "Weight of the interview.") var interview: ExactDecimal
  @Option(help: "Weight of past performance.") var performance: ExactDecimal
  @Option(help: "Total below which nobody is appointed.") var passMark: ExactDecimal = .zero
  @Option(help: "A criterion, as code: words; may be given again.") var criterion: [String] = []

  func execute() async throws {
    let round = Selection.Round(
      code: round, title: title, kind: post, unit: unit, seats: seats, openedOn: on,
      weights: (exam, interview, performance), passMark: passMark, criteria: criterion)
    try await onPlatform(database) { connection in try Selection.open(round, on: connection) }
  }
}

struct SelectionApply: SelectionStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Record an application and the criteria that it meets.",
    discussion: """
      EXAMPLE
        banyan selection apply RM-2026-1 E0100 --on 2026-01-08 --meets education --meets service
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Argument(help: "Number of the applicant.") var person: String
  @Option(help: "Day of the application.") var on: CivilDate
  @Option(help: "Code of a criterion that is met; may be given again.") var meets: [String] = []
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step { .apply(person: person, on: on, met: meets) }
}

struct SelectionWaive: SelectionStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Admit an applicant who does not meet a criterion.",
    discussion: """
      EXAMPLE
        banyan selection waive RM-2026-1 E0101 service --by E0001 --reason "outstanding record"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Argument(help: "Number of the applicant.") var person: String
  @Argument(help: "Code of the criterion.") var criterion: String
  @Option(help: "Number of who waives it.") var by: String
  @Option(help: "Why.") var reason: String
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step {
    .waive(person: person, criterion: criterion, by: by, reason: reason)
  }
}

struct SelectionScore: SelectionStepCommand {
  /// What applicants are scored in.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case exam, interview, performance
  }

  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "Record what a member of the panel gives an applicant.",
    discussion: """
      EXAMPLE
        banyan selection score RM-2026-1 E0100 interview 84.5 --by E0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Argument(help: "Number of the applicant.") var person: String
  @Argument(help: "exam, interview or performance.") var part: Part
  @Argument(help: "0 to 100.") var score: ExactDecimal
  @Option(help: "Number of the member of the panel.") var by: String
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step {
    .score(person: person, part: part.rawValue, by: by, score: score)
  }
}

struct SelectionRank: SelectionStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Rank the admitted applicants by their weighted totals.",
    discussion: """
      EXAMPLE
        banyan selection rank RM-2026-1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step { .rank }
}

struct SelectionPublish: SelectionStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Publish the ranking; nothing about the round changes afterwards.",
    discussion: """
      EXAMPLE
        banyan selection publish RM-2026-1 --on 2026-02-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Option(help: "Day of the publication.") var on: CivilDate
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step { .publish(on: on) }
}

struct SelectionAppoint: SelectionStepCommand {
  static let configuration = CommandConfiguration(
    commandName: "appoint", abstract: "Appoint an applicant of a published round.",
    discussion: """
      In the order of the ranking; whoever is passed over needs a reason.

      EXAMPLE
        banyan selection appoint RM-2026-1 E0100 --from 2026-03-01 --manager E0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the round.") var round: String
  @Argument(help: "Number of the applicant.") var person: String
  @Option(help: "First day of the post.") var from: CivilDate
  @Option(help: "Number of the line manager.") var manager: String?
  @Option(help: "Code of the team.") var team: String?
  @Option(help: "Why somebody ranked before is passed over.") var reason: String?
  @OptionGroup var listing: ListingOptions

  var step: Selection.Step {
    .appoint(person: person, from: from, lineManager: manager, team: team, reason: reason)
  }
}
