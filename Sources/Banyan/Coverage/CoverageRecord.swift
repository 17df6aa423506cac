import LibPQ
import Quantities

/// Who looks after what, read from the record as of two dates.
public struct CoverageRecord: Hashable, Sendable {
  /// Which assignments to read; nil means all.
  public struct Filter: Sendable {
    /// Client number.
    public var client: String?
    /// Account number.
    public var account: String?
    /// Employee number.
    public var person: String?
    /// Code of a unit; what lies below it counts too.
    public var unit: String?

    /// A filter that lets everything through.
    public init() {}
  }

  /// `client` or `account`.
  public let level: String
  /// Its number.
  public let number: String
  /// Code of its branch.
  public let branch: String
  /// Product line; nil for all.
  public let line: String?
  /// Employee number.
  public let person: String
  /// `main` or `assisting`.
  public let role: String
  /// Exact fraction of 1.
  public let share: ExactDecimal
  /// First day.
  public let since: CivilDate
  /// Day after the last; nil while it lasts.
  public let until: CivilDate?
  /// When it was recorded, in ISO 8601.
  public let recordedAt: String
  /// When it was superseded; nil for what counts.
  public let supersededAt: String?
  /// File and line, or the entry, that it came from.
  public let source: String

  /// The assignments of a day, as they were believed at a moment; without one, as they are now.
  ///
  /// - Throws: ``BanyanError`` if the filter names something that is not on record.
  public static func asOf(
    _ day: CivilDate, knownAt: String? = nil, _ filter: Filter, on connection: isolated Connection
  ) throws -> [CoverageRecord] {
    try read(
      from: "bank.assignment_as_of(\(day), \(knownAt)::text::timestamptz)", filter, on: connection)
  }

  /// Everything that was ever recorded, in the order in which it was believed.
  public static func history(
    _ filter: Filter, on connection: isolated Connection
  ) throws -> [CoverageRecord] {
    try read(from: "bank.assignment", filter, on: connection)
  }

  private static func read(
    from source: Query, _ filter: Filter, on connection: isolated Connection
  ) throws -> [CoverageRecord] {
    try refusing {
      if let unit = filter.unit { try require(unit: unit, on: connection) }
      if let person = filter.person {
        try connection.execute("select bank.employee_keys(array[\(person)])")
      }
      return try connection.rows(
        """
        select case when s.client_id is null then 'account' else 'client' end,
          coalesce(c.number, a.number, '(not shown)'), u.code, s.product_line, e.number, s.role::text, s.share,
          s.effective_from, s.effective_until,
          to_char(s.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          to_char(s.superseded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          coalesce(b.file_name || coalesce(':' || s.line_number, ''),
            n.verb || ' ' || n.coverage_entry_id || ' by ' || n.made_by, 'entry ' || s.entry_id, '(not shown)')
        from \(query: source) as s
        join bank.employee as e using (employee_id)
        join bank.org_unit as u on u.org_unit_id = s.branch_id
        left join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
        left join bank.account as a on a.branch_id = s.branch_id and a.account_id = s.account_id
        left join bank.batch as b on b.batch_id = s.batch_id
        left join bank.coverage_entry as n on n.coverage_entry_id = s.entry_id
        where (\(filter.person)::text is null or e.number = \(filter.person))
          and (\(filter.client)::text is null or (s.branch_id, s.client_id) = (
            select x.branch_id, x.client_id from bank.client_scope(\(filter.client)) as x))
          and (\(filter.account)::text is null or (s.branch_id, s.account_id) = (
            select x.branch_id, x.account_id from bank.account_scope(\(filter.account)) as x))
          and (\(filter.unit)::text is null
            or u.path <@ (select path from bank.org_unit where code = \(filter.unit)))
        order by s.recorded_at, coalesce(c.number, a.number), s.effective_from, s.role, e.number
        """,
        as: (
          String, String, String, String?, String, String, ExactDecimal, CivilDate, CivilDate?,
          String, String?, String
        ).self, limit: 1_000_000
      ).map {
        CoverageRecord(
          level: $0.0, number: $0.1, branch: $0.2, line: $0.3, person: $0.4, role: $0.5,
          share: $0.6, since: $0.7, until: $0.8, recordedAt: $0.9, supersededAt: $0.10,
          source: $0.11)
      }
    }
  }

  private static func require(unit: String, on connection: isolated Connection) throws {
    let known = try connection.value(
      "select exists (select 1 from bank.org_unit where code = \(unit))", as: Bool.self)
    if !known {
      throw BanyanError.data("there is no org unit “\(unit)” on record; check the code")
    }
  }
}
