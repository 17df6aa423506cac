import Banyan
import LibPQ
import TestSupport
import Testing

/// The real bank's files, through nothing but a mapping.
@Suite(.enabled(if: SharedData.isPresent("berka"), "\(SharedData.reasonToSkip)"))
struct BerkaImportTests {
  @Test func everyRowIsAccountedFor() async throws {
    let database = try await TestServer.berkaDatabase()
    let counts = try await psql(
      """
      select dataset, file_name, state, rows_read, rows_loaded, rows_rejected, rows_unchanged
      from bank.batch where dataset <> 'overlay' order by batch_id
      """, in: database)
    #expect(
      counts == """
        org_units|district.asc|loaded|77|8|0|69
        org_units|district.asc|loaded|77|77|0|0
        clients|client.asc|loaded|5369|5369|0|0
        accounts|account.asc|loaded|4500|4500|0|0
        holders|disp.asc|loaded|5369|5369|0|0
        loans|loan.asc|loaded|682|682|0|0
        cards|card.asc|loaded|892|892|0|0
        standing_orders|order.asc|loaded|6471|6471|0|0
        transactions|trans.asc|loaded|49103|49102|1|0

        """)
    let tables = try await psql(
      """
      select (select count(*) from bank.client), (select count(*) from bank.account),
        (select count(*) from bank.account_holder), (select count(*) from bank.loan),
        (select count(*) from bank.card), (select count(*) from bank.standing_order),
        (select count(*) from bank.transaction), (select sum(transactions) from bank.account_month),
        (select sum(amount) from bank.loan)
      """, in: database)
    #expect(tables == "5369|4500|5369|682|892|6471|49102|49102|103261740\n")
  }

  @Test func theRowThatWasCutIsReported() async throws {
    let database = try await TestServer.berkaDatabase()
    let rejected = try await psql(
      """
      select b.file_name, r.line_number, r.code, r.reason, r.raw_row
      from bank.rejected_row as r join bank.batch as b using (batch_id)
      """, in: database)
    let fields = rejected.split(separator: "|", maxSplits: 4)
    #expect(fields.count == 5)
    #expect(fields[0] == "trans.asc")
    #expect(fields[1] == "49104")
    #expect(fields[2] == "IMP-0102")
    #expect(fields[3] == "the row is bad because the quote that opens field 4 never closes")
    #expect(fields[4].hasPrefix("\"") || fields[4].first?.isNumber == true)
  }

  @Test func theRunningSumIsKeptBesideTheFilesOwnBalance() async throws {
    let database = try await TestServer.berkaDatabase()
    let rollUp = try await psql(
      """
      select count(*) from (
        select branch_id, account_id, date_trunc('month', booked_on::timestamp)::date as month,
          sum(case direction when 'credit' then amount else 0 end) as credits,
          sum(case direction when 'debit' then amount else 0 end) as debits, count(*) as transactions
        from bank.transaction group by 1, 2, 3
      ) as t
      full join bank.account_month as m using (branch_id, account_id, month)
      where (t.credits, t.debits, t.transactions) is distinct from (m.credits, m.debits, m.transactions)
      """, in: database)
    #expect(rollUp == "0\n", "the roll-up differs from the transactions")
    let kept = try await psql(
      "select count(reported_balance) from bank.transaction", in: database)
    #expect(kept == "49102\n")
    let closing = try await psql(
      """
      select count(*), sum(closing_balance) from (
        select distinct on (account_number) account_number, closing_balance
        from report.account_day where day <= '1993-12-31' order by account_number, day desc
      ) as last
      """, in: database)
    let report = try await database.report("branch-month", ["from": "1993-12", "to": "1993-12"])
    let balance = try #require(report.rows.first?["balance_end"])
    #expect(closing.hasSuffix("|\(balance)\n"), "\(closing)")
  }

  @Test func accountsAreDealtOutAsTheOverlaySays() async throws {
    let database = try await TestServer.berkaDatabase()
    let wrong = try await psql(
      """
      select a.number, e.number
      from (
        select branch_id, account_id, number,
          row_number() over (partition by branch_id order by number::bigint) - 1 as rank,
          count(*) over (partition by branch_id) as accounts
        from bank.account
      ) as a
      join bank.org_unit as u on u.org_unit_id = a.branch_id
      left join bank.assignment as s on s.branch_id = a.branch_id and s.account_id = a.account_id
      left join bank.employee as e using (employee_id)
      where e.number is distinct from
        'RM-' || u.code || '-' || lpad((a.rank % ((a.accounts + 29) / 30) + 1)::text, 2, '0')
      limit 5
      """, in: database)
    #expect(wrong == "")
    // The tier of the last quarter of 1993 follows from the quarter before, computed anew day by day.
    let tiers = try await psql(
      """
      with days as (
        select d::date as day from generate_series(timestamp '1993-07-01', '1993-09-30', '1 day') as d
      ), average as (
        select s.employee_id, sum(
          case t.direction when 'credit' then t.amount else -t.amount end) / 92 as balance
        from bank.assignment as s
        join bank.transaction as t using (branch_id, account_id)
        join days on t.booked_on <= days.day
        group by s.employee_id
      )
      select count(*), count(distinct t.tier) from bank.employee as e
      left join average as a using (employee_id)
      join bank.employee_tier as t on t.employee_id = e.employee_id
        and t.effective_from <= '1993-12-31'
        and (t.effective_until is null or t.effective_until > '1993-12-31')
      where t.tier = case when coalesce(a.balance, 0) < 50000 then 'trainee'
        when a.balance < 150000 then 'junior' when a.balance < 300000 then 'intermediate'
        when a.balance < 600000 then 'senior' else 'principal' end
      """, in: database)
    let people = try await psql("select count(*) from bank.employee", in: database)
    #expect(tiers.hasPrefix(people.dropLast() + "|"), "\(tiers) of \(people)")
  }
}
