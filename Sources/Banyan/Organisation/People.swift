import Exchange
import LibPQ
import Quantities

/// People and what they hold: posts, tiers, specialities, qualifications, declarations.
public enum People {
  /// The people of a unit and of all units below it on a day, or all.
  public static func listing(
    unit: String?, kind: String?, on day: CivilDate?, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      if let unit { try OrgTree.requireUnit(unit, on: connection) }
      return try Listing(
        [
          Column("number"), Column("name"), Column("unit"), Column("post"), Column("since", .date),
          Column("reports_to"), Column("team"), Column("tier"),
        ],
        """
        with day as (select coalesce(\(day)::date, current_date) as day),
        place as (select p.* from day cross join lateral bank.org_places(day.day) as p)
        select e.number, e.name, u.code, p.kind, p.effective_from, m.number, t.code, h.tier
        from bank.employee as e
        cross join day
        left join bank.post as p on p.employee_id = e.employee_id and p.superseded_at is null and p.is_main
          and daterange(p.effective_from, p.effective_until) @> day.day
        join place as u on u.org_unit_id = coalesce(p.org_unit_id, e.branch_id)
        left join bank.employee as m on m.employee_id = p.line_manager_id
        left join bank.team as t using (team_id)
        left join bank.employee_tier as h on h.employee_id = e.employee_id and h.superseded_at is null
          and daterange(h.effective_from, h.effective_until) @> day.day
        where (\(kind)::text is null or p.kind = \(kind))
          and (\(unit)::text is null or u.path <@ (select a.path from place as a where a.code = \(unit)))
        order by length(e.number), e.number
        """, on: connection)
    }
  }

  /// Everything on record about one person, a line each: what counts now, or all that was ever believed.
  public static func person(
    _ number: String, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      _ = try connection.value("select bank.require_employee(\(number))", as: Int32.self)
      return try Listing(
        [
          Column("what"), Column("value"), Column("since", .date), Column("until", .date),
          Column("more"), Column("superseded_at"),
        ],
        """
        with person as (select * from bank.employee where number = \(number))
        select f.what, f.value, f.since, f.until, f.more,
          to_char(f.superseded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        from (
          select 1 as position, 'person' as what, concat_ws(' ', e.number, e.name) as value, e.joined_on as since,
            null::date as until, null as more, null::timestamptz as superseded_at
          from person as e
          union all
          select 2, case when p.is_main then 'post' else 'post beside' end, p.kind || ' at ' || u.code,
            p.effective_from, p.effective_until, concat_ws(', ', 'by ' || p.origin, 'round ' || r.code,
              'reports to ' || m.number, 'team ' || t.code, p.reason), p.superseded_at
          from person as e
          join bank.post as p using (employee_id)
          join bank.org_unit as u on u.org_unit_id = p.org_unit_id
          left join bank.employee as m on m.employee_id = p.line_manager_id
          left join bank.team as t using (team_id)
          left join bank.selection_result as s using (selection_result_id)
          left join bank.selection_application as a using (selection_application_id)
          left join bank.selection_round as r using (selection_round_id)
          union all
          select 3, 'tier', h.tier, h.effective_from, h.effective_until, 'by review ' || h.tier_review_id, h.superseded_at
          from person as e join bank.employee_tier as h using (employee_id)
          union all
          select 4, 'speciality', s.speciality, s.effective_from, s.effective_until, null, s.superseded_at
          from person as e join bank.employee_speciality as s using (employee_id)
          union all
          select 5, 'qualification', q.qualification, q.obtained_on, q.expires_on,
            concat_ws(', ', q.certificate_number, case when q.expires_on <= current_date then 'expired' end), q.superseded_at
          from person as e join bank.employee_qualification as q using (employee_id)
          union all
          select 6, 'stands back from', coalesce('client ' || d.client_number, 'employee ' || o.number),
            d.effective_from, d.effective_until, d.relation, d.superseded_at
          from person as e
          join bank.relationship_declaration as d using (employee_id)
          left join bank.employee as o on o.employee_id = d.other_employee_id
        ) as f
        where \(withSuperseded) or f.superseded_at is null
        order by f.position, f.since, f.superseded_at
        """, on: connection)
    }
  }

  /// Enters a person.
  public static func add(
    number: String, name: String?, unit: String, joinedOn: CivilDate,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.value(
        "select bank.add_employee(\(number), \(name), \(unit), \(joinedOn))", as: Int32.self)
    }
  }

  /// A post that a person is to hold.
  public struct Posting: Sendable {
    let number: String
    let unit: String
    let kind: String
    let from: CivilDate
    let until: CivilDate?
    let lineManager: String?
    let team: String?
    let isMain: Bool
    let isTransfer: Bool
    let reason: String?

    /// A post of a kind at a unit.
    public init(
      number: String, unit: String, kind: String, from: CivilDate, until: CivilDate? = nil,
      lineManager: String? = nil, team: String? = nil, isMain: Bool = true,
      isTransfer: Bool = false, reason: String? = nil
    ) {
      self.number = number
      self.unit = unit
      self.kind = kind
      self.from = from
      self.until = until
      self.lineManager = lineManager
      self.team = team
      self.isMain = isMain
      self.isTransfer = isTransfer
      self.reason = reason
    }

    /// Records it; an open main post of the person ends the day before.
    public func record(on connection: isolated Connection) throws {
      try connection.explainingRefusals { connection in
        try connection.transaction { connection in
          _ = try connection.value(
            """
            select bank.hold_post(\(number), \(unit), \(kind), \(from), \(until), \(lineManager), \(team), \(isMain),
              \(isTransfer ? "transfer" : "appointment")::text::bank.post_origin, \(reason))
            """, as: Int64.self)
        }
      }
    }
  }

  /// Ends the posts of a person, or the one at a unit.
  ///
  /// - Returns: How many ended.
  public static func endPosts(
    of number: String, on day: CivilDate, unit: String?, reason: String?,
    connection: isolated Connection
  ) throws -> Int64 {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.end_post(\(number), \(day), \(unit), \(reason))", as: Int64.self)
    }
  }

  /// Adds a speciality.
  public static func addSpeciality(
    _ speciality: String, of number: String, from: CivilDate, until: CivilDate?,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute(
        """
        insert into bank.employee_speciality (employee_id, speciality, effective_from, effective_until)
        values (bank.require_employee(\(number)), \(speciality), \(from), \(until))
        """)
    }
  }

  /// Adds a qualification.
  public static func addQualification(
    _ qualification: String, of number: String, obtainedOn: CivilDate, expiresOn: CivilDate?,
    certificate: String?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute(
        """
        insert into bank.employee_qualification
          (employee_id, qualification, obtained_on, expires_on, certificate_number)
        values (bank.require_employee(\(number)), \(qualification), \(obtainedOn), \(expiresOn), \(certificate))
        """)
    }
  }

  /// Declares a relationship to a client or to a colleague.
  public static func declareRelationship(
    of number: String, client: String?, colleague: String?, relation: String, from: CivilDate,
    until: CivilDate?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute(
        """
        insert into bank.relationship_declaration
          (employee_id, client_number, other_employee_id, relation, effective_from, effective_until)
        values (bank.require_employee(\(number)), \(client),
          case when \(colleague)::text is not null then bank.require_employee(\(colleague)) end,
          \(relation), \(from), \(until))
        """)
    }
  }
}
