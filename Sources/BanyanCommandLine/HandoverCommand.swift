import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan handover`: what passes from whom to whom, before which third person.
struct HandoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handover", abstract: "Record what is handed over before a witness.",
    subcommands: [
      HandoverOpen.self, HandoverAdd.self, HandoverPass.self, HandoverSign.self,
      HandoverOpinion.self, HandoverList.self, HandoverShow.self,
    ])
}

struct HandoverOpen: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Plan a handover between two people before a third.",
    discussion: """
      With --transfer, the list of the transfer is the first item.

      EXAMPLE
        banyan handover open "clients of RM0001" --giver RM0001 --receiver RM0002 --witness E0007 \
      --on 2026-07-01 --transfer 4
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "What it is about.") var subject: String
  @Option(help: "Who hands over.") var giver: String
  @Option(help: "Who receives.") var receiver: String
  @Option(help: "Third person who supervises.") var witness: String
  @Option(help: "Day on which it is to take place.") var on: CivilDate
  @Option(help: "Number of the transfer that it belongs to.") var transfer: Int64?
  @Option(help: "Number of the departure that it belongs to.") var departure: Int64?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let people = Handovers.People(giver: giver, receiver: receiver, witness: witness)
    let (subject, day, transfer, departure) = (subject, on, transfer, departure)
    try listing.print(
      try await onPlatform(database) { connection in
        let handover = try Handovers.open(
          subject: subject, people: people, on: day, transfer: transfer, departure: departure,
          connection: connection)
        return try Handovers.listing(handover, connection: connection)
      })
  }
}

struct HandoverAdd: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add something to the list of a handover.",
    discussion: """
      EXAMPLES
        banyan handover add 2 archive "loan files 2024" --reference BOX-17 --quantity 12
        banyan handover add 2 key "safe of the counter"
      """)

  /// What passes.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case clients, file, archive, key, seal, equipment, access
    case unfinishedMatter = "unfinished_matter"
    case other
  }

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the handover.") var handover: Int64
  @Argument(help: "What kind of thing.") var kind: Kind
  @Argument(help: "What it is.") var description: String
  @Option(help: "Number of the client, loan, file or box.") var reference: String?
  @Option(help: "How many.") var quantity: Int32 = 1
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (handover, kind, description, reference, quantity) = (
      handover, kind.rawValue, description, reference, quantity
    )
    try listing.print(
      try await onPlatform(database) { connection in
        try Handovers.addItem(
          handover, kind: kind, description: description, reference: reference, quantity: quantity,
          on: connection)
        return try Handovers.items(of: handover, connection: connection)
      })
  }
}

struct HandoverPass: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass", abstract: "Record that items were given or received, or what is wrong.",
    discussion: """
      EXAMPLES
        banyan handover pass 2 --given 2026-07-01 --received 2026-07-01
        banyan handover pass 2 --item 3 --finding "two files are missing"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the handover.") var handover: Int64
  @Option(help: "Number on the list; may be given again (default: all).") var item: [Int32] = []
  @Option(help: "Day on which they were given.") var given: CivilDate?
  @Option(help: "Day on which their receipt was acknowledged.") var received: CivilDate?
  @Option(help: "What is missing or wrong.") var finding: String?
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if given == nil, received == nil, finding == nil {
      throw ValidationError("give --given, --received or --finding")
    }
  }

  func execute() async throws {
    let (handover, items, given, received, finding) = (
      handover, item.isEmpty ? nil : item, given, received, finding
    )
    try listing.print(
      try await onPlatform(database) { connection in
        try Handovers.pass(
          handover, items: items, given: given, received: received, finding: finding,
          on: connection)
        return try Handovers.items(of: handover, connection: connection)
      })
  }
}

struct HandoverSign: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Giver, receiver or witness signs; the witness last.",
    discussion: """
      EXAMPLE
        banyan handover sign 2 --by RM0002
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the handover.") var handover: Int64
  @Option(help: "Who signs.") var by: String
  @Option(help: "The day (default: today).") var on: CivilDate?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (handover, person, day) = (handover, by, on)
    let (role, rows) = try await onPlatform(database) { connection in
      let role = try Handovers.sign(handover, by: person, on: day, connection: connection)
      return (role, try Handovers.listing(handover, connection: connection))
    }
    try listing.print(rows)
    tell("\(person) has signed as \(role).")
  }
}

struct HandoverOpinion: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "opinion", abstract: "The receiver writes what looking into the matter has shown.",
    discussion: """
      EXAMPLE
        banyan handover opinion 2 "all 41 clients visited; loan L17 needs watching" --by RM0002
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the handover.") var handover: Int64
  @Argument(help: "The opinion.") var opinion: String
  @Option(help: "The receiver.") var by: String
  @Option(help: "The day (default: today).") var on: CivilDate?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (handover, opinion, person, day) = (handover, opinion, by, on)
    try listing.print(
      try await onPlatform(database) { connection in
        try Handovers.writeOpinion(
          handover, by: person, text: opinion, on: day, connection: connection)
        return try Handovers.listing(handover, connection: connection)
      })
  }
}

struct HandoverList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List handovers, and those that are overdue.",
    discussion: """
      EXAMPLE
        banyan handover list --open --person RM0002
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those in which this person has a part.") var person: String?
  @Flag(help: "Only those that are not complete, opinion included.") var open = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, open) = (person, open)
    try listing.print(
      try await onPlatform(database) { connection in
        try Handovers.listing(person: person, onlyOpen: open, connection: connection)
      })
  }
}

struct HandoverShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the list of a handover.",
    discussion: """
      EXAMPLE
        banyan handover show 2
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the handover.") var handover: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let handover = handover
    try listing.print(
      try await onPlatform(database) { connection in
        try Handovers.items(of: handover, connection: connection)
      })
  }
}
