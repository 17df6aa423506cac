import Exchange
import LibPQ
import Quantities

/// The org tree of any day, as it is known now or as it was known at a time.
public enum OrgTree {
  /// The open units of a day from the top, each below its parent.
  ///
  /// - Parameters:
  ///   - day: The day; nil for today.
  ///   - indented: Whether the codes are indented by their depth, for people.
  ///   - knownAt: A point in time such as `2026-03-01 12:00`; nil for what is known now.
  public static func listing(
    on day: CivilDate?, knownAt: String?, below code: String?, indented: Bool = false,
    connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      if let code { try requireUnit(code, on: connection) }
      return try Listing(
        [
          Column("unit"), Column("name"), Column("level"), Column("parent"), Column("since", .date),
          Column("until", .date),
        ],
        """
        with tree as (
          select * from bank.org_tree(coalesce(\(day)::date, current_date), bank.point_in_time(\(knownAt)))
        )
        select case when \(indented) then repeat('  ', nlevel(t.path) - coalesce(nlevel(top.path), 1)) else '' end || t.code, t.name, t.level::text, p.code,
          t.effective_from, t.effective_until
        from tree as t
        left join tree as p on p.org_unit_id = t.parent_id
        left join tree as top on top.code = \(code)
        where \(code)::text is null or t.path <@ top.path
        order by (
          select string_agg(rpad(length(u.code)::text, 3) || u.code, '/' order by above.position)
          from unnest(string_to_array(t.path::text, '.')::integer[]) with ordinality as above (unit, position)
          join bank.org_unit as u on u.org_unit_id = above.unit) collate "C"
        """, on: connection)
    }
  }

  /// What a unit was and will be, with the changes that made it so. What was believed before is listed
  /// too if `withSuperseded` says so.
  public static func history(
    of code: String, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try requireUnit(code, on: connection)
      return try Listing(
        [
          Column("since", .date), Column("until", .date), Column("name"), Column("level"),
          Column("parent"), Column("change", .integer), Column("recorded_at"),
          Column("superseded_at"), Column("reason"),
        ],
        """
        select h.effective_from, h.effective_until, h.name, h.level, h.parent_code, h.change,
          to_char(h.recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
          to_char(h.superseded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), h.reason
        from report.org_history as h
        where h.code = \(code) and (\(withSuperseded) or h.superseded_at is null)
        order by h.effective_from, h.recorded_at
        """, on: connection)
    }
  }

  /// The orders that changed a unit, or all of them, the newest first.
  public static func changes(
    of code: String?, limit: Int, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      if let code { try requireUnit(code, on: connection) }
      return try Listing(
        [
          Column("change", .integer), Column("kind"), Column("unit"), Column("on", .date),
          Column("name"), Column("level"), Column("parent"), Column("other"),
          Column("withdrawn_by", .integer),
          Column("recorded_by"), Column("recorded_at"), Column("reason"),
        ],
        """
        select c.org_change_id, c.kind::text, c.code, c.effective_on, c.name, c.level::text, c.parent_code,
          c.other_code, w.org_change_id, c.recorded_by,
          to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), c.reason
        from bank.org_change as c
        left join bank.org_change as w on w.withdraws_id = c.org_change_id
        where \(code)::text is null or \(code) in (c.code, c.other_code, c.parent_code)
        order by c.org_change_id desc
        limit \(limit)
        """, on: connection)
    }
  }

  /// What a unit is on a day: itself, what lies under it, and who works there.
  public static func unit(
    _ code: String, on day: CivilDate?, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try requireUnit(code, on: connection)
      return try Listing(
        [Column("what"), Column("value")],
        """
        with day as (select coalesce(\(day)::date, current_date) as day),
        place as (
          select p.* from day cross join lateral bank.org_places(day.day) as p
        ), unit as (select * from place where code = \(code))
        select f.what, f.value
        from unit as u
        join bank.org_unit as o using (org_unit_id)
        cross join day
        cross join lateral (values
          (1, 'unit', u.code), (2, 'name', u.name), (3, 'level', u.level::text),
          (4, case when u.is_open then 'lies under'
            when o.closed_on <= day.day then 'goes on at' else 'will come from' end,
            (select p.code || ' ' || p.name from place as p where p.org_unit_id = u.parent_id)),
          (5, 'opened', o.opened_on::text), (6, 'closed', o.closed_on::text),
          (7, 'units under it', (
            select nullif(count(*), 0)::text from place as c where c.parent_id = u.org_unit_id and c.is_open)),
          (8, 'people', (
            select nullif(count(distinct h.employee_id), 0)::text from bank.post as h
            where h.org_unit_id = u.org_unit_id and h.superseded_at is null
              and daterange(h.effective_from, h.effective_until) @> day.day)),
          (9, 'managed by', (
            select string_agg(e.number || coalesce(' ' || e.name, ''), ', ' order by e.number)
            from bank.post as h join bank.employee as e using (employee_id)
            where h.org_unit_id = u.org_unit_id and h.superseded_at is null and h.kind = 'branch_manager'
              and daterange(h.effective_from, h.effective_until) @> day.day)),
          (10, 'accounts', (select nullif(count(*), 0)::text from bank.account as a where a.branch_id = u.org_unit_id))
        ) as f (position, what, value)
        where f.value is not null
        order by f.position
        """, on: connection)
    }
  }

  static func requireUnit(_ code: String, on connection: isolated Connection) throws {
    let isKnown = try connection.value(
      "select exists (select from bank.org_unit where code = \(code))", as: Bool.self)
    if !isKnown {
      throw BanyanError.data(
        "there is no unit “\(code)” on record; correct the code, or see the codes with `banyan org tree`"
      )
    }
  }
}
