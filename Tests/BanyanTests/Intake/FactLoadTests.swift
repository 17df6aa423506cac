import Banyan
import LibPQ
import TestSupport
import Testing

/// Transactions on their way into their months: most go there straight, some are compared with what
/// is on record first. What comes out must not depend on the way.
struct FactLoadTests {
  private static let header = """
    number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account

    """

  private static func file(_ rows: [String]) -> String {
    header + rows.map { $0 + ",,,,,\n" }.joined()
  }

  /// Imports the tiny bank with other transactions, and gives the result of their file.
  @discardableResult
  private func send(_ rows: [String], to database: TestDatabase) async throws -> BatchResult {
    let bank = TinyBank().with("transactions.csv", Self.file(rows))
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    return try #require(result.files.first { $0.dataset == "transactions" })
  }

  /// Says so if the roll-up differs from the transactions, or a month lacks its primary key.
  private func expectSound(_ database: TestDatabase) async throws {
    let differences = try await psql(
      """
      select count(*) from (
        select t.branch_id, t.account_id, m.month, count(*) as transactions,
          sum(case direction when 'credit' then amount else 0 end) as credits,
          sum(case direction when 'debit' then amount else 0 end) as debits,
          sum(case direction when 'credit' then amount else -amount end
            * ((m.month + interval '1 month')::date - booked_on)) as movement_days
        from bank.transaction as t
        cross join lateral (select date_trunc('month', booked_on::timestamp)::date as month) as m
        group by 1, 2, 3
      ) as t
      full join bank.account_month as m using (branch_id, account_id, month)
      where (t.transactions, t.credits, t.debits, t.movement_days)
        is distinct from (m.transactions, m.credits, m.debits, m.movement_days)
      """, in: database)
    #expect(differences == "0\n", "the roll-up differs from the transactions")
    let keyless = try await psql(
      """
      select inhrelid::regclass from pg_inherits where inhparent = 'bank.transaction'::regclass
        and not exists (
          select from pg_index where indrelid = inhrelid and indisprimary and indisvalid)
      """, in: database)
    #expect(keyless.isEmpty, "without primary key: \(keyless)")
  }

