import TestSupport
import Testing

/// The board of deliveries, and months that are closed.
@Suite struct BoardTests {
  private func board(_ ground: ImportGround, _ arguments: String...) async throws -> [[String:
    String]]
  {
    let outcome = try await BanyanProcess.run(
      ["submissions"] + arguments + ["--format", "csv"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    return try CSVTable(text: outcome.output).rows
  }

  private func states(_ rows: [[String: String]]) -> [String] {
    rows.map { "\($0["branch"] ?? "") \($0["dataset"] ?? "") \($0["state"] ?? "")" }
  }

  @Test func theBoardTellsWhoOwesWhat() async throws {
    let ground = try await ImportGround()
    for arguments in [
      ["transactions", "--by-day", "5", "--from", "2026-01"],
      ["loans", "--branch", "B1", "--by-day", "10", "--from", "2026-01"],
      ["clients", "--branch", "B2", "--by-day", "10", "--from", "2026-01", "--until", "2026-02"],
    ] {
      let said = try await BanyanProcess.run(
        ["submissions", "expect"] + arguments, environment: ["DATABASE_URL": ground.database.url])
      #expect(said.exitCode == 0, "\(said.errorOutput)")
    }
    // January's transactions came with the bank; what says nothing of its month has not come.
    let january = try await board(ground, "2026-01")
    #expect(
      states(january) == [
        "B1 loans late", "B1 transactions received", "B2 clients late", "B2 transactions received",
      ])
    #expect(
      january.map { $0["due_on"] } == ["2026-02-10", "2026-02-05", "2026-02-10", "2026-02-05"])
    #expect(
      try await states(board(ground, "2026-02", "--open")) == [
        "B1 loans late", "B1 transactions late", "B2 transactions late",
      ])
    // A month of which nothing is due yet.
    #expect(try await board(ground, "2199-01").allSatisfy { $0["state"] == "expected" })

