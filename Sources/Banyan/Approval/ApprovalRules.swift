import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

/// Which action needs whose approval, from a day on.
public struct ApprovalRule: Sendable {
  /// Code of the action.
  public var action: String
  /// Roles of access that let a person approve.
  public var roles: [String]
  /// Kinds of posts that let a person approve.
  public var postKinds: [String]
  /// How many people must approve; 0 ends the rule.
  public var approvers: Int32
  /// Size of the action from which the rule counts.
  public var threshold: ExactDecimal
  /// Days after which a proposal has expired.
  public var expiresAfterDays: Int32
  /// First day; nil for today.
  public var from: CivilDate?
  /// Day after the last.
  public var until: CivilDate?
  /// Why.
  public var reason: String?

  /// A rule for an action, which one other person of some roles or posts approves.
  public init(
    action: String, roles: [String] = [], postKinds: [String] = [], approvers: Int32 = 1,
    threshold: ExactDecimal = .zero, expiresAfterDays: Int32 = 30, from: CivilDate? = nil,
    until: CivilDate? = nil, reason: String? = nil
  ) {
    (self.action, self.roles, self.postKinds) = (action, roles, postKinds)
    (self.approvers, self.threshold, self.expiresAfterDays) = (
      approvers, threshold, expiresAfterDays
    )
    (self.from, self.until, self.reason) = (from, until, reason)
  }

  /// Puts the rule on record, or proposes it where a rule about rules is in force.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is on record.
  public func set(on connection: isolated Connection) throws -> Int64? {
    try connection.explainingRefusals { connection in
      let key = try connection.value(
        """
        select bank.set_approval_rule(\(action), \(roles)::text[], \(postKinds)::text[], \(approvers), \(threshold)::numeric,
          \(expiresAfterDays), coalesce(\(from)::date, bank.access_day()), \(until)::date, \(reason))
        """, as: Int64.self)
      return key < 0 ? -key : nil
    }
  }

  /// The rules of a day, or all that were ever on record.
  public static func listing(
    on day: CivilDate?, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("action"), Column("threshold", .amount), Column("measured_in"),
        Column("approvers", .integer), Column("roles"), Column("posts"),
        Column("expires_after_days", .integer), Column("from", .date), Column("until", .date),
        Column("state"), Column("reason"),
      ],
      """
      select a.code, r.threshold, a.measured_in, r.approvers::bigint, nullif(array_to_string(r.approver_roles, ' '), ''),
        nullif(array_to_string(r.approver_post_kinds, ' '), ''), r.expires_after_days::bigint, r.effective_from,
        r.effective_until, case
          when r.approval_rule_id is null then 'no rule: done at once'
          when r.superseded_at is not null then 'superseded'
          when r.effective_from > d.day then 'to come'
          when r.effective_until <= d.day then 'ended'
          else 'in force' end, r.reason
      from (select coalesce(\(day)::date, bank.access_day()) as day) as d
      cross join bank.approval_action as a
      left join bank.approval_rule as r on r.action = a.code
        and (\(withSuperseded) or (r.superseded_at is null and (r.effective_until is null or r.effective_until > d.day)))
      order by a.code, r.threshold, r.effective_from, r.recorded_at
      """, on: connection)
  }
}

extension ApprovalRule {
  /// Reads rules in YAML; the error holds everything that is wrong, each with its line.
  public static func rules(yaml: String) throws(DocumentError) -> [ApprovalRule] {
    let meanings = [
      "effective_from": "the first day on which the rules hold",
      "rules": "the actions, each with who approves it",
    ]
    return try Document.read(yaml: yaml, kind: "file of approval rules", meanings: meanings) {
      root in
      guard let top = DocumentMapping(root, keys: ["effective_from", "rules"]),
        let from = top.required("effective_from")?.date(),
        let rules = top.required("rules").flatMap({ DocumentMapping(anyKeys: $0) })
      else { return nil }
      return rules.entries.compactMap { rule(of: $0, from: from) }
    }
  }

  private static func rule(
    of entry: (key: String, value: DocumentNode), from: CivilDate
  ) -> ApprovalRule? {
    guard
      let keys = DocumentMapping(
        entry.value,
        keys: ["roles", "posts", "approvers", "threshold", "expires_after_days", "reason"])
    else { return nil }
    func codes(_ key: String) -> [String] {
      keys.optional(key)?.list(of: "codes", atMost: 100)?.compactMap { $0.code() } ?? []
    }
    var rule = ApprovalRule(action: entry.key, roles: codes("roles"), postKinds: codes("posts"))
    rule.approvers =
      keys.optional("approvers")?.wholeNumber(in: 0...5).map { Int32($0) } ?? 1
    rule.threshold = keys.optional("threshold")?.decimalNotNegative() ?? .zero
    rule.expiresAfterDays =
      keys.optional("expires_after_days")?.wholeNumber(in: 1...366).map { Int32($0) } ?? 30
    rule.reason = keys.optional("reason")?.text("a reason")
    rule.from = from
    return rule
  }

  /// Puts the rules of a file on record, all or none.
  ///
  /// - Returns: The numbers of the approvals that some of them wait for.
  public static func load(
    path: String, on connection: isolated Connection
  ) throws -> (rules: Int, waiting: [Int64]) {
    guard let document = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw BanyanError.data("the file of rules “\(path)” is missing or is not UTF-8 text")
    }
    let rules: [ApprovalRule]
    do {
      rules = try Self.rules(yaml: document)
    } catch {
      throw BanyanError.data(error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
    }
    return try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        let waiting = try rules.compactMap { try $0.set(on: connection) }
        return (rules.count, waiting)
      }
    }
  }
}
