import Exchange
import LibPQ
import Quantities

/// What people object to in their pay.
public enum PayDispute {
  /// Opens a dispute about a line of a statement, or about all of it; returns its number.
  public static func open(
    person: String, month: Month, plan: String?, line: Int32?, claim: String,
    wanted: ExactDecimal?, on connection: isolated Connection
  ) throws -> (number: Int64, dueOn: CivilDate) {
    try connection.explainingRefusals { connection in
      let number = try connection.value(
        """
        select bank.open_dispute(\(person), \(month.firstDay), \(plan), \(line)::integer, \(claim),
          \(wanted)::numeric)
        """, as: Int64.self)
      let due = try connection.value(
        "select due_on from bank.pay_dispute where dispute_id = \(number)", as: CivilDate.self)
      return (number, due)
    }
  }

  /// Says who is to look into it.
  public static func route(
    _ dispute: Int64, to person: String, reason: String?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.route_dispute(\(dispute), \(person), \(reason))")
    }
  }

  /// Answers it.
  ///
  /// - Parameter amount: What an acceptance pays; nil for a rejection.
  /// - Returns: The number of the approval that an acceptance waits for; nil if it is answered.
  public static func answer(
    _ dispute: Int64, amount: ExactDecimal?, reason: String, by person: String?,
    on connection: isolated Connection
  ) throws -> Int64? {
    let result = try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.answer_dispute(\(dispute), \(amount != nil), \(amount)::numeric, \(reason), \(person))
        """, as: Int64.self)
    }
    return result < 0 ? -result : nil
  }

  /// Takes it back.
  public static func withdraw(
    _ dispute: Int64, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.withdraw_dispute(\(dispute), \(reason))")
    }
  }

  /// Disputes: one by number, those of a person, those that are open or overdue, or all.
  public static func listing(
    _ number: Int64? = nil, person: String? = nil, handler: String? = nil, onlyOpen: Bool = false,
    onlyOverdue: Bool = false, on connection: isolated Connection
  ) throws -> Listing {
    let listing = try Listing(
      [
        Column("dispute", .integer), Column("person"), Column("month"), Column("run", .integer),
        Column("line", .integer), Column("component"), Column("claim"), Column("wanted", .amount),
        Column("state"), Column("opened_on", .date), Column("due_on", .date),
        Column("overdue_days", .integer), Column("handler"), Column("answer"),
        Column("amount", .amount), Column("answered_by"), Column("paid_in"),
      ],
      """
      select d.dispute, d.person, d.month, d.run, d.line, d.component, d.claim, d.wanted, d.state, d.opened_on, d.due_on,
        d.overdue_days, d.handler, d.answer, d.amount, d.answered_by, d.paid_in
      from report.pay_dispute as d
      where (\(number)::bigint is null or d.dispute = \(number))
        and (\(person)::text is null or d.person = \(person))
        and (\(handler)::text is null or d.handler = \(handler))
        and not (\(onlyOpen) and d.state <> 'open') and not (\(onlyOverdue) and d.overdue_days is null)
      order by d.due_on, d.dispute
      """, on: connection)
    if let number, listing.rows.isEmpty {
      throw BanyanError.usage(
        "there is no dispute \(number) on record that this login may see; see the numbers with `banyan pay dispute list`"
      )
    }
    return listing
  }
}
