import Exchange
import LibPQ
import Quantities

/// The audit trail: who changed or read what, when and why, and whether anybody has touched that since.
public enum AuditTrail {
  /// The end of the chain, which is worth keeping outside of the database: nobody who holds the
  /// database alone can make another chain that leads to it.
  public struct Head: Hashable, Sendable, CustomStringConvertible {
    /// Number of the last link.
    public let sequenceNumber: Int64
    /// Its SHA-256 in hexadecimal digits.
    public let digest: String

    /// The number and the digest with a colon between them, as ``init(_:)`` reads it.
    public var description: String { "\(sequenceNumber):\(digest)" }

    init(sequenceNumber: Int64, digest: String) {
      self.sequenceNumber = sequenceNumber
      self.digest = digest
    }

    /// Reads what ``description`` has written; nil if the text is anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = Int64(parts[0]), number >= 0, parts[1].count == 64,
        parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit })
      else { return nil }
      self.init(sequenceNumber: number, digest: parts[1].lowercased())
    }
  }

  /// What a verification has found.
  public struct Verdict: Hashable, Sendable {
    /// The last link that fits, and everything before it.
    public let head: Head
    /// The first thing that does not fit, in one sentence; nil if all of the chain does.
    public let firstBreak: String?
    /// Where changes leave no trace now: tables without the triggers of the trail.
    public let gaps: [String]
  }

  /// Says to the database which command the session carries out and why, for its entries.
  public static func announce(
    command: String, reason: String?, on connection: isolated Connection
  ) throws {
    try connection.execute(
      "select set_config('banyan.command', \(command), false), set_config('banyan.reason', \(reason ?? ""), false)"
    )
  }

  /// Records that something is shown to the session or taken out by it, before it is.
  ///
  /// - Parameters:
  ///   - isExport: Whether it leaves as a file or a stream for programs, and not for the eyes.
  ///   - object: What it is, such as `client C1`.
  ///   - rowCount: How many rows; nil where that is not known yet.
  ///   - detail: Parameters, format and file.
  public static func recordReading(
    of object: String, isExport: Bool, rowCount: Int? = nil, detail: [String: String] = [:],
    on connection: isolated Connection
  ) throws {
    let (names, values) = (detail.keys.sorted(), detail.keys.sorted().compactMap { detail[$0] })
    try connection.execute(
      """
      select bank.record_reading(\(isExport ? "export" : "read"), \(object), \(rowCount.map(Int64.init)),
        jsonb_object(\(names)::text[], \(values)::text[]))
      """)
  }

  /// The end of the chain as it stands.
  public static func head(on connection: isolated Connection) throws -> Head {
    let (number, digest) = try connection.row(
      "select h.sequence_number, encode(h.digest, 'hex') from platform.audit_head as h",
      as: (Int64, String).self)
    return Head(sequenceNumber: number, digest: digest)
  }

  /// Walks the whole chain.
  ///
  /// - Parameter kept: A head that was kept outside: with it, what was cut off the end or written anew
  ///   is found too.
  public static func verify(
    against kept: Head? = nil, on connection: isolated Connection
  ) throws -> Verdict {
    let (links, digest, sentence) = try connection.row(
      """
      select v.links, v.head, case when v.kind is not null then
        coalesce('link ' || v.broken_at || ', ', '') || v.kind || ': ' || v.message end
      from bank.verify_audit(\(kept?.sequenceNumber)::bigint, decode(\(kept?.digest)::text, 'hex')) as v
      """, as: (Int64, String, String?).self)
    let gaps = try connection.rows(
      "select g.rule || ': ' || g.what from bank.audit_gaps() as g", as: String.self)
    return Verdict(
      head: Head(sequenceNumber: links, digest: digest), firstBreak: sentence, gaps: gaps)
  }

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
