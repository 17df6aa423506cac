import Exchange
import LibPQ
import Quantities

/// Groups of clients that belong together, the people who decide at a client, and those who are no
/// clients yet.
public enum ClientGroups {
  /// Puts a client into a group as its head or a member; with a name, a group that is not on record is
  /// made. Returns whether anything changed.
  public static func put(
    _ client: String, into group: String, asHead: Bool, from: CivilDate?, until: CivilDate?,
    name: String?, reason: String?, on connection: isolated Connection
  ) throws -> Bool {
    try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.put_in_group(\(group), \(client), \(asHead ? "head" : "member")::text::bank.group_role,
          coalesce(\(from)::date, current_date), \(until), \(name), \(reason))
        """, as: Bool.self)
    }
  }

  /// A client is no longer in a group from a day on.
  public static func remove(
    _ client: String, from group: String, on day: CivilDate?, reason: String?,
    connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute(
        "select bank.leave_group(\(group), \(client), coalesce(\(day)::date, current_date), \(reason))"
      )
    }
  }

  /// The clients of one group, or of all, on a day as they are believed now, or as they were at a moment.
  public static func members(
    of group: String?, on day: CivilDate?, knownAt: String?, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      // Asked first, so that what is wrong is told where nothing is on record too.
      if let group { try connection.execute("select bank.client_group_key(\(group))") }
      try connection.execute("select bank.point_in_time(\(knownAt)::text)")
      return try Listing(
        [
          Column("group"), Column("name"), Column("client"), Column("client_name"),
          Column("branch"),
          Column("role"), Column("from", .date), Column("until", .date),
        ],
        """
        select g.code, g.name, c.number, c.name, u.code, m.role::text, m.effective_from, m.effective_until
        from bank.client_group as g
        left join bank.group_member_as_of(coalesce(\(day)::date, current_date), bank.point_in_time(\(knownAt)::text)) as m
          using (client_group_id)
        left join bank.client as c using (branch_id, client_id)
        left join bank.org_unit as u on u.org_unit_id = m.branch_id
        where \(group)::text is null or g.code = \(group)
        order by g.code, m.role, c.number
        """, on: connection)
    }
  }

  /// Records what a person who decides at a client is, and how well the bank stands with them from 1 to
  /// 5; returns whether anything changed.
  public static func setKeyPerson(
    _ name: String, of client: String, position: String, strength: Int, reason: String?,
    on connection: isolated Connection
  ) throws -> Bool {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.set_key_person(\(client), \(name), \(position), \(Int32(clamping: strength)), \(reason))",
        as: Bool.self)
    }
  }

  /// A person no longer decides at a client.
  public static func removeKeyPerson(
    _ name: String, of client: String, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute("select bank.remove_key_person(\(client), \(name), \(reason))")
    }
  }

  /// Enters somebody who is not a client yet.
  public static func addProspect(
    _ number: String, name: String, isCompany: Bool, unit: String, from: CivilDate?,
    reason: String?,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.execute(
        """
        select bank.add_prospect(\(number), \(name), \(isCompany ? "company" : "person")::text::bank.client_kind,
          \(unit), coalesce(\(from)::date, current_date), \(reason))
        """)
    }
  }
}
