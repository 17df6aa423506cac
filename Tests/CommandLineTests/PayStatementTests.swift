import Exchange
import Foundation
import TestSupport
import Testing

/// Statements as people are given them, on the tiny bank.
@Suite struct PayStatementTests {
  /// The plan of the tiny bank with a bonus for the target of loans.
  private static let plan = """
    plan: tiny
    title: Pay of the tiny bank
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    figures:
      loans: {metric: loans_granted_amount, of: person, over: month, missing: zero, negative: refuse}
      goal: {target: loans_granted_amount, of: person, over: month, missing: zero, negative: refuse}
    components:
      - {code: deposits, title: Average deposits, kind: unit_price, metric: deposit_average_daily_balance, price: 10.00, per: 10000, missing: zero, negative: zero}
      - code: bonus
        title: Loans against target
        kind: attainment
        actual: loans
        target: goal
        no_target: nothing
        worth: 1000
        mode: whole
        boundary: upper_inclusive
        bound_unit: percent
        tiers: [{from: 0, to: unlimited, multiplier: 1}]
    deferral: {share: 0.40, instalments: 3, spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month}

    """

  /// A bank whose month was paid by the plan, with a target for Ann of 70,000 and one for Ben of 48,000.
  private func ground() async throws -> TestDatabase {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    try folder.write(Self.plan.utf8, to: "plan.yaml")
    try folder.write(
      "person,metric,period,amount\nE1,loans_granted_amount,2026-01,70000\nE2,loans_granted_amount,2026-01,48000\n"
        .utf8, to: "targets.csv")
    for arguments in [
      ["plan", "load", folder.path + "/plan.yaml"],
      ["target", "import", folder.path + "/targets.csv"],
      ["pay", "run", "2026-01"],
    ] {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }
    return database
  }

