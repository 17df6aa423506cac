import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan claim`: who lays claim to which new client.
struct ClaimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claim", abstract: "Lay claim to new clients.",
    discussion: """
      The first claim in nobody's or the own territory is granted, and a client on record becomes the \
      claimant's. A second claim opens a collision case; until `banyan collision decide` the client lies in \
      the pool of its branch.
      """,
    subcommands: [ClaimAdd.self, ClaimList.self, ClaimAttach.self, ClaimWithdraw.self])
}

struct ClaimAdd: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Lay claim to a new client.",
    discussion: """
      EXAMPLES
        banyan claim add --person RM0001 --client C000017
        banyan claim add --person RM0001 --prospect "Jade Textiles Ltd" --unit B001 --industry manufacturing
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Who claims.") var person: String
  @Option(help: "Number of a client on record.") var client: String?
  @Option(help: "Name of a client who is not on record yet.") var prospect: String?
  @Option(help: "Unit in whose area a prospect is.") var unit: String?
  @Option(help: "Industry (default: what is on record).") var industry: String?
  @Option(help: "Size (default: what is on record).") var size: String?
  @Option(help: "Day of the claim (default: today).") var on: CivilDate?
  @Option(help: "What is put forward for it.") var evidence: String?
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if (client == nil) == (prospect == nil) {
      throw ValidationError("give either --client or --prospect")
    }
  }

  func execute() async throws {
    let bounds = Territories.Bounds(unit: unit, industry: industry, size: size)
    let (person, client, prospect, day, evidence) = (person, client, prospect, on, evidence)
    try listing.print(
      try await onPlatform(database) { connection in
        let claim = try Territories.claim(
          person: person, client: client, prospect: prospect, bounds: bounds, on: day,
          evidence: evidence, connection: connection)
        return try Territories.claims(claim: claim, connection: connection)
      })
  }
}

struct ClaimList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List claims.",
    discussion: """
      EXAMPLE
        banyan claim list --state contested
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this person.") var person: String?
  @Option(help: "Only those that are granted, contested, lost or withdrawn.") var state: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, state) = (person, state)
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.claims(person: person, state: state, connection: connection)
      })
  }
}

struct ClaimAttach: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Join the claim to a prospect with the client it has become.",
    discussion: """
      EXAMPLE
        banyan claim attach 12 C000018
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the claim.") var claim: Int64
  @Argument(help: "Number of the client.") var client: String
  @Option(help: "First day with the claimant (default: today).") var from: CivilDate?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (claim, client, from) = (claim, client, from)
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.attach(claim: claim, to: client, from: from, on: connection)
        return try Territories.claims(claim: claim, connection: connection)
      })
  }
}

struct ClaimWithdraw: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take back a claim that has given nothing yet.",
    discussion: """
      EXAMPLE
        banyan claim withdraw 12
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the claim.") var claim: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let claim = claim
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.withdraw(claim: claim, on: connection)
        return try Territories.claims(claim: claim, connection: connection)
      })
  }
}

/// `banyan collision`: new clients that several people claim.
struct CollisionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collision", abstract: "Decide whose a client is that several people claim.",
    subcommands: [CollisionList.self, CollisionShow.self, CollisionDecide.self])
}

struct CollisionList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List collision cases.",
    discussion: """
      EXAMPLE
        banyan collision list --open
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only those that wait for a decision.") var open = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let open = open
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.collisions(onlyOpen: open, connection: connection)
      })
  }
}

struct CollisionShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the claims of a collision case.",
    discussion: """
      EXAMPLE
        banyan collision show 3
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the case.") var collision: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let collision = collision
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.claims(ofCase: collision, connection: connection)
      })
  }
}

struct CollisionDecide: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Decide a collision case, with a reason.",
    discussion: """
      Who decides has no part in the case, no declared relationship to a claimant or the client, and no post \
      that manages clients.

      EXAMPLES
        banyan collision decide 3 --by E0007 --for RM0001 --reason "first visit on record"
        banyan collision decide 3 --by E0007 --for-nobody --reason "belongs to head office"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the case.") var collision: Int64
  @Option(help: "Who decides.") var by: String
  @Option(name: .customLong("for"), help: "Whose client it is.") var winner: String?
  @Flag(help: "It stays in the pool of its branch.") var forNobody = false
  @Option(help: "Why.") var reason: String
  @Option(help: "First day with the winner (default: today).") var from: CivilDate?
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if (winner == nil) != forNobody { throw ValidationError("give either --for or --for-nobody") }
  }

  func execute() async throws {
    let (collision, person, winner, reason, from) = (collision, by, winner, reason, from)
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.decide(
          collision: collision, by: person, winner: winner, reason: reason, from: from,
          on: connection)
        return try Territories.collisions(number: collision, connection: connection)
      })
  }
}
