import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// What a month credits to people and pools, account over client and line over general.
@Suite struct PoolTests {
  private func credits(_ ground: CoverageGround) async throws -> String {
    try await ground.database.withConnection { connection in
      _ = try PayRun.run(month: #require(Month("2026-01")), on: connection)
    }
    return try await psql(
      """
      select coalesce(e.number, 'pool of ' || u.code), a.number, c.metric, c.share, trim_scale(c.measured),
        c.counted_from, c.counted_until
      from bank.pay_credit as c join bank.pay_run_credit_set as n using (branch_id, credit_set_id) join report.pay_run as r using (pay_run_id)
      join bank.org_unit as u on u.org_unit_id = c.branch_id
      join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
      left join bank.employee as e using (employee_id)
      where r.counts and c.metric <> 'loans_granted_count'
      order by a.number, c.metric, c.counted_from, 1
      """, in: ground.database)
  }

  @Test func accountBeatsClientAndTheRestLiesInThePool() async throws {
    let ground = try await CoverageGround()
    // C1 owns A1, C2 owns A2 and is joint holder of A1, C3 owns A3.
    try await ground.change(.assign(.one, team(("E1", "1"))), "2026-01-01")
    try await ground.change(.assign(.one("loans"), team(("E2", "1"))), "2026-01-01")
    try await ground.change(
      .assign(.account("A1", line: nil), team(("E3", "0.5"), ("E2", "0.5"))), "2026-01-11",
      "2026-01-14")
    try await ground.change(.assign(.client("C2", line: nil), team(("E2", "1"))), "2026-01-25")
    #expect(
      try await credits(ground) == """
        E1|A1|deposit_balance_days|1|10000000|2026-01-01|2026-01-11
        E2|A1|deposit_balance_days|0.5|3000000|2026-01-11|2026-01-14
        E3|A1|deposit_balance_days|0.5|3000000|2026-01-11|2026-01-14
        E1|A1|deposit_balance_days|1|11599992|2026-01-14|2026-02-01
        E2|A1|loans_granted_amount|1|120000|2026-01-14|2026-02-01
        pool of B1|A2|deposit_balance_days|1|750000|2026-01-01|2026-01-25
        E2|A2|deposit_balance_days|1|350000|2026-01-25|2026-02-01
        pool of B2|A3|deposit_balance_days|1|31.01|2026-01-01|2026-02-01

        """)
    // People and pools together are the branch's month, to the cent.
    let sums = try await psql(
      """
      select u.code, trim_scale(sum(c.credited))
      from bank.pay_credit as c join bank.pay_run_credit_set as n using (branch_id, credit_set_id) join report.pay_run as r using (pay_run_id)
      join bank.org_unit as u on u.org_unit_id = c.branch_id
      where r.counts and c.metric = 'deposit_balance_days' group by 1 order by 1
      """, in: ground.database)
    let branches = try await psql(
      """
      select u.code, trim_scale(sum(case when m.month < '2026-01-01' then (m.credits - m.debits) * 31
        else m.movement_days end))
      from bank.account_month as m join bank.org_unit as u on u.org_unit_id = m.branch_id
      where m.month <= '2026-01-01' group by 1 order by 1
      """, in: ground.database)
    #expect(sums == branches)
  }

  @Test func coverageOfADayNamesEveryAccountOnce() async throws {
    let ground = try await CoverageGround()
    try await ground.change(.assign(.one, team(("E1", "0.6"), ("E2", "0.4"))), "2026-01-01")
    try await ground.change(
      .assign(.account("A1", line: "deposits"), team(("E3", "1"))), "2026-01-20")
    let lines = [
      ("2026-01-19", "deposits", "A1 E1 0.6,A1 E2 0.4,A2 pool 1"),
      ("2026-01-20", "deposits", "A1 E3 1,A2 pool 1"),
      ("2026-01-20", "loans", "A1 E1 0.6,A1 E2 0.4,A2 pool 1"),
    ]
    for (day, line, expected) in lines {
      let found = try await psql(
        """
        select string_agg(a.number || ' ' || coalesce(e.number, 'pool') || ' ' || v.share, ',' order by a.number, e.number)
        from bank.account_coverage_as_of('\(day)', '\(line)') as v
        join bank.account as a using (branch_id, account_id)
        left join bank.employee as e using (employee_id)
        """, in: ground.database)
      #expect(found == expected + "\n", "\(day) \(line)")
    }
  }
}

extension CoverageRequest.Scope {
  fileprivate static func one(_ line: String) -> CoverageRequest.Scope {
    .client("C1", line: line)
  }
}
