import Exchange
import LibPQ
import Quantities

/// Routine audits: the plan, random samples that a seed gives again, findings and their rectification.
public enum Inspections {
  /// A routine audit from a day on.
  public struct Plan: Sendable {
    let code: String
    let population: String
    let frequency: String
    let size: Int32
    let from: CivilDate?
    let until: CivilDate?
    let reason: String?

    /// A plan of a code: what is sampled, how often, and how many items.
    public init(
      code: String, population: String, frequency: String, size: Int32, from: CivilDate?,
      until: CivilDate?, reason: String?
    ) {
      (self.code, self.population, self.frequency) = (code, population, frequency)
      (self.size, self.from, self.until, self.reason) = (size, from, until, reason)
    }

    /// Puts it on record; what was planned for those days gives way.
    public func set(on connection: isolated Connection) throws {
      try connection.explainingRefusals { connection in
        _ = try connection.execute(
          """
          select bank.set_inspection_plan(\(code), \(population), \(frequency), \(size),
            coalesce(\(from)::date, bank.access_day()), \(until)::date, \(reason))
          """)
      }
    }
  }

  /// The plans on record with the last sample of each.
  public static func plans(connection: isolated Connection) throws -> Listing {
    try Listing(
      [
        Column("plan"), Column("population"), Column("frequency"), Column("size", .integer),
        Column("from", .date), Column("until", .date), Column("last_sample", .integer),
        Column("sampled_until", .date), Column("next_due", .date),
      ],
      """
      select p.code, p.population, p.frequency, p.sample_size::bigint, p.effective_from, p.effective_until,
        p.last_sample, p.sampled_until, p.next_due
      from report.inspection_plan as p order by p.code, p.effective_from
      """, on: connection)
  }

  /// Draws the sample of a plan for the months of a period, once.
  public static func draw(
    plan: String, months: (first: Month, last: Month), seed: String,
    on connection: isolated Connection
  ) throws -> Int64 {
    if months.last < months.first {
      throw BanyanError.usage(
        "the period ends with \(months.last), before it begins with \(months.first); exchange the two"
      )
    }
    let until = months.last.adding(months: 1).firstDay
    return try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.draw_inspection_sample(\(plan), \(months.first.firstDay), \(until), \(seed))",
        as: Int64.self)
    }
  }

  /// The items of a sample in the order of the draw.
  ///
  /// - Throws: ``BanyanError`` if there is no such sample.
  public static func items(of sample: Int64, connection: isolated Connection) throws -> Listing {
    let known = try connection.value(
      "select exists (select 1 from bank.inspection_sample where inspection_sample_id = \(sample))",
      as: Bool.self)
    guard known else {
      throw BanyanError.usage(
        "there is no sample \(sample) on record; see the numbers with `banyan inspection plans`")
    }
    return try Listing(
      [
        Column("sample", .integer), Column("position", .integer), Column("item"),
        Column("person"), Column("description"),
      ],
      """
      select i.inspection_sample_id, i.position::bigint, i.item_key, e.number, i.description
      from bank.inspection_sample_item as i left join bank.employee as e using (employee_id)
      where i.inspection_sample_id = \(sample) order by i.position
      """, on: connection)
  }

  /// Draws a sample again from its seed; the rows say what differs.
  public static func verify(_ sample: Int64, connection: isolated Connection) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [Column("found"), Column("item"), Column("detail")],
        "select v.found, v.item_key, v.detail from bank.verify_inspection_sample(\(sample)) as v order by 1, 2",
        on: connection)
    }
  }
}
