import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan departure`: people who leave, and the audit of it.
struct DepartureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "departure", abstract: "Let people leave, after the departure audit.",
    discussion: """
      From opening to the end of the audit nothing of the person moves: no client, no post, no deferred pay. \
      Transfers can be proposed and accepted meanwhile; they wait.
      """,
    subcommands: [
      DepartureOpen.self, DepartureRefresh.self, DepartureAdd.self, DepartureSettle.self,
      DepartureClose.self, DepartureRelease.self, DepartureWithdraw.self, DepartureList.self,
      DepartureShow.self,
    ])
}

struct DepartureOpen: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a departure, with a list of what the person holds.",
    discussion: """
      EXAMPLE
        banyan departure open RM0001 --kind resignation --leaves 2026-08-01 --by E0007
      """)

  /// Why a person leaves.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case resignation, retirement, dismissal
    case postChange = "post_change"
    case secondment, death
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Who leaves.") var person: String
  @Option(help: "Why.") var kind: Kind
  @Option(help: "First day on which the person is to be gone.") var leaves: CivilDate
  @Option(help: "Who opens it.") var by: String
  @Option(help: "More, in your own words.") var reason: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, kind, leaves, opener, reason) = (person, kind.rawValue, leaves, by, reason)
    let (departure, rows) = try await onPlatform(database) { connection in
      let departure = try Departures.open(
        person: person, kind: kind, leavesOn: leaves, by: opener, reason: reason, on: connection)
      return (departure, try Departures.items(of: departure, connection: connection))
    }
    try listing.print(rows)
    tell("Departure \(departure) of \(person) is open; nothing moves before its audit is closed.")
  }
}

struct DepartureRefresh: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh", abstract: "Add to the list what the person has come to hold since.",
    discussion: """
      EXAMPLE
        banyan departure refresh 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64

  func execute() async throws {
    let departure = departure
    let added = try await onPlatform(database) { connection in
      try Departures.refresh(departure, on: connection)
    }
    tell("\(added) \(added == 1 ? "item is" : "items are") new on the list.")
  }
}

struct DepartureAdd: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a matter of the auditor's own to the list.",
    discussion: """
      EXAMPLE
        banyan departure add 1 "expenses of June"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @Argument(help: "What it is.") var description: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (departure, description) = (departure, description)
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.addItem(departure, description: description, on: connection)
        return try Departures.items(of: departure, connection: connection)
      })
  }
}

struct DepartureSettle: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Say how items of the list are settled.",
    discussion: """
      EXAMPLE
        banyan departure settle 1 1 2 3 --by E0007 --how "go to RM0002 by transfer 4"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @Argument(help: "Numbers on the list.") var items: [Int32]
  @Option(help: "Who settles them; not who leaves.") var by: String
  @Option(help: "How.") var how: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (departure, items, person, how) = (departure, items, by, how)
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.settle(departure, items: items, by: person, how: how, on: connection)
        return try Departures.items(of: departure, connection: connection)
      })
  }
}

struct DepartureClose: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close the departure audit, with an opinion.",
    discussion: """
      EXAMPLE
        banyan departure close 1 --auditor E0009 --opinion "no objections"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @Option(help: "Who audited.") var auditor: String
  @Option(help: "What the audit found.") var opinion: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (departure, auditor, opinion) = (departure, auditor, opinion)
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.close(departure, auditor: auditor, opinion: opinion, on: connection)
        return try Departures.listing(departure, connection: connection)
      })
  }
}

struct DepartureRelease: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Release a person whose departure audit is closed.",
    discussion: """
      Posts and territories end. Clients must have been transferred, or ended, before.

      EXAMPLE
        banyan departure release 1 --on 2026-08-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @Option(help: "First day on which the person is gone.") var on: CivilDate
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (departure, day) = (departure, on)
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.release(departure, on: day, connection: connection)
        return try Departures.listing(departure, connection: connection)
      })
  }
}

struct DepartureWithdraw: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Call a departure off, because the person stays.",
    discussion: """
      EXAMPLE
        banyan departure withdraw 1 --reason "stays after all"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @Option(help: "Why.") var reason: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (departure, reason) = (departure, reason)
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.withdraw(departure, reason: reason, on: connection)
        return try Departures.listing(departure, connection: connection)
      })
  }
}

struct DepartureList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List departures.",
    discussion: """
      EXAMPLE
        banyan departure list --open
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only those who are not gone yet.") var open = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let open = open
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.listing(onlyOpen: open, connection: connection)
      })
  }
}

struct DepartureShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the list of a departure.",
    discussion: """
      EXAMPLE
        banyan departure show 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the departure.") var departure: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let departure = departure
    try listing.print(
      try await onPlatform(database) { connection in
        try Departures.items(of: departure, connection: connection)
      })
  }
}
