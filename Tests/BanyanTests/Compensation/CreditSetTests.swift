import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Credits are taken once and shared: only branches that something has changed are credited anew, and
/// what is kept is always what would be taken from nothing.
@Suite struct CreditSetTests {
  /// Takes the credits of a month, which must be what is taken when nothing is there; returns the codes
  /// of the branches that were taken anew, those without any credit left out.
  private func taken(
    _ month: String = "2026-01", in database: TestDatabase
  ) async throws -> [String] {
    let digests = """
      select u.code, s.credits, encode(s.digest, 'hex')
      from bank.current_credit_set as c join bank.credit_set as s using (branch_id, credit_set_id)
      join bank.org_unit as u on u.org_unit_id = c.branch_id
      where c.month = '\(month)-01' order by u.code
      """
    let before = try await psql("select max(credit_set_id) from bank.credit_set", in: database)
    try await psql("select bank.take_credits('\(month)-01')", in: database)
    let kept = try await psql(digests, in: database)
    let anew = try await psql(
      """
      select u.code from bank.credit_set as s join bank.org_unit as u on u.org_unit_id = s.branch_id
      where s.credit_set_id > coalesce(nullif('\(before.replacing("\n", with: ""))', '')::bigint, 0) and s.credits > 0
      order by u.code
      """, in: database)
    try await psql(
      "delete from bank.current_credit_set; select bank.take_credits('\(month)-01')", in: database)
    #expect(try await psql(digests, in: database) == kept)
    return anew.split(separator: "\n").map(String.init)
  }

  @Test func whateverChangesCreditsPutsTheirBranchOutOfDate() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await taken(in: database) == ["B1", "B2"])
    #expect(try await taken(in: database) == [])
    // A movement of the branch, of the month or before it; one of a later month changes nothing.
    try await database.takeInMovements("N1,A1,2026-01-20,credit,5.00")
    #expect(try await taken(in: database) == ["B1"])
    try await database.takeInMovements("N2,A3,2025-12-20,credit,5.00")
    #expect(try await taken(in: database) == ["B2"])
    try await database.takeInMovements("N3,A3,2026-02-01,credit,5.00")
    #expect(try await taken(in: database) == [])
    // Who looks after an account, from within the month or after it.
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A2'), array['E1'], array[1], '2026-01-20', null, 'so')",
      in: database)
    #expect(try await taken(in: database) == ["B1"])
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A3'), array['E1'], array[1], '2026-02-01', null, 'so')",
      in: database)
    // The row that began in January is superseded by one that ends, which is told from its first day.
    #expect(try await taken(in: database) == ["B2"])
    // A loan.
    try await database.takeIn([
      "loans.csv":
        "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL2,A3,2026-01-31,500.00,12,50.00,running\n"
    ])
    #expect(try await taken(in: database) == ["B2"])
    // What facts of a metric are credited to.
    try await psql(
      "update bank.metric set crediting = 'assigned' where code = 'sales_amount'", in: database)
    #expect(try await taken(in: database) == ["B1", "B2"])
  }

  @Test func clientsAreLookedAfterWhereverTheirAccountsAre() async throws {
    var bank = TinyBank()
    bank = bank.with(
      "holders.csv",
      "number,account_number,client_number,role\nH1,A1,C1,owner\nH3,A2,C2,owner\nH4,A3,C2,owner\n")
    bank = bank.with(
      "assignments.csv",
      "account_number,employee_number,share,effective_from,effective_until\nA1,E1,1,2026-01-01,\n")
    let database = try await TestServer.migratedDatabase()
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    try await database.withConnection { connection in
      _ = try folderImport.run(on: connection)
    }
    #expect(try await taken(in: database) == ["B1", "B2"])
    // C2 is a client of B1 and owns an account of B2, so both are credited anew.
    try await psql(
      "select count(*) from bank.assign(bank.client_scope('C2'), array['E3'], array[1], '2026-01-01', null, 'hers')",
      in: database)
    #expect(try await taken(in: database) == ["B1", "B2"])
    #expect(
      try await psql(
        """
        select u.code, e.number from bank.current_credit_set as k join bank.pay_credit as c using (branch_id, credit_set_id)
        join bank.org_unit as u on u.org_unit_id = c.branch_id join bank.account as a using (branch_id, account_id)
        join bank.employee as e using (employee_id) where a.number in ('A2', 'A3') order by 1
        """, in: database) == "B1|E3\nB2|E3\n")
  }

  @Test func aChangeThatIsNotYetCommittedIsNotLost() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await taken(in: database) == ["B1", "B2"])
    let writer = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    try await writer.executeScript(
      unsafeSQL:
        "begin; select count(*) from bank.correct_assignment(bank.account_scope('A2'), array['E1'], array[1], '2026-01-20', null, 'so')"
    )
    #expect(try await taken(in: database) == [])
    try await writer.executeScript(unsafeSQL: "commit")
    await writer.close()
    #expect(try await taken(in: database) == ["B1"])
  }

  @Test func runsShareWhatHasNotChanged() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let first = try await database.pay("2026-01")
    #expect(try await !database.pay("2026-01").isNew)
    try await database.takeInMovements("N1,A3,2026-01-31,credit,310000.00")
    let second = try await database.pay("2026-01")
    #expect(second.isNew)
    #expect(
      try await psql(
        """
        select u.code, count(distinct r.credit_set_id) from bank.pay_run_credit_set as r
        join bank.org_unit as u on u.org_unit_id = r.branch_id
        where u.code in ('B1', 'B2') group by 1 order by 1
        """, in: database) == "B1|1\nB2|2\n")
    for run in [first, second] {
      #expect(try await database.verificationFindings(of: run.id) == [])
    }
  }

  @Test func changedCreditsAreFound() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let run = try await database.pay("2026-01")
    let other = try await database.pay("2026-01", isTrial: true)
    #expect(!other.isNew)
    // Somebody who owns the database puts the triggers aside.
    for (column, table) in [("measured", "pay_credit"), ("credited", "pay_credit_sum")] {
      try await psql(
        """
        set session_replication_role = replica;
        alter table bank.pay_credit drop constraint if exists pay_credit_is_measured_times_share;
        update bank.\(table) set \(column) = \(column) + 1
        where branch_id = (select org_unit_id from bank.org_unit where code = 'B2')
        """, in: database)
      let findings = try await database.verificationFindings(of: run.id)
      #expect(
        findings.contains("the credits of B2 are not those that the run was calculated from"),
        "\(table): \(findings)")
    }
  }
}
