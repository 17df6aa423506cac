import Foundation
import TestSupport
import Testing

/// Plans that ask for deals with roles, entries and rates of a day, from files to proved lines.
@Suite struct PaySourceProcessTests {
  private static let plan = """
    plan: sources
    title: Deals, entries and rates
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    exchange_rates: month_average
    components:
      - code: placed
        title: Loans placed together
        kind: deal_split
        deals: loans_granted_amount
        mode: whole
        boundary: lower_inclusive
        rate_unit: per_mille
        tiers: [{from: 0, to: unlimited, rate: 2}]
        roles: {main: 0.70, assist: 0.30}
        absent_role: others
      - {code: abroad, title: Abroad, kind: formula, amount: "convert(10, 'USD')"}
      - {code: bonus, title: Decided bonus, kind: entries, entries: bonus}
    deferral: none

    """

  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(text.utf8, to: name) }
    return folder
  }

  private func takeIn(
    _ files: [String: String], _ ground: PayGround, exitCode: Int32 = 0
  ) async throws -> String {
    let folder = try folder(files)
    let mapping = try self.folder([
      "bank.yaml": "name: Tiny\ncurrency: CNY\ntiers: {junior: Junior, senior: Senior}\n"
    ])
    for name in ["deal_roles", "exchange_rates", "pay_entries"] {
      try mapping.copy(
        SharedData.packageFolder + "/seeds/mappings/standard/\(name).yaml", to: name + ".yaml")
    }
    let outcome = try await BanyanProcess.run(
      ["import", folder.path, "--mapping", mapping.path],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(outcome.exitCode == exitCode, "\(outcome.output)\(outcome.errorOutput)")
    return outcome.output + outcome.errorOutput
  }

  @Test func whatIsSentIsPaidAndProved() async throws {
    let ground = try await PayGround(isPosted: false)
    let plans = try folder(["plan.yaml": Self.plan])
    try await ground.done("plan", "check", plans.path + "/plan.yaml")
    try await ground.done("plan", "load", plans.path + "/plan.yaml")
    let early = try await BanyanProcess.run(
      ["pay", "run", "2026-01", "--plan", "sources"],
      environment: ["DATABASE_URL": ground.database.url])
    #expect(early.exitCode == 3)
    #expect(early.errorOutput.contains("there is no exchange rate of USD for the month; load it"))
    _ = try await takeIn(
      [
        "deal_roles.csv": "loan_number,employee_number,role\nL1,E1,main\nL1,E3,assist\n",
        "exchange_rates.csv":
          "币种,日期,汇率\nUSD,2026-01-05,7.00\nUSD,2026-01-30,7.20\nUSD,2026-02-02,9\n",
        "pay_entries.csv":
          "employee_number,plan_code,month,class,record,amount,reason\nE2,sources,2026-01-15,bonus,order 7,150.00,best of January\nE3,sources,2026-01-01,gift,order 8,-5.00,voucher\n",
      ], ground)
    try await ground.done("pay", "run", "2026-01", "--plan", "sources")
    // 120,000.00 at 2 per mille is 240.00; 10 dollars at 7.10 are 71.00.
    #expect(
      try await psql(
        """
        select e.number, string_agg(l.component || ' ' || l.amount, ', ' order by l.line_number)
        from bank.pay_line as l join bank.employee as e using (employee_id) group by 1 order by 1
        """, in: ground.database) == """
          E1|placed 168.00, abroad 71.00, bonus 0.00
          E2|placed 0.00, abroad 71.00, bonus 150.00
          E3|placed 72.00, abroad 71.00, bonus 0.00, gift -5.00

          """)
    let run = try await ground.run("2026-01")
    try await ground.done("pay", "verify", run)
    // Corrected while the month is open; once it is posted no more.
    let corrected = try await takeIn(
      [
        "deal_roles.csv":
          "loan_number,employee_number,role\nL1,E1,assist\nL1,E3,main\nL9,E1,main\n",
        "pay_entries.csv":
          "employee_number,plan_code,month,class,record,amount,reason\nE2,sources,2026-01-01,bonus,order 7,160.00,best of January\nE2,sources,2026-01-01,clawback,x,-1.00,x\nE2,none,2026-01-01,bonus,y,1.00,y\n",
      ], ground, exitCode: 3)
    #expect(corrected.contains("the loan “L9” is not on record"))
    #expect(corrected.contains("a clawback is decided by a command and not by a file"))
    #expect(corrected.contains("there is no plan “none” on record"))
    try await ground.done("pay", "run", "2026-01", "--plan", "sources")
    #expect(
      try await psql(
        """
        select e.number, sum(l.amount) from bank.pay_line as l join bank.employee as e using (employee_id)
        where pay_run_id = \(try await ground.run("2026-01")) group by 1 order by 1
        """, in: ground.database) == "E1|143.00\nE2|231.00\nE3|234.00\n")
    try await ground.done("pay", "post", try await ground.run("2026-01"))
    let late = try await takeIn(
      [
        "pay_entries.csv":
          "employee_number,plan_code,month,class,record,amount,reason\nE2,sources,2026-01-01,bonus,order 9,1.00,late\n"
      ], ground, exitCode: 3)
    #expect(late.contains("the pay of 2026-01 by the plan sources is posted; take 2026-02"))
    #expect(try await ground.database.unaccountedRows() == "")
  }
}
