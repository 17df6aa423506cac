import Exchange
import LibPQ
import Quantities

/// Moves of clients from one person to others.
public enum Transfers {
  /// What is to be handed over, by whom and to whom.
  public struct Proposal: Sendable {
    /// What happens to clients with overdue or unpaid loans.
    public enum ProblemLoans: Sendable {
      /// They move like the others.
      case move
      /// They stay with the giver.
      case stay
      /// They go to the head of the team.
      case toHead(String)
    }

    /// Who gives; nil for everybody who looks after clients of the unit.
    public var giver: String?
    /// Who receives; several are dealt the clients in turn.
    public var receivers: [String]
    /// First day with the receivers.
    public var effectiveOn: CivilDate
    /// Day after the last one, for a stand-in.
    public var effectiveUntil: CivilDate?
    /// Why.
    public var cause: String
    /// Number of the person who proposes it.
    public var proposedBy: String
    /// Only what is booked at this unit and below it.
    public var unit: String?
    /// Only clients and accounts of these numbers; nil for all.
    public var numbers: [String]?
    /// Only clients of these segments, as axis and segment.
    public var segments: [(axis: String, segment: String)] = []
    /// What happens to problem loans.
    public var problemLoans = ProblemLoans.move
    /// Whether open accounts go along.
    public var balancesMove = true

    /// Proposes to move what a giver has, or what lies at ``unit`` for no giver, to the receivers, in turn.
    public init(
      giver: String?, receivers: [String], effectiveOn: CivilDate, cause: String, proposedBy: String
    ) {
      (self.giver, self.receivers, self.effectiveOn) = (giver, receivers, effectiveOn)
      (self.cause, self.proposedBy) = (cause, proposedBy)
    }

    private var problem: (word: String, head: String?) {
      switch problemLoans {
      case .move: ("move", nil)
      case .stay: ("stay", nil)
      case .toHead(let head): ("to_head", head)
      }
    }

    /// The arguments of the functions of one giver.
    private func arguments(giver: String) -> Query {
      """
      \(giver), \(receivers)::text[], \(effectiveOn)::date, \(cause), \(proposedBy), \(unit), \(numbers)::text[],
        \(problem.word)::text::bank.problem_loans, \(problem.head), \(balancesMove), \(effectiveUntil)::date,
        coalesce((select jsonb_object_agg(axis, segment)
          from unnest(\(segments.map(\.axis))::text[], \(segments.map(\.segment))::text[]) as s (axis, segment)), '{}')
      """
    }

    /// Puts the proposal on record; returns the numbers of the transfers, one a giver.
    public func record(on connection: isolated Connection) throws -> [Int64] {
      try connection.explainingRefusals { connection in
        if let giver {
          return [
            try connection.value(
              "select bank.propose_transfer(\(query: arguments(giver: giver)))", as: Int64.self)
          ]
        }
        return try connection.rows(
          """
          select * from bank.propose_branch_transfer(\(unit), \(receivers)::text[], \(effectiveOn)::date, \(cause),
            \(proposedBy), \(problem.word)::text::bank.problem_loans, \(problem.head), \(balancesMove))
          """, as: Int64.self)
      }
    }

    /// What it would do to the load and the shares of everybody in it. Nothing stays of it.
    public func rehearse(giver: String, on connection: isolated Connection) throws -> Listing {
      try connection.explainingRefusals { connection in
        try Listing(
          [
            Column("person"), Column("clients", .integer), Column("after", .integer),
            Column("capacity", .integer), Column("over"), Column("accounts", .integer),
            Column("accounts_after", .integer), Column("shares", .amount),
            Column("shares_after", .amount), Column("balance", .amount),
            Column("balance_after", .amount),
          ],
          """
          select p.person, p.clients_before, p.clients_after, p.capacity::bigint,
            case when p.clients_after > p.capacity then 'over' end, p.accounts_before, p.accounts_after,
            trim_scale(p.share_before), trim_scale(p.share_after), round(p.balance_before, 2), round(p.balance_after, 2)
          from bank.preview_transfer(\(query: arguments(giver: giver))) as p
          """, on: connection)
      }
    }
  }