    let loans = try ground.write(
      "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL8,A1,2026-02-01,10.00,1,10.00,running\n",
      to: "sent/loans.csv")
    #expect(try await ground.send(loans, "--branch", "B1", "--period", "2026-02").exitCode == 0)
    let bad = try ground.transactions(["T8,A9,2026-02-02,credit,5.00"])
    #expect(
      try await ground.send(bad, "--branch", "B2", "--period", "2026-02", "--all-or-nothing")
        .exitCode == 3)
    let first = try await ground.send(
      try ground.transactions(["T8,A1,2026-02-02,credit,5.00", "T9,A9,2026-02-02,credit,5.00"]),
      "--branch", "B1", "--period", "2026-02")
    #expect(
      try await ground.send(
        try ground.transactions(["T8,A1,2026-02-02,credit,6.00"]), "--replace", first.batch
      ).exitCode == 0)
    let february = try await board(ground, "2026-02")
    #expect(
      states(february) == [
        "B1 loans received", "B1 transactions received", "B2 transactions rejected",
      ])
    #expect(
      february.map { [$0["loaded"], $0["rejected"], $0["refused"], $0["replaced"]] } == [
        ["1", "0", "0", "0"], ["1", "0", "0", "1"], ["0", "1", "1", "0"],
      ])
    let regions = try await board(ground, "2026-02", "--regions")
    #expect(
      regions.map { [$0["region"], $0["owed"], $0["received"], $0["rejected"], $0["percent"]] } == [
        ["R1", "3", "2", "1", "66.7"], ["bank", "3", "2", "1", "66.7"],
      ])
    let reminders = try await board(ground, "2026-02", "--reminders")
    #expect(reminders.count == 1)
    #expect(
      reminders[0]["reminder"]?.hasPrefix(
        "B2 owes transactions of 2026-02, due on 2026-03-05; what came was refused; ") == true,
      "\(reminders)")
    let table = try await ground.run("submissions", "2026-02")
    #expect(table.output.contains("rejected") && table.output.contains("66.7"), "\(table.output)")

    // A duty ends, and what counted before is history.
    let ended = try await ground.run(
      "submissions", "expect", "transactions", "--branch", "B2", "--by-day", "0", "--from",
      "2026-02")
    #expect(ended.errorOutput == "1 branch no more delivers transactions from 2026-02 on.\n")
    #expect(
      try await states(board(ground, "2026-02")) == [
        "B1 loans received", "B1 transactions received",
      ])
    #expect(try await states(board(ground, "2026-01")).count == 4)
    for (arguments, code) in [
      (["expect", "transaction", "--by-day", "5", "--from", "2026-01"], 64),
      (["expect", "transactions", "--by-day", "29", "--from", "2026-01"], 64),
      (["expect", "transactions", "--by-day", "5", "--from", "2026-01", "--branch", "B7"], 3),
      (["expect", "transactions", "--by-day", "5", "--from", "2026-03", "--until", "2026-02"], 3),
      (["2026-1"], 64),
    ] {
      let outcome = try await BanyanProcess.run(
        ["submissions"] + arguments, environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == Int32(code), "\(arguments): \(outcome.errorOutput)")
    }
  }

  @Test func aClosedMonthIsRestatedAndNotChangedInSilence() async throws {
    let ground = try await ImportGround()
    #expect(
      try await ground.run("submissions", "expect", "loans", "--by-day", "5", "--from", "2026-01")
        .exitCode == 0)
    let missing = try await ground.run("period", "close", "2026-01")
    #expect(missing.exitCode == 3)
    #expect(
      missing.messages() == [
        "banyan: 2 deliveries of 2026-01 have not come, such as B1: loans; see them with banyan submissions, or close the month with --incomplete"
      ])
    let closed = try await ground.run(
      "period", "close", "2026-01", "--incomplete", "--reason", "the loans come later")
    #expect(closed.exitCode == 0, "\(closed.errorOutput)")
    #expect(closed.errorOutput == "2026-01 is closed.\n")
    let twice = try await ground.run("period", "close", "2026-01", "--incomplete")
    #expect(
      twice.messages() == [
        "banyan: 2026-01 is closed already; what is loaded later is shown as a restatement: banyan period show"
      ])
    #expect(
      try await ground.run("period", "close", "2199-01").messages() == [
        "banyan: 2199-01 is not over yet; close it when it is"
      ])

    let sent = try await ground.send(
      try ground.transactions(["T8,A1,2026-01-20,credit,5.00", "T9,A1,2026-02-20,credit,5.00"]))
    #expect(sent.exitCode == 0)
    #expect(sent.counts == "restated 2 2 0 0")
    #expect(
      sent.messages == [
        "transactions.csv: a restatement: it has changed 2026-01, closed before; see `banyan period show 2026-01`"
      ])
    // What it takes away again is one too.
    let second = try await ground.send(
      try ground.transactions(["T9,A1,2026-02-20,credit,5.00"]), "--replace", sent.batch)
    #expect(second.counts == "restated 1 1 0 0")
    let third = try await ground.send(try ground.transactions(["T10,A2,2026-01-21,debit,7.00"]))
    #expect(third.counts == "restated 1 1 0 0")
    let other = try await ground.send(try ground.transactions(["T11,A2,2026-02-21,debit,7.00"]))
    #expect(other.counts == "loaded 1 1 0 0")
    let shown = try await ground.run("period", "show", "2026-01", "--format", "csv")
    #expect(
      shown.output == """
        branch,transactions_then,transactions_now,credits_then,credits_now,debits_then,debits_now,batches
        B1,2,3,50000.00,50000.00,400000.50,400007.50,\(sent.batch) \(second.batch) \(third.batch)
        B2,1,1,31.01,31.01,0.00,0.00,

        """)
    let list = try CSVTable(text: try await ground.run("period", "list", "--format", "csv").output)
      .rows
    #expect(
      list.map { [$0["month"], $0["complete"], $0["restatements"]] } == [["2026-01", "no", "3"]])
    #expect(try await ground.run("period", "show", "2026-02").exitCode == 64)
    for statement in [
      "delete from bank.period_close", "update bank.period_figure set credits = 0",
      "truncate bank.period_figure",
    ] {
      await #expect(throws: TestSupportError.self) { try await ground.psql(statement) }
    }
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func closingNeedsAnotherPersonWhereARuleSaysSo() async throws {
    let approvals = try await ApprovalGround()
    try await approvals.rule("period_close", "--role", "risk")
    let proposed = try await approvals.done("period", "close", "2026-01", as: "head_office")
    #expect(
      proposed.messages() == [
        "It waits for approval 1: others decide with `banyan approval approve 1`."
      ])
    #expect(
      try await psql("select count(*) from bank.period_close", in: approvals.database) == "0\n")
    try await approvals.done("approval", "approve", "1", as: "risk")
    #expect(
      try await psql("select month, is_complete from bank.period_close", in: approvals.database)
        == "2026-01-01|t\n")
    let refused = try await approvals.run("period", "close", "2025-12", as: "hr")
    #expect(refused.exitCode == 77)
  }
}
