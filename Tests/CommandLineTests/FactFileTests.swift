import Foundation
import TestSupport
import Testing

/// Free metrics, sales, fees, balances and repayments: files in, pay out, down to the line of the file again.
@Suite struct FactFileTests {
  private static let plan = """
    plan: facts
    title: Pay for what facts measure
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    components:
      - code: sales
        title: Sales
        kind: unit_price
        metric: sales_amount
        price: 1.00
        per: 100
        missing: zero
        negative: deduct
      - code: sales_number
        title: Number of sales
        kind: unit_price
        metric: sales_count
        price: 5.00
        per: 1
        missing: zero
        negative: zero
      - code: premiums
        title: Premiums
        kind: unit_price
        metric: premium_income
        price: 2.00
        per: 100
        missing: zero
        negative: zero
      - code: interest
        title: Interest collected
        kind: unit_price
        metric: interest_paid_amount
        price: 1.00
        per: 10
        missing: zero
        negative: zero
    deferral: none

    """

  private func ground() async throws -> ImportGround {
    let ground = try await ImportGround()
    for (name, text) in [
      ("products", "code,name,product_line\nFUND,A fund,\nCREDIT,A loan,loans\n"),
      (
        "metrics",
        "code,name,chinese_name,base_code,measure,crediting\npremium_income,Premiums,保费,,,assigned\npremium_count,Policies,,premium_income,facts,\n"
      ),
    ] {
      let sent = try await ground.sendStandard(try ground.write(text, to: "sent/\(name).csv"), name)
      #expect(sent.exitCode == 0, "\(sent.messages)")
      #expect(sent.counts == "loaded 2 2 0 0")
    }
    return ground
  }

