import Exchange
import LibPQ
import Quantities

/// Who may see and do what: grants of roles to logins, for people and units, by date.
public enum Access {
  /// A grant that is to be made.
  public struct Request: Sendable {
    let login: String
    let role: String
    let person: String?
    let unit: String?
    let post: String?
    let from: CivilDate?
    let until: CivilDate?
    let reason: String?

    /// A grant of a role to a login.
    ///
    /// - Parameters:
    ///   - person: Number of who works under the login; nil for a program.
    ///   - unit: Code of the unit to whose subtree the role is limited.
    ///   - post: Kind of post that the role goes with: it counts on days on which the person holds it.
    ///   - from: First day; nil for today.
    ///   - until: Day after the last.
    public init(
      login: String, role: String, person: String?, unit: String? = nil, post: String? = nil,
      from: CivilDate? = nil, until: CivilDate? = nil, reason: String? = nil
    ) {
      self.login = login
      self.role = role
      self.person = person
      self.unit = unit
      self.post = post
      self.from = from
      self.until = until
      self.reason = reason
    }

    /// Makes the grant and returns its key, with the roles that it should not go together with; or the number
    /// of the approval that it waits for, where a rule asks for a second person.
    ///
    /// - Throws: ``BanyanError`` if the login, role, person or unit is unknown, or a rule refuses.
    public func grant(on connection: isolated Connection) throws -> (
      key: Int64?, waiting: Int64?, conflicts: [String]
    ) {
      try connection.explainingRefusals { connection in
        try connection.transaction { connection in
          let key = try connection.value(
            """
            select bank.grant_access(\(login), \(role), \(person), \(unit), \(post),
              coalesce(\(from)::date, bank.access_day()), \(until)::date, \(reason))
            """, as: Int64.self)
          if key < 0 { return (nil, -key, []) }
          let conflicts = try connection.rows(
            """
            select distinct format('%s and %s: %s', c.role, c.other_role, c.reason)
            from bank.access_grant as n
            join bank.access_grant as o
              on (o.login = n.login or o.employee_id = n.employee_id) and o.superseded_at is null
              and daterange(o.effective_from, o.effective_until) && daterange(n.effective_from, n.effective_until)
            join bank.access_conflict as c
              on c.role = least(n.role, o.role) and c.other_role = greatest(n.role, o.role)
            where n.access_grant_id = \(key)
            order by 1
            """, as: String.self)
          return (key, nil, conflicts)
        }
      }
    }
  }

  /// Ends the grants of a login, all or those of a role or a unit; returns how many, or the number of
  /// the approval that the order waits for.
  ///
  /// - Parameter day: First day on which they do not hold any more; nil for today.
  /// - Throws: ``BanyanError`` if there are none.
  @discardableResult
  public static func revoke(
    login: String, role: String?, unit: String?, on day: CivilDate?, reason: String?,
    connection: isolated Connection
  ) throws -> (revoked: Int64, waiting: Int64?) {
    try connection.explainingRefusals { connection in
      let answer = try connection.value(
        """
        select bank.revoke_access(\(login), \(role), \(unit), coalesce(\(day)::date, bank.access_day()), \(reason))
        """, as: Int64.self)
      return answer < 0 ? (0, -answer) : (answer, nil)
    }
  }

  /// The grants on record: those that count, or all that were ever believed.
  public static func listing(
    login: String?, role: String?, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        columns,
        grants(
          where: """
            (\(login)::text is null or g.login = \(login)) and (\(role)::text is null or g.role = \(role))
              and (\(withSuperseded) or (g.superseded_at is null
                and (g.effective_until is null or g.effective_until > bank.access_day() or m.is_member)))
            """), on: connection)
    }
  }

  /// Everything that a person may do, held or will hold, under whatever login.
  public static func of(
    person: String, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      _ = try connection.value("select bank.require_employee(\(person))", as: Int32.self)
      return try Listing(
        columns,
        grants(
          where: "e.number = \(person) and (\(withSuperseded) or g.superseded_at is null)"),
        on: connection)
    }
  }

  private static let columns = [
    Column("login"), Column("role"), Column("person"), Column("unit"), Column("post"),
    Column("from", .date), Column("until", .date), Column("state"), Column("granted_by"),
    Column("reason"),
  ]

  private static func grants(where condition: Query) -> Query {
    """
    select g.login, g.role, e.number, u.code, g.post_kind, g.effective_from, g.effective_until,
      case
        when g.superseded_at is not null then 'superseded'
        when g.effective_from > bank.access_day() then 'to come'
        when g.effective_until <= bank.access_day() then case when m.is_member then 'ended, member still' else 'ended' end
        when not m.is_member then 'no member of the group role'
        when g.post_kind is not null and not exists (
          select 1 from bank.post as p
          where p.employee_id = g.employee_id and p.kind = g.post_kind and p.superseded_at is null
            and daterange(p.effective_from, p.effective_until) @> bank.access_day()) then 'post not held'
        else 'in force' end,
      g.granted_by, g.reason
    from bank.access_grant as g
    join bank.access_role as r on r.code = g.role
    left join bank.employee as e using (employee_id)
    left join bank.org_unit as u using (org_unit_id)
    cross join lateral (
      select coalesce(pg_has_role(l.oid, to_regrole(r.group_role), 'member'), false) as is_member
      from (select 1) as one left join pg_roles as l on l.rolname = g.login) as m
    where \(query: condition)
    order by g.login, g.role, u.code, g.effective_from, g.recorded_at
    """
  }
}
