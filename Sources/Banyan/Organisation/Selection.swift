import Exchange
import LibPQ
import Quantities

/// Competitive selection: a round from its opening to the appointment.
public enum Selection {
  /// A round to be opened.
  public struct Round: Sendable {
    let code: String
    let title: String
    let kind: String
    let unit: String
    let seats: Int
    let openedOn: CivilDate
    let weights: (exam: ExactDecimal, interview: ExactDecimal, performance: ExactDecimal)
    let passMark: ExactDecimal
    let criteria: [String]

    /// A round for a number of posts of one kind at a unit.
    ///
    /// - Parameter criteria: Each as `code: the criterion in words`.
    public init(
      code: String, title: String, kind: String, unit: String, seats: Int, openedOn: CivilDate,
      weights: (exam: ExactDecimal, interview: ExactDecimal, performance: ExactDecimal),
      passMark: ExactDecimal, criteria: [String]
    ) {
      self.code = code
      self.title = title
      self.kind = kind
      self.unit = unit
      self.seats = seats
      self.openedOn = openedOn
      self.weights = weights
      self.passMark = passMark
      self.criteria = criteria
    }
  }

  /// A step of a round.
  public enum Step: Sendable {
    /// A person applies and meets some criteria.
    case apply(person: String, on: CivilDate, met: [String])
    /// A criterion that an applicant does not meet is waived.
    case waive(person: String, criterion: String, by: String, reason: String)
    /// A member of the panel scores an applicant.
    case score(person: String, part: String, by: String, score: ExactDecimal)
    /// The admitted applicants are ranked.
    case rank
    /// The ranking is published.
    case publish(on: CivilDate)
    /// An applicant is appointed.
    case appoint(
      person: String, from: CivilDate, lineManager: String?, team: String?, reason: String?)
  }

  /// Opens a round.
  public static func open(_ round: Round, on connection: isolated Connection) throws {
    try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        try connection.execute(
          """
          select bank.open_selection(\(round.code), \(round.title), \(round.kind), \(round.unit), \(Int32(round.seats)),
            \(round.openedOn), \(round.weights.exam), \(round.weights.interview), \(round.weights.performance),
            \(round.passMark), \(round.criteria)::text[])
          """)
      }
    }
  }

  /// Takes a step of a round.
  ///
  /// - Throws: ``BanyanError`` with the sentence of the rule that refuses.
  public static func take(
    _ step: Step, of round: String, on connection: isolated Connection
  ) throws {
    let statement: Query =
      switch step {
      case .apply(let person, let day, let met):
        "select bank.apply_for_selection(\(round), \(person), \(day), \(met)::text[])"
      case .waive(let person, let criterion, let waiver, let reason):
        "select bank.waive_criterion(\(round), \(person), \(criterion), \(waiver), \(reason))"
      case .score(let person, let part, let member, let score):
        "select bank.score_selection(\(round), \(person), \(part)::text::bank.selection_part, \(member), \(score))"
      case .rank: "select bank.rank_selection(\(round))"
      case .publish(let day): "select bank.publish_selection(\(round), \(day))"
      case .appoint(let person, let from, let manager, let team, let reason):
        "select bank.appoint_selected(\(round), \(person), \(from), \(manager), \(team), \(reason))"
      }
    try connection.explainingRefusals { connection in
      try connection.transaction { connection in try connection.execute(statement) }
    }
  }

  /// All rounds, the newest first.
  public static func listing(connection: isolated Connection) throws -> Listing {
    try Listing(
      [
        Column("round"), Column("title"), Column("post"), Column("unit"), Column("seats", .integer),
        Column("opened", .date), Column("applicants", .integer), Column("published", .date),
        Column("appointed", .integer), Column("origin"),
      ],
      """
      select r.code, r.title, r.kind, u.code, r.seats, r.opened_on,
        (select count(*) from bank.selection_application as a where a.selection_round_id = r.selection_round_id),
        r.published_on,
        (select count(distinct p.employee_id) from bank.post as p
         join bank.selection_result as s using (selection_result_id)
         join bank.selection_application as a using (selection_application_id)
         where a.selection_round_id = r.selection_round_id and p.superseded_at is null),
        r.origin::text
      from bank.selection_round as r join bank.org_unit as u using (org_unit_id)
      order by r.opened_on desc, r.selection_round_id desc
      """, on: connection)
  }

  /// The applicants of a round in the order of the ranking, with how the totals come about.
  public static func applicants(
    of round: String, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      _ = try connection.value("select bank.require_round(\(round))", as: Int32.self)
      return try Listing(
        [
          Column("place", .integer), Column("person"), Column("name"), Column("admitted"),
          Column("total", .amount), Column("arithmetic"), Column("appointed", .date),
        ],
        """
        select r.place, e.number, e.name, case
            when not bank.is_admitted(a.selection_application_id) then 'no: ' || (
              select string_agg(c.code, ', ' order by c.selection_criterion_id)
              from bank.selection_check as k join bank.selection_criterion as c using (selection_criterion_id)
              where k.selection_application_id = a.selection_application_id and k.superseded_at is null
                and not k.is_met and k.waived_by_id is null)
            else 'yes' || coalesce(', waived: ' || (
              select string_agg(format('%s by %s (%s)', c.code, w.number, k.reason), ', ' order by c.selection_criterion_id)
              from bank.selection_check as k
              join bank.selection_criterion as c using (selection_criterion_id)
              join bank.employee as w on w.employee_id = k.waived_by_id
              where k.selection_application_id = a.selection_application_id and k.superseded_at is null), '')
          end, r.total, r.arithmetic, (
            select min(p.effective_from) from bank.post as p
            where p.selection_result_id = r.selection_result_id and p.superseded_at is null)
        from bank.selection_application as a
        join bank.employee as e using (employee_id)
        left join bank.selection_result as r
          on r.selection_application_id = a.selection_application_id and r.superseded_at is null
        where a.selection_round_id = bank.require_round(\(round))
        order by r.place, length(e.number), e.number
        """, on: connection)
    }
  }
}