  @Test func factsOfEachKindAreLoadedPaidAndExplained() async throws {
    let ground = try await ground()
    let facts = try ground.write(
      """
      branch_code,booked_on,metric,product_code,client_number,employee_number,number,amount
      B1,2026-01-05,sales_amount,FUND,C1,E2,,1000.00
      B1,2026-01-05,sales_amount,FUND,C1,E2,S2,500.00
      B1,2026-01-06,sales_amount,FUND,C1,E2,,-200.00
      B1,2026-01-07,premium_income,,C1,E3,,400.00
      B1,2026-01-07,premium_income,,,,,50.00
      B2,2026-01-08,fee_income,,C1,,,12.34
      B1,2026-01-09,no_such_metric,,C1,,,1.00
      B1,2026-01-05,sales_amount,FUND,C1,E2,,1000.00
      B1,2026-01-05,sales_amount,FUND,C1,E2,S2,501.00

      """, to: "sent/facts.csv")
    let sent = try await ground.sendStandard(facts, "facts")
    #expect(sent.exitCode == 3)
    #expect(sent.counts == "loaded 9 6 3 0", "\(sent.messages)")
    #expect(sent.messages.contains { $0.contains("the metric “no_such_metric” is not on record") })
    #expect(try await ground.database.unaccountedRows() == "")
    let again = try await ground.sendStandard(facts, "facts")
    #expect(again.counts == "unchanged 9 0 0 9")

    // Two clients of E1 and E2: C1 by an assignment of the client, for all products and for loans.
    let assigned = try await ground.run(
      "assignment", "assign", "C1", "E1", "--from", "2026-01-01")
    #expect(assigned.exitCode == 0, "\(assigned.errorOutput)")
    let plan = try ground.write(Self.plan, to: "plan.yaml")
    #expect(try await ground.run("plan", "check", plan).exitCode == 3)
    let checked = try await ground.run("plan", "check", plan, "--metric", "premium_income")
    #expect(checked.exitCode == 0, "\(checked.errorOutput)")
    let loaded = try await ground.run("plan", "load", plan)
    #expect(loaded.exitCode == 0, "\(loaded.errorOutput)")
    let run = try await ground.run("pay", "run", "2026-01", "--plan", "facts")
    #expect(run.exitCode == 0, "\(run.errorOutput)")
    // E2 is named by the sales; premiums are of whom the client is assigned to, whoever is named.
    #expect(
      try await ground.psql(
        """
        select e.number, l.component, l.amount from bank.pay_line as l join bank.employee as e using (employee_id)
        where l.amount <> 0 order by e.number, l.line_number
        """) == "E1|premiums|8.00\nE2|sales|13.00\nE2|sales_number|15.00\n")
    // Whatever counts for nobody counts for the pool, so that all credits sum to all facts.
    #expect(
      try await ground.psql(
        "select metric, sum(credited) from bank.pay_fact_credit group by 1 order by 1")
        == "fee_income|12.34\npremium_count|2\npremium_income|450.00\nsales_amount|1300.00\nsales_count|3\n"
    )
    let explained = try await ground.run("pay", "explain", "E2", "2026-01")
    #expect(explained.exitCode == 0, "\(explained.errorOutput)")
    #expect(explained.output.contains("2026-01-06  FUND, client C1: -200.00   [facts.csv:4]"))
    #expect(try await ground.run("pay", "verify", "1").exitCode == 0)

    // A correction takes the place of the file; the run that is posted stays explained by what it was made of.
    let corrected = try ground.write(
      """
      branch_code,booked_on,metric,product_code,client_number,employee_number,number,amount
      B1,2026-01-05,sales_amount,FUND,C1,E2,,900.00

      """, to: "sent/corrected.csv")
    let replaced = try await ground.sendStandard(corrected, "facts", "--replace", sent.batch)
    #expect(replaced.exitCode == 0, "\(replaced.messages)")
    #expect(try await ground.database.unaccountedRows() == "")
    let later = try await ground.run("pay", "explain", "E2", "2026-01")
    #expect(later.output == explained.output)
  }

  @Test func lateFactsAreCorrectedWithTheirFileAndExplained() async throws {
    let ground = try await ground()
    let header =
      "branch_code,booked_on,metric,product_code,client_number,employee_number,number,amount\n"
    func send(_ lines: String, _ name: String) async throws -> SentFiles {
      let sent = try await ground.sendStandard(
        try ground.write(header + lines, to: "sent/\(name).csv"), "facts")
      #expect(sent.exitCode == 0, "\(sent.messages)")
      return sent
    }
    _ = try await send(
      "B1,2026-01-05,sales_amount,FUND,C1,E2,,1000.00\nB1,2026-01-07,premium_income,,C1,,,400.00\n",
      "first")
    let orders = [
      ["assignment", "assign", "C1", "E1", "--from", "2026-01-01"],
      ["plan", "load", try ground.write(Self.plan, to: "plan.yaml")],
    ]
    for order in orders {
      #expect(
        try await BanyanProcess.run(order, environment: ["DATABASE_URL": ground.database.url])
          .exitCode == 0)
    }
    #expect(try await ground.run("pay", "run", "2026-01", "--plan", "facts").exitCode == 0)
    #expect(try await ground.run("pay", "post", "1").exitCode == 0)
    let late = try await send(
      "B1,2026-01-09,sales_amount,FUND,C1,E2,S9,200.00\nB1,2026-01-09,premium_income,,C1,,P9,50.00\nB1,2026-02-05,sales_amount,FUND,C1,E2,,100.00\n",
      "late")
    let run = try await ground.run("pay", "run", "2026-02", "--plan", "facts")
    #expect(run.exitCode == 0, "\(run.errorOutput)")
    let cause = "new_batch|batch \(late.batch) (late.csv)"
    #expect(
      try await ground.psql(
        """
        select e.number, k.component, k.recalculated - k.paid_before, c.kind, c.cause
        from bank.pay_correction as k
        join bank.pay_correction_cause as c using (branch_id, pay_run_id, employee_id, line_number)
        join bank.employee as e using (employee_id) order by 1, 2
        """)
        == "E1|premiums|1.00|\(cause)\nE2|sales|2.00|\(cause)\nE2|sales_number|5.00|\(cause)\n")
    // The correction opens into January as it is now, down to the late line, and into what had been paid.
    let explained = try await ground.run("pay", "explain", "E2", "2026-02")
    #expect(explained.exitCode == 0, "\(explained.errorOutput)")
    #expect(
      explained.output.contains("2026-01-09  FUND, client C1, number S9: 200.00   [late.csv:2]"))
    #expect(explained.output.contains("2026-01-05  FUND, client C1: 1,000.00   [first.csv:2]"))
    #expect(explained.output.contains("paid by run 1 of 2026-01, line 1"))
    let page = try await ground.run("pay", "explain", "E2", "2026-02", "--format", "html")
    #expect(page.output.contains("less what run 1 of 2026-01 paid, line 1"))
    #expect(page.output.contains("2026-01 calculated again, run"))
  }

  @Test func salesAndFeesNeedNoMetric() async throws {
    let ground = try await ground()
    let sales = try ground.write(
      "机构号,日期,产品代码,客户号,工号,金额\nB1,2026-01-05,FUND,C1,E2,1000\n", to: "sent/sales.csv")
    #expect(try await ground.sendStandard(sales, "sales").counts == "loaded 1 1 0 0")
    let fees = try ground.write(
      "branch_code,booked_on,client_number,amount\nB1,2026-02-05,C2,3.50\n", to: "sent/fees.csv")
    #expect(try await ground.sendStandard(fees, "fees").counts == "loaded 1 1 0 0")
    #expect(
      try await ground.psql(
        """
        select m.code, f.booked_on, f.amount from bank.fact as f join bank.metric as m using (metric_id) order by 2
        """) == "sales_amount|2026-01-05|1000\nfee_income|2026-02-05|3.50\n")
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func aBalanceThatChangesHandsWithinTheMonthIsExplainedExactly() async throws {
    let ground = try await ImportGround()
    for (dataset, text) in [
      ("accounts", "number,branch_code,kind,currency,opened_on\nA9,B1,demand,CNY,2028-02-10\n"),
      (
        "balances",
        "account_number,balanced_on,balance\nA9,2028-02-10,100.00\nA9,2028-02-20,400.00\n"
      ),
    ] {
      let sent = try await ground.sendStandard(
        try ground.write(text, to: "sent/\(dataset).csv"), dataset)
      #expect(sent.exitCode == 0, "\(sent.messages)")
    }
    _ = try await ground.psql(
      """
      select count(*) from bank.assign(bank.account_scope('A9'), array['E1'], array[1], '2028-02-10', null, 'opened');
      select count(*) from bank.correct_assignment(bank.account_scope('A9'), array['E2'], array[1], '2028-02-15', null, 'moved')
      """)
    #expect(try await ground.run("pay", "run", "2028-02").exitCode == 0)
    let former = try await ground.run("pay", "explain", "E1", "2028-02")
    #expect(former.exitCode == 0, "\(former.errorOutput)")
    #expect(
      former.output.contains(
        """
          account A9, 2028-02-10 to 2028-02-14: 500.00 balance days
            opening balance  0 × 5 days
            2028-02-10  100.00 × 5 days = 500.00
        """), "\(former.output)")
    let latter = try await ground.run("pay", "explain", "E2", "2028-02")
    #expect(latter.exitCode == 0, "\(latter.errorOutput)")
    #expect(
      latter.output.contains(
        """
          account A9, 2028-02-15 to 2028-02-29: 4,500.00 balance days
            opening balance  100.00 × 15 days
            2028-02-20  300.00 × 10 days = 3,000.00
        """), "\(latter.output)")
  }

  /// An account that is opened in mid-month counts zero days before; weekends carry; a leap year has its day.
  @Test func balancesMakeTheAverageThatMovementsWould() async throws {
    let ground = try await ImportGround()
    let opened = try await ground.sendStandard(
      try ground.write(
        "number,branch_code,kind,currency,opened_on\nA9,B1,demand,CNY,2028-02-10\n",
        to: "sent/accounts.csv"), "accounts")
    #expect(opened.exitCode == 0, "\(opened.messages)")
    let sent = try await ground.sendStandard(
      try ground.write(
        "account_number,balanced_on,balance\nA9,2028-02-10,100.00\nA9,2028-02-20,400.00\nA9,2028-03-31,50.00\nA1,2026-01-31,1.00\n",
        to: "sent/balances.csv"), "balances")
    #expect(sent.counts == "loaded 4 3 1 0", "\(sent.messages)")
    #expect(
      sent.messages.contains { $0.contains("IMP-0405") && $0.contains("measured by its movements") }
    )
    #expect(try await ground.database.unaccountedRows() == "")
    let report =
      "select month, balance_days from bank.unit_months('2028-02-01', '2028-04-01', 'today', 'branch', 'B1') order by 1"
    let others = 599_999.50 + 50_000
    // 10 days of 100 and 10 of 400 in February; 30 of 400 and one of 50 in March.
    func days(_ february: Double, _ march: Double, _ april: Double) -> String {
      zip(["2028-02-01", "2028-03-01", "2028-04-01"], [(29, february), (31, march), (30, april)])
        .map { "\($0)|\(String(format: "%.2f", others * Double($1.0) + $1.1))\n" }.joined()
    }
    #expect(try await ground.psql(report) == days(5_000, 12_050, 1_500))

    // A balance between two others, a month later: both months are right again.
    let between = try await ground.sendStandard(
      try ground.write(
        "account_number,balanced_on,balance\nA9,2028-02-29,1000.00\n", to: "sent/late.csv"),
      "balances")
    #expect(between.counts == "loaded 1 1 0 0")
    #expect(try await ground.psql(report) == days(5_600, 30_050, 1_500))
    #expect(try await ground.database.unaccountedRows() == "")
    // A file that takes the place of the first one, and takes the account's last balance away.
    let replaced = try await ground.sendStandard(
      try ground.write(
        "account_number,balanced_on,balance\nA9,2028-02-10,100.00\nA9,2028-02-20,400.00\n",
        to: "sent/again.csv"),
      "balances", "--replace", sent.batch)
    #expect(replaced.exitCode == 0, "\(replaced.messages)")
    #expect(try await ground.psql(report) == days(5_600, 31_000, 30_000))
    #expect(try await ground.database.unaccountedRows() == "")

    let movement = try await ground.send(try ground.transactions(["T90,A9,2028-03-01,credit,1.00"]))
    #expect(movement.exitCode == 3)
    #expect(
      movement.messages.contains { $0.contains("the account “A9” is measured by its balances") })
  }

  @Test func interestIsDueAndPaidByLoan() async throws {
    let ground = try await ground()
    let due = try await ground.sendStandard(
      try ground.write(
        "loan_number,due_on,principal,interest\nL1,2026-01-31,10000.00,500.00\nL1,2026-02-28,10000.00,450.00\nL9,2026-01-31,1,1\n",
        to: "sent/repayment_schedules.csv"), "repayment_schedules")
    #expect(due.counts == "loaded 3 2 1 0", "\(due.messages)")
    let paid = try await ground.sendStandard(
      try ground.write(
        "number,loan_number,paid_on,principal,interest\nR1,L1,2026-01-31,10000.00,300.00\nR1,L1,2026-01-30,1.00,1.00\n",
        to: "sent/repayments.csv"), "repayments")
    #expect(paid.counts == "loaded 2 1 1 0", "\(paid.messages)")
    #expect(try await ground.run("pay", "run", "2026-01").exitCode == 0)
    #expect(
      try await ground.psql(
        """
        select e.number, c.metric, c.credited from bank.pay_credit as c left join bank.employee as e using (employee_id)
        where c.metric like 'interest%' order by 1, 2
        """)
        == "E1|interest_due_amount|350.000\nE1|interest_paid_amount|210.000\nE2|interest_due_amount|150.000\nE2|interest_paid_amount|90.000\n"
    )
    #expect(try await ground.database.unaccountedRows() == "")
  }
}

extension ImportGround {
  /// Sends a file as a dataset by the platform's own mapping.
  fileprivate func sendStandard(_ path: String, _ dataset: String, _ more: String...) async throws
    -> SentFiles
  {
    let outcome = try await BanyanProcess.run(
      ["import", path, "--dataset", dataset, "--format", "csv"] + more,
      environment: ["DATABASE_URL": database.url])
    return try SentFiles(outcome, in: folder)
  }
}