  /// A receiver agrees; returns the state that the transfer has then.
  public static func accept(
    _ transfer: Int64, by person: String, on connection: isolated Connection
  ) throws -> String {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.accept_transfer(\(transfer), \(person))::text", as: String.self)
    }
  }

  /// Carries out a transfer that had to wait.
  public static func apply(_ transfer: Int64, on connection: isolated Connection) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.apply_transfer(\(transfer))")
    }
  }

  /// The number of the approval that a transfer waits for; nil if it waits for none.
  public static func waiting(
    _ transfer: Int64, on connection: isolated Connection
  ) throws -> Int64? {
    try Approvals.waiting("assignment_transfer", for: String(transfer), on: connection)
  }

  /// A receiver refuses, or who proposed it withdraws.
  public static func close(
    _ transfer: Int64, asRefused: Bool, by person: String, reason: String,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.close_transfer(\(transfer), \(asRefused ? "refused" : "withdrawn")::text::bank.transfer_state,
          \(person), \(reason))
        """)
    }
  }

  /// Transfers: some by number, those of a person, those that are not closed, or all.
  public static func listing(
    _ numbers: [Int64]? = nil, person: String? = nil, onlyOpen: Bool = false,
    connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try connection.requireEmployee(person)
      return try Listing(
        [
          Column("transfer", .integer), Column("giver"), Column("receivers"),
          Column("effective_on", .date), Column("until", .date), Column("cause"),
          Column("selection"), Column("clients", .integer), Column("left", .integer),
          Column("problem_loans"), Column("balances_move"), Column("state"), Column("why_closed"),
        ],
        """
        select t.transfer, t.giver, t.receivers, t.effective_on, t.effective_until, t.cause, t.selection,
          t.clients::bigint, t.clients_left::bigint, t.problem_loans, case when t.balances_move then 'yes' else 'no' end,
          t.state, t.closing_reason
        from report.transfer as t
        where (\(numbers)::bigint[] is null or t.transfer = any (\(numbers)::bigint[]))
          and (\(person)::text is null or t.giver = \(person) or t.transfer in (
            select r.transfer_id from bank.transfer_receiver as r join bank.employee as e using (employee_id)
            where e.number = \(person)))
          and not (\(onlyOpen) and t.state in ('effective', 'refused', 'withdrawn'))
        order by t.transfer
        """, on: connection)
    }
  }

  /// The list of a transfer as it was proposed.
  public static func items(of transfer: Int64, connection: isolated Connection) throws -> Listing {
    try connection.explainingRefusals { connection in
      try connection.execute("select bank.require_number('transfer', \(transfer))")
      return try Listing(
        [
          Column("branch"), Column("client"), Column("account"), Column("product_line"),
          Column("problem_loan"), Column("fate"), Column("balances_move"), Column("rule", .integer),
        ],
        """
        select u.code, c.number, a.number, i.product_line, case when i.has_problem_loan then 'yes' else 'no' end,
          replace(i.fate, '_', ' '), case when i.balances_move then 'yes' else 'no' end, i.rule::bigint
        from bank.transfer_item as i
        join bank.org_unit as u on u.org_unit_id = i.branch_id
        left join bank.client as c on c.branch_id = i.branch_id and c.client_id = i.client_id
        left join bank.account as a on a.branch_id = i.branch_id and a.account_id = i.account_id
        where i.transfer_id = \(transfer)
        order by u.code, c.number, a.number
        """, on: connection)
    }
  }

  /// What moves for a cause by the rules on record.
  public static func rule(
    cause: String, months: Int32?, instalments: Int32?, balance: ExactDecimal?,
    connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [Column("clients_move"), Column("balances_move"), Column("rule", .integer)],
        """
        select case when t.clients_move then 'yes' else 'no' end, case when t.balances_move then 'yes' else 'no' end,
          t.rule::bigint
        from bank.transfer_terms(\(cause), \(months)::integer, \(instalments)::integer, \(balance)::numeric) as t
        """, on: connection)
    }
  }
}
