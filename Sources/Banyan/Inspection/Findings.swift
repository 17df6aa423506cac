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
          select bank.record_inspection_finding(\(sample)::bigint, \(item), \(severity), \(description), \(responsible),
            \(due), \(foundBy))
          """, as: Int64.self)
      }
    }
  }

  /// What is done with a finding on record.
  public enum Step: Hashable, Sendable {
    /// Another person becomes responsible.
    case reassign(to: String, reason: String)
    /// The responsible person, or who leads there, says how it was put right.
    case rectify(how: String, by: String?)
    /// Another person finds it right, with an opinion.
    case close(opinion: String, by: String?)
  }

  /// Goes on with a finding.
  ///
  /// - Throws: ``BanyanError`` if a rule refuses it.
  public static func take(
    _ step: Step, with finding: Int64, on connection: isolated Connection
  ) throws {
    let order: Query =
      switch step {
      case .reassign(let person, let reason):
        "select bank.reassign_finding(\(finding), \(person), \(reason))"
      case .rectify(let how, let person):
        "select bank.rectify_finding(\(finding), \(how), \(person))"
      case .close(let opinion, let person):
        "select bank.close_finding(\(finding), \(opinion), \(person))"
      }
    try connection.explainingRefusals { connection in _ = try connection.execute(order) }
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
      from report.inspection_finding as f
      where (\(finding)::bigint is null or f.finding = \(finding))
        and (\(person)::text is null or f.responsible = \(person))
        and not (\(onlyOpen) and f.state = 'closed')
      order by f.due_on, f.finding
      """, on: connection)
  }
}
