import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// `banyan assignment`: who looks after which client.
struct AssignmentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assignment", abstract: "Say and change who looks after which client.",
    discussion: """
      Nothing is ever overwritten: a change supersedes what was believed, and --known-at shows what that was.
      docs/coverage.md has the rules.
      """,
    subcommands: [
      AssignmentAssign.self, AssignmentReassign.self, AssignmentCorrect.self, AssignmentEnd.self,
      AssignmentTransfer.self, AssignmentList.self, AssignmentHistory.self,
    ])
}

/// Days, reason and output of every change.
struct ChangeOptions: ParsableArguments {
  @Option(help: "First day, YYYY-MM-DD.") var from: CivilDate
  @Option(help: "Day after the last; without it, all days from the first.") var until: CivilDate?
  @Option(help: "Why; kept with the change.") var reason: String?
  @Flag(help: "Show what it would do, and take it back.") var dryRun = false
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table

  func carryOut(_ verb: CoverageRequest.Verb, in database: DatabaseOptions) async throws {
    let request = CoverageRequest(verb, since: from, until: until, reason: reason)
    let dryRun = dryRun
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let outcome = try await connection.withConnection { @Sendable connection in
      try request.run(on: connection, dryRun: dryRun)
    }
    if case .transfer = verb { try printEffects(outcome) } else { try printChanges(outcome) }
    for warning in outcome.warnings { tell("Warning: \(warning)") }
    guard let entry = outcome.entry else {
      tell("Nothing changed: that is on record already.")
      return
    }
    tell(
      dryRun
        ? "Would supersede \(outcome.superseded) and record \(outcome.recorded) assignments; nothing was changed."
        : "Entry \(entry): \(outcome.superseded) assignments superseded, \(outcome.recorded) recorded."
    )
  }

  private func printChanges(_ outcome: CoverageRequest.Outcome) throws {
    let writer = try format.writer(
      columns: [
        Column("effect"), Column("level"), Column("number"), Column("line"), Column("person"),
        Column("role"), Column("share", .amount), Column("from"), Column("until"),
      ], to: OutputSink(path: "-"))
    for change in outcome.changes {
      try writer.write([
        .text(change.effect), .text(change.level), .text(change.number),
        change.line.map { .text($0) } ?? .null, .text(change.person), .text(change.role),
        .decimal(change.share), .text(change.since.description),
        change.until.map { .text($0.description) } ?? .null,
      ])
    }
    try writer.finish()
    let all = outcome.superseded + outcome.recorded
    if all > outcome.changes.count { tell("The first \(outcome.changes.count) of \(all) rows.") }
  }

  private func printEffects(_ outcome: CoverageRequest.Outcome) throws {
    let writer = try format.writer(
      columns: [
        Column("person"), Column("clients_before", .integer), Column("clients_after", .integer),
        Column("shares_before", .amount), Column("shares_after", .amount),
        Column("balance_change", .amount),
      ], to: OutputSink(path: "-"))
    for effect in outcome.effects {
      try writer.write([
        .text(effect.person), .integer(Int64(effect.scopesBefore)),
        .integer(Int64(effect.scopesAfter)), .decimal(effect.sharesBefore),
        .decimal(effect.sharesAfter), .decimal(effect.balanceChange),
      ])
    }
    try writer.finish()
  }
}

/// The client or account that a command is about.
struct ScopeOptions: ParsableArguments {
  @Argument(help: "Number of the client, or with --account of the account.") var number: String
  @Flag(help: "The number is that of an account, whoever looks after its client.")
  var account = false
  @Option(help: "Product line, such as loans; without it, all products.") var line: String?

  var scope: CoverageRequest.Scope {
    account ? .account(number, line: line) : .client(number, line: line)
  }
}

/// A member of a team, written PERSON=SHARE, or PERSON for the whole.
struct TeamMember: ExpressibleByArgument {
  let member: CoverageRequest.Member

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let person = parts.first, !person.isEmpty,
      let share = parts.count == 1 ? .one : ExactDecimal(String(parts[1]))
    else { return nil }
    member = CoverageRequest.Member(person: String(person), share: share)
  }
}

private let teamHelp = ArgumentHelp(
  "The team: PERSON=SHARE, the main manager first; shares sum to exactly 1. One person alone needs no share.",
  valueName: "person=share")

struct AssignmentAssign: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign",
    abstract: "Give a client that nobody has to a team.",
    discussion: """
      If somebody has the client on one of the days, nothing is changed and you are told who.

      EXAMPLES
        banyan assignment assign C000001 RM0001 --from 2026-02-01
        banyan assignment assign C000001 RM0001=0.7 RM0002=0.3 --from 2026-02-01 --dry-run
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var scope: ScopeOptions
  @Argument(help: teamHelp) var team: [TeamMember]
  @OptionGroup var change: ChangeOptions

  func execute() async throws {
    try await change.carryOut(.assign(scope.scope, team.map(\.member)), in: database)
  }
}

struct AssignmentReassign: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "reassign",
    abstract: "Give a client to another team, or change the shares, from a day on.",
    discussion: """
      The day may lie in the past or the future. Without --until, changes planned for later days are superseded.

      EXAMPLE
        banyan assignment reassign C000001 RM0002 --from 2026-03-01 --reason 'moved to the corporate desk'
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var scope: ScopeOptions
  @Argument(help: teamHelp) var team: [TeamMember]
  @OptionGroup var change: ChangeOptions

  func execute() async throws {
    try await change.carryOut(.reassign(scope.scope, team.map(\.member)), in: database)
  }
}

struct AssignmentCorrect: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "correct",
    abstract: "Say that the team of some days was another; without a team, nobody.",
    discussion: """
      EXAMPLE
        banyan assignment correct C000001 RM0003 --from 2026-01-15 --until 2026-02-01
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var scope: ScopeOptions
  @Argument(help: teamHelp) var team: [TeamMember] = []
  @OptionGroup var change: ChangeOptions

  func execute() async throws {
    try await change.carryOut(.correct(scope.scope, team.map(\.member)), in: database)
  }
}

struct AssignmentEnd: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "end",
    abstract: "Leave a client to nobody from a day on; what it holds lies in its branch's pool.",
    discussion: """
      EXAMPLE
        banyan assignment end C000001 --from 2026-04-01
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var scope: ScopeOptions
  @OptionGroup var change: ChangeOptions

  func execute() async throws {
    try await change.carryOut(.end(scope.scope), in: database)
  }
}

struct AssignmentTransfer: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Give what one person has to others: everything, a unit's part, or some clients.",
    discussion: """
      Roles and shares stay. Several receivers get the clients in turn. One transaction, however many; the table \
      shows load and shares of each person before and after.

      EXAMPLES
        banyan assignment transfer RM0001 RM0002 RM0003 --from 2026-05-01 --dry-run
        banyan assignment transfer RM0001 RM0002 --from 2026-05-01 --unit B001
        banyan assignment transfer RM0001 RM0002 --from 2026-05-01 --client C000001 --client C000002
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number of who gives.") var giver: String
  @Argument(help: "Employee numbers of who receives.") var receivers: [String]
  @Option(help: "Only what lies in this org unit or below.") var unit: String?
  @Option(help: "Only this client; may be repeated.") var client: [String] = []
  @OptionGroup var change: ChangeOptions

  func validate() throws {
    if unit != nil && !client.isEmpty { throw ValidationError("choose one of --unit and --client") }
  }

  func execute() async throws {
    try await change.carryOut(
      .transfer(giver: giver, receivers: receivers, unit: unit, clients: client), in: database)
  }
}
