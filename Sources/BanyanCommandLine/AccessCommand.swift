import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan access`: who may see and do what.
struct AccessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access", abstract: "Say who may see and do what, from when until when.",
    discussion: """
      A grant gives a login of the server a role: head_office, branch, relationship_manager, hr, risk, \
      analyst, auditor, loader or access_officer. It counts on its days only, whatever the server's own \
      memberships say. docs/access.md has the rules, docs/access-matrix.md what each role may do.
      """,
    subcommands: [AccessGrant.self, AccessRevoke.self, AccessList.self, AccessShow.self])
}

struct AccessGrant: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant", abstract: "Grant a role to a login.",
    discussion: """
      The login exists already (`create role … login`); the grant makes it a member of the role's group.

      EXAMPLES
        banyan access grant wang relationship_manager --person RM0001
        banyan access grant li branch --person E0007 --unit B001 --post branch_manager
        banyan access grant zhao auditor --person E0099 --until 2027-01-01 --reason "yearly audit"
        banyan access grant nightly loader
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Login of the server.") var login: String
  @Argument(help: "Role.") var role: String
  @Option(help: "Number of the person who works under the login.") var person: String?
  @Option(help: "Code of the unit to whose subtree the role is limited.") var unit: String?
  @Option(help: "Kind of post: the role counts on days on which the person holds one.")
  var post: String?
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Day after the last.") var until: CivilDate?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let request = Access.Request(
      login: login, role: role, person: person, unit: unit, post: post, from: from, until: until,
      reason: reason)
    let (_, waiting, conflicts) = try await onPlatform(database) { connection in
      try request.grant(on: connection)
    }
    guard waiting == nil else { return tellWaiting(waiting) }
    tell("\(login) is granted \(role)\(until.map { " until \($0)" } ?? "").")
    for conflict in conflicts { tell("Held together: \(conflict).") }
  }
}

struct AccessRevoke: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "End grants of a login.",
    discussion: """
      EXAMPLES
        banyan access revoke wang
        banyan access revoke li branch --unit B001 --on 2026-10-01 --reason "moves to B002"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Login of the server.") var login: String
  @Argument(help: "Role; all of them without it.") var role: String?
  @Option(help: "Only the grants for this unit.") var unit: String?
  @Option(help: "First day on which they do not hold any more (default: today).") var on: CivilDate?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let (login, role, unit, day, reason) = (login, role, unit, on, reason)
    let (count, waiting) = try await onPlatform(database) { connection in
      try Access.revoke(
        login: login, role: role, unit: unit, on: day, reason: reason, connection: connection)
    }
    if waiting != nil { return tellWaiting(waiting) }
    tell("\(count) \(count == 1 ? "grant" : "grants") of \(login) revoked.")
  }
}

struct AccessList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the grants that count or will.",
    discussion: """
      EXAMPLES
        banyan access list --role auditor
        banyan access list --login wang --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this login.") var login: String?
  @Option(help: "Only those of this role.") var role: String?
  @Flag(help: "All that were ever on record.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (login, role, all) = (login, role, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try Access.listing(
          login: login, role: role, withSuperseded: all, connection: connection)
      })
  }
}

struct AccessShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a person may do, under whatever login.",
    discussion: """
      EXAMPLE
        banyan access show RM0001 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Flag(help: "What was believed before too.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, all) = (person, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try Access.of(person: person, withSuperseded: all, connection: connection)
      })
  }
}
