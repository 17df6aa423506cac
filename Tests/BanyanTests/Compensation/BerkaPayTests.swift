import Banyan
import Foundation
import LibPQ
import Quantities
import TestSupport
import Testing

/// The pay of a real bank's month, re-added by other means.
@Suite(.enabled(if: SharedData.isPresent("berka"), "\(SharedData.reasonToSkip)"))
struct BerkaPayTests {
  @Test func everybodysPayReAddsDownToTheMovements() async throws {
    let database = try await TestServer.berkaDatabase()
    let month = try #require(Month("1993-12"))
    let (first, second) = try await database.withConnection { connection in
      (
        try PayRun.run(month: month, on: connection), try PayRun.run(month: month, on: connection)
      )
    }
    #expect(first.isNew && first.supersedes == nil)
    #expect(!second.isNew && second.id == first.id, "the same inputs make no new run")
    #expect(second.earned == first.earned && second.people == first.people)
    #expect(try await psql("select count(*) from bank.pay_run", in: database) == "1\n")

    let people = try await psql("select number from bank.employee order by number", in: database)
      .split(separator: "\n").map(String.init)
    #expect(people.count == first.people)
    let total = try await database.withConnection { connection in
      var total = ExactDecimal.zero
      for person in people {
        let explanation = try PayExplanation(person: person, month: month, on: connection)
        let findings = try explanation.check()
        #expect(findings.isEmpty, "\(person)")
        #expect(explanation.text.hasPrefix(person))
        let json = try JSONEncoder().encode(explanation)
        #expect(try JSONSerialization.jsonObject(with: json) is [String: Any])
        total = try total + explanation.earned
      }
      return total
    }
    #expect(total == first.earned, "the statements sum to the run")
    #expect(try first.deferred + first.payable == first.earned)

    // Every account has a manager from its first day, so what is credited is all there is.
    let report = try await database.report("branch-month", ["from": "1993-12", "to": "1993-12"])
    let bank = try #require(report.rows.first { $0["level"] == "bank" })
    let credited = try await psql(
      """
      select round(sum(credited) filter (where metric = 'deposit_balance_days'), 2),
        round(sum(credited) filter (where metric = 'loans_granted_amount'), 2),
        trim_scale(sum(credited) filter (where metric = 'loans_granted_count'))
      from bank.pay_credit
      """, in: database)
    #expect(
      credited
        == "\(bank["balance_days"] ?? "")|\(bank["loans_granted_amount"] ?? "")|\(bank["loans_granted"] ?? "")\n"
    )
  }

  /// The plan's rules once more, in SQL, from the transactions: not from the roll-up, the credits or
  /// the engine.
  @Test func thePlanAppliedByHandGivesTheSame() async throws {
    let database = try await TestServer.berkaDatabase()
    let month = try #require(Month("1993-11"))
    try await database.withConnection { connection in
      _ = try PayRun.run(month: month, on: connection)
    }
    let differences = try await psql(
      """
      with days as (
        select d::date as day from generate_series(timestamp '1993-11-01', '1993-11-30', '1 day') as d
      ), deposits as (
        select s.employee_id, sum(case t.direction when 'credit' then t.amount else -t.amount end) as balance_days
        from bank.assignment as s join bank.transaction as t using (branch_id, account_id)
        join days on t.booked_on <= days.day
        group by 1
      ), loans as (
        select s.employee_id, sum(l.amount) as amount
        from bank.assignment as s join bank.loan as l using (branch_id, account_id)
        where l.granted_on between '1993-11-01' and '1993-11-30'
        group by 1
      ), parts as (
        select e.employee_id,
          round(greatest(coalesce(d.balance_days, 0), 0) * 12 / 30 / 10000, 2) as deposits,
          round((least(coalesce(l.amount, 0), 100000) * 0.20
            + least(greatest(coalesce(l.amount, 0) - 100000, 0), 200000) * 0.35
            + greatest(coalesce(l.amount, 0) - 300000, 0) * 0.50) / 100, 2) as loans,
          case t.tier when 'trainee' then 0.6 when 'junior' then 0.8 when 'intermediate' then 1.0
            when 'senior' then 1.2 else 1.5 end as coefficient
        from bank.employee as e
        left join deposits as d using (employee_id)
        left join loans as l using (employee_id)
        join bank.employee_tier as t on t.employee_id = e.employee_id
          and t.effective_from <= '1993-11-30' and (t.effective_until is null or t.effective_until > '1993-11-30')
      ), earned as (
        select employee_id, least(4000, deposits + loans + round((deposits + loans) * (coefficient - 1), 2)) as earned
        from parts
      )
      select count(*) filter (where s.earned is distinct from e.earned),
        count(*) filter (where s.deferred is distinct from round(e.earned * 0.4, 2)), count(*) > 180
      from earned as e left join bank.pay_statement as s using (employee_id)
      """, in: database)
    #expect(differences == "0|0|t\n")
  }
}
