import Exchange
import LibPQ
import Quantities

extension PayRun {
  /// Runs with how far they have come: those of a month, those that count, or all.
  public static func listing(
    month: Month?, withSuperseded: Bool, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("run", .integer), Column("month"), Column("plan"), Column("version", .integer),
        Column("state"), Column("people", .integer), Column("earned", .amount),
        Column("deferred", .amount), Column("payable", .amount), Column("currency"),
        Column("supersedes", .integer), Column("part_of", .integer), Column("computed_by"),
        Column("computed_on", .date), Column("as_of"), Column("reason"),
      ],
      """
      select r.pay_run_id, r.month, r.plan, r.plan_version, r.state, count(s.employee_id), coalesce(sum(s.earned), 0),
        coalesce(sum(s.deferred), 0), coalesce(sum(s.payable), 0), r.currency, r.supersedes_id, r.part_of_id,
        r.computed_by, r.computed_at::date, to_char(r.known_at, 'YYYY-MM-DD HH24:MI:SS'), r.reason
      from report.pay_run as r
      left join bank.pay_statement as s using (pay_run_id)
      where (\(month?.description)::text is null or r.month = \(month?.description))
        and (\(withSuperseded) or r.counts)
      group by r.pay_run_id, r.month, r.plan, r.plan_version, r.state, r.currency, r.supersedes_id, r.part_of_id,
        r.computed_by, r.computed_at, r.known_at, r.reason
      order by r.pay_run_id
      """, on: connection)
  }

  /// What a run pays each person.
  ///
  /// - Throws: ``BanyanError`` if there is no such run that the login may see.
  public static func people(
    of run: Int32, on connection: isolated Connection
  ) throws -> (summary: String, people: Listing) {
    guard
      let (month, plan, version, state, currency) = try connection.optionalRow(
        "select month, plan, plan_version, state, currency from report.pay_run where pay_run_id = \(run)",
        as: (String, String, Int, String, String).self)
    else {
      throw BanyanError.usage(
        "there is no pay run \(run) on record; see the numbers with `banyan pay list`")
    }
    let steps = try connection.rows(
      """
      select s.step || ' by ' || s.made_by || ' on ' || s.made_at::date || coalesce(' (' || s.reason || ')', '')
      from (
        select step, made_by, made_at, reason from bank.pay_run_step where pay_run_id = \(run)
        union all select 'posted', posted_by, posted_at, null from bank.pay_posting where pay_run_id = \(run)
      ) as s order by s.made_at, s.step desc
      """, as: String.self)
    let people = try Listing(
      [
        Column("unit"), Column("person"), Column("name"), Column("tier"),
        Column("month", .amount), Column("corrections", .amount), Column("decided", .amount),
        Column("earned", .amount), Column("deferred", .amount), Column("payable", .amount),
      ],
      """
      select u.code, e.number, e.name, s.tier,
        s.earned - coalesce(sum(l.amount) filter (where l.kind in ('correction', 'entry')), 0),
        coalesce(sum(l.amount) filter (where l.kind = 'correction'), 0),
        coalesce(sum(l.amount) filter (where l.kind = 'entry'), 0), s.earned, s.deferred, s.payable
      from bank.pay_statement as s
      join bank.employee as e using (employee_id)
      join bank.org_unit as u on u.org_unit_id = s.branch_id
      left join bank.pay_line as l
        on l.branch_id = s.branch_id and l.pay_run_id = s.pay_run_id and l.employee_id = s.employee_id
      where s.pay_run_id = \(run)
      group by u.code, e.number, e.name, s.tier, s.earned, s.deferred, s.payable
      order by u.code collate "C", e.number collate "C"
      """, on: connection)
    let sentence =
      "Run \(run) of \(month), plan \(plan) version \(version), in \(currency): \(state)"
    return ((["\(sentence)"] + steps).joined(separator: "; ") + ".", people)
  }
}
