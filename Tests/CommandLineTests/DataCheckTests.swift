import Banyan
import TestSupport
import Testing

/// Checks of a batch as a whole: what they find, what they let pass, and what they keep out.
@Suite struct DataCheckTests {
  private func ground(_ checks: String) async throws -> ImportGround {
    var bank = TinyBank()
    bank.mappings["checks/transactions.yaml"] = "dataset: transactions\nchecks:\n" + checks
    return try await ImportGround(bank)
  }

  private static let rows = [
    "T8,A1,2026-03-02,credit,5.00", "T9,A2,2026-03-05,debit,2.00",
    "T10,A3,2026-03-06,credit,900000.00",
  ]

  /// For each check: whether it passes, and what it finds.
  private static let cases: [(check: String, passes: Bool, finding: String)] = [
    ("{title: one, not_null: amount}", true, "0 of 3 rows have no amount, and none is let pass"),
    (
      "{title: one, not_null: purpose}", false,
      "3 of 3 rows have no purpose (lines 2, 3, 4), and none is let pass"
    ),
    (
      "{title: one, not_null: purpose, at_most: 100 %}", true,
      "3 of 3 rows have no purpose (lines 2, 3, 4), and at most 100 % are let pass"
    ),
    (
      "{title: one, not_null: purpose, at_most: 2}", false,
      "3 of 3 rows have no purpose (lines 2, 3, 4), and at most 2 are let pass"
    ),
    (
      "{title: one, not_null: purpose, at_most: 1, branches: [B2]}", true,
      "1 of 1 rows have no purpose (line 4), and at most 1 are let pass"
    ),
    (
      "{title: one, range: {column: amount, from: 2, to: 1000}}", false,
      "1 of 3 rows have a value of amount that is not from 2 to 1000 (line 4), and none is let pass"
    ),
    (
      "{title: one, range: {column: booked_on, from: 2026-03-05}}", false,
      "1 of 3 rows have a value of booked_on that is not from 2026-03-05 (line 2), and none is let pass"
    ),
    (
      "{title: one, sum_equals: {column: amount, to: 900007.00}}", true,
      "the sum of amount is 900007.00, and 900007.00 is wanted"
    ),
    (
      "{title: one, sum_equals: {column: amount, where: {direction: debit}, to: {column: amount, where: {direction: credit}}, within: 1}}",
      false,
      "the sum of amount where direction is debit is 2.00, and the sum of amount where direction is credit, 900005.00, is wanted within 1"
    ),
    (
      "{title: one, outliers: {column: amount, deviations: 1.2}}", false,
      "1 of 3 rows have a value of amount more than 1.2 standard deviations from the mean (line 4), and none is let pass"
    ),
    (
      "{title: one, refers_to: {column: number, dataset: loans, key: number}}", false,
      "3 of 3 rows name in number what is no number on record (lines 2, 3, 4), and none is let pass"
    ),
    (
      "{title: one, last_period: {measure: rows, within: 10 %}}", true,
      "no branch is more than 10 % off the month before"
    ),
  ]

