import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan pay dispute`: what people object to in their pay.
struct PayDisputeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispute",
    abstract: "Object to pay, and answer what is objected to.",
    discussion: """
      A person objects to the own pay, or HR for them. It is answered within days; what is accepted is \
      paid by the next run, with the dispute named.
      """,
    subcommands: [
      PayDisputeOpen.self, PayDisputeList.self, PayDisputeShow.self, PayDisputeRoute.self,
      PayDisputeAnswer.self, PayDisputeWithdraw.self,
    ])
}

struct PayDisputeOpen: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Object to a line of a statement, or to all of it.",
    discussion: """
      EXAMPLE
        banyan pay dispute open RM0001 2026-03 --line 2 --claim "loan L123 is mine" --wanted 200
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Argument(help: "Month of the pay, YYYY-MM.") var month: Month
  @Option(help: "Line of the statement, as `banyan pay explain` numbers them.") var line: Int32?
  @Option(help: "What is wrong.") var claim: String
  @Option(help: "What should have been paid more.") var wanted: ExactDecimal?
  @Option(help: "Code of the plan, if several have paid.") var plan: String?

  func execute() async throws {
    let (person, month, line, claim, wanted, plan) = (person, month, line, claim, wanted, plan)
    let (number, dueOn) = try await onPlatform(database) { connection in
      try PayDispute.open(
        person: person, month: month, plan: plan, line: line, claim: claim, wanted: wanted,
        on: connection)
    }
    tell("Dispute \(number) is open; it is to be answered by \(dueOn).")
  }
}

struct PayDisputeList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List disputes, those first that are due first.",
    discussion: """
      EXAMPLES
        banyan pay dispute list --open
        banyan pay dispute list --overdue --handler HR0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this person.") var person: String?
  @Option(help: "Only those that this person is to look into.") var handler: String?
  @Flag(help: "Only those that are not answered.") var open = false
  @Flag(help: "Only those that should have been answered.") var overdue = false
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try PayDispute.listing(
      person: person, handler: handler, onlyOpen: open, onlyOverdue: overdue, on: connection)
  }
}

struct PayDisputeShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one dispute.",
    discussion: """
      EXAMPLE
        banyan pay dispute show 1
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the dispute.") var dispute: Int64
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try PayDispute.listing(dispute, on: connection)
  }
}

struct PayDisputeRoute: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "route", abstract: "Say who is to look into a dispute.",
    discussion: """
      EXAMPLE
        banyan pay dispute route 1 HR0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the dispute.") var dispute: Int64
  @Argument(help: "Employee number of who is to look into it.") var person: String
  @Option(help: "Why.") var reason: String?

  func execute() async throws {
    let (dispute, person, reason) = (dispute, person, reason)
    try await onPlatform(database) { connection in
      try PayDispute.route(dispute, to: person, reason: reason, on: connection)
    }
    tell("\(person) looks into dispute \(dispute).")
  }
}

struct PayDisputeAnswer: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Accept or reject a dispute.",
    discussion: """
      Never who objects. Where a rule asks for it, another person approves an acceptance.

      EXAMPLES
        banyan pay dispute answer 1 --accept 200 --reason "the loan was booked to another person"
        banyan pay dispute answer 2 --reject --reason "the loan was granted in April"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the dispute.") var dispute: Int64
  @Option(help: "Accept it, and pay this amount with the next run.") var accept: ExactDecimal?
  @Flag(help: "Reject it.") var reject = false
  @Option(help: "The reasons.") var reason: String
  @Option(help: "Who answers, if the login is nobody's.") var by: String?

  func validate() throws {
    if (accept == nil) != reject {
      throw ValidationError("Give either --accept with an amount, or --reject.")
    }
  }

  func execute() async throws {
    let (dispute, amount, reason, person) = (dispute, accept, reason, by)
    let waiting = try await onPlatform(database) { connection in
      try PayDispute.answer(dispute, amount: amount, reason: reason, by: person, on: connection)
    }
    if waiting == nil {
      tell("Dispute \(dispute) is \(amount == nil ? "rejected" : "accepted").")
    }
    tellWaiting(waiting)
  }
}

struct PayDisputeWithdraw: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take a dispute back.",
    discussion: """
      EXAMPLE
        banyan pay dispute withdraw 1 --reason "it was my mistake"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the dispute.") var dispute: Int64
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (dispute, reason) = (dispute, reason)
    try await onPlatform(database) { connection in
      try PayDispute.withdraw(dispute, reason: reason, on: connection)
    }
    tell("Dispute \(dispute) is withdrawn.")
  }
}
