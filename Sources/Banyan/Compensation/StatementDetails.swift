import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// What stands below the totals of some people in a run, one question to the database for each kind of it.
struct StatementDetails {
  private typealias StoredLine = (
    number: Int, component: String, kind: String, title: String, total: ExactDecimal?,
    divisor: ExactDecimal?, amount: ExactDecimal, isPaid: Bool, arithmetic: String
  )

  private var stored: [Int32: [StoredLine]] = [:]
  /// The parts of what the run defers.
  private(set) var instalments: [Int32: [PersonStatement.Instalment]] = [:]
  /// What is still to be paid after the month of all that was deferred up to it, by the day it is due.
  private(set) var outstanding: [Int32: [PersonStatement.Instalment]] = [:]
  /// What of earlier pay is paid with the month, and what was forfeited of it so far.
  private(set) var moved: [Int32: (released: ExactDecimal, forfeited: ExactDecimal)] = [:]
  private(set) var carried: [Int32: [(component: String, amount: ExactDecimal)]] = [:]
  /// What was credited, by the names of metrics in plans.
  private(set) var credited: [Int32: [String: MetricValue]] = [:]

  /// Reads them.
  init(
    of run: Int32, month: Month, currency: Currency, people: [Int32],
    on connection: isolated Connection
  ) throws {
    var stored: [Int32: [StoredLine]] = [:]
    try connection.forEachRow(
      """
      select employee_id, line_number, component, kind, title, basis_total, basis_divisor, amount, is_paid,
        arithmetic::text
      from bank.pay_line where pay_run_id = \(run) and employee_id = any(\(people)) order by line_number
      """,
      as: (
        Int32, Int, String, String, String, ExactDecimal?, ExactDecimal?, ExactDecimal, Bool, String
      ).self
    ) {
      stored[$0, default: []].append(($1, $2, $3, $4, $5, $6, $7, $8, $9))
    }
    self.stored = stored
    instalments = try Self.instalments(
      """
      select employee_id, due_on, amount from bank.deferral_instalment
      where pay_run_id = \(run) and employee_id = any(\(people)) order by instalment
      """, on: connection)
    outstanding = try Self.instalments(
      """
      with part as (
        select i.employee_id, i.due_on, i.amount
        from bank.deferral_instalment as i
        join report.pay_run as r using (pay_run_id)
        where r.counts and r.currency = \(currency.code) and r.month <= \(month.description)
          and i.employee_id = any(\(people))
        union all
        select m.employee_id, m.due_on, case m.kind when 'restore' then m.amount else -m.amount end
        from bank.deferral_movement as m
        where m.employee_id = any(\(people)) and m.earned_month <= \(month.firstDay)
          and (m.pay_month is null or m.pay_month <= \(month.firstDay))
      )
      select employee_id, due_on, sum(amount) from part
      group by employee_id, due_on having sum(amount) <> 0 order by due_on
      """, on: connection)
    var moved: [Int32: (released: ExactDecimal, forfeited: ExactDecimal)] = [:]
    try connection.forEachRow(
      """
      select employee_id, coalesce(sum(amount) filter (where pay_month = \(month.firstDay)), 0),
        coalesce(sum(case kind when 'forfeit' then amount when 'restore' then -amount end), 0)
      from bank.deferral_movement
      where employee_id = any(\(people)) and earned_month <= \(month.firstDay) group by employee_id
      """, as: (Int32, ExactDecimal, ExactDecimal).self
    ) { moved[$0] = ($1, $2) }
    self.moved = moved
    var carried: [Int32: [(component: String, amount: ExactDecimal)]] = [:]
    try connection.forEachRow(
      """
      select employee_id, component, amount from bank.pay_balance
      where pay_run_id = \(run) and employee_id = any(\(people)) order by component collate "C"
      """, as: (Int32, String, ExactDecimal).self
    ) { carried[$0, default: []].append(($1, $2)) }
    self.carried = carried
    var credited: [Int32: [String: MetricValue]] = [:]
    try connection.forEachRow(
      """
      select employee_id, metric, sum(credited) from report.pay_credit_total
      where pay_run_id = \(run) and employee_id = any(\(people))
      group by employee_id, metric
      """, as: (Int32, String, ExactDecimal).self
    ) { employee, name, sum in
      let metric = CreditMetric(rawValue: name)
      credited[employee, default: [:]][metric?.planName ?? name] = MetricValue(
        total: sum, divisor: metric?.divisor(in: month) ?? .one)
    }
    self.credited = credited
  }

  private static func instalments(
    _ query: Query, on connection: isolated Connection
  ) throws -> [Int32: [PersonStatement.Instalment]] {
    var found: [Int32: [PersonStatement.Instalment]] = [:]
    try connection.forEachRow(query, as: (Int32, CivilDate, ExactDecimal).self) {
      found[$0, default: []].append(PersonStatement.Instalment(dueOn: $1, amount: $2))
    }
    return found
  }

  /// A person's lines, with their arithmetic read.
  func lines(of person: Int32, _ decoder: JSONDecoder) throws -> [PersonStatement.Line] {
    try (stored[person] ?? []).map { line in
      PersonStatement.Line(
        number: line.number, component: line.component, kind: line.kind, title: line.title,
        basis: line.total.map { MetricValue(total: $0, divisor: line.divisor ?? .one) },
        amount: line.amount, isPaid: line.isPaid,
        arithmetic: try decoder.decode([ArithmeticStep].self, from: Data(line.arithmetic.utf8)))
    }
  }
}
