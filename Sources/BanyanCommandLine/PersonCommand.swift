import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan person`: people, their posts and what is on record about them.
struct PersonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "person", abstract: "See people, and record their posts.",
    subcommands: [
      PersonList.self, PersonShow.self, PersonAdd.self, PersonPost.self, PersonEndPost.self,
      PersonSpeciality.self, PersonQualification.self, PersonDeclare.self,
    ])
}

struct PersonList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the people of a unit and of all below it.",
    discussion: """
      EXAMPLE
        banyan person list --unit R01 --kind relationship_manager
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Code of the unit; the whole bank without it.") var unit: String?
  @Option(help: "Only those who hold this kind of post.") var kind: String?
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (unit, kind, day) = (unit, kind, asOf)
    try listing.print(
      try await onPlatform(database) { connection in
        try People.listing(unit: unit, kind: kind, on: day, connection: connection)
      })
  }
}

struct PersonShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show everything on record about a person.",
    discussion: """
      EXAMPLE
        banyan person show RM0001 --all
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Flag(help: "Show what was believed before too.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, all) = (person, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try People.person(person, withSuperseded: all, connection: connection)
      })
  }
}

struct PersonAdd: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Enter a person.",
    discussion: """
      EXAMPLE
        banyan person add E0100 "Wang Fang" --unit B001 --joined 2026-03-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "Name.") var name: String?
  @Option(help: "Code of the unit where the person works.") var unit: String
  @Option(help: "First day of work.") var joined: CivilDate

  func execute() async throws {
    let (person, name, unit, joined) = (person, name, unit, joined)
    try await onPlatform(database) { connection in
      try People.add(number: person, name: name, unit: unit, joinedOn: joined, on: connection)
    }
  }
}

struct PersonPost: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "post", abstract: "Record that a person holds a post from a day on.",
    discussion: """
      An open main post ends the day before. A relationship manager's post comes from a published round of \
      selection (`banyan selection appoint`), or is a transfer of one who holds such a post.

      EXAMPLES
        banyan person post E0100 B001 teller --from 2026-03-01 --manager E0001
        banyan person post RM0017 B008 relationship_manager --from 2026-07-01 --transfer
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "Code of the unit.") var unit: String
  @Argument(help: "Kind of post, such as teller.") var kind: String
  @Option(help: "First day.") var from: CivilDate
  @Option(help: "First day on which it is not held any more.") var until: CivilDate?
  @Option(help: "Number of the line manager.") var manager: String?
  @Option(help: "Code of the team.") var team: String?
  @Flag(help: "A post beside the main one, as when one stands in.") var beside = false
  @Flag(help: "The person goes from the same kind of post elsewhere.") var transfer = false
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let posting = People.Posting(
      number: person, unit: unit, kind: kind, from: from, until: until, lineManager: manager,
      team: team, isMain: !beside, isTransfer: transfer, reason: reason)
    try await onPlatform(database) { connection in try posting.record(on: connection) }
  }
}

struct PersonEndPost: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "end-post", abstract: "End the posts of a person.",
    discussion: """
      EXAMPLE
        banyan person end-post E0100 --on 2026-09-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Option(help: "First day on which they are not held any more.") var on: CivilDate
  @Option(help: "Only the post at this unit.") var unit: String?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let (person, day, unit, reason) = (person, on, unit, reason)
    let count = try await onPlatform(database) { connection in
      try People.endPosts(of: person, on: day, unit: unit, reason: reason, connection: connection)
    }
    tell("\(count) \(count == 1 ? "post ends" : "posts end").")
  }
}

struct PersonSpeciality: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "speciality", abstract: "Record what a person is good at.",
    discussion: """
      EXAMPLE
        banyan person speciality RM0001 manufacturing --from 2026-01-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "Code of the speciality.") var speciality: String
  @Option(help: "First day.") var from: CivilDate
  @Option(help: "First day on which it does not hold any more.") var until: CivilDate?

  func execute() async throws {
    let (person, speciality, from, until) = (person, speciality, from, until)
    try await onPlatform(database) { connection in
      try People.addSpeciality(
        speciality, of: person, from: from, until: until, on: connection)
    }
  }
}

struct PersonQualification: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "qualification", abstract: "Record a certificate or licence of a person.",
    discussion: """
      EXAMPLE
        banyan person qualification RM0001 credit_licence --obtained 2026-01-01 --expires 2029-01-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "Code of the qualification.") var qualification: String
  @Option(help: "First day.") var obtained: CivilDate
  @Option(help: "First day on which it does not hold any more.") var expires: CivilDate?
  @Option(help: "Number of the certificate.") var certificate: String?

  func execute() async throws {
    let (person, qualification, obtained, expires, certificate) = (
      person, qualification, obtained, expires, certificate
    )
    try await onPlatform(database) { connection in
      try People.addQualification(
        qualification, of: person, obtainedOn: obtained, expiresOn: expires,
        certificate: certificate, on: connection)
    }
  }
}

struct PersonDeclare: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "declare",
    abstract: "Declare a relationship for which a person stands back from a client or colleague.",
    discussion: """
      EXAMPLES
        banyan person declare RM0001 --client C000017 --relation spouse --from 2026-01-01
        banyan person declare RM0001 --colleague RM0002 --relation sibling --from 2026-01-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Option(help: "Number of the client.") var client: String?
  @Option(help: "Number of the colleague.") var colleague: String?
  @Option(help: "What the relationship is.") var relation: String
  @Option(help: "First day.") var from: CivilDate
  @Option(help: "First day on which it does not hold any more.") var until: CivilDate?

  func validate() throws {
    if (client == nil) == (colleague == nil) {
      throw ValidationError("give either --client or --colleague")
    }
  }

  func execute() async throws {
    let (person, client, colleague, relation, from, until) = (
      person, client, colleague, relation, from, until
    )
    try await onPlatform(database) { connection in
      try People.declareRelationship(
        of: person, client: client, colleague: colleague, relation: relation, from: from,
        until: until, on: connection)
    }
  }
}
