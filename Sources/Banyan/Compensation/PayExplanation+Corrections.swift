import LibPQ
import Quantities

extension PayExplanation {
  /// Adds to the lines that correct earlier months how each month is calculated now, and who had paid
  /// what for it.
  static func addCorrections(
    to lines: inout [Line], run: Int32, employee: Int32, on connection: isolated Connection
  ) throws {
    let rows = try connection.rows(
      """
      select k.line_number, k.month, k.component, k.recalculation_id, k.recalculated, k.paid_before,
        array(select c.cause || coalesce(', by ' || c.made_by, '') from bank.pay_correction_cause as c
          where c.branch_id = k.branch_id and c.pay_run_id = k.pay_run_id and c.employee_id = k.employee_id
            and c.line_number = k.line_number order by c.cause_number)
      from bank.pay_correction as k
      where k.pay_run_id = \(run) and k.employee_id = \(employee)
      """, as: (Int, CivilDate, String, Int32, ExactDecimal, ExactDecimal, [String]).self)
    var calculated: [Int32: [Line]] = [:]
    for (number, month, component, recalculation, recalculated, paidBefore, causes) in rows {
      guard let position = lines.firstIndex(where: { $0.number == number }) else { continue }
      let again =
        try calculated[recalculation]
        ?? Self.lines(
          run: recalculation, employee: employee, month: month.month, on: connection)
      calculated[recalculation] = again
      lines[position].correction = Correction(
        month: month.month.description, recalculation: Int(recalculation),
        recalculated: recalculated,
        lines: again.filter { $0.component == component },
        paidBefore: paidBefore,
        payments: try payments(
          for: month, component: component, employee: employee, before: run, on: connection),
        causes: causes)
    }
  }

  /// What runs on record before one have paid a person for a month by a component: the run of the month,
  /// and corrections of it.
  private static func payments(
    for month: CivilDate, component: String, employee: Int32, before run: Int32,
    on connection: isolated Connection
  ) throws -> [Correction.Payment] {
    try connection.rows(
      """
      select r.pay_run_id, r.month, l.line_number, l.amount
      from bank.pay_run as n
      join bank.plan as o on o.plan_id = n.plan_id
      join bank.plan as p on p.code = o.code
      join bank.pay_run as r on r.plan_id = p.plan_id and r.pay_run_id < n.pay_run_id and r.part_of_id is null
        and r.month >= \(month) and r.pay_run_id is distinct from n.supersedes_id
      join bank.pay_line as l on l.pay_run_id = r.pay_run_id and l.employee_id = \(employee)
        and l.component = \(component) and l.is_paid
      left join bank.pay_correction as k
        on (k.branch_id, k.pay_run_id, k.employee_id, k.line_number)
          = (l.branch_id, l.pay_run_id, l.employee_id, l.line_number)
      where n.pay_run_id = \(run)
        and case when l.kind = 'correction' then k.month else r.month end = \(month) and l.kind <> 'entry'
        -- What was superseded before the run has paid nothing.
        and not exists (
          select from bank.pay_run as s where s.supersedes_id = r.pay_run_id and s.pay_run_id <= n.pay_run_id)
      order by r.pay_run_id, l.line_number
      """, as: (Int, CivilDate, Int, ExactDecimal).self
    ).map { Correction.Payment(run: $0, month: $1.month.description, line: $2, amount: $3) }
  }
}