  private func names(in folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func text(_ name: String, in folder: TemporaryFolder) throws -> String {
    try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
  }

  @Test func aStatementAsDataIsExact() async throws {
    let database = try await ground()
    let folder = try TemporaryFolder()
    let made = try await banyan(
      "pay", "statement", "2026-01", "--person", "E1", "--format", "csv", "-o", folder.path,
      on: database)
    #expect(made.exitCode == 0)
    #expect(
      made.messages(in: folder) == [
        "Run 1 is not posted yet, and the statements say so.", "1 statement of run 1 in FOLDER",
      ])
    let data = try text("2026-01-E1.csv", in: folder)
    #expect(
      data == """
        month,run,person,section,number,code,title,basis_total,basis_divisor,rate,target,due_on,amount,currency
        2026-01,1,E1,line,1,deposits,Average deposits,17219994.400,31,"10.00 / 10,000",,,555.48,CNY
        2026-01,1,E1,line,2,bonus,Loans against target,,,1,,,1200.00,CNY
        2026-01,1,E1,total,,earned,,,,,,,1755.48,CNY
        2026-01,1,E1,total,,deferred,,,,,,,702.19,CNY
        2026-01,1,E1,total,,payable,,,,,,,1053.29,CNY
        2026-01,1,E1,attainment,,loans_granted_amount,month,84000.000,1,,70000.00,,1.2000,CNY
        2026-01,1,E1,instalment,1,,,,,,,2027-01-31,234.07,CNY
        2026-01,1,E1,instalment,2,,,,,,,2028-01-31,234.06,CNY
        2026-01,1,E1,instalment,3,,,,,,,2029-01-31,234.06,CNY
        2026-01,1,E1,outstanding,,,,,,,,2027-01-31,234.07,CNY
        2026-01,1,E1,outstanding,,,,,,,,2028-01-31,234.06,CNY
        2026-01,1,E1,outstanding,,,,,,,,2029-01-31,234.06,CNY

        """)
  }

  @Test func everybodyGetsAPageThatNeedsNothingElse() async throws {
    let database = try await ground()
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let made = try await banyan(
      "pay", "statement", "2026-01", "--all", "-o", first.path, on: database)
    #expect(made.exitCode == 0, "\(made.errorOutput)")
    #expect(
      try names(in: first) == ["2026-01-E1.html", "2026-01-E2.html", "2026-01-E3.html"])
    let page = try text("2026-01-E1.html", in: first)
    for part in [
      "<h1>January 2026</h1>", "Not posted for payment yet", "<dd>Ann</dd>", "1,755.48 CNY",
      "84,000.00 of 70,000", "<b>120.00 %</b>", "2029-01-31", "If something seems wrong",
      "Loans granted = 84,000.00",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(!page.contains("<script") && !page.contains("url(") && !page.contains("src="))
    // Ben has reached three quarters of the target; a mark of less than all is drawn pale.
    #expect(try text("2026-01-E2.html", in: first).contains("<b>75.00 %</b>"))
    let trail = try await psql(
      """
      select row_count, detail ->> 'people', detail ->> 'format' from platform.audit_entry
      where object = 'pay statements of 2026-01' and action = 'export'
      """, in: database)
    #expect(trail == "3|all|html\n")
    // Once posted they say nothing of a draft, and are the same to the byte each time.
    #expect(try await banyan("pay", "post", "1", on: database).exitCode == 0)
    for folder in [first, second] {
      let again = try await banyan(
        "pay", "statement", "2026-01", "--all", "-o", folder.path, on: database)
      #expect(again.messages(in: folder) == ["3 statements of run 1 in FOLDER"])
    }
    for name in try names(in: first) {
      #expect(try text(name, in: first) == text(name, in: second))
      #expect(try !text(name, in: first).contains("Not posted"))
    }
  }

  @Test func onPaperInChinese() async throws {
    let database = try await ground()
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    for folder in [first, second] {
      let made = try await banyan(
        "pay", "statement", "2026-01", "--unit", "B1", "--format", "pdf", "--lang", "zh", "-o",
        folder.path, on: database)
      #expect(made.exitCode == 0, "\(made.errorOutput)")
    }
    #expect(try names(in: first) == ["2026-01-E1.pdf", "2026-01-E2.pdf"])
    let bytes = try Data(contentsOf: URL(filePath: first.path + "/2026-01-E1.pdf"))
    #expect(try bytes == Data(contentsOf: URL(filePath: second.path + "/2026-01-E1.pdf")))
    let file = String(decoding: bytes, as: Unicode.ASCII.self)
    #expect(file.contains("(1,755.48 CNY)") && file.contains("(120.00 %)"))
    // 应得 and 当期发放, as the code units that the font is asked for.
    #expect(file.contains("<5E945F97>") && file.contains("<5F53671F53D1653E>"))
    let page = try await banyan(
      "pay", "statement", "2026-01", "--person", "E1", "--lang", "zh", "-o", first.path,
      on: database)
    #expect(page.exitCode == 0)
    let text = try text("2026-01-E1.html", in: first)
    #expect(text.contains("<h1>2026 年 1 月</h1>") && text.contains("尚未过账"))
    #expect(text.contains("四舍五入到 2 位小数：555.48") && text.contains("发放贷款金额 = 84,000.00"))
  }

  @Test func aWorkbookForEachPerson() async throws {
    let database = try await ground()
    let folder = try TemporaryFolder()
    let made = try await banyan(
      "pay", "statement", "2026-01", "--person", "E1", "--format", "xlsx", "-o", folder.path,
      on: database)
    #expect(made.exitCode == 0, "\(made.errorOutput)")
    let reader = try CSVReader(
      workbook: folder.path + "/2026-01-E1.xlsx", sheet: "How it came about")
    #expect(reader.header == ["No.", "Component", "Basis", "Rate", "Amount", "How"])
    var amounts: [String] = []
    while let record = try reader.next() { amounts.append(record.string(4)) }
    // The last one is what Excel shows of the sum until it reckons it itself.
    #expect(amounts == ["555.48", "1200.00", "1755.48"])
  }

  @Test func everybodySeesTheirOwn() async throws {
    let ground = try await AccessGround()
    #expect(try await banyan("pay", "run", "2026-01", on: ground.database).exitCode == 0)
    func statements(_ role: String, _ whom: String...) async throws -> (Int32, [String], String) {
      let folder = try TemporaryFolder()
      let outcome = try await BanyanProcess.run(
        ["pay", "statement", "2026-01", "--format", "csv", "-o", folder.path] + whom,
        environment: ["DATABASE_URL": ground.url(login: AccessGround.login(role))])
      return (outcome.exitCode, try names(in: folder), outcome.errorOutput)
    }
    #expect(try await statements("relationship_manager", "--all").1 == ["2026-01-E1.csv"])
    let other = try await statements("relationship_manager", "--person", "E2")
    #expect(other.0 == 64 && other.1.isEmpty)
    #expect(other.2.contains("E2 has no statement in run 2 of 2026-01 that your login may see"))
    #expect(
      try await statements("branch", "--all").1 == ["2026-01-E1.csv", "2026-01-E2.csv"])
    #expect(try await statements("branch", "--unit", "B2").0 == 64)
    #expect(try await statements("hr", "--all").1.count == 3)
    #expect(try await statements("hr", "--unit", "R1").1.count == 3)
    #expect(try await statements("analyst", "--all").0 == 77)
  }

  @Test func wrongUseIsOneSentence() async throws {
    let database = try await ground()
    for (arguments, sentence) in [
      (["2026-01"], "say whose statements: one of --person, --unit and --all"),
      (
        ["2026-01", "--all", "--person", "E1"],
        "say whose statements: one of --person, --unit and --all"
      ),
      (
        ["2026-02", "--all"],
        "there is no run of 2026-02; calculate it with `banyan pay run 2026-02`"
      ),
      (
        ["2026-01", "--all", "--plan", "other"],
        "there is no run of 2026-01 by the plan “other”; calculate it with `banyan pay run 2026-01`"
      ),
      (["2026-01", "--unit", "B9"], "there is no unit “B9”; `banyan org tree` shows all of them"),
    ] {
      let outcome = try await BanyanProcess.run(
        ["pay", "statement"] + arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 64)
      #expect(outcome.messages() == ["banyan: " + sentence])
    }
    let folder = try TemporaryFolder()
    try folder.write("x".utf8, to: "file")
    let blocked = try await banyan(
      "pay", "statement", "2026-01", "--all", "-o", folder.path + "/file", on: database)
    #expect(blocked.exitCode == 1 && blocked.messages().count == 1)
  }
}
