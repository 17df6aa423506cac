import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan transfer`: moves of clients from one person to others.
struct TransferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "Move clients from one person to others.",
    discussion: """
      A transfer is proposed with its list, accepted by each receiver, and takes effect from its day on in \
      one transaction. docs/handover.md has the rules.
      """,
    subcommands: [
      TransferPropose.self, TransferAccept.self, TransferRefuse.self, TransferWithdraw.self,
      TransferApply.self, TransferList.self, TransferShow.self, TransferRule.self,
    ])
}

struct TransferPropose: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a transfer, or see what it would do.",
    discussion: """
      Without --giver, everybody who looks after clients of the unit gives them, as when branches merge: \
      one transfer each.

      EXAMPLES
        banyan transfer propose --giver RM0001 --to RM0002 --client C000017 --on 2026-07-01 \
      --cause request --by E0007
        banyan transfer propose --giver RM0001 --to RM0002 --to RM0003 --on 2026-07-01 --cause resignation \
      --by E0007 --leave-problem-loans --dry-run
        banyan transfer propose --unit B008 --to RM0021 --on 2026-07-01 --cause merger --by E0007
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Who gives the clients.") var giver: String?
  @Option(help: "Who receives; given again, they are dealt the clients in turn.")
  var to: [String]
  @Option(help: "First day with the receivers.") var on: CivilDate
  @Option(help: "Day after the last, for a stand-in.") var until: CivilDate?
  @Option(help: "Why: request, resignation, post_change, team_move, leave, merger, rotation ...")
  var cause: String
  @Option(help: "Who proposes it.") var by: String
  @Option(help: "Only what is booked at this unit or below.") var unit: String?
  @Option(help: "Only this client, by number; may be given again.") var client: [String] = []
  @Option(help: "File with numbers of clients and accounts, one a line.") var list: String?
  @Option(help: "Only clients of this band.") var band: String?
  @Option(help: "Only clients of this industry.") var industry: String?
  @Option(help: "Only clients of this size.") var size: String?
  @Option(help: "Only clients of this risk.") var risk: String?
  @Flag(help: "Clients with overdue or unpaid loans stay with the giver.")
  var leaveProblemLoans = false
  @Option(help: "Clients with overdue or unpaid loans go to this person, the head of the team.")
  var problemLoansTo: String?
  @Flag(
    help: "Accounts that are open stay with who has them; only new ones count for the receiver.")
  var balancesStay = false
  @Flag(help: "Show what it would do to loads and shares, and undo it.") var dryRun = false
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if giver == nil, unit == nil { throw ValidationError("give --giver, --unit or both") }
    let filters = [list, band, industry, size, risk].contains { $0 != nil } || !client.isEmpty
    if giver == nil, filters || until != nil || dryRun {
      throw ValidationError("without --giver, clients are chosen by --unit alone; name the giver")
    }
    if leaveProblemLoans, problemLoansTo != nil {
      throw ValidationError("give either --leave-problem-loans or --problem-loans-to")
    }
  }

  private func proposal() throws -> Transfers.Proposal {
    var proposal = Transfers.Proposal(
      giver: giver, receivers: to, effectiveOn: on, cause: cause, proposedBy: by)
    proposal.effectiveUntil = until
    proposal.unit = unit
    let numbers = try client + lines(of: list)
    proposal.numbers = client.isEmpty && list == nil ? nil : numbers
    proposal.segments = [("band", band), ("industry", industry), ("size", size), ("risk", risk)]
      .compactMap { axis, segment in segment.map { (axis: axis, segment: $0) } }
    if leaveProblemLoans { proposal.problemLoans = .stay }
    if let problemLoansTo { proposal.problemLoans = .toHead(problemLoansTo) }
    proposal.balancesMove = !balancesStay
    return proposal
  }

  func execute() async throws {
    let (proposal, giver, dryRun) = (try proposal(), giver, dryRun)
    try listing.print(
      try await onPlatform(database) { connection in
        if dryRun, let giver { return try proposal.rehearse(giver: giver, on: connection) }
        let transfers = try proposal.record(on: connection)
        return try Transfers.listing(transfers, connection: connection)
      })
    if dryRun { tell("Nothing was changed.") }
  }
}

struct TransferAccept: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "A receiver accepts; with the last one it takes effect.",
    discussion: """
      EXAMPLE
        banyan transfer accept 4 --by RM0002
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the transfer.") var transfer: Int64
  @Option(help: "The receiver.") var by: String
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (transfer, person) = (transfer, by)
    let (state, rows, waiting) = try await onPlatform(database) { connection in
      let state = try Transfers.accept(transfer, by: person, on: connection)
      return (
        state, try Transfers.listing([transfer], connection: connection),
        try Transfers.waiting(transfer, on: connection)
      )
    }
    try listing.print(rows)
    tellWaiting(waiting)
    if state == "accepted", waiting == nil {
      tell(
        "The giver is leaving: it waits for the departure audit, and then for `banyan transfer apply \(transfer)`."
      )
    }
  }
}

struct TransferApply: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Carry out an accepted transfer that had to wait.",
    discussion: """
      EXAMPLE
        banyan transfer apply 4
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the transfer.") var transfer: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let transfer = transfer
    let (rows, waiting) = try await onPlatform(database) { connection in
      try Transfers.apply(transfer, on: connection)
      return (
        try Transfers.listing([transfer], connection: connection),
        try Transfers.waiting(transfer, on: connection)
      )
    }
    try listing.print(rows)
    tellWaiting(waiting)
  }
}

/// Who ends a transfer that is not effective, and why.
struct TransferClosing: ParsableArguments {
  @Argument(help: "Number of the transfer.") var transfer: Int64
  @Option(help: "Who does it.") var by: String
  @Option(help: "Why.") var reason: String
  @OptionGroup var listing: ListingOptions

  func carryOut(
    asRefused: Bool, by command: some ClientListingCommand, in database: DatabaseOptions
  )
    async throws
  {
    let (transfer, person, reason) = (transfer, by, reason)
    try listing.print(
      try await command.onPlatform(database) { connection in
        try Transfers.close(
          transfer, asRefused: asRefused, by: person, reason: reason, on: connection)
        return try Transfers.listing([transfer], connection: connection)
      })
  }
}

struct TransferRefuse: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "refuse", abstract: "A receiver refuses a transfer.",
    discussion: """
      EXAMPLE
        banyan transfer refuse 4 --by RM0002 --reason "at capacity"
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var closing: TransferClosing

  var listing: ListingOptions { closing.listing }

  func execute() async throws {
    try await closing.carryOut(asRefused: true, by: self, in: database)
  }
}

struct TransferWithdraw: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Who proposed a transfer, or the giver, withdraws it.",
    discussion: """
      EXAMPLE
        banyan transfer withdraw 4 --by E0007 --reason "the client objects"
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var closing: TransferClosing

  var listing: ListingOptions { closing.listing }

  func execute() async throws {
    try await closing.carryOut(asRefused: false, by: self, in: database)
  }
}

struct TransferList: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List transfers.",
    discussion: """
      EXAMPLE
        banyan transfer list --open --person RM0002
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those in which this person gives or receives.") var person: String?
  @Flag(help: "Only those that have not taken effect and were not called off.") var open = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, open) = (person, open)
    try listing.print(
      try await onPlatform(database) { connection in
        try Transfers.listing(person: person, onlyOpen: open, connection: connection)
      })
  }
}

struct TransferShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the list of a transfer as it was proposed.",
    discussion: """
      EXAMPLE
        banyan transfer show 4 --format csv
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the transfer.") var transfer: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let transfer = transfer
    try listing.print(
      try await onPlatform(database) { connection in
        try Transfers.items(of: transfer, connection: connection)
      })
  }
}

struct TransferRule: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "rule", abstract: "Ask the bank's rules what moves for a cause.",
    discussion: """
      EXAMPLE
        banyan transfer rule leave --months 3 --balance 6000000
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The cause.") var cause: String
  @Option(help: "Months of absence.") var months: Int32?
  @Option(help: "Instalments left on the loan.") var instalments: Int32?
  @Option(help: "Balance looked after.") var balance: ExactDecimal?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (cause, months, instalments, balance) = (cause, months, instalments, balance)
    try listing.print(
      try await onPlatform(database) { connection in
        try Transfers.rule(
          cause: cause, months: months, instalments: instalments, balance: balance,
          connection: connection)
      })
  }
}
