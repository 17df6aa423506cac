import Exchange
import LibPQ
import Quantities

/// The tier review: a scorecard proposes with its arithmetic, a named person decides.
public enum TierReview {
  /// Applies a scorecard to people and a period, and puts the proposals on record.
  ///
  /// - Parameters:
  ///   - numbers: The people; none for all who hold a tier on the last day.
  ///   - months: First and last month of the period.
  /// - Returns: The numbers of the reviews.
  public static func propose(
    scorecard: String, numbers: [String], months: (first: Month, last: Month),
    on connection: isolated Connection
  ) throws -> [Int64] {
    if months.last < months.first {
      throw BanyanError.usage(
        "the period ends with \(months.last), before it begins with \(months.first); exchange the two"
      )
    }
    let until = months.last.adding(months: 1).firstDay
    return try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        let people =
          numbers.isEmpty
          ? try connection.rows(
            """
            select e.number from bank.employee as e
            where bank.tier_on(e.employee_id, \(months.last.lastDay)) is not null
            order by length(e.number), e.number
            """, as: String.self) : numbers
        return try people.map { number in
          try connection.value(
            "select bank.propose_tier_review(\(number), \(scorecard), \(months.first.firstDay), \(until))",
            as: Int64.self)
        }
      }
    }
  }

  /// Decides a review: as proposed, or for another tier with a reason.
  public static func decide(
    _ review: Int64, by decider: String, from day: CivilDate, tier: String?, reason: String?,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        try connection.execute(
          "select bank.decide_tier_review(\(review), \(decider), \(day), \(tier), \(reason))")
      }
    }
  }

  /// The reviews that count, or only those that wait for a decision.
  public static func listing(
    onlyOpen: Bool, numbers: [Int64]? = nil, connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("review", .integer), Column("person"), Column("from", .date), Column("to", .date),
        Column("scorecard"), Column("total", .amount), Column("tier"), Column("proposal"),
        Column("proposed_tier"), Column("decision"), Column("decided_tier"), Column("decided_by"),
        Column("effective_from", .date), Column("reason"),
      ],
      """
      select r.tier_review_id, e.number, r.period_from, r.period_until - 1, s.code || ' ' || s.version, r.total,
        r.current_tier, r.proposal::text, r.proposed_tier, r.decision::text, r.decided_tier, d.number,
        r.effective_from, r.decision_reason
      from bank.tier_review as r
      join bank.employee as e using (employee_id)
      join bank.scorecard as s using (scorecard_id)
      left join bank.employee as d on d.employee_id = r.decided_by_id
      where r.superseded_at is null and (not \(onlyOpen) or r.decided_at is null)
        and (\(numbers)::bigint[] is null or r.tier_review_id = any (\(numbers)))
      order by r.tier_review_id
      """, on: connection)
  }

  /// The lines of a review with their arithmetic.
  public static func lines(
    of review: Int64, connection: isolated Connection
  ) throws -> Listing {
    let listing = try Listing(
      [
        Column("line", .integer), Column("kind"), Column("title"), Column("value", .amount),
        Column("points", .amount), Column("passes"), Column("arithmetic"),
      ],
      """
      select line_number, kind, title, trim_scale(round(value, 4)), trim_scale(points),
        case passes when true then 'yes' when false then 'no' end, arithmetic
      from bank.tier_review_line where tier_review_id = \(review) order by line_number
      """, on: connection)
    if listing.rows.isEmpty {
      throw BanyanError.usage(
        "there is no review \(review) on record; see the numbers with `banyan tier review list`")
    }
    return listing
  }
}
