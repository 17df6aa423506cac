import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// What every change of the org tree takes.
struct OrgChangeOptions: ParsableArguments {
  @Option(help: "Why, in your own words.") var reason: String?
  @Flag(help: "Show what would come of it, then undo it.") var dryRun = false
  @OptionGroup var listing: ListingOptions
}

/// A command that changes the org tree.
protocol OrgChangeCommand: ListingCommand {
  var database: DatabaseOptions { get }
  var options: OrgChangeOptions { get }
  var order: OrgOrder { get }
  /// First day of the new state; nil where an order needs none.
  var day: CivilDate? { get }
}

extension OrgChangeCommand {
  var listing: ListingOptions { options.listing }

  func execute() async throws {
    let (order, day, reason, dryRun) = (order, day, options.reason, options.dryRun)
    let outcome = try await onPlatform(database) { connection in
      try order.carryOut(from: day, reason: reason, dryRun: dryRun, on: connection)
    }
    guard let change = outcome.change else {
      tell("Nothing changes: it is on record so already.")
      return
    }
    try options.listing.print(outcome.effect)
    tell(dryRun ? "This is what would come of it; nothing was changed." : "Change \(change).")
  }
}

struct OrgOpen: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a unit.",
    discussion: """
      EXAMPLE
        banyan org open B007 "River branch" --level branch --parent R01 --on 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the new unit.") var unit: String
  @Argument(help: "Its name.") var name: String
  @Option(help: ArgumentHelp("Its level: \(OrgLevelChoice.phrase).")) var level: OrgLevelChoice
  @Option(help: "Code of the unit above; only a head office has none.") var parent: String?
  @Option(help: "First day of business.") var on: CivilDate
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .open(code: unit, name: name, level: level.rawValue, parent: parent) }
  var day: CivilDate? { on }
}

struct OrgClose: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a unit that has nothing left under it.",
    discussion: """
      The day is the first on which the unit is not open any more. Where accounts or clients are kept at it, \
      name the unit where they go on; `banyan org merge` takes units and posts along too.

      EXAMPLE
        banyan org close B007 --on 2026-07-01 --successor B002
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Option(help: "First day on which it is closed.") var on: CivilDate
  @Option(help: "Code of the unit where its business goes on.") var successor: String?
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .close(code: unit, successor: successor) }
  var day: CivilDate? { on }
}

struct OrgRename: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Give a unit another name from a day on.",
    discussion: """
      EXAMPLE
        banyan org rename B007 "Lake branch" --on 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Argument(help: "Its new name.") var name: String
  @Option(help: "First day of the new name.") var on: CivilDate
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .rename(code: unit, name: name) }
  var day: CivilDate? { on }
}

struct OrgMove: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "move", abstract: "Put a unit, with all below it, under another from a day on.",
    discussion: """
      EXAMPLE
        banyan org move B007 R02 --on 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Argument(help: "Code of the unit above.") var parent: String
  @Option(help: "First day there.") var on: CivilDate
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .move(code: unit, parent: parent) }
  var day: CivilDate? { on }
}

/// A level of the org tree.
enum OrgLevelChoice: String, ExpressibleByArgument, CaseIterable {
  case headOffice = "head_office"
  case region, branch
  case subBranch = "sub_branch"
  case outlet, department, section
  case cityOffice = "city_office"

  static var phrase: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

struct OrgLevel: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "level", abstract: "Raise or lower a unit to another level from a day on.",
    discussion: """
      EXAMPLE
        banyan org level O012 sub_branch --on 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit.") var unit: String
  @Argument(help: ArgumentHelp("Its new level: \(OrgLevelChoice.phrase).")) var level:
    OrgLevelChoice
  @Option(help: "First day of the new level.") var on: CivilDate
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .changeLevel(code: unit, level: level.rawValue) }
  var day: CivilDate? { on }
}

struct OrgMerge: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Merge a unit into a successor from a day on.",
    discussion: """
      The successor takes its units and posts, and continues its business. What was booked at the unit stays \
      there; the trees of later days show it below the successor.

      EXAMPLE
        banyan org merge B007 B002 --on 2026-07-01 --dry-run
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit that closes.") var unit: String
  @Argument(help: "Code of the unit that continues.") var successor: String
  @Option(help: "First day on which it is closed.") var on: CivilDate
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .merge(code: unit, successor: successor) }
  var day: CivilDate? { on }
}

struct OrgSplit: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Open a unit out of another, with some of its units and people.",
    discussion: """
      EXAMPLE
        banyan org split B002 B008 "Harbour branch" --on 2026-07-01 --child O021 --person RM0017
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the unit that is split.") var unit: String
  @Argument(help: "Code of the new unit.") var newUnit: String
  @Argument(help: "Its name.") var name: String
  @Option(help: "First day of the new unit.") var on: CivilDate
  @Option(help: "Code of a unit that goes over; may be given again.") var child: [String] = []
  @Option(help: "Number of a person who goes over; may be given again.") var person: [String] = []
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder {
    .split(code: unit, newCode: newUnit, newName: name, children: child, people: person)
  }
  var day: CivilDate? { on }
}

struct OrgWithdraw: OrgChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take back a change that was wrong.",
    discussion: """
      What the change recorded is superseded by what was believed before it, as long as no later change has \
      replaced it.

      EXAMPLE
        banyan org withdraw 17 --reason "wrong branch"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the change.") var change: Int64
  @OptionGroup var options: OrgChangeOptions

  var order: OrgOrder { .withdraw(change: change) }
  var day: CivilDate? { nil }
}
