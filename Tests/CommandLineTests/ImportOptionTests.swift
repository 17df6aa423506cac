import Exchange
import TestSupport
import Testing

/// `banyan import` with what it can be told: files one by one, standard input, branch and month, a dry run, a limit
/// of bad rows.
@Suite struct ImportOptionTests {
  @Test func filesAreTakenOneByOne() async throws {
    let ground = try await ImportGround()
    let facts = try ground.transactions(["T8,A1,2026-03-02,credit,5.00"])
    let loans = try ground.write(
      "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL8,A1,2026-03-01,10.00,1,10.00,running\n",
      to: "sent/loans.csv")
    // In the order in which their rows refer to each other, whatever the order of the arguments.
    let sent = try await ground.send(facts, loans)
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.rows.map { $0["dataset"] } == ["loans", "transactions"])
    #expect(sent.rows.map { $0["loaded"] } == ["1", "1"])
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func aFileWithoutAKnownNameIsToldByItsColumns() async throws {
    let ground = try await ImportGround()
    let file = try ground.transactions(["T8,A1,2026-03-02,credit,5.00"], as: "March.txt")
    let sent = try await ground.send(file)
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.rows.first?["file"] == "March.txt")
    #expect(sent.rows.first?["dataset"] == "transactions")
    let stranger = try ground.write("a,b\n1,2\n", to: "stranger.csv")
    let refused = try await ground.send(stranger)
    #expect(refused.exitCode == 3)
    #expect(
      refused.messages == [
        "banyan: “FOLDER/stranger.csv” has neither the name nor the columns of a file that the mappings in “FOLDER/mapping” describe; say which by --dataset, or give it the name that its mapping has"
      ])
    let told = try await ground.send(stranger, "--dataset", "loans")
    #expect(told.exitCode == 3)
    #expect(told.messages.first?.contains("the file has no column “number”") == true)
    let unknown = try await ground.send(stranger, "--dataset", "loan")
    #expect(unknown.exitCode == 64)
    #expect(unknown.messages.first?.contains("is of the dataset “loan”") == true)
  }

  @Test func standardInputIsAFile() async throws {
    let ground = try await ImportGround()
    let text = ImportGround.header + "T8,A1,2026-03-02,credit,5.00,,,,,\n"
    let sent = try await ground.send("-", input: text)
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.counts == "loaded 1 1 0 0")
    #expect(sent.rows.first?["file"] == "standard input")
    let again = try await ground.send("-", "--dataset", "transactions", input: text)
    #expect(again.counts == "unchanged 1 0 0 1")
  }

  /// What a mapping takes a file for is overruled, and the same bytes are another file then.
  @Test func somebodyMaySayWhatEncodingAFileIsIn() async throws {
    let ground = try await ImportGround(
      TinyBank().replacing("encoding: utf-8", by: "encoding: automatic", in: "loans.yaml"))
    let text = "number,name,kind,branch_code\nC8,陳大文,person,B1\n"
    try ground.folder.write(try OutputText.encoded(text, in: .big5), to: "sent/clients.csv")
    let path = ground.folder.path + "/sent/clients.csv"
    #expect(try await ground.send(path).counts == "loaded 1 0 1 0")
    #expect(try await ground.send(path, "--encoding", "big5").counts == "loaded 1 1 0 0")
    #expect(try await ground.send(path, "--encoding", "Big5").counts == "unchanged 1 0 0 1")
    #expect(try await ground.psql("select name from bank.client where number = 'C8'") == "陳大文\n")
    #expect(try await ground.send(path, "--encoding", "klingon").exitCode == 64)
    // Nobody has to say that of UTF-16, with or without a mark.
    let loans =
      "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL8,A1,2026-01-15,100.00,10,11.00,running\n"
    let bytes = loans.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    try ground.folder.write(bytes, to: "sent/loans.csv")
    let sent = try await ground.send(ground.folder.path + "/sent/loans.csv")
    #expect(sent.counts == "loaded 1 1 0 0", "\(sent.messages)")
  }

  @Test func rowsOfAnotherBranchOrMonthAreRejected() async throws {
    let ground = try await ImportGround()
    let file = try ground.transactions([
      "T8,A1,2026-03-02,credit,5.00", "T9,A3,2026-03-02,credit,6.00",
      "T10,A2,2026-04-01,credit,7.00", "T11,A3,2026-02-01,credit,x",
    ])
    let sent = try await ground.send(file, "--branch", "B1", "--period", "2026-03")
    #expect(sent.exitCode == 3)
    #expect(sent.counts == "loaded 4 1 3 0")
    let branch =
      "IMP-0303 account_number: the row is of another branch than B1, which the import is about; send it with that branch's file"
    #expect(
      sent.messages == [
        "transactions.csv:3: \(branch)",
        "transactions.csv:4: IMP-0304 booked_on: 2026-04-01 is not in 2026-03, which the import is about; send it with that month's file",
        "transactions.csv:5: \(branch)",
        "transactions.csv:5: IMP-0304 booked_on: 2026-02-01 is not in 2026-03, which the import is about; send it with that month's file",
        "transactions.csv:5: IMP-0203 amount: “x” is not a plain number; write digits and a point, without separators or units",
      ])
    // The same bytes for the same branch and month are known; for another they are another batch.
    let again = try await ground.send(file, "--branch", "B1", "--period", "2026-03")
    #expect(again.counts == "unchanged 4 0 0 4")
    let other = try await ground.send(file, "--branch", "B2", "--period", "2026-03")
    #expect(other.counts == "loaded 4 1 3 0")
    // A region stands for the branches below it.
    let region = try await ground.send(file, "--branch", "R1")
    #expect(region.counts == "loaded 4 1 1 2")
    #expect(
      try await ground.psql(
        "select u.code, to_char(b.month, 'YYYY-MM') from bank.batch as b join bank.org_unit as u on u.org_unit_id = b.branch_id order by b.batch_id"
      ) == "B1|2026-03\nB2|2026-03\nR1|\n")
    #expect(
      try await ground.psql(
        "select u.code, to_char(month, 'YYYY-MM'), rows_loaded from bank.batch_part join bank.org_unit as u on u.org_unit_id = bank.batch_part.branch_id where bank.batch_part.batch_id > 9 order by bank.batch_part.batch_id, 1, 2"
      ) == "B1|2026-03|1\nB2|2026-03|1\nB1|2026-04|1\n")
    let unknown = try await ground.send(file, "--branch", "B7")
    #expect(unknown.exitCode == 64)
    #expect(unknown.messages.first?.hasPrefix("banyan: there is no unit “B7” on record") == true)
    #expect(try await ground.send(file, "--period", "2026-13").exitCode == 64)
    #expect(try await ground.database.unaccountedRows() == "")
  }

  /// A trial finds what a real run finds, also duplicates, rules of the database and rows that refer to others of the
  /// same trial; and leaves nothing.
  @Test func aDryRunJudgesEverythingAndWritesNothing() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = TinyBank()
      .adding("B3,Third,branch,R9,1993-01-01\n", to: "org_units.csv")
      .adding(
        "T2,A1,2026-01-17,debit,1.00,,,,,\nT9,A9,2026-01-17,debit,1.00,,,,,\n",
        to: "transactions.csv")
    let folder = try bank.write()
    let arguments = [
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
    ]
    let count =
      "select (select count(*) from bank.batch), (select count(*) from bank.institution), (select count(*) from bank.org_unit), (select count(*) from platform.audit_entry), (select count(*) from pg_class where relnamespace = 'bank'::regnamespace)"
    let before = try await psql(count, in: database)
    let trial = try await BanyanProcess.run(
      arguments + ["--dry-run"], environment: ["DATABASE_URL": database.url])
    #expect(trial.exitCode == 3)
    #expect(trial.messages().last == "This was a dry run: nothing was written.")
    #expect(try await psql(count, in: database) == before)
    let real = try await BanyanProcess.run(arguments, environment: ["DATABASE_URL": database.url])
    #expect(trial.messages().dropLast() == real.messages()[...])
    #expect(real.messages().count == 3, "\(real.messages())")
    func facts(_ outcome: ProgramOutcome) throws -> [[String?]] {
      try CSVTable(text: outcome.output).rows.map { row in
        ["file", "outcome", "read", "loaded", "rejected", "unchanged"].map { row[$0] }
      }
    }
    #expect(try facts(trial) == facts(real))
    #expect(try CSVTable(text: trial.output).rows.allSatisfy { $0["batch"] == "" })
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func tooManyBadRowsKeepAFileOut() async throws {
    let ground = try await ImportGround()
    let file = try ground.transactions([
      "T8,A1,2026-03-02,credit,5.00", "T9,A9,2026-03-02,credit,6.00",
      "T10,A1,2026-03-40,credit,y", "T8,A1,2026-03-03,credit,5.00",
      "T1,A1,2025-12-31,credit,1000000.00",
    ])
    let before = try await ground.psql(
      "select count(*), sum(credits) from bank.transaction, (select sum(credits) as credits from bank.account_month) as m"
    )
    let kept = try await ground.send(file, "--max-errors", "3")
    #expect(kept.exitCode == 3)
    #expect(kept.counts == "kept out 5 0 4 0")
    #expect(kept.rows.first?["kept_out"] == "1")
    #expect(
      kept.messages.last
        == "banyan: transactions.csv: 4 rows were rejected, and at most 3 are let pass; nothing of the file is loaded"
    )
    #expect(
      try await ground.psql(
        "select count(*), sum(credits) from bank.transaction, (select sum(credits) as credits from bank.account_month) as m"
      ) == before)
    // The quarantine is there, also what the database found, with the rows themselves.
    #expect(
      try await ground.psql(
        "select line_number, code, raw_row is not null from bank.rejected_row where batch_id = \(kept.batch) order by 1, reason_number"
      ) == "3|IMP-0401|t\n4|IMP-0202|t\n4|IMP-0203|f\n5|IMP-0301|t\n6|IMP-0302|t\n")
    #expect(
      try await ground.psql(
        "select state, rows_read, rows_rejected, rows_kept_out from bank.batch where batch_id = \(kept.batch)"
      ) == "kept_out|5|4|1\n")
    #expect(try await ground.database.unaccountedRows() == "")
    let all = try await ground.send(file, "--all-or-nothing")
    #expect(
      all.messages.last
        == "banyan: transactions.csv: 4 rows were rejected, and all or nothing was wanted; nothing of the file is loaded"
    )
    // What was kept out is not known as loaded: with a higher limit it is taken in.
    let enough = try await ground.send(file, "--max-errors", "4")
    #expect(enough.counts == "loaded 5 1 4 0")
    #expect(try await ground.database.unaccountedRows() == "")
    for wrong in [["--max-errors", "-1"], ["--max-errors", "1", "--all-or-nothing"]] {
      let outcome = try await BanyanProcess.run(
        ["import", file, "--mapping", ground.mapping] + wrong,
        environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == 64)
    }
  }
}
