import Foundation
import TestSupport
import Testing

/// Disputes: by the person or HR, routed, answered within days by others, and paid by the next run.
@Suite struct PayDisputeProcessTests {
  @Test func acceptedItIsPaidByTheNextRunWithItsNumber() async throws {
    let ground = try await PayGround()
    let opened = try await ground.done(
      "pay", "dispute", "open", "E2", "2026-01", "--line", "1", "--claim", "A3 is mine too",
      "--wanted", "20")
    #expect(
      opened.messages().first?.hasPrefix("Dispute 1 is open; it is to be answered by ") == true)
    #expect(
      try await psql(
        "select due_on - opened_on from bank.pay_dispute", in: ground.database) == "15\n")
    for (arguments, words) in [
      (["2026-01", "--line", "1", "--claim", "again"], "this line is disputed already"),
      (
        ["2026-01", "--line", "7", "--claim", "x"], "the statement of E2 for 2026-01 has no line 7"
      ),
      (["2026-02", "--claim", "x"], "E2 has no statement for 2026-02"),
      (["2026-01", "--claim", " "], "a dispute says what is wrong; describe it"),
    ] {
      let outcome = try await BanyanProcess.run(
        ["pay", "dispute", "open", "E2"] + arguments,
        environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == 3 && outcome.errorOutput.contains(words), "\(outcome)")
    }
    #expect(
      try await ground.refused("pay", "dispute", "route", "1", "E2").contains(
        "dispute 1 is about the pay of E2"))
    try await ground.done("pay", "dispute", "route", "1", "E3", "--reason", "knows the account")
    let open = try await ground.rows("pay", "dispute", "list", "--open", "--handler", "E3")
    #expect(open.map { $0["component"] } == ["deposits"])
    #expect(try await ground.rows("pay", "dispute", "list", "--overdue").isEmpty)
    #expect(
      try await ground.refused(
        "pay", "dispute", "answer", "1", "--accept", "20", "--reason", "right", "--by", "E2"
      ).contains("let another person answer it"))
    let both = try await BanyanProcess.run(
      ["pay", "dispute", "answer", "1", "--accept", "20", "--reject", "--reason", "x"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(both.exitCode == 64)
    try await ground.done(
      "pay", "dispute", "answer", "1", "--accept", "20", "--reason", "A3 was his", "--by", "E3")
    let shown = try await ground.rows("pay", "dispute", "show", "1")[0]
    #expect(shown["state"] == "accepted" && shown["paid_in"] == "2026-02")
    #expect(
      try await ground.refused(
        "pay", "dispute", "withdraw", "1", "--reason", "x"
      ).contains("dispute 1 was answered on"))
    try await ground.database.takeInMovements("F1,A1,2026-02-02,credit,1.00")
    try await ground.done("pay", "run", "2026-02")
    let run = try await ground.run("2026-02")
    let explained = try await ground.done("pay", "explain", "E2", "2026-02")
    #expect(explained.output.contains("2. Dispute 1: A3 was his"))
    #expect(explained.output.contains("dispute 1 = 20"))
    try await ground.done("pay", "verify", run)
    try await ground.done("pay", "post", run)
    #expect(
      try await ground.refused("pay", "dispute", "show", "9", exitCode: 64).contains(
        "there is no dispute 9"))
  }

  @Test func rejectedWithdrawnAndOverdue() async throws {
    let ground = try await PayGround()
    for person in ["E1", "E2", "E3"] {
      try await ground.done(
        "pay", "dispute", "open", person, "2026-01", "--claim", "too little")
    }
    try await ground.done(
      "pay", "dispute", "answer", "1", "--reject", "--reason", "it is right", "--by", "E3")
    try await ground.done("pay", "dispute", "withdraw", "2", "--reason", "my mistake")
    try await psql(
      """
      alter table bank.pay_dispute disable trigger user;
      update bank.pay_dispute set opened_on = opened_on - 30, due_on = due_on - 30;
      alter table bank.pay_dispute enable trigger user;
      """, in: ground.database)
    let list = try await ground.rows("pay", "dispute", "list")
    #expect(list.map { $0["state"] } == ["rejected", "withdrawn", "open"])
    let overdue = try await ground.rows("pay", "dispute", "list", "--overdue")
    #expect(overdue.map { $0["person"] } == ["E3"] && overdue[0]["overdue_days"] == "15")
    #expect(
      try await psql("select count(*) from bank.pay_entry", in: ground.database) == "0\n")
    for statement in [
      "update bank.pay_dispute set claim = 'other'", "delete from bank.pay_dispute",
      "update bank.pay_dispute set answer = 'other' where dispute_id = 1",
    ] {
      #expect(
        try await ground.refusedInSQL(statement).contains("dispute"), "\(statement)")
    }
  }

  /// E1 objects to the own pay, HR answers, and another person approves what is paid.
  @Test func everybodyInTheirOwnName() async throws {
    let ground = try await ApprovalGround()
    try await ground.rule(
      "pay_dispute_acceptance", "--role", "head_office", "--threshold", "50")
    try await ground.done(
      "pay", "dispute", "open", "E1", "2026-01", "--line", "1", "--claim", "too little",
      as: "relationship_manager")
    let stranger = try await ground.run(
      "pay", "dispute", "open", "E2", "2026-01", "--claim", "x", as: "relationship_manager")
    #expect(stranger.exitCode == 77)
    let answering = try await ground.run(
      "pay", "dispute", "answer", "1", "--accept", "60", "--reason", "x",
      as: "relationship_manager")
    #expect(answering.exitCode == 77)
    let own = try await ground.done(
      "pay", "dispute", "list", "--format", "csv", as: "relationship_manager")
    #expect(try CSVTable(text: own.output).rows.map { $0["person"] } == ["E1"])
    let waits = try await ground.done(
      "pay", "dispute", "answer", "1", "--accept", "60", "--reason", "right", as: "hr")
    #expect(waits.messages().first?.hasPrefix("It waits for approval 1") == true)
    #expect(
      try await psql("select count(*) from bank.pay_entry", in: ground.database) == "0\n")
    #expect(
      try await ground.refused("approval", "approve", "1", as: "hr").contains("E6 has proposed"))
    try await ground.done("approval", "approve", "1", as: "head_office")
    #expect(
      try await psql(
        "select d.is_accepted, n.amount, n.class from bank.pay_dispute as d join bank.pay_entry as n using (branch_id, dispute_id)",
        in: ground.database) == "t|60|dispute\n")
    try await ground.done(
      "pay", "dispute", "open", "E1", "2026-01", "--claim", "all of it",
      as: "relationship_manager")
    try await ground.done(
      "pay", "dispute", "withdraw", "2", "--reason", "settled", as: "relationship_manager")
  }
}
