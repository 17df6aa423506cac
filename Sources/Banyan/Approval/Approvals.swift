import Exchange
import LibPQ
import Quantities

/// Maker and checker: what one person has proposed, and what others have decided about it.
public enum Approvals {
  /// What a decision came to.
  public struct Outcome: Sendable {
    /// The state of the proposal: proposed while others must approve too, approved when something stands
    /// in the way of carrying it out, applied, or rejected.
    public let state: String
    /// What stands in the way.
    public let obstacle: String?
  }

  /// The person of the connection's login approves; the last approval that is needed carries it out.
  public static func approve(
    _ approval: Int64, reason: String?, on connection: isolated Connection
  ) throws -> Outcome {
    try outcome(
      "select bank.decide_approval(\(approval), true, \(reason))::text", of: approval,
      on: connection)
  }

  /// The person of the connection's login rejects, which ends the proposal.
  public static func reject(
    _ approval: Int64, reason: String, on connection: isolated Connection
  ) throws -> Outcome {
    try outcome(
      "select bank.decide_approval(\(approval), false, \(reason))::text", of: approval,
      on: connection)
  }

  /// Carries out what was approved and could not be carried out then.
  public static func apply(
    _ approval: Int64, on connection: isolated Connection
  ) throws -> Outcome {
    try outcome("select bank.apply_approval(\(approval))::text", of: approval, on: connection)
  }

  private static func outcome(
    _ query: Query, of approval: Int64, on connection: isolated Connection
  ) throws -> Outcome {
    try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        let state = try connection.value(query, as: String.self)
        let obstacle = try connection.optionalRow(
          "select coalesce(obstacle, '') from bank.approval where approval_id = \(approval)",
          as: String.self)
        return Outcome(state: state, obstacle: obstacle.flatMap { $0.isEmpty ? nil : $0 })
      }
    }
  }

  /// Who proposed it takes it back.
  public static func withdraw(
    _ approval: Int64, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.withdraw_approval(\(approval), \(reason))")
    }
  }

  /// The number of the proposal about something that waits; nil if what was ordered has been done.
  public static func waiting(
    _ action: String, for key: String, on connection: isolated Connection
  ) throws -> Int64? {
    try connection.value("select bank.open_approval(\(action), \(key))", as: Int64?.self)
  }

  /// Proposals: those of an action, of a person, one by number, those that wait, or all.
  public static func listing(
    _ number: Int64? = nil, action: String? = nil, person: String? = nil, onlyOpen: Bool = false,
    connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("approval", .integer), Column("action"), Column("subject"),
          Column("size", .amount), Column("state"), Column("approved", .integer),
          Column("needed", .integer), Column("proposed_by"), Column("login"),
          Column("proposed_on", .date), Column("expires_on", .date), Column("reason"),
          Column("obstacle"),
        ],
        """
        select a.approval, a.action, a.subject, a.size, a.state, a.approved, a.needed, a.proposed_by, a.login,
          a.proposed_on, a.expires_on, a.reason, a.obstacle
        from report.approval as a
        where (\(number)::bigint is null or a.approval = \(number))
          and (\(action)::text is null or a.action = \(action))
          and (\(person)::text is null or a.proposed_by = \(person))
          and not (\(onlyOpen) and a.state not in ('proposed', 'approved'))
        order by a.approval
        """, on: connection)
    }
  }

  /// One proposal with everything that happened to it, in the order of time.
  ///
  /// - Throws: ``BanyanError`` if there is none of this number, or the login may not see it.
  public static func steps(
    of approval: Int64, connection: isolated Connection
  ) throws -> Listing {
    let listing = try Listing(
      [
        Column("step"), Column("person"), Column("login"), Column("at"), Column("detail"),
        Column("reason"),
      ],
      """
      select s.step, s.person, s.login, to_char(s.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), s.detail, s.reason
      from (
        select 1 as place, 'proposed' as step, coalesce(p.number, n.number) as person, a.proposed_by as login,
          a.proposed_at as at, a.subject || ': ' || a.request::text as detail, a.reason
        from bank.approval as a
        left join bank.employee as p on p.employee_id = a.proposed_by_id
        left join bank.employee as n on n.employee_id = a.named_id
        where a.approval_id = \(approval)
        union all
        select 2, case when d.approves then 'approved' else 'rejected' end, e.number, d.login, d.decided_at, null, d.reason
        from bank.approval_decision as d join bank.employee as e using (employee_id)
        where d.approval_id = \(approval)
        union all
        select 3, a.state::text, null, a.closed_by, a.closed_at, null, a.closing_reason
        from bank.approval as a
        where a.approval_id = \(approval) and a.closed_at is not null and a.state <> 'rejected'
        union all
        select 3, 'not carried out', null, null, null, a.obstacle, null
        from bank.approval as a where a.approval_id = \(approval) and a.state = 'approved' and a.obstacle is not null
      ) as s
      order by s.place, s.at
      """, on: connection)
    if listing.rows.isEmpty {
      throw BanyanError.usage(
        "there is no approval \(approval) on record that this login may see; see the numbers with `banyan approval list`"
      )
    }
    return listing
  }
}
