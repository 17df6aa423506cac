import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan approval`: what waits for a second person, and their decision.
struct ApprovalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approval", abstract: "Decide about what others have proposed.",
    discussion: """
      Where a rule asks for it, a verb proposes instead of acting, and others approve under their own \
      logins. Nobody approves what they have proposed, or what is about themselves, and who manages \
      clients never approves. docs/approvals.md has the rules.
      """,
    subcommands: [
      ApprovalList.self, ApprovalShow.self, ApprovalApprove.self, ApprovalReject.self,
      ApprovalWithdraw.self, ApprovalApply.self, ApprovalRuleCommand.self,
    ])
}

struct ApprovalList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what was proposed.",
    discussion: """
      EXAMPLE
        banyan approval list --open --action tier_decision
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only what waits.") var open = false
  @Option(help: "Only this action.") var action: String?
  @Option(help: "Only what this person has proposed.") var person: String?
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (open, action, person) = (open, action, person)
    try listing.print(
      try await onPlatform(database) { connection in
        try Approvals.listing(
          action: action, person: person, onlyOpen: open, connection: connection)
      })
  }
}

struct ApprovalShow: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a proposal and what became of it, step by step.",
    discussion: """
      EXAMPLE
        banyan approval show 7
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the approval.") var approval: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let approval = approval
    try listing.print(
      try await onPlatform(database) { connection in
        try Approvals.steps(of: approval, connection: connection)
      })
  }
}

/// Says in a sentence what a decision came to.
private func tellOutcome(_ outcome: Approvals.Outcome, of approval: Int64) {
  switch outcome.state {
  case "proposed": tell("Approval \(approval) waits for others to approve it too.")
  case "approved":
    tell(
      "Approval \(approval) is approved and not carried out: \(outcome.obstacle ?? "something stands in the way"); try again with `banyan approval apply \(approval)`."
    )
  default: tell("Approval \(approval) is \(outcome.state).")
  }
}

struct ApprovalApprove: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve; with the last approval needed it is carried out.",
    discussion: """
      The login decides, for the person it was granted to.

      EXAMPLE
        banyan approval approve 7
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the approval.") var approval: Int64
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let (approval, reason) = (approval, reason)
    tellOutcome(
      try await onPlatform(database) { connection in
        try Approvals.approve(approval, reason: reason, on: connection)
      }, of: approval)
  }
}

struct ApprovalReject: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Reject a proposal, which ends it.",
    discussion: """
      EXAMPLE
        banyan approval reject 7 --reason "the receiver is at capacity"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the approval.") var approval: Int64
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (approval, reason) = (approval, reason)
    tellOutcome(
      try await onPlatform(database) { connection in
        try Approvals.reject(approval, reason: reason, on: connection)
      }, of: approval)
  }
}

struct ApprovalWithdraw: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take back what you have proposed.",
    discussion: """
      EXAMPLE
        banyan approval withdraw 7 --reason "wrong day"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the approval.") var approval: Int64
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (approval, reason) = (approval, reason)
    try await onPlatform(database) { connection in
      try Approvals.withdraw(approval, reason: reason, on: connection)
    }
    tell("Approval \(approval) is withdrawn.")
  }
}

struct ApprovalApply: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Carry out what is approved and could not be carried out then.",
    discussion: """
      EXAMPLE
        banyan approval apply 7
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the approval.") var approval: Int64

  func execute() async throws {
    let approval = approval
    tellOutcome(
      try await onPlatform(database) { connection in
        try Approvals.apply(approval, on: connection)
      }, of: approval)
  }
}

/// Says that what was ordered waits, if it does.
func tellWaiting(_ approval: Int64?) {
  guard let approval else { return }
  tell(
    "It waits for approval \(approval): others decide with `banyan approval approve \(approval)`.")
}
