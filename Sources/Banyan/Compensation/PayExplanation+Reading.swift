import CompensationEngine
import Foundation
import LibPQ
import Quantities

extension PayExplanation {
  /// Reads the explanation of one person's pay from the run that counts for a month.
  ///
  /// - Throws: ``BanyanError`` if there is no such person, no run, or the person is not in it.
  public init(person: String, month: Month, on connection: isolated Connection) throws {
    guard
      let (employee, name) = try connection.optionalRow(
        "select employee_id, name from bank.employee where number = \(person)",
        as: (Int32, String?).self)
    else {
      throw BanyanError.usage("there is no employee “\(person)” on record; check the number")
    }
    guard
      let (run, planCode, version, currency, tier, earned, deferred, payable) =
        try connection.optionalRow(
          """
          select r.pay_run_id, r.plan, r.plan_version, r.currency, s.tier, s.earned, s.deferred, s.payable
          from bank.pay_statement as s
          join report.pay_run as r using (pay_run_id)
          where r.counts and r.month = \(month.description) and s.employee_id = \(employee)
          order by r.pay_run_id desc limit 1
          """,
          as: (Int32, String, Int, String, String?, ExactDecimal, ExactDecimal, ExactDecimal).self)
    else {
      throw BanyanError.usage(
        "\(person) has no statement for \(month); run the month first with `banyan pay run \(month)`"
      )
    }
    var lines = try Self.lines(run: run, employee: employee, month: month, on: connection)
    try Self.addCorrections(to: &lines, run: run, employee: employee, on: connection)
    let instalments = try connection.rows(
      """
      select due_on, amount from bank.deferral_instalment
      where pay_run_id = \(run) and employee_id = \(employee) order by instalment
      """, as: (CivilDate, ExactDecimal).self
    ).map { Instalment(dueOn: $0.description, amount: $1) }
    self.init(
      person: person, name: name, month: month.description, run: Int(run),
      plan: "\(planCode) version \(version)", currency: currency, tier: tier, earned: earned,
      deferred: deferred, payable: payable, lines: lines, instalments: instalments)
  }

  /// The lines of a calculation of one person, each with what it was measured on.
  static func lines(
    run: Int32, employee: Int32, month: Month, on connection: isolated Connection
  ) throws -> [Line] {
    let facts = try facts(run: run, employee: employee, on: connection)
    let credits = try credits(run: run, employee: employee, month: month, on: connection)
    let decoder = JSONDecoder()
    return try connection.rows(
      """
      select line_number, component, title, amount, is_paid, arithmetic, basis_total, basis_divisor
      from bank.pay_line
      where pay_run_id = \(run) and employee_id = \(employee)
      order by line_number
      """,
      as: (Int, String, String, ExactDecimal, Bool, JSONText, ExactDecimal?, ExactDecimal?).self
    ).map { number, component, title, amount, isPaid, json, total, divisor in
      let steps = try decoder.decode([ArithmeticStep].self, from: Data(json.text.utf8))
      let measured = steps.filter { $0.purpose == .metric || $0.purpose == .missingAsZero }
        .map(\.subject)
      let metric = CreditMetric.allCases.first { measured.contains($0.planName) }
      return Line(
        number: number, component: component, title: title, amount: amount, isPaid: isPaid,
        steps: steps, arithmetic: steps.map(\.description), basisTotal: total,
        basisDivisor: divisor, credits: metric.flatMap { credits[$0] } ?? [],
        facts: measured.first.flatMap { facts[$0] } ?? [])
    }
  }

  private static func credits(
    run: Int32, employee: Int32, month: Month, on connection: isolated Connection
  ) throws -> [CreditMetric: [Credit]] {
    let (movements, before) = try movements(
      run: run, employee: employee, month: month, on: connection)
    var credits: [CreditMetric: [Credit]] = [:]
    let rows = try connection.rows(
      """
      select c.pay_credit_id, c.metric, a.number, u.code, l.number, c.share, c.counted_from,
        c.counted_until, c.measured, c.credited, coalesce(o.balance, 0),
        coalesce(lb.file_name || ':' || l.line_number,
          ab.file_name || coalesce(':' || s.line_number, ''),
          n.verb || ' ' || n.coverage_entry_id || ' by ' || n.made_by)
      from bank.pay_run_credit_set as r
      join bank.pay_credit as c using (branch_id, credit_set_id)
      join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
      join bank.org_unit as u on u.org_unit_id = c.branch_id
      join bank.assignment as s
        on s.branch_id = c.assignment_branch_id and s.assignment_id = c.assignment_id
      left join bank.batch as ab on ab.batch_id = s.batch_id
      left join bank.coverage_entry as n on n.coverage_entry_id = s.entry_id
      left join (
        select branch_id, loan_id, number, batch_id, line_number from bank.loan
        union all select branch_id, loan_id, number, batch_id, line_number from bank.replaced_loan
      ) as l on l.branch_id = c.branch_id and l.loan_id = c.loan_id
      left join bank.batch as lb on lb.batch_id = l.batch_id
      left join lateral (
        select sum(balance) as balance
        from (
          -- Of an account whose balances are sent, the last one before.
          (
            select b.balance from bank.account_balance as b
            where b.branch_id = c.branch_id and b.account_id = c.account_id and b.balanced_on < c.counted_from
            order by b.balanced_on desc limit 1
          )
          union all
          select sum(m.credits - m.debits) as balance from bank.account_month as m
          where m.branch_id = c.branch_id and m.account_id = c.account_id and m.month < \(month.firstDay)
            and not exists (
              select from bank.balance_account as b where b.branch_id = c.branch_id and b.account_id = c.account_id)
        ) as before
      ) as o on c.loan_id is null
      where r.pay_run_id = \(run) and c.employee_id = \(employee)
      order by length(a.number), a.number, l.number, c.counted_from
      """,
      as: (
        Int64, String, String, String, String?, ExactDecimal, CivilDate, CivilDate, ExactDecimal,
        ExactDecimal, ExactDecimal, String
      ).self, limit: .max)
    for row in rows {
      guard let metric = CreditMetric(rawValue: row.1) else { continue }
      let isBalance = metric == .depositBalanceDays
      credits[metric, default: []].append(
        Credit(
          account: row.2, branch: row.3, loan: row.4, share: row.5,
          countedFrom: row.6.description, countedTo: row.7.adding(days: -1).description,
          measured: row.8, credited: row.9,
          openingBalance: isBalance ? try row.10 + (before[row.0] ?? .zero) : nil,
          days: isBalance ? row.6.days(until: row.7) : nil,
          movements: isBalance ? movements[row.0] ?? [] : [], source: row.11))
    }
    return credits
  }

