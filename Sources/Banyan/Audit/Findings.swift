import Exchange
import LibPQ
import Quantities

/// What audits have found, who puts it right until when, and who found it right.
public enum Findings {
  /// A finding that is to be recorded.
  public struct Request: Sendable {
    /// Sample in which it was found; nil for a finding outside the plan.
    public var sample: Int64?
    /// Item of the sample.
    public var item: String?
    /// low, medium or high.
    public var severity: String
    /// What is wrong.
    public var description: String
    /// Number of the person who puts it right.
    public var responsible: String
    /// Last day on which it is to be rectified.
    public var due: CivilDate
    /// Number of the person who found it; nil for the one behind the login.
    public var foundBy: String?

    /// A finding outside the plan.
    public init(severity: String, description: String, responsible: String, due: CivilDate) {
      (self.severity, self.description) = (severity, description)
      (self.responsible, self.due) = (responsible, due)
    }

    /// Puts it on record; returns its number.
    public func record(on connection: isolated Connection) throws -> Int64 {
      try connection.explainingRefusals { connection in
        try connection.value(
          """
          select bank.record_audit_finding(\(sample)::bigint, \(item), \(severity), \(description), \(responsible),
            \(due), \(foundBy))
          """, as: Int64.self)
      }
    }
  }

  /// Says how a finding was put right.
  public static func rectify(
    _ finding: Int64, how: String, by person: String?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.rectify_finding(\(finding), \(how), \(person))")
    }
  }

  /// Another person than the responsible one closes a finding, with an opinion.
  public static func close(
    _ finding: Int64, opinion: String, by person: String?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.close_finding(\(finding), \(opinion), \(person))")
    }
  }

  /// Findings: one by number, those of a person, those that are not closed, or all.
  public static func listing(
    _ finding: Int64? = nil, person: String? = nil, onlyOpen: Bool = false,
    connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("finding", .integer), Column("sample", .integer), Column("item"),
        Column("severity"), Column("description"), Column("responsible"), Column("found_by"),
        Column("found_on", .date), Column("due_on", .date), Column("state"),
        Column("rectification"), Column("rectified_by"), Column("opinion"), Column("closed_by"),
      ],
      """
      select f.finding, f.sample, f.item, f.severity, f.description, f.responsible, f.found_by, f.found_on, f.due_on,
        f.state, f.rectification, f.rectified_by, f.opinion, f.closed_by
      from report.audit_finding as f
      where (\(finding)::bigint is null or f.finding = \(finding))
        and (\(person)::text is null or f.responsible = \(person))
        and not (\(onlyOpen) and f.state = 'closed')
      order by f.due_on, f.finding
      """, on: connection)
  }
}
