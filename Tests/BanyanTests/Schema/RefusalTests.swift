import Banyan
import LibPQ
import TestSupport
import Testing

/// What the database itself refuses, whoever asks: psql, a script, or our own code with a mistake.
@Suite struct RefusalTests {
  /// The constraint, or else the SQLSTATE, by which the database refuses some statements that run as
  /// one transaction; nil if it takes them.
  private func refusal(_ sql: String, in database: TestDatabase) async throws -> String? {
    do {
      try await database.withConnection { connection in
        try connection.executeScript(unsafeSQL: "begin; \(sql); commit")
      }
      return nil
    } catch let error as PostgresError where error.kind == .server {
      return error.constraint ?? error.sqlState?.rawValue
    }
  }

  /// Assignments of one account: employee, share, from, until.
  private func assignments(
    _ account: String, _ rows: [(employee: String, share: String, from: String, until: String?)]
  ) -> String {
    let values = rows.map { row in
      "('\(row.employee)', \(row.share), '\(row.share < "0.5" ? "assisting" : "main")'::bank.assignment_role, date '\(row.from)', \(row.until.map { "date '\($0)'" } ?? "null::date"))"
    }.joined(separator: ", ")
    return """
      insert into bank.assignment
        (branch_id, account_id, employee_id, share, role, effective_from, effective_until, batch_id)
      select a.branch_id, a.account_id, e.employee_id, v.share, v.role, v.since, v.until, a.batch_id
      from (values \(values)) as v (employee, share, role, since, until)
      join bank.employee as e on e.number = v.employee
      join bank.account as a on a.number = '\(account)'
      """
  }

  private let supersedeA2 = """
    update bank.assignment set superseded_at = now()
    where superseded_at is null
      and account_id = (select account_id from bank.account where number = 'A2')
    """

  @Test func sharesSumToExactlyOneOnEveryDay() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let rule = "assignment_shares_sum_to_one"
    for rows in [
      [("E1", "0.9999", "2026-01-10", String?.none)],
      [("E1", "0.7", "2026-01-10", nil), ("E2", "0.2999999999999999999999", "2026-01-10", nil)],
      [("E1", "0.7", "2026-01-10", nil), ("E2", "0.3", "2026-01-11", nil)],
      [("E1", "0.7", "2026-01-10", nil), ("E2", "0.3", "2026-01-10", "2026-03-01")],
      [("E1", "1", "2026-01-10", nil), ("E2", "0.1", "2026-02-01", "2026-03-01")],
    ] {
      let sql = supersedeA2 + "; " + assignments("A2", rows)
      #expect(try await refusal(sql, in: database) == rule, "\(rows)")
    }
    for rows in [
      [("E1", "0.7", "2026-01-10", String?.none), ("E2", "0.3", "2026-01-10", nil)],
      [("E1", "1", "2026-01-10", "2026-02-01"), ("E2", "1", "2026-02-01", nil)],
      [("E1", "1", "2026-01-10", "2026-02-01"), ("E2", "1", "2026-03-01", nil)],
    ] {
      let sql = supersedeA2 + "; " + assignments("A2", rows)
      #expect(try await refusal(sql, in: database) == nil, "\(rows)")
    }
  }

  @Test func oneHalfOfASplitCannotEndOrGoAlone() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let ann = "employee_id = (select employee_id from bank.employee where number = 'E1')"
    let alone = "update bank.assignment set superseded_at = now() where \(ann)"
    #expect(try await refusal(alone, in: database) == "assignment_shares_sum_to_one")
    for sql in [
      "update bank.assignment set effective_until = '2026-03-01' where \(ann)",
      "update bank.assignment set share = 0.8 where \(ann)",
      "delete from bank.assignment where \(ann)",
    ] {
      #expect(try await refusal(sql, in: database) == "assignment_keeps_its_history", "\(sql)")
    }
    let both = "update bank.assignment set superseded_at = now() where share < 1"
    #expect(try await refusal(both, in: database) == nil)
  }

  @Test func somebodyIsTheMainManager() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let sql =
      supersedeA2 + "; "
      + assignments(
        "A2",
        [
          ("E1", "0.4", "2026-01-10", nil), ("E2", "0.3", "2026-01-10", nil),
          ("E3", "0.3", "2026-01-10", nil),
        ])
    #expect(try await refusal(sql, in: database) == "assignment_has_one_main")
  }

  @Test func anAccountHasOneMainManagerADay() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let twice = assignments("A2", [("E2", "1", "2026-05-01", nil)])
    #expect(try await refusal(twice, in: database) == "assignment_one_main_per_account")
  }

  @Test func anAccountHasOneOwner() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let second = """
      update bank.account_holder set role = 'owner' where role = 'joint'
      """
    #expect(try await refusal(second, in: database) == "account_holder_one_owner")
  }

  @Test func aPersonHasOneTierADay() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let second = """
      insert into bank.employee_tier (employee_id, tier, effective_from, batch_id)
      select employee_id, 'senior', '2026-06-01', batch_id from bank.employee where number = 'E2'
      """
    #expect(try await refusal(second, in: database) == "employee_tier_one_at_a_time")
  }

  @Test func thereIsOneHeadOfficeAndOneBank() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let second = """
      insert into bank.org_unit (org_unit_id, code, name, level, path, opened_on)
      overriding system value values (99, 'HQ2', 'Other', 'head_office', '99', '2026-01-01')
      """
    #expect(try await refusal(second, in: database) == "org_unit_has_one_head_office")
    let orphan = """
      insert into bank.org_unit (org_unit_id, code, name, level, path, opened_on)
      overriding system value values (99, 'B9', 'Orphan', 'branch', '99', '2026-01-01')
      """
    #expect(
      try await refusal(orphan, in: database) == "org_unit_head_office_has_no_parent")
    let bank = "insert into bank.institution values (true, 'Other', 'CNY', 2)"
    #expect(try await refusal(bank, in: database) == "institution_pk")
  }

  @Test func theCountsOfABatchAddUp() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for (sql, rule) in [
      ("update bank.batch set rows_loaded = rows_loaded + 1", "batch_counts_add_up"),
      ("update bank.batch set state = 'failed'", "batch_failure_has_a_reason"),
      (
        """
        insert into bank.batch (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
        select dataset, file_name, content_digest, mapping_name, mapping_digest, state from bank.batch
        """, "batch_is_loaded_once"
      ),
    ] {
      #expect(try await refusal(sql, in: database) == rule, "\(sql)")
    }
  }

  @Test func amountsAreFiniteAndNotNegative() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for amount in ["-0.01", "0.00001", "'NaN'", "'Infinity'"] {
      let transaction = "update bank.transaction set amount = \(amount)"
      #expect(
        try await refusal(transaction, in: database) == "transaction_amount_is_not_negative",
        "\(amount)")
      let loan = "update bank.loan set amount = \(amount)"
      #expect(try await refusal(loan, in: database) == "loan_amount_is_positive", "\(amount)")
    }
  }
}
