import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan approval rule`: which action needs whose approval.
struct ApprovalRuleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rule", abstract: "Say which action needs whose approval, from when until when.",
    subcommands: [ApprovalRuleList.self, ApprovalRuleSet.self, ApprovalRuleLoad.self])
}

struct ApprovalRuleList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the actions and the rules about them.",
    discussion: """
      EXAMPLE
        banyan approval rule list --as-of 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @Flag(help: "All that were ever on record.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (day, all) = (asOf, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try ApprovalRule.listing(on: day, withSuperseded: all, connection: connection)
      })
  }
}

struct ApprovalRuleSet: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set who approves an action; a rule on record gives way.",
    discussion: """
      EXAMPLES
        banyan approval rule set tier_decision --role risk --post branch_manager
        banyan approval rule set pay_run_posting --role head_office --approvers 2 --threshold 1000000
        banyan approval rule set tier_decision --approvers 0 --from 2027-01-01 --reason "ends"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The action.") var action: String
  @Option(help: "Role whose holders may approve; may be given again.") var role: [String] = []
  @Option(help: "Kind of post whose holders may approve; may be given again.")
  var post: [String] = []
  @Option(help: "How many must approve; 0 ends the rule.") var approvers: Int32 = 1
  @Option(help: "Size of the action from which the rule counts.") var threshold =
    ExactDecimal.zero
  @Option(help: "Days after which a proposal has expired.") var expiresAfterDays: Int32 = 30
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Day after the last.") var until: CivilDate?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let rule = ApprovalRule(
      action: action, roles: role, postKinds: post, approvers: approvers, threshold: threshold,
      expiresAfterDays: expiresAfterDays, from: from, until: until, reason: reason)
    let waiting = try await onPlatform(database) { connection in
      try rule.set(on: connection)
    }
    if waiting == nil { tell("The rule of \(action) is on record.") }
    tellWaiting(waiting)
  }
}

struct ApprovalRuleLoad: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Set the rules of a file, all or none.",
    discussion: """
      EXAMPLE
        banyan approval rule load seeds/approvals/demo-rules.yaml
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The rules, in YAML.") var file: String

  func execute() async throws {
    let file = file
    let (count, waiting) = try await onPlatform(database) { connection in
      try ApprovalRule.load(path: file, on: connection)
    }
    tell(
      "\(count - waiting.count) \(count - waiting.count == 1 ? "rule is" : "rules are") on record.")
    for approval in waiting { tellWaiting(approval) }
  }
}
