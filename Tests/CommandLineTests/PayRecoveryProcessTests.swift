import Foundation
import TestSupport
import Testing

/// Malus and clawback rest on records of accountability, leavers included; deferred pay is released when it
/// is due and free, and what is outstanding is never below zero.
@Suite struct PayRecoveryProcessTests {
  /// January is posted: E1 earned 555.48, of which 222.19 is deferred in three instalments.
  private func ground() async throws -> PayGround {
    let ground = try await PayGround()
    try await ground.done(
      "accountability", "record", "E1", "--kind", "reprimand", "--on", "2026-01-20", "--reason",
      "concealed overdue loans", "--by", "E3")
    return ground
  }

  private func balances(_ ground: PayGround) async throws -> String {
    try await psql(
      """
      select due_on, deferred, released, forfeited, outstanding
      from bank.deferral_balances(bank.require_employee('E1'), true) order by due_on
      """, in: ground.database)
  }

  @Test func malusTakesWhatIsDueLastFirst() async throws {
    let ground = try await ground()
    for (amount, record, words) in [
      ("222.20", "1", "222.19 of deferred pay of E1 are outstanding"),
      ("0", "1", "give an amount above zero and up to 222.19"),
      ("1", "9", "there is no record 9 of accountability about E1"),
    ] {
      #expect(
        try await ground.refused(
          "pay", "malus", "E1", "--record", record, "--amount", amount, "--reason", "x"
        ).contains(words), "\(amount) \(record)")
    }
    #expect(
      try await ground.refused("pay", "malus", "E2", "--record", "1", "--reason", "x").contains(
        "there is no record 1 of accountability about E2"))
    #expect(
      try await ground.done(
        "pay", "malus", "E1", "--record", "1", "--amount", "100", "--reason", "concealed"
      ).messages() == ["Deferred pay of E1 is forfeited."])
    #expect(
      try await balances(ground) == """
        2027-01-31|74.07|0|0|74.07
        2028-01-31|74.06|0|25.94|48.12
        2029-01-31|74.06|0|74.06|0.00

        """)
    let report = try await ground.rows("report", "run", "deferral-balances", "day=2027-06-30")
    let first = try #require(report.first { $0["person"] == "E1" })
    #expect(first["deferred"] == "222.19" && first["forfeited"] == "100.00")
    #expect(first["outstanding"] == "122.19" && first["due"] == "74.07")
    // The record is withdrawn, and what rested on it is given back.
    #expect(
      try await ground.refused("pay", "restore", "1", "--reason", "x").contains("counts still"))
    try await ground.done("accountability", "withdraw", "1", "--reason", "the appeal was upheld")
    #expect(
      try await ground.done("pay", "restore", "1", "--reason", "the appeal was upheld").messages()
        == ["100.00 is given back."])
    #expect(
      try await ground.refused("pay", "restore", "1", "--reason", "x").contains(
        "nothing was forfeited or taken back"))
    #expect(
      try await ground.refused("pay", "malus", "E1", "--record", "1", "--reason", "x").contains(
        "was withdrawn"))
    #expect(try await balances(ground).contains("2029-01-31|74.06|0|0.00|74.06"))
  }

  @Test func clawbackIsAnEntryOfTheNextRunForLeaversToo() async throws {
    let ground = try await ground()
    #expect(
      try await ground.rows("pay", "recoverable", "E1")[0] == [
        "person": "E1", "paid": "333.29", "released": "0", "taken_back": "0",
        "recoverable": "333.29",
      ])
    #expect(
      try await ground.refused(
        "pay", "clawback", "E1", "--record", "1", "--amount", "333.30", "--reason", "x"
      ).contains("333.29 of what was paid to E1 can be taken back"))
    #expect(
      try await ground.refused(
        "pay", "clawback", "E1", "--record", "1", "--amount", "1", "--month", "2026-01",
        "--reason", "x"
      ).contains("the pay of 2026-01 by the plan tiny is posted"))
    // E1 leaves: nothing is assigned to them any more.
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A1'), array['E2'], array[1], '2026-02-01', null, 'E1 has left')",
      in: ground.database)
    try await ground.database.takeInMovements("F1,A1,2026-02-02,credit,1.00")
    try await ground.done("pay", "run", "2026-02")
    let draft = try await ground.run("2026-02")
    try await ground.done(
      "pay", "clawback", "E1", "--record", "1", "--amount", "200", "--reason", "false appraisal")
    #expect(
      try await ground.refused("pay", "post", draft)
        == "banyan: since pay run \(draft) was calculated, an amount of clawback was decided for E1; run the month again: banyan pay run 2026-02"
    )
    try await ground.done("pay", "run", "2026-02")
    let run = try await ground.run("2026-02")
    #expect(
      try await psql(
        """
        select s.is_regular, l.kind, l.component, l.title, s.earned, s.payable
        from bank.pay_statement as s join bank.pay_line as l using (branch_id, pay_run_id, employee_id)
        join bank.employee as e using (employee_id) where e.number = 'E1' and s.pay_run_id = \(run)
        """, in: ground.database) == "f|entry|clawback|false appraisal|-200|-200\n")
    try await ground.done("pay", "verify", run)
    try await ground.done("pay", "post", run)
    #expect(
      try await ground.rows("pay", "recoverable", "E1")[0]["recoverable"] == "133.29")
    // Given back, it is paid by the run after.
    try await ground.done("accountability", "withdraw", "1", "--reason", "the appeal was upheld")
    try await ground.done("pay", "restore", "1", "--reason", "the appeal was upheld")
    #expect(
      try await psql(
        "select class, to_char(month, 'YYYY-MM'), amount from bank.pay_entry order by pay_entry_id",
        in: ground.database) == "clawback|2026-02|-200\nclawback|2026-03|200\n")
    #expect(
      try await ground.refusedInSQL("update bank.pay_entry set amount = 1").contains(
        "is superseded, never changed"))
  }

  @Test func releasedWhenItIsDueAndFree() async throws {
    let ground = try await ground()
    #expect(
      try await ground.refused(
        "pay", "release", "--due-until", "2028-12-31", "--month", "2027-01"
      ).contains("what is due on 2028-12-31 is not paid with 2027-01 already"))
    try await ground.done(
      "departure", "open", "E1", "--kind", "resignation", "--leaves", "2026-12-31", "--by", "E3")
    #expect(
      try await ground.refused(
        "pay", "release", "--due-until", "2027-01-31", "--month", "2027-01", "--person", "E1"
      ).hasPrefix("banyan: nothing of E1 moves before the audit of departure 1 is closed"))
    #expect(
      try await ground.refused("pay", "malus", "E1", "--record", "1", "--reason", "x").contains(
        "moves before the audit of departure 1"))
    // Who leaves is held, and the others are paid.
    #expect(
      try await ground.done(
        "pay", "release", "--due-until", "2027-01-31", "--month", "2027-01"
      ).messages() == ["1 instalment is released with the payroll of 2027-01."])
    try await ground.done("departure", "withdraw", "1", "--reason", "stays")
    try await ground.done(
      "pay", "release", "--due-until", "2027-01-31", "--month", "2027-01", "--person", "E1")
    #expect(
      try await ground.refused(
        "pay", "release", "--due-until", "2027-01-31", "--month", "2027-01"
      ).contains("no deferred pay is due up to 2027-01-31 and free to be paid"))
    #expect(try await balances(ground).hasPrefix("2027-01-31|74.07|74.07|0|0.00\n"))
    for amount in ["0.01", "74.07"] {
      #expect(
        try await ground.refusedInSQL(
          """
          insert into bank.deferral_movement (branch_id, employee_id, earned_month, due_on, kind, amount, pay_month)
          select branch_id, employee_id, '2026-01-01', '2027-01-31', 'release', \(amount), '2027-01-01'
          from bank.employee where number = 'E1'
          """
        ).contains("the deferred pay of E1 due on 2027-01-31 would be -\(amount)"))
    }
    #expect(
      try await ground.refusedInSQL("delete from bank.deferral_movement").contains("is refused"))
    // A correction takes nothing back of what was released: January is worth less, and the instalment
    // that was paid stays.
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A1'), array['E2'], array[1], '2026-01-01', '2026-02-01', 'all of it was his')",
      in: ground.database)
    try await ground.database.takeInMovements("F1,A1,2026-02-02,credit,1.00")
    try await ground.done("pay", "run", "2026-02")
    let run = try await ground.run("2026-02")
    try await ground.done("pay", "post", run)
    #expect(
      try await balances(ground).hasPrefix("2027-01-31|74.07|74.07|0|0.00\n2027-02-28|"))
  }

  @Test func anotherPersonApprovesWhatIsTaken() async throws {
    let ground = try await ApprovalGround()
    try await psql(
      "insert into bank.pay_posting (pay_run_id) select pay_run_id from bank.pay_run",
      in: ground.database)
    for action in ["pay_malus", "pay_clawback", "deferral_release"] {
      try await ground.rule(action, "--role", "head_office")
    }
    try await ground.done(
      "accountability", "record", "E1", "--kind", "reprimand", "--on", "2026-01-20", "--reason",
      "concealed", as: "risk")
    let malus = try await ground.done(
      "pay", "malus", "E1", "--record", "1", "--amount", "10", "--reason", "concealed", as: "risk")
    #expect(malus.messages().first?.hasPrefix("It waits for approval 1") == true)
    try await ground.done(
      "pay", "clawback", "E1", "--record", "1", "--amount", "10", "--reason", "concealed",
      as: "hr")
    try await ground.done(
      "pay", "release", "--due-until", "2027-01-31", "--month", "2027-01", "--person", "E2",
      as: "hr")
    #expect(
      try await psql(
        "select (select count(*) from bank.deferral_movement), (select count(*) from bank.pay_entry)",
        in: ground.database) == "0|0\n")
    for statement in [
      "insert into bank.deferral_movement (branch_id, employee_id, earned_month, due_on, kind, amount, accountability_id, reason) select branch_id, employee_id, '2026-01-01', '2027-01-31', 'forfeit', 1, 1, 'x' from bank.employee where number = 'E1'",
      "insert into bank.pay_entry (branch_id, employee_id, plan_code, month, class, record, amount, reason, accountability_id) select branch_id, employee_id, 'tiny', '2026-02-01', 'clawback', 'x', -1, 'x', 1 from bank.employee where number = 'E1'",
    ] {
      do {
        try await psql(statement, in: ground.database)
        Issue.record("\(statement) was taken")
      } catch let error as TestSupportError {
        #expect(error.description.contains("by an approval"), "\(error)")
      }
    }
    for number in 1...3 {
      let approved = try await ground.done(
        "approval", "approve", "\(number)", as: "head_office")
      #expect(approved.messages() == ["Approval \(number) is applied."])
    }
    #expect(
      try await psql(
        "select kind, amount from bank.deferral_movement order by 1; select class, amount from bank.pay_entry",
        in: ground.database) == "forfeit|10\nrelease|40\nclawback|-10\n")
    let manager = try await ground.run(
      "pay", "malus", "E2", "--record", "1", "--reason", "x", as: "relationship_manager")
    #expect(manager.exitCode == 77)
  }
}
