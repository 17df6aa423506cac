import TestSupport
import Testing

/// A file that takes the place of one that was loaded: what goes, what comes, what stays readable, and who must agree.
@Suite struct ReplacementTests {
  private static let first = [
    "T8,A1,2026-03-02,credit,5.00", "T9,A1,2026-03-05,debit,2.00", "T10,A3,2026-04-01,credit,7.00",
  ]
  private static let corrected = [
    "T8,A1,2026-03-02,credit,5.50", "T10,A3,2026-04-01,credit,7.00",
    "T11,A2,2026-03-09,credit,1.00",
  ]

  private let recorded = """
    select number, booked_on, amount from bank.transaction where booked_on >= '2026-03-01' order by booked_on, number
    """

  @Test func theFactsOfTheFormerBatchGo() async throws {
    let ground = try await ImportGround()
    let former = try await ground.send(try ground.transactions(Self.first))
    #expect(former.counts == "loaded 3 3 0 0")
    let path = try ground.transactions(Self.corrected)
    let plain = try await ground.send(path, "--dry-run")
    #expect(plain.counts == "loaded 3 1 1 1")
    let trial = try await ground.send(path, "--replace", former.batch, "--dry-run")
    #expect(trial.exitCode == 0, "\(trial.messages)")
    let sent = try await ground.send(path, "--replace", former.batch)
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.counts == "loaded 3 3 0 0")
    #expect(sent.messages == ["transactions.csv: 3 rows of the batch before it are history now"])
    #expect(
      try await ground.psql(recorded)
        == "T8|2026-03-02|5.50\nT11|2026-03-09|1.00\nT10|2026-04-01|7.00\n")
    #expect(
      try await ground.psql(
        "select number, amount, batch_id, line_number, replaced_by from bank.replaced_transaction order by line_number"
      ) == """
        T8|5.00|\(former.batch)|2|\(sent.batch)
        T9|2.00|\(former.batch)|3|\(sent.batch)
        T10|7.00|\(former.batch)|4|\(sent.batch)

        """)
    #expect(
      try await ground.psql(
        "select state, rows_loaded, replaces_id from bank.batch where batch_id in (\(former.batch), \(sent.batch)) order by 1 desc"
      ) == "replaced|3|\nloaded|3|\(former.batch)\n")
    // Sums that nothing is left of are gone, all others are right.
    #expect(try await ground.database.unaccountedRows() == "")
    #expect(
      try await ground.psql("select count(*) from bank.account_month where month = '2026-04-01'")
        == "1\n")

    // What was replaced does not come back by accident.
    let old = try await ground.send(try ground.transactions(Self.first))
    #expect(old.exitCode == 0)
    #expect(old.counts == "replaced 0 0 0 0")
    #expect(
      old.messages == [
        "transactions.csv: the same bytes as in batch \(former.batch), whose place batch \(sent.batch) has taken; nothing was loaded, and --replace \(sent.batch) would go back to them"
      ])
    let back = try await ground.send(try ground.transactions(Self.first), "--replace", sent.batch)
    #expect(back.counts == "loaded 3 3 0 0")
    #expect(
      try await ground.psql(recorded)
        == "T8|2026-03-02|5.00\nT9|2026-03-05|2.00\nT10|2026-04-01|7.00\n")
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func aReplacementThatIsKeptOutLeavesTheFormerInPlace() async throws {
    let ground = try await ImportGround()
    let former = try await ground.send(try ground.transactions(Self.first))
    let before = try await ground.psql(recorded)
    let kept = try await ground.send(
      try ground.transactions(["T8,A9,2026-03-02,credit,5.50"]), "--replace", former.batch,
      "--all-or-nothing")
    #expect(kept.exitCode == 3)
    #expect(kept.counts == "kept out 1 0 1 0")
    #expect(try await ground.psql(recorded) == before)
    #expect(try await ground.psql("select count(*) from bank.replaced_transaction") == "0\n")
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func loansAreReplacedAndOldPayStaysExplained() async throws {
    let ground = try await ImportGround()
    #expect(try await ground.run("pay", "run", "2026-01").exitCode == 0)
    let credits = try await ground.psql("select encode(bank.credit_digest(1), 'hex')")
    #expect(
      try await ground.psql("select count(*) from bank.pay_credit where loan_id is not null")
        != "0\n")
    let header = "number,account_number,granted_on,amount,term_months,monthly_payment,status\n"
    let sent = try await ground.send(
      try ground.write(
        header + "L1,A1,2026-01-15,130000.00,12,10000.00,overdue\n", to: "sent/loans.csv"),
      "--replace", "8")
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(
      try await ground.psql("select number, amount, status from bank.loan")
        == "L1|130000.00|overdue\n")
    #expect(
      try await ground.psql("select number, amount, status from bank.replaced_loan")
        == "L1|120000.00|running\n")
    #expect(try await ground.database.unaccountedRows() == "")
    // A run of before still names the loan that it credited.
    #expect(try await ground.psql("select encode(bank.credit_digest(1), 'hex')") == credits)
    #expect(try await ground.psql("select * from bank.changed_credit_sets(1)") == "")
  }

  @Test func whatCannotBeReplacedIsToldInOneSentence() async throws {
    let ground = try await ImportGround()
    let facts = try ground.transactions(Self.first)
    let clients = try ground.write(
      "number,name,kind,branch_code\nC9,Nine,person,B1\n", to: "sent/clients.csv")
    let sent = try await ground.send(facts)
    let again = try await ground.send(
      try ground.transactions(Self.corrected), "--replace", sent.batch)
    #expect(again.exitCode == 0)
    let other = try ground.transactions(
      ["T30,A1,2026-03-02,credit,1.00"], as: "other/transactions.csv")
    for (path, batch, words) in [
      (
        other, "99",
        "there is no batch 99 on record; see the numbers with banyan report run batches"
      ),
      (
        other, "8",
        "batch 8 (loans.csv) is of loans, and the file is of transactions; name the batch that the file corrects"
      ),
      (
        clients, "4",
        "a batch of clients cannot be replaced, because other rows refer to those that it brought; transactions, facts, sales, fees, balances, repayments, loans, cards and standing orders are replaced; correct other rows one by one"
      ),
    ] {
      let refused = try await ground.send(path, "--replace", batch)
      #expect(refused.exitCode == 3)
      #expect(refused.messages.first?.hasSuffix(words) == true, "\(refused.messages)")
    }
    let fresh = try ground.transactions(["T20,A1,2026-03-02,credit,1.00"])
    let replaced = try await ground.send(fresh, "--replace", sent.batch)
    #expect(
      replaced.messages.first?.hasSuffix(
        "batch \(sent.batch) (transactions.csv) was replaced already, by batch \(again.batch) (transactions.csv); replace the one that took its place"
      ) == true, "\(replaced.messages)")
    let two = try await ground.send(facts, clients, "--replace", sent.batch)
    #expect(two.exitCode == 64)
    #expect(
      two.messages == [
        "banyan: 2 files cannot take the place of one batch; give --replace with one file"
      ])
    #expect(try await ground.database.unaccountedRows() == "")
  }

  /// With a rule in force the import only proposes; what was approved is this content and no other.
  @Test func aReplacementWaitsForAnother() async throws {
    let approvals = try await ApprovalGround()
    let database = approvals.database
    let folder = try TinyBank().write()
    func send(_ rows: [String], _ arguments: String...) async throws -> SentFiles {
      try folder.write(
        (ImportGround.header + rows.map { $0 + ",,,,,\n" }.joined()).utf8,
        to: "sent/transactions.csv")
      return try SentFiles(
        await approvals.runAll(
          [
            "import", folder.path + "/sent/transactions.csv", "--mapping", folder.path + "/mapping",
            "--format", "csv",
          ]
            + arguments, as: "loader"), in: folder)
    }
    let own = ["T8,A1,2026-03-02,credit,5.00", "T9,A2,2026-03-05,debit,2.00"]
    let former = try await send(own)
    #expect(former.counts == "loaded 2 2 0 0", "\(former.messages)")
    try await approvals.rule("replace_batch", "--role", "risk")
    let waiting = try await send(["T8,A1,2026-03-02,credit,6.00"], "--replace", former.batch)
    #expect(waiting.exitCode == 0)
    #expect(waiting.counts == "waiting 0 0 0 0")
    #expect(
      waiting.messages == [
        "transactions.csv: it waits for approval 1: others decide with `banyan approval approve 1`, and the same import given again carries it out"
      ])
    #expect(try await psql("select count(*) from bank.replaced_transaction", in: database) == "0\n")
    try await approvals.done("approval", "approve", "1", as: "risk")
    let other = try await send(["T8,A1,2026-03-02,credit,66.00"], "--replace", former.batch)
    #expect(other.counts == "waiting 0 0 0 0", "\(other.messages)")
    let sent = try await send(["T8,A1,2026-03-02,credit,6.00"], "--replace", former.batch)
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.counts == "loaded 1 1 0 0")
    #expect(
      try await psql(
        "select number, amount from bank.transaction where booked_on >= '2026-03-01'", in: database)
        == "T8|6.00\n")
    #expect(try await database.unaccountedRows() == "")
    // By hand nobody gets around it, and nothing changes back.
    for statement in [
      "update bank.batch set state = 'loaded' where batch_id = \(former.batch)",
      "update bank.batch set state = 'replaced' where batch_id = \(sent.batch)",
    ] {
      await #expect(throws: TestSupportError.self) { try await psql(statement, in: database) }
    }
  }
}
