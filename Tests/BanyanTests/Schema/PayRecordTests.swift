import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// What a pay run has written stays as it is, and is never a sum that does not add up.
@Suite struct PayRecordTests {
  private static let tables = [
    "plan", "pay_run", "credit_set", "pay_run_credit_set", "pay_credit", "pay_credit_sum",
    "pay_statement", "pay_line", "deferral_instalment",
  ]

  private func databaseWithRun() async throws -> TestDatabase {
    let database = try await TestServer.tinyBankDatabase()
    let month = try #require(Month("2026-01"))
    try await database.withConnection { connection in
      _ = try PayRun.run(month: month, on: connection)
    }
    return database
  }

  private func refusal(_ sql: String, in database: TestDatabase) async throws -> PostgresError? {
    do {
      try await database.withConnection { connection in
        try connection.executeScript(unsafeSQL: "begin; \(sql); commit")
      }
      return nil
    } catch let error as PostgresError where error.kind == .server {
      return error
    }
  }

  @Test func nothingOfItIsChangedOrTakenAway() async throws {
    let database = try await databaseWithRun()
    for table in Self.tables {
      let last = try await psql(
        """
        select attname from pg_attribute where attrelid = 'bank.\(table)'::regclass
        order by attnum desc limit 1
        """, in: database)
      let column = last.prefix { $0 != "\n" }
      for sql in [
        "update bank.\(table) set \(column) = \(column)", "delete from bank.\(table)",
        "truncate bank.\(table) cascade",
      ] {
        let error = try #require(try await refusal(sql, in: database), "\(sql)")
        #expect(error.sqlState?.rawValue == "23001", "\(sql)")
        #expect(error.message.contains("is refused"), "\(sql)")
      }
      #expect(try await psql("select count(*) > 0 from bank.\(table)", in: database) == "t\n")
    }
  }

  @Test func aFinishedRunTakesNoMoreRows() async throws {
    let database = try await databaseWithRun()
    for sql in [
      """
      insert into bank.pay_line (branch_id, pay_run_id, employee_id, line_number, component, kind,
        title, amount, arithmetic)
      select branch_id, pay_run_id, employee_id, line_number + 100, component, kind, title, 0, arithmetic
      from bank.pay_line
      """,
      """
      insert into bank.deferral_instalment
      select branch_id, pay_run_id, employee_id, instalment + 100, due_on, 0
      from bank.deferral_instalment
      """,
      """
      insert into bank.pay_credit (branch_id, credit_set_id, employee_id, metric, account_id,
        assignment_branch_id, assignment_id, share, counted_from, counted_until, measured, credited)
      select branch_id, credit_set_id, employee_id, metric, account_id,
        assignment_branch_id, assignment_id, share, counted_from, counted_until, measured, credited
      from bank.pay_credit
      """,
      "insert into bank.pay_credit_sum select branch_id, credit_set_id, employee_id, metric || '_more', 1 from bank.pay_credit_sum",
    ] {
      let error = try #require(try await refusal(sql, in: database), "\(sql)")
      #expect(error.sqlState?.rawValue == "23001")
      #expect(error.message.contains("is finished"), "\(error)")
    }
  }

  @Test(arguments: [
    ("10, 4, 7", "10", "4", "pay_statement_adds_up"),
    ("10, 4, 6", "9.99", "4", "pay_statement_equals_its_lines"),
    ("10, 4, 6", "10", "3.99", "pay_statement_equals_its_lines"),
    ("10, 4, 6", "10", "4", nil),
  ])
  func aStatementIsTheSumOfItsLines(
    totals: String, line: String, instalment: String, rule: String?
  ) async throws {
    let database = try await TestServer.tinyBankDatabase()
    let sql = """
      insert into bank.pay_statement (branch_id, pay_run_id, employee_id, earned, deferred, payable)
      select branch_id, 77, employee_id, \(totals) from bank.employee where number = 'E1';
      insert into bank.pay_line (branch_id, pay_run_id, employee_id, line_number, component, kind,
        title, amount, arithmetic)
      select branch_id, 77, employee_id, 1, 'c', 'cap', 't', \(line), '[]' from bank.employee
      where number = 'E1';
      insert into bank.deferral_instalment
      select branch_id, 77, employee_id, 1, '2027-05-31', \(instalment) from bank.employee
      where number = 'E1';
      insert into bank.pay_run (pay_run_id, month, plan_id, input_digest, engine_version)
      overriding system value
      select 77, '2026-05-01', plan_id, digest, '1' from bank.plan
      """
    #expect(try await refusal(sql, in: database)?.constraint == rule)
  }

  @Test func aLineBelongsToAStatement() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let sql = """
      insert into bank.pay_line (branch_id, pay_run_id, employee_id, line_number, component, kind,
        title, amount, arithmetic)
      select branch_id, 77, employee_id, 1, 'c', 'cap', 't', 10, '[]' from bank.employee
      where number = 'E1';
      insert into bank.pay_run (pay_run_id, month, plan_id, input_digest, engine_version)
      overriding system value
      select 77, '2026-05-01', plan_id, digest, '1' from bank.plan
      """
    let error = try #require(try await refusal(sql, in: database))
    #expect(error.constraint == "pay_line_belongs_to_a_statement")
    #expect(error.message == "line 1 of E1 belongs to no statement")
  }
}