  /// The facts behind the credits of free metrics, by metric.
  private static func facts(
    run: Int32, employee: Int32, on connection: isolated Connection
  ) throws -> [String: [Fact]] {
    var facts: [String: [Fact]] = [:]
    try connection.forEachRow(
      """
      select f.metric, u.code, f.booked_on, f.client_number, f.product_code, f.number, f.way::text, f.share, f.measured,
        b.file_name || ':' || f.line_number
      from bank.facts_credited(\(run), \(employee), null) as f
      join bank.org_unit as u on u.org_unit_id = f.branch_id
      join bank.batch as b on b.batch_id = f.batch_id
      """,
      as: (
        String, String, CivilDate, String?, String?, String?, String, ExactDecimal, ExactDecimal,
        String
      ).self
    ) { metric, branch, day, client, product, number, way, share, measured, source in
      facts[metric, default: []].append(
        Fact(
          branch: branch, bookedOn: day.description, client: client, product: product,
          number: number, way: way, share: share, measured: measured,
          credited: try measured * share, source: source))
    }
    return facts
  }

  /// The movements behind each credit of balances, in the order of their booking, and the sum of those of
  /// the month that had been booked before its first day.
  ///
  /// A month's movements are found by branch and day, so the branches are named: those of one person are a few of
  /// the bank's.
  private static func movements(
    run: Int32, employee: Int32, month: Month, on connection: isolated Connection
  ) throws -> (within: [Int64: [Movement]], before: [Int64: ExactDecimal]) {
    let branches = try connection.rows(
      """
      select distinct c.branch_id
      from bank.pay_run_credit_set as r join bank.pay_credit as c using (branch_id, credit_set_id)
      where r.pay_run_id = \(run) and c.employee_id = \(employee)
        and c.metric = \(CreditMetric.depositBalanceDays.rawValue)
      """, as: Int32.self, limit: .max)
    var within: [Int64: [Movement]] = [:]
    var before: [Int64: ExactDecimal] = [:]
    try connection.forEachRow(
      """
      with credit as (
        select c.* from bank.pay_run_credit_set as r
        join bank.pay_credit as c using (branch_id, credit_set_id)
        where r.pay_run_id = \(run) and c.employee_id = \(employee)
          and c.metric = \(CreditMetric.depositBalanceDays.rawValue)
      ), movement as (
        select c.pay_credit_id, c.counted_from, c.counted_until, t.number, t.booked_on,
          case t.direction when 'credit' then t.amount else -t.amount end as amount, t.batch_id, t.line_number
        from credit as c
        join bank.transaction as t using (branch_id, account_id)
        where t.branch_id = any(\(branches))
          and t.booked_on >= \(month.firstDay) and t.booked_on <= \(month.lastDay)
          and t.booked_on < c.counted_until
        union all
        -- Where balances are sent, the change from one to the next.
        select c.pay_credit_id, c.counted_from, c.counted_until, 'balance ' || n.balance, n.balanced_on,
          n.balance - coalesce((
            select o.balance from bank.account_balance as o
            where o.branch_id = n.branch_id and o.account_id = n.account_id and o.balanced_on < n.balanced_on
            order by o.balanced_on desc limit 1), 0),
          n.batch_id, n.line_number
        from credit as c
        join bank.account_balance as n using (branch_id, account_id)
        where n.balanced_on >= \(month.firstDay) and n.balanced_on <= \(month.lastDay)
          and n.balanced_on >= c.counted_from and n.balanced_on < c.counted_until
      )
      select m.pay_credit_id, m.counted_from, m.number, m.booked_on, m.amount, m.counted_until - m.booked_on,
        b.file_name || ':' || m.line_number
      from movement as m
      join bank.batch as b on b.batch_id = m.batch_id
      order by m.booked_on, length(m.number), m.number
      """, as: (Int64, CivilDate, String, CivilDate, ExactDecimal, Int, String).self
    ) { credit, countedFrom, number, bookedOn, amount, days, source in
      if bookedOn < countedFrom {
        before[credit] = try (before[credit] ?? .zero) + amount
        return
      }
      within[credit, default: []].append(
        Movement(
          number: number, bookedOn: bookedOn.description, amount: amount, days: days,
          balanceDays: try amount * ExactDecimal(days), source: source))
    }
    return (within, before)
  }
}
