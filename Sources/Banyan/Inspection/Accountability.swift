import Exchange
import LibPQ
import Quantities

/// What people were called to account for, with their violation points.
public enum Accountability {
  /// A record that is to be made.
  public struct Request: Sendable {
    /// Number of the person.
    public var person: String
    /// Action taken.
    public var kind: String
    /// Violation points.
    public var points: ExactDecimal
    /// Day of the violation.
    public var happenedOn: CivilDate
    /// What for.
    public var reason: String
    /// Finding that it follows.
    public var finding: Int64?
    /// Number of who decided it; nil for the person behind the login.
    public var decidedBy: String?

    /// An action taken about a person.
    public init(
      person: String, kind: String, points: ExactDecimal, happenedOn: CivilDate, reason: String
    ) {
      (self.person, self.kind, self.points) = (person, kind, points)
      (self.happenedOn, self.reason) = (happenedOn, reason)
    }

    /// Puts it on record; returns its number.
    public func record(on connection: isolated Connection) throws -> Int64 {
      try connection.explainingRefusals { connection in
        try connection.value(
          """
          select bank.record_accountability(\(person), \(kind), \(points)::numeric, \(happenedOn), \(reason),
            \(finding)::bigint, \(decidedBy))
          """, as: Int64.self)
      }
    }
  }

  /// Says that a record counts no more, and why.
  public static func withdraw(
    _ entry: Int64, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.withdraw_accountability(\(entry), \(reason))")
    }
  }

  /// The records that count, or all.
  public static func listing(
    person: String?, withWithdrawn: Bool, connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("record", .integer), Column("person"), Column("kind"), Column("points", .amount),
        Column("happened_on", .date), Column("reason"), Column("finding", .integer),
        Column("decided_by"), Column("withdrawn"),
      ],
      """
      select a.accountability_id, e.number, a.kind, trim_scale(a.points), a.happened_on, a.reason, a.inspection_finding_id,
        d.number, a.withdrawn_reason
      from bank.accountability as a
      join bank.employee as e using (employee_id)
      join bank.employee as d on d.employee_id = a.decided_by_id
      where (\(person)::text is null or e.number = \(person)) and (\(withWithdrawn) or a.withdrawn_at is null)
      order by a.happened_on, a.accountability_id
      """, on: connection)
  }

  /// The points of everybody, or of one person, for the months of a period.
  public static func points(
    person: String?, months: (first: Month, last: Month), connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      if let person {
        _ = try connection.value("select bank.require_employee(\(person))", as: Int32.self)
      }
      return try Listing(
        [Column("person"), Column("name"), Column("points", .amount)],
        """
        select e.number, e.name, trim_scale(p.points)
        from bank.employee as e
        cross join lateral (
          select bank.violation_points(e.employee_id, \(months.first.firstDay), \(months.last.adding(months: 1).firstDay)) as points
        ) as p
        where (\(person)::text is null or e.number = \(person)) and p.points is not null
        order by p.points desc, e.number
        """, on: connection)
    }
  }
}
