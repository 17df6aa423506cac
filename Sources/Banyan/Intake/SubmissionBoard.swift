import Exchange
import LibPQ
import Quantities

/// What each branch owes for a month, and what has come of it.
public enum SubmissionBoard {
  /// Says by which day of the next month branches deliver a dataset, from a month on.
  ///
  /// - Parameters:
  ///   - branch: Code of the branch; nil for every branch that is open.
  ///   - dueDay: The day; 0 when it is no more owed.
  /// - Returns: For how many branches.
  public static func expect(
    _ dataset: String, of branch: String?, byDay dueDay: Int, from month: Month, until end: Month?,
    on connection: isolated Connection
  ) throws -> Int {
    guard Dataset.named(dataset) != nil else {
      throw BanyanError.usage(
        "there is no dataset “\(dataset)”; docs/mappings.md lists them, such as transactions")
    }
    return try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.set_delivery_duty(\(branch), \(dataset), \(Int32(dueDay)), \(month.firstDay), \(end?.firstDay))
        """, as: Int.self)
    }
  }

  /// Every delivery of a month with its state.
  public static func deliveries(
    of month: Month, onlyOpen: Bool = false, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("region"), Column("branch"), Column("dataset"), Column("due_on", .date),
        Column("state"), Column("days_late", .integer), Column("received_at"),
        Column("loaded", .integer), Column("rejected", .integer), Column("refused", .integer),
        Column("replaced", .integer), Column("restated", .integer),
      ],
      """
      select region, branch, dataset, due_on, state, nullif(days_late, 0)::bigint,
        to_char(received_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        rows_loaded, rows_rejected, refused, replaced, restated
      from bank.submission_board(\(month.firstDay)) where not \(onlyOpen) or state <> 'received'
      """, on: connection)
  }

  /// How complete each region is, and the bank.
  public static func completeness(
    of month: Month, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("region"), Column("owed", .integer), Column("received", .integer),
        Column("rejected", .integer), Column("late", .integer), Column("expected", .integer),
        Column("percent", .amount),
      ],
      """
      with board as materialized (select * from bank.submission_board(\(month.firstDay))),
      line as (
        select 1 as place, region, state from board
        union all select 2, 'bank', state from board
      )
      select region, count(*), count(*) filter (where state = 'received'), count(*) filter (where state = 'rejected'),
        count(*) filter (where state = 'late'), count(*) filter (where state = 'expected'),
        round(100.0 * count(*) filter (where state = 'received') / count(*), 1)
      from line group by place, region order by place, region
      """, on: connection)
  }

  /// What branches are to be reminded of, a sentence each: overdue deliveries and those that were refused.
  public static func reminders(
    of month: Month, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("branch"), Column("dataset"), Column("due_on", .date),
        Column("days_late", .integer), Column("reminder"),
      ],
      """
      select branch, dataset, due_on, days_late::bigint,
        format('%s owes %s of %s, due on %s', branch, dataset, \(month.description)::text, due_on)
          || case when refused > 0 then '; what came was refused' else '' end
          || case when days_late > 0 then format('; %s days late', days_late) else '' end
      from bank.submission_board(\(month.firstDay)) where state in ('late', 'rejected')
      order by days_late desc, branch, dataset
      """, on: connection)
  }

  /// Submissions of a month: what came with a manifest, and what was refused.
  public static func submissions(
    of month: Month?, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("submission", .integer), Column("name"), Column("file"), Column("branch"),
        Column("month"), Column("state"), Column("files", .integer), Column("received_at"),
        Column("failure"),
      ],
      """
      select s.submission_id, s.name, s.file_name, u.code, to_char(s.month, 'YYYY-MM'), s.state::text, s.files::bigint,
        to_char(s.received_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), s.failure
      from bank.submission as s left join bank.org_unit as u on u.org_unit_id = s.branch_id
      where \(month?.firstDay)::date is null or s.month = \(month?.firstDay)
      order by s.submission_id
      """, on: connection)
  }
}

/// Months that head office closes.
public enum Periods {
  /// Closes a month, or proposes that.
  ///
  /// - Returns: The number of the approval that it waits for; nil if it is closed.
  public static func close(
    _ month: Month, althoughIncomplete: Bool, reason: String?, on connection: isolated Connection
  ) throws -> Int64? {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.close_period(\(month.firstDay), \(althoughIncomplete), \(reason))",
        as: Int64?.self)
    }
  }

  /// The months that are closed.
  public static func listing(on connection: isolated Connection) throws -> Listing {
    try Listing(
      [
        Column("month"), Column("closed_at"), Column("by"), Column("complete"),
        Column("restatements", .integer), Column("reason"),
      ],
      """
      select to_char(c.month, 'YYYY-MM'), to_char(c.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), c.closed_by,
        case when c.is_complete then 'yes' else 'no' end,
        (select count(distinct b.batch_id) from bank.batch as b
         join bank.batch_part as p on p.batch_id in (b.batch_id, b.replaces_id)
         where b.is_restatement and p.month = c.month), c.reason
      from bank.period_close as c order by c.month
      """, on: connection)
  }

  /// A closed month branch by branch, as it was and as it is.
  public static func restatements(
    of month: Month, on connection: isolated Connection
  ) throws -> Listing {
    let isClosed = try connection.value(
      "select exists (select from bank.period_close where month = \(month.firstDay))", as: Bool.self
    )
    if !isClosed {
      throw BanyanError.usage(
        "\(month) is not closed; close it with `banyan period close \(month)`")
    }
    return try Listing(
      [
        Column("branch"), Column("transactions_then", .integer),
        Column("transactions_now", .integer), Column("credits_then", .amount),
        Column("credits_now", .amount), Column("debits_then", .amount),
        Column("debits_now", .amount), Column("batches"),
      ],
      """
      select branch, transactions_then, transactions_now, credits_then, credits_now, debits_then, debits_now,
        nullif(array_to_string(batches, ' '), '')
      from bank.restatements(\(month.firstDay))
      """, on: connection)
  }
}
