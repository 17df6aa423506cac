import Exchange
import LibPQ
import Quantities

extension AuditTrail {
  /// Which entries are wanted.
  public struct Filter: Sendable {
    var table: String?
    var since: CivilDate?
    var who: String?
    var object: String?
    var limit: Int

    /// Entries that meet every condition that is given.
    ///
    /// - Parameters:
    ///   - table: Name of a table, with or without its schema.
    ///   - since: First day.
    ///   - who: A login, or the number of an employee.
    ///   - object: What was read, or a value that stands in a changed row.
    ///   - limit: How many at most, the latest first.
    public init(
      table: String? = nil, since: CivilDate? = nil, who: String? = nil, object: String? = nil,
      limit: Int
    ) {
      self.table = table
      self.since = since
      self.who = who
      self.object = object
      self.limit = limit
    }
  }

  /// Entries, the latest first.
  public static func listing(_ filter: Filter, on connection: isolated Connection) throws -> Listing
  {
    let table = filter.table.map { $0.contains(".") ? $0 : "bank.\($0)" }
    return try Listing(
      [
        Column("entry", .integer), Column("link", .integer), Column("at"), Column("login"),
        Column("person"), Column("action"), Column("object"), Column("rows", .integer),
        Column("reason"), Column("command"),
      ],
      """
      select e.audit_entry_id, l.sequence_number, to_char(e.recorded_at, 'YYYY-MM-DD HH24:MI:SS'), e.login, p.number,
        e.action, e.object, e.row_count, e.reason, e.command
      from platform.audit_entry as e
      left join platform.audit_link as l using (audit_entry_id)
      left join bank.employee as p on p.employee_id = e.employee_id
      where (\(table)::text is null or e.object = \(table))
        and (\(filter.since)::date is null or e.recorded_at >= \(filter.since)::date)
        and (\(filter.who)::text is null or e.login = \(filter.who) or p.number = \(filter.who))
        and (\(filter.object)::text is null or e.object = \(filter.object)
          or jsonb_path_exists(e.changes, '$[*].*.* ? (@ == $text)', jsonb_build_object('text', \(filter.object)::text))
          or jsonb_path_exists(e.changes, '$[*].*.* ? (@.type() == "number" && @.double() == $text.double())',
            jsonb_build_object('text', \(filter.object)::text), true))
      order by e.audit_entry_id desc
      limit \(filter.limit)
      """, on: connection)
  }

  /// One entry: what is known of it, and for every changed row the old and new of its columns.
  ///
  /// - Throws: ``BanyanError`` if there is none, or this login may not see it.
  public static func entry(_ key: Int64, on connection: isolated Connection) throws -> (
    facts: Listing, changes: Listing
  ) {
    let facts = try Listing(
      [Column("topic"), Column("value")],
      """
      select f.topic, f.value
      from platform.audit_entry as e
      left join platform.audit_link as l using (audit_entry_id)
      left join bank.employee as p on p.employee_id = e.employee_id
      cross join lateral (values
        (1, 'entry', e.audit_entry_id::text), (2, 'link', l.sequence_number::text),
        (3, 'digest', encode(l.digest, 'hex')), (4, 'at', to_char(e.recorded_at, 'YYYY-MM-DD HH24:MI:SS.US TZH')),
        (5, 'login', e.login), (6, 'person', p.number || ' ' || p.name), (7, 'address', e.client_address),
        (8, 'application', e.application), (9, 'command', e.command), (10, 'reason', e.reason),
        (11, 'transaction', e.transaction_id::text), (12, 'action', e.action), (13, 'object', e.object),
        (14, 'rows', e.row_count::text), (15, 'detail', e.detail::text)) as f (position, topic, value)
      where e.audit_entry_id = \(key) and f.value is not null
      order by f.position
      """, on: connection)
    if facts.rows.isEmpty {
      throw BanyanError.usage(
        "there is no entry \(key) in the audit trail that this login may see; `banyan audit list` shows those that it may"
      )
    }
    let changes = try Listing(
      [Column("row"), Column("column"), Column("old"), Column("new")],
      """
      select (select string_agg(k.key || ' ' || k.value, ', ' order by k.key) from jsonb_each_text(c.change -> 'key') as k),
        v.key, c.change -> 'old' ->> v.key, c.change -> 'new' ->> v.key
      from platform.audit_entry as e
      cross join lateral jsonb_array_elements(e.changes) with ordinality as c (change, position)
      cross join lateral jsonb_each(case e.action when 'delete' then c.change -> 'old' else c.change -> 'new' end) as v
      where e.audit_entry_id = \(key)
      order by c.position, v.key
      """, on: connection)
    return (facts, changes)
  }
}
