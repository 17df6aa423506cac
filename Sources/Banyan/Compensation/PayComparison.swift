import Exchange
import LibPQ
import Quantities

/// What differs between two runs: of two months, or of two calculations of one.
public struct PayComparison: Sendable {
  /// What a difference is shown of.
  public enum Grouping: String, Sendable, CaseIterable {
    /// Each line of each person.
    case line
    /// Each person.
    case person
    /// Each component.
    case component
  }

  /// The runs that are compared, in words.
  public let summary: String
  /// What differs.
  public let differences: Listing

  /// Compares two runs.
  ///
  /// - Parameters:
  ///   - later: A number of a run, or a month, whose run that counts is taken.
  ///   - earlier: The same; without it the run that the later one superseded, or the one of the month
  ///     before.
  ///   - planCode: Code of the plan, where a month was run for several.
  /// - Throws: ``BanyanError`` if a run is not on record.
  public init(
    of later: String, with earlier: String?, planCode: String?, by grouping: Grouping,
    on connection: isolated Connection
  ) throws {
    let after = try Run(later, planCode, on: connection)
    let before =
      if let earlier { try Run(earlier, planCode, on: connection) } else {
        try Run(before: after, isByNumber: Month(later) == nil, on: connection)
      }
    let isByLine = grouping == .line
    let (byPerson, byComponent) = (grouping != .component, grouping != .person)
    differences = try Listing(
      (byPerson ? [Column("person"), Column("name")] : [])
        + (byComponent ? [Column("component"), Column("title")] : [])
        + (isByLine ? [Column("corrects")] : [])
        + (byPerson ? [] : [Column("people", .integer)])
        + [Column("before", .amount), Column("after", .amount), Column("change", .amount)],
      """
      select \(query: Self.columns(byPerson, byComponent, isByLine)),
        sum(d.before), sum(d.after), sum(d.after - d.before)
      from (
        select l.employee_id, l.component, max(l.title) as title, k.month as corrects,
          coalesce(sum(l.amount) filter (where l.pay_run_id = \(before.id)), 0) as before,
          coalesce(sum(l.amount) filter (where l.pay_run_id = \(after.id)), 0) as after
        from bank.pay_line as l
        left join bank.pay_correction as k using (branch_id, pay_run_id, employee_id, line_number)
        where l.pay_run_id in (\(before.id), \(after.id)) and l.is_paid
        group by l.employee_id, l.component, k.month
      ) as d
      join bank.employee as e using (employee_id)
      where d.before <> d.after
      group by \(query: Self.columns(byPerson, byComponent, isByLine, isGrouping: true))
      order by \(query: Self.order(byPerson, byComponent))
      """, on: connection)
    summary = try Self.summary(before, after, on: connection)
  }

  private static func columns(
    _ byPerson: Bool, _ byComponent: Bool, _ byLine: Bool, isGrouping: Bool = false
  ) -> Query {
    var names = byPerson ? ["e.number", "e.name"] : []
    if byComponent {
      names +=
        isGrouping
        ? ["d.component"]
        : ["d.component", "coalesce(max(d.title) filter (where d.corrects is null), max(d.title))"]
    }
    if byLine { names += [isGrouping ? "d.corrects" : "to_char(d.corrects, 'YYYY-MM')"] }
    if !byPerson, !isGrouping { names.append("count(distinct d.employee_id)") }
    return Query(unsafeSQL: names.joined(separator: ", "))
  }

  private static func order(_ byPerson: Bool, _ byComponent: Bool) -> Query {
    let names =
      (byPerson ? ["e.number collate \"C\""] : [])
      + (byComponent ? ["d.component collate \"C\""] : [])
      + (byPerson && byComponent ? ["d.corrects nulls first"] : [])
    return Query(unsafeSQL: names.joined(separator: ", "))
  }

  private static func summary(
    _ before: Run, _ after: Run, on connection: isolated Connection
  ) throws -> String {
    func earned(_ run: Run) throws -> ExactDecimal {
      try connection.value("select bank.pay_run_earned(\(run.id))", as: ExactDecimal.self)
    }
    let (former, latter) = (try earned(before), try earned(after))
    return
      "\(after.name) against \(before.name): \(former.grouped) before, \(latter.grouped) after, a change of \(try (latter - former).grouped)."
  }

  /// A run that is compared.
  private struct Run {
    let id: Int32
    let month: Month
    let name: String

    private init(_ row: (Int32, CivilDate, String, Int)) {
      (id, month) = (row.0, row.1.month)
      name = "run \(row.0) of \(month), plan \(row.2) version \(row.3)"
    }

    /// A run by its number or its month.
    init(_ text: String, _ planCode: String?, on connection: isolated Connection) throws {
      let (number, month) = (Int32(text), Month(text))
      if number == nil, month == nil {
        throw BanyanError.usage(
          "“\(text)” is neither the number of a run nor a month YYYY-MM; see the numbers with `banyan pay list`"
        )
      }
      let rows = try connection.rows(
        """
        select r.pay_run_id, r.month, p.code, p.version from bank.pay_run as r join bank.plan as p using (plan_id)
        where r.pay_run_id = \(number) or (\(number)::integer is null and r.month = \(month?.firstDay)
          and r.part_of_id is null and (\(planCode)::text is null or p.code = \(planCode))
          and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id))
        order by r.pay_run_id
        """, as: (Int32, CivilDate, String, Int).self)
      if rows.count > 1 {
        throw BanyanError.usage(
          "\(text) was run for several plans: \(rows.map(\.2).joined(separator: ", ")); choose one with --plan"
        )
      }
      guard let row = rows.first else {
        throw BanyanError.usage(
          "there is no pay run \(number == nil ? "of " : "")\(text) on record; see the numbers with `banyan pay list`"
        )
      }
      self.init(row)
    }

    /// The run that a run superseded, if it was named by its number, or the one of the month before.
    init(before run: Run, isByNumber: Bool, on connection: isolated Connection) throws {
      let row = try connection.optionalRow(
        """
        select f.pay_run_id, f.month, p.code, p.version
        from bank.pay_run as r
        join bank.plan as o on o.plan_id = r.plan_id
        join bank.pay_run as f on (\(isByNumber) and f.pay_run_id = r.supersedes_id)
          or (r.known_at is not null and f.month = r.month and f.part_of_id is null
            and not exists (select 1 from bank.pay_run as n where n.supersedes_id = f.pay_run_id))
          or (r.known_at is null and f.month = (r.month - interval '1 month')::date and f.part_of_id is null
            and not exists (select 1 from bank.pay_run as n where n.supersedes_id = f.pay_run_id))
        join bank.plan as p on p.plan_id = f.plan_id and p.code = o.code
        where r.pay_run_id = \(run.id)
        order by f.pay_run_id = r.supersedes_id desc nulls last limit 1
        """, as: (Int32, CivilDate, String, Int).self)
      guard let row else {
        throw BanyanError.usage(
          "\(run.month.adding(months: -1)) has no run to compare with; name one with --with")
      }
      self.init(row)
    }
  }
}
