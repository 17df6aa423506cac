import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// What happens within a month: people join, leave and are transferred, tiers and shares change. Balances
/// go by their days, loans by the day of their grant, base pay and targets by the days that are worked,
/// and tier, post and unit are those of the last day.
@Suite struct MidMonthTests {
  private static let plan = """
    plan: tiny
    title: Life within a month
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    figures:
      goal: {target: loans_granted_amount, of: person, over: month, missing: zero, negative: refuse, proration: by_days}
    components:
      - {code: base, title: Base pay, kind: formula, amount: "3100", proration: by_days}
      - {code: whole, title: Whatever the days, kind: formula, amount: "100"}
      - {code: deposits, title: Deposits, kind: unit_price, metric: deposit_average_daily_balance, price: 31.00, per: 10000, missing: zero, negative: zero}
      - {code: loans, title: Loans, kind: rate, metric: loans_granted_amount, rate: 1, rate_unit: per_mille, missing: zero, negative: refuse}
      - {code: goal_shown, title: Goal, kind: formula, amount: goal, paid: no}
      - {code: at, title: At the unit, kind: formula, amount: "if(unit = 'B2', 1, 0) + if(tier = 'senior', 10, 0)"}
      - {code: held, title: By the days of each tier, kind: formula, amount: "if(tier = 'senior', 310, 31)", tier_change: by_days}
    deferral: none

    """

  /// E4 joins on the 17th, E5 is released on the 11th, E2 moves from B1 to B2 on the 20th and becomes
  /// senior on the 16th, and A1 goes from E1 alone to E1 and E4 by halves on the 17th.
  private func bank() throws -> TinyBank {
    let posts = try #require(Dataset.named("posts"))
    var bank = TinyBank().adding(
      "E4,Dan,B1,2026-01-17\nE5,Eve,B1,2020-01-01\n", to: "employees.csv"
    )
    .with(
      "tiers.csv",
      "employee_number,tier,effective_from,effective_until\nE1,junior,2020-01-01,\nE2,junior,2020-01-01,2026-01-16\nE2,senior,2026-01-16,\n"
    ).with(
      "assignments.csv",
      "account_number,employee_number,share,effective_from,effective_until\nA1,E1,1,2026-01-01,2026-01-17\nA1,E1,0.5,2026-01-17,\nA1,E4,0.5,2026-01-17,\nA2,E2,1,2026-01-10,\nA3,E3,1,2026-01-31,\nA4,E5,1,2026-01-01,2026-01-11\n"
    ).adding("A4,B1,demand,CNY,2025-06-01,\n", to: "accounts.csv")
    .with(
      "transactions.csv",
      TinyBank.movements([
        "T1,A1,2025-12-31,credit,310000.00", "T2,A4,2026-01-10,credit,310000.00",
      ])
    ).with(
      "loans.csv",
      "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL1,A1,2026-01-16,100000.00,12,1.00,running\nL2,A1,2026-01-17,100000.00,12,1.00,running\n"
    ).sending(
      posts,
      "employee_number,unit_code,kind,effective_from,effective_until\nE5,B1,teller,2020-01-01,2026-01-11\nE2,B1,teller,2020-01-01,2026-01-20\nE2,B2,teller,2026-01-20,\n"
    )
    bank.mappings["plans/plan.yaml"] = Self.plan
    return bank
  }

  @Test func byDaysOrAsOfTheDay() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = try bank()
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let rejected = try await database.withConnection { connection in
      try folderImport.run(on: connection).files.map(\.rejected).reduce(0, +)
    }
    #expect(rejected == 0)
    try await psql(
      "select bank.record_target(null, 'E4', 'loans_granted_amount', '2026-01-01', 6200)",
      in: database)
    let run = try await database.pay("2026-01")
    let lines = try await psql(
      """
      select e.number, string_agg(l.component || ' ' || l.amount, ', ' order by l.line_number)
      from bank.pay_line as l join bank.employee as e using (employee_id) where pay_run_id = \(run.id)
      group by 1 order by 1
      """, in: database)
    // A1 has 310,000.00 all month: 16 days alone and 15 by halves are 23.5 of 31 days for E1, 7.5 for E4.
    // A4 has 310,000.00 on the 10th only, which is E5's last day. E2 is senior for 16 of 31 days:
    // 31 x 15 / 31 + 310 x 16 / 31 = 175.
    #expect(
      lines == """
        E1|base 3100.00, whole 100.00, deposits 728.50, loans 150.00, goal_shown 0.00, at 0.00, held 31.00
        E2|base 3100.00, whole 100.00, deposits 0.00, loans 0.00, goal_shown 0.00, at 11.00, held 175.00
        E3|base 3100.00, whole 100.00, deposits 0.00, loans 0.00, goal_shown 0.00, at 1.00, held 31.00
        E4|base 1500.00, whole 100.00, deposits 232.50, loans 50.00, goal_shown 3000.00, at 0.00, held 31.00
        E5|base 1000.00, whole 100.00, deposits 31.00, loans 0.00, goal_shown 0.00, at 0.00, held 31.00

        """)
    #expect(try await database.verificationFindings(of: run.id) == [])
    // A tier that is corrected afterwards is paid by the next month, and says so.
    try await database.withConnection { connection in
      _ = try PayRun.post(Int32(run.id), on: connection)
    }
    try await psql(
      """
      update bank.employee_tier set superseded_at = clock_timestamp()
        where tier = 'senior' and superseded_at is null;
      insert into bank.employee_tier (employee_id, tier, effective_from)
        select employee_id, 'senior', '2026-02-01' from bank.employee where number = 'E2';
      """, in: database)
    try await database.takeIn(
      ["transactions.csv": TinyBank.movements(["F1,A1,2026-02-01,credit,1.00"])], bank: bank)
    let february = try await database.pay("2026-02")
    #expect(
      try await database.corrections(of: february.id)
        == """
        E2|2026-01|at|-10.00|person: tier senior from 2026-01-16 counts no more
        E2|2026-01|held|-144.00|person: tier senior from 2026-01-16 counts no more

        """)
  }
}