  @Test func monthsMayBeMixedInOneFile() async throws {
    let database = try await TestServer.migratedDatabase()
    let rows = (1...400).map { index in
      let month = ["2025-11", "2025-12", "2026-01", "2026-02"][index % 4]
      let direction = index % 3 == 0 ? "debit" : "credit"
      return "N\(index),A1,\(month)-\(10 + index % 7),\(direction),\(index).0\(index % 10)"
    }
    let result = try await send(rows, to: database)
    #expect((result.read, result.loaded, result.rejected, result.unchanged) == (400, 400, 0, 0))
    let months = try await psql(
      """
      select to_char(booked_on, 'YYYY-MM') as month, count(*), sum(amount), count(distinct number),
        min(line_number), max(line_number)
      from bank.transaction group by 1 order by 1
      """, in: database)
    #expect(
      months == """
        2025-11|100|20204.00|100|5|401
        2025-12|100|19905.00|100|2|398
        2026-01|100|20004.00|100|3|399
        2026-02|100|20105.00|100|4|400

        """)
    try await expectSound(database)
  }

  @Test func repeatsAreFoundWhateverTheirDay() async throws {
    let database = try await TestServer.migratedDatabase()
    let result = try await send(
      [
        "N1,A1,2026-01-16,credit,10.00",
        "N1,A1,2026-01-16,credit,10.00",  // the same day
        "N1,A1,2026-01-20,credit,11.00",  // the same month
        "N1,A2,2026-02-11,credit,12.00",  // another month, another account, the same branch
        "N1,A3,2026-02-11,credit,13.00",  // another branch: another transaction
        "N2,A1,2026-02-12,debit,14.00",
      ], to: database)
    #expect((result.read, result.loaded, result.rejected, result.unchanged) == (6, 3, 3, 0))
    let rejected = try await psql(
      """
      select line_number, code, column_name, value, reason, raw_row from bank.rejected_row
      order by line_number
      """, in: database)
    #expect(
      rejected == """
        3|IMP-0301|number|N1|this transaction stands in line 2 of the file already; keep one|N1,A1,2026-01-16,credit,10.00,,,,,
        4|IMP-0301|number|N1|this transaction stands in line 2 of the file already; keep one|N1,A1,2026-01-20,credit,11.00,,,,,
        5|IMP-0301|number|N1|this transaction stands in line 2 of the file already; keep one|N1,A2,2026-02-11,credit,12.00,,,,,

        """)
    try await expectSound(database)
  }

  @Test func aSecondFileIsComparedWithWhatItsBranchHasOnRecord() async throws {
    let database = try await TestServer.migratedDatabase()
    try await send(
      ["N1,A1,2026-01-16,credit,10.00", "N2,A1,2026-01-17,credit,20.00"], to: database)
    let result = try await send(
      [
        "N1,A1,2026-01-16,credit,10.00",  // on record, the same
        "N2,A1,2026-01-18,credit,20.00",  // on record, with another day
        "N3,A1,2026-01-19,debit,5.00",  // new
        "N1,A3,2026-01-31,credit,30.00",  // the branch has nothing on record in this month
        "N1,A3,2026-01-31,credit,31.00",  // and this is a repeat
        "N4,A1,2026-03-01,credit,40.00",  // a new month
      ], to: database)
    #expect((result.read, result.loaded, result.rejected, result.unchanged) == (6, 3, 2, 1))
    let rejected = try await psql(
      "select line_number, code, reason from bank.rejected_row order by line_number",
      in: database)
    let lines = rejected.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines.first?.hasPrefix("3|IMP-0302|this transaction is on record with other values") == true)
    #expect(
      lines.last == "6|IMP-0301|this transaction stands in line 5 of the file already; keep one")
    let loaded = try await psql(
      "select number, booked_on, amount from bank.transaction order by booked_on, number, amount",
      in: database)
    #expect(
      loaded == """
        N1|2026-01-16|10.00
        N2|2026-01-17|20.00
        N3|2026-01-19|5.00
        N1|2026-01-31|30.00
        N4|2026-03-01|40.00

        """)
    try await expectSound(database)
  }

  /// Numbers outside the bounds of what a branch has on record go straight into its month, in whatever
  /// order they come; those within are looked up.
  @Test func newNumbersOfABranchThatHasItsMonthAreTakenIn() async throws {
    let database = try await TestServer.migratedDatabase()
    try await send(
      ["N2,A1,2026-01-16,credit,10.00", "N4,A1,2026-01-17,credit,20.00"], to: database)
    let result = try await send(
      [
        "N5,A1,2026-01-16,credit,1.00",  // above
        "N1,A1,2026-01-20,credit,2.00",  // below
        "N3,A1,2026-01-16,debit,3.00",  // between, and new
        "N4,A1,2026-01-17,credit,20.00",  // on record
        "N2,A1,2026-01-18,credit,10.00",  // on record, with another day
        "N5,A1,2026-01-16,credit,1.00",  // a repeat
        "N40,A2,2026-01-18,credit,4.00",  // above, because the order is that of bytes
      ], to: database)
    #expect((result.read, result.loaded, result.rejected, result.unchanged) == (7, 4, 2, 1))
    let rejected = try await psql(
      "select line_number, code from bank.rejected_row order by line_number", in: database)
    #expect(rejected == "6|IMP-0302\n7|IMP-0301\n")
    let bounds = try await psql(
      """
      select p.batch_id - min(p.batch_id) over (), p.rows_loaded, convert_from(p.first_number, 'UTF8'),
        convert_from(p.last_number, 'UTF8')
      from bank.batch_part as p order by 1
      """, in: database)
    let lines = bounds.split(separator: "\n").map { $0.drop { $0 != "|" } }
    #expect(lines == ["|2|N2|N4", "|4|N1|N5"])
    try await expectSound(database)
  }

  @Test func aFileThatFailsLeavesNoMonthBehind() async throws {
    let database = try await TestServer.migratedDatabase()
    try await database.withConnection { connection in
      try connection.executeScript(
        unsafeSQL: """
          create function bank.refuse() returns trigger language plpgsql as
            $$ begin raise exception 'no room'; end $$;
          create trigger refuse before insert on bank.account_month
            for each row execute function bank.refuse();
          """)
    }
    let result = try await send(["N1,A1,2026-01-16,credit,10.00"], to: database)
    guard case .failed(let reason) = result.outcome else {
      Issue.record("the file was taken in: \(result)")
      return
    }
    #expect(reason.contains("no room"))
    let left = try await psql(
      """
      select count(*) from bank.transaction;
      select to_regclass('bank.transaction_2026_01') is null
      """, in: database)
    #expect(left == "0\nt\n")
  }
}