  @Test(arguments: cases.indices)
  private func aCheckFindsWhatIsThere(_ index: Int) async throws {
    let one = Self.cases[index]
    let ground = try await ground("  - \(one.check)\n")
    let path = try ground.transactions(Self.rows)
    let sent = try await ground.send(path)
    #expect(sent.exitCode == (one.passes ? 0 : 3), "\(sent.messages)")
    #expect(sent.counts == (one.passes ? "loaded 3 3 0 0" : "kept out 3 0 0 0"))
    #expect(
      sent.messages
        == (one.passes
          ? []
          : [
            "banyan: transactions.csv: the check “one” failed: \(one.finding); nothing of the file is loaded"
          ]))
    let checks = try await ground.run("batch", "checks", sent.batch, "--format", "csv")
    let rows = try CSVTable(text: checks.output).rows
    #expect(rows.map { $0["finding"] } == [one.finding])
    #expect(rows.map { $0["passed"] } == [one.passes ? "yes" : "no"])
    #expect(try await ground.database.unaccountedRows() == "")
    if one.passes { return }
    // The same as a warning is told and kept, and the rows are loaded.
    let mild = try await self.ground(
      "  - \(one.check.replacing("title: one", with: "title: one, severity: warning"))\n")
    let warned = try await mild.send(try mild.transactions(Self.rows))
    #expect(warned.exitCode == 0)
    #expect(warned.messages == ["transactions.csv: warning: one: \(one.finding)"])
    #expect(
      try await mild.psql("select severity, has_passed, finding from bank.batch_check")
        == "warning|f|\(one.finding)\n")
  }

  private static let chinese = [
    "3 行中有 0 行没有 amount；一项都不允许",
    "3 行中有 3 行没有 purpose（第 2, 3, 4 行）；一项都不允许",
    "3 行中有 3 行没有 purpose（第 2, 3, 4 行）；最多允许 100%",
    "3 行中有 3 行没有 purpose（第 2, 3, 4 行）；最多允许 2 项",
    "1 行中有 1 行没有 purpose（第 4 行）；最多允许 1 项",
    "3 行中有 1 行的 amount 不在规定范围内（2 至 1000）（第 4 行）；一项都不允许",
    "3 行中有 1 行的 booked_on 不在规定范围内（不小于 2026-03-05）（第 2 行）；一项都不允许",
    "amount 的合计为 900007.00，应为 900007.00",
    "amount（direction 为 debit） 的合计为 2.00，应等于 amount（direction 为 credit） 的合计 900005.00，容许相差 1",
    "3 行中有 1 行的 amount 偏离平均值超过 1.2 个标准差（第 4 行）；一项都不允许",
    "3 行中有 3 行的 number 在已入库的 number 中找不到（第 2, 3, 4 行）；一项都不允许",
    "没有机构与上月相差超过 10%",
  ]

  @Test func everyFindingHasItsChinese() {
    #expect(
      Self.cases.map { RejectionLanguage.zh.sentence(ofCheck: $0.finding) } == Self.chinese)
    #expect(
      RejectionLanguage.zh.sentence(
        ofCheck:
          "B1 has 2 rows in 2026-02 after 4 in the month before, B2 has 30.00 of amount in 2026-02 after none in the month before, which is more than 50 % off, and none is let pass"
      ) == "B1 在 2026-02 有 2 行，上月为 4 行；B2 在 2026-02 的 amount 为 30.00，上月为 none，与上月相差超过 50%；一项都不允许")
    #expect(
      RejectionLanguage.zh.sentence(
        ofRefusal: "2 rows were rejected, and at most 1 are let pass; nothing of the file is loaded"
      )
        == "有 2 行被拒收，最多允许 1 行；文件未入库")
  }

  @Test func findingsAreToldInChinese() async throws {
    let ground = try await ground(
      "  - {title: 用途必填, severity: warning, not_null: purpose}\n  - {title: 金额上限, range: {column: amount, to: 1000}}\n"
    )
    let sent = try await ground.send(try ground.transactions(Self.rows), "--lang", "zh")
    #expect(
      sent.messages == [
        "transactions.csv: 警告：用途必填: 3 行中有 3 行没有 purpose（第 2, 3, 4 行）；一项都不允许",
        "banyan: transactions.csv: 检查“金额上限”未通过：3 行中有 1 行的 amount 不在规定范围内（不大于 1000）（第 4 行）；一项都不允许；文件未入库",
      ])
    let checks = try await ground.run(
      "batch", "checks", sent.batch, "--lang", "zh", "--format", "csv")
    #expect(
      try CSVTable(text: checks.output).rows.map { $0["finding"] } == [
        "3 行中有 3 行没有 purpose（第 2, 3, 4 行）；一项都不允许",
        "3 行中有 1 行的 amount 不在规定范围内（不大于 1000）（第 4 行）；一项都不允许",
      ])
  }

  @Test func aMonthIsComparedWithTheOneBefore() async throws {
    let ground = try await ground(
      "  - {title: as many, last_period: {measure: rows, within: 50 %}}\n  - {title: as much, severity: warning, last_period: {measure: amount, within: 50 %}}\n"
    )
    let february = try ground.transactions((1...4).map { "F\($0),A1,2026-02-0\($0),credit,10.00" })
    #expect(try await ground.send(february).exitCode == 3)  // B1 had two rows in January
    let more = try ground.transactions((1...3).map { "F\($0),A1,2026-02-0\($0),credit,10.00" })
    let sent = try await ground.send(more)
    #expect(sent.exitCode == 0)
    #expect(
      sent.messages == [
        "transactions.csv: warning: as much: B1 has 30.00 of amount in 2026-02 after 450000.50 in the month before, which is more than 50 % off, and none is let pass"
      ])
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func mistakesInChecksAreToldWithTheirLines() async throws {
    for (check, words) in [
      (
        "{title: x}",
        "a check has one of not_null, range, sum_equals, refers_to, last_period, outliers; write one"
      ),
      ("{title: x, not_null: colour}", "\"colour\" is not known here"),
      (
        "{title: x, not_null: amount, severity: fatal}",
        "\"fatal\" is not known here; write warning or error"
      ),
      (
        "{title: x, range: {column: purpose, from: 1}}",
        "purpose is neither a number nor a day, and has no range"
      ),
      ("{title: x, range: {column: amount}}", "a range has `from`, `to` or both; write one"),
      (
        "{title: x, last_period: {measure: rows, within: 3}}",
        "“3” is no percentage; write one such as 30 %"
      ),
      ("{title: x, outliers: {column: number, deviations: 3}}", "\"number\" is not known here"),
    ] {
      let ground = try await ground("  - \(check)\n")
      let sent = try await ground.send(try ground.transactions(Self.rows))
      #expect(sent.exitCode == 3)
      #expect(
        sent.messages.first?.hasPrefix("banyan: FOLDER/mapping/checks/transactions.yaml: line 3")
          == true
          && sent.messages.first?.contains(words) == true, "\(sent.messages)")
      #expect(try await ground.psql("select count(*) from bank.batch") == "9\n")
    }
  }
}
