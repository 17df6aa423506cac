import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// A year's quarter that is run when everything is known, and one that is run and posted month by month
/// while facts come late and assignments are corrected: in the end both have paid the same, person by
/// person, month by month and component by component.
@Suite struct CorrectionPropertyTests {
  /// Something that happens in a month and is known in that month or later; months count from 0.
  private struct Event {
    let known: Int
    /// A line of transactions, or a statement.
    let movement: String?
    let statement: String?
  }

  /// A plan whose months hang together: a quarter's target, a draw that is owed, a limit that carries
  /// what is above it, and a difference to what was paid.
  private static let plan = """
    plan: tiny
    title: Months that hang together
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    figures:
      balance: {metric: deposit_average_daily_balance, of: person, over: month, missing: zero, negative: zero}
      quarter_balance: {metric: deposit_average_daily_balance, of: person, over: quarter, missing: zero, negative: zero}
      unit_balance: {metric: deposit_average_daily_balance, of: unit, over: month, missing: zero, negative: zero}
    components:
      - {code: deposits, title: Deposits, kind: unit_price, metric: deposit_average_daily_balance, price: 7.00, per: 10000, missing: zero, negative: zero}
      - {code: quarter, title: Quarter so far, kind: formula, amount: quarter_balance * 0.01%, less_paid: quarter}
      - {code: tier, title: Tier, kind: multiplier, of: [deposits], coefficients: {junior: 0.9, senior: 1.2}, missing_tier: "1"}
      - {code: share, title: Share of the unit, kind: pool, pool: unit_balance * 0.001%, shared_by: unit, points: balance, nobody: keep}
      - {code: limit, title: Limit, kind: cap, of: [deposits, tier], limit: 500, period: month, excess: carried}
      - {code: draw, title: Draw, kind: guarantee, of: [deposits, tier, limit], minimum: 300, recovery: {share: 0.50}}
    deferral: {share: 0.40, instalments: 3, spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month}

    """

  private func events(_ dice: inout Dice) -> [Event] {
    var events: [Event] = []
    for number in 0..<30 {
      let month = Int.random(in: 0..<3, using: &dice)
      let day = Int.random(in: 1...28, using: &dice)
      let known = min(3, month + ([0, 0, 1, 1, 2].randomElement(using: &dice) ?? 0))
      let account = month == 0 ? "A1" : ["A1", "A2", "A3"].randomElement(using: &dice) ?? "A1"
      let amount =
        "\(Int.random(in: 1...900_000, using: &dice)).\(Int.random(in: 10...99, using: &dice))"
      let direction = Int.random(in: 0..<4, using: &dice) == 0 ? "debit" : "credit"
      events.append(
        Event(
          known: known,
          movement:
            "P\(number),\(account),2026-0\(month + 1)-\(day < 10 ? "0" : "")\(day),\(direction),\(amount)",
          statement: nil))
    }
    for number in 0..<3 {
      let month = Int.random(in: 1...3, using: &dice)
      let share = Int.random(in: 1...9, using: &dice)
      let people = Array(1...3).shuffled(using: &dice)
      events.append(
        Event(
          known: min(3, month - 1 + Int.random(in: 0...2, using: &dice)), movement: nil,
          statement: """
            select count(*) from bank.correct_assignment(bank.account_scope('A1'),
              array['E\(people[0])', 'E\(people[1])'], array[0.\(share), 0.\(10 - share)],
              '2026-0\(month)-\(11 + 4 * number)', '2026-0\(month)-\(14 + 4 * number)', 'as agreed');
            """))
    }
    // What every month needs to be run at all.
    for month in 2...4 {
      events.append(
        Event(
          known: month - 1, movement: "B\(month),A1,2026-0\(month)-01,credit,1.00", statement: nil))
    }
    return events
  }

  private func learn(_ events: [Event], in database: TestDatabase) async throws {
    let movements = events.compactMap(\.movement)
    if !movements.isEmpty {
      var bank = TinyBank()
      bank.mappings["plans/plan.yaml"] = Self.plan
      try await database.takeIn(["transactions.csv": TinyBank.movements(movements)], bank: bank)
    }
    for statement in events.compactMap(\.statement) { try await psql(statement, in: database) }
  }

  private func newBank() async throws -> TestDatabase {
    let database = try await TestServer.migratedDatabase()
    var bank = TinyBank()
    bank.mappings["plans/plan.yaml"] = Self.plan
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    try await database.withConnection { connection in
      _ = try folderImport.run(on: connection)
    }
    return database
  }

  /// What was paid for each month by each component, and deferred to each day, whenever it was paid; and
  /// what is carried out of each month by its last calculation, and the digest of that.
  private static let outcome = """
    select 'paid', e.number, to_char(x.month, 'YYYY-MM'), x.component, sum(x.amount)
    from (
      select l.employee_id, r.month, l.component, l.amount
      from bank.pay_line as l join bank.pay_run as r using (pay_run_id)
      where r.part_of_id is null and l.kind <> 'correction'
      union all
      select k.employee_id, k.month, k.component, l.amount
      from bank.pay_correction as k join bank.pay_line as l using (branch_id, pay_run_id, employee_id, line_number)
    ) as x join bank.employee as e using (employee_id)
    group by 2, 3, 4 having sum(x.amount) <> 0
    union all
    select 'deferred', e.number, to_char(coalesce(i.corrects_month, r.month), 'YYYY-MM'), i.due_on::text, sum(i.amount)
    from bank.deferral_instalment as i join bank.pay_run as r using (pay_run_id) join bank.employee as e using (employee_id)
    where r.part_of_id is null group by 2, 3, 4 having sum(i.amount) <> 0
    union all
    select 'carried', e.number, to_char(m.month, 'YYYY-MM'), b.component, b.amount
    from generate_series(timestamp '2026-01-01', '2026-03-01', interval '1 month') as m (month)
    join bank.pay_balance as b on b.pay_run_id = bank.latest_calculation(m.month::date, 'tiny', null)
    join bank.employee as e using (employee_id)
    union all
    select 'digest', encode(r.input_digest, 'hex'), to_char(m.month, 'YYYY-MM'), null, null
    from generate_series(timestamp '2026-01-01', '2026-03-01', interval '1 month') as m (month)
    join bank.pay_run as r on r.pay_run_id = bank.latest_calculation(m.month::date, 'tiny', null)
    where r.month = '2026-01-01'
    order by 1, 2, 3, 4
    """

  @Test(arguments: Torture.seeds(2, of: 20))
  func allAtOnceIsBitByBitAndCorrections(seed: UInt64) async throws {
    var dice = Dice(seed: seed)
    let events = events(&dice)
    let atOnce = try await newBank()
    // The order in which facts come in changes nothing.
    try await learn(events.shuffled(using: &dice), in: atOnce)
    for month in 1...4 { try await atOnce.payAndPost("2026-0\(month)") }
    let bitByBit = try await newBank()
    var last = 0
    for month in 0..<4 {
      try await learn(events.filter { $0.known == month }, in: bitByBit)
      last = try await bitByBit.payAndPost("2026-0\(month + 1)").id
    }
    let (expected, found) = (
      try await psql(Self.outcome, in: atOnce), try await psql(Self.outcome, in: bitByBit)
    )
    #expect(expected == found)
    #expect(expected.split(separator: "\n").count > 40)
    let corrected = try await psql("select count(*) from bank.pay_correction", in: bitByBit)
    #expect(corrected != "0\n")
    #expect(try await psql("select count(*) from bank.pay_correction", in: atOnce) == "0\n")
    #expect(try await bitByBit.verificationFindings(of: last) == [])
  }
}
