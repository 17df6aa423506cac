import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan client group`: clients that belong together.
struct ClientGroupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "Keep groups of clients, such as a holding and its companies.",
    subcommands: [ClientGroupPut.self, ClientGroupLeave.self, ClientGroupList.self])
}

struct ClientGroupPut: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Put a client into a group, as a member or its head.",
    discussion: """
      EXAMPLES
        banyan client group put JADE C000017 --head --name "Jade Holding" --from 2026-01-01
        banyan client group put JADE C000018 --from 2026-01-01 --until 2027-01-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the group.") var group: String
  @Argument(help: "Number of the client.") var client: String
  @Flag(help: "The client leads the group.") var head = false
  @Option(help: "Name of the group, which makes one that is not on record.") var name: String?
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Day after the last; without it, all days from the first.") var until: CivilDate?
  @Option(help: "Why; kept with the change.") var reason: String?

  func execute() async throws {
    let (group, client, head, name) = (group, client, head, name)
    let (from, until, reason) = (from, until, reason)
    let changed = try await onPlatform(database) { connection in
      try ClientGroups.put(
        client, into: group, asHead: head, from: from, until: until, name: name, reason: reason,
        on: connection)
    }
    print(
      changed
        ? "\(client) is \(head ? "the head" : "a member") of \(group)."
        : "\(client): that is on record already.")
  }
}

struct ClientGroupLeave: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "leave", abstract: "Take a client out of a group from a day on.",
    discussion: """
      EXAMPLE
        banyan client group leave JADE C000018 --from 2026-07-01 --reason "sold"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the group.") var group: String
  @Argument(help: "Number of the client.") var client: String
  @Option(help: "First day on which it is not in the group (default: today).") var from: CivilDate?
  @Option(help: "Why; kept with the change.") var reason: String?

  func execute() async throws {
    let (group, client, from, reason) = (group, client, from, reason)
    try await onPlatform(database) { connection in
      try ClientGroups.remove(client, from: group, on: from, reason: reason, connection: connection)
    }
    print("\(client) is out of \(group).")
  }
}

struct ClientGroupList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the clients of a group, or of all groups, on a day.",
    discussion: """
      EXAMPLES
        banyan client group list
        banyan client group list JADE --as-of 2026-02-01 --known-at '2026-03-01 12:00+00'
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the group (default: all).") var group: String?
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @Option(help: "What was believed at this moment (default: what is believed now).")
  var knownAt: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (group, asOf, knownAt) = (group, asOf, knownAt)
    try listing.print(
      try await onPlatform(database) { connection in
        try ClientGroups.members(of: group, on: asOf, knownAt: knownAt, connection: connection)
      })
  }
}

/// `banyan client key-person`: who decides at a client.
struct KeyPersonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key-person", abstract: "Keep the people who decide at a client.",
    subcommands: [KeyPersonSet.self, KeyPersonRemove.self])
}

struct KeyPersonSet: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Record a key person, or what they are now.",
    discussion: """
      EXAMPLE
        banyan client key-person set C000017 "Li Mei" --position treasurer --strength 4
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the client.") var client: String
  @Argument(help: "Name of the person.") var name: String
  @Option(help: "What they are at the client.") var position: String
  @Option(help: "How well the bank stands with them, from 1, hardly known, to 5, trusted.")
  var strength: Int
  @Option(help: "Why; kept with the change.") var reason: String?

  func execute() async throws {
    let (client, name, position, strength) = (client, name, position, strength)
    let reason = reason
    let changed = try await onPlatform(database) { connection in
      try ClientGroups.setKeyPerson(
        name, of: client, position: position, strength: strength, reason: reason, on: connection)
    }
    print(
      changed
        ? "\(name) is \(position) of \(client), relationship \(strength)."
        : "\(client): that is on record already.")
  }
}

struct KeyPersonRemove: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take off a person who no longer decides; the record stays.",
    discussion: """
      EXAMPLE
        banyan client key-person remove C000017 "Li Mei" --reason "retired"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the client.") var client: String
  @Argument(help: "Name of the person.") var name: String
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (client, name, reason) = (client, name, reason)
    try await onPlatform(database) { connection in
      try ClientGroups.removeKeyPerson(name, of: client, reason: reason, on: connection)
    }
    print("\(name) is no key person of \(client) any more.")
  }
}

/// `banyan client prospect`: somebody who is no client yet.
struct ClientProspect: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "prospect", abstract: "Enter somebody who is not a client yet.",
    discussion: """
      When they become one, only the status changes: banyan client segment P000001 status client --from DAY.

      EXAMPLE
        banyan client prospect P000001 "Jade Textiles Ltd" --company --unit B001
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The number to give them.") var number: String
  @Argument(help: "Name.") var name: String
  @Flag(help: "A company, not a person.") var company = false
  @Option(help: "Code of the branch.") var unit: String
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Why; kept with the status.") var reason: String?

  func execute() async throws {
    let (number, name, company, unit) = (number, name, company, unit)
    let (from, reason) = (from, reason)
    try await onPlatform(database) { connection in
      try ClientGroups.addProspect(
        number, name: name, isCompany: company, unit: unit, from: from, reason: reason,
        on: connection)
    }
    print("\(number) is a prospect of \(unit).")
  }
}
