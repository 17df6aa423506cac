import Foundation
import TestSupport
import Testing

/// `banyan report pack`: one workbook and one page, for the bank or for each unit.
@Suite struct ReportPackTests {
  private static let board = """
    title: {en: Board, zh: 董事会}
    parameters: [month]
    reports:
      - report: branch-month
        title: {en: Consolidated, zh: 合并}
        parameters: {from: "{month}", to: "{month}"}
      - report: year-comparison
        parameters: {month: "{month}"}
      - report: batches
    """

  private static let branch = """
    title: Branch
    parameters: [month]
    reports:
      - {report: branch-month, parameters: {from: "{month}", to: "{month}", under: "{unit}"}}
    """

  private func ground(_ packs: [String: String]) async throws -> (TestDatabase, TemporaryFolder) {
    let folder = try TemporaryFolder()
    for (name, text) in packs { try folder.write(text.utf8, to: name + ".yaml") }
    return (try await TestServer.tinyBankDatabase(), folder)
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  @Test func oneWorkbookAndOnePageWithContents() async throws {
    let (database, folder) = try await ground(["board": Self.board])
    let output = folder.path + "/packs"
    for _ in 1...2 {  // and once more, which replaces what is there
      let outcome = try await banyan(
        "report", "pack", folder.path + "/board.yaml", "month=2026-01", "-o", output, on: database)
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      #expect(outcome.messages(in: folder) == ["1 of 1 packs in FOLDER/packs"])
      #expect(try names(in: output) == ["board-2026-01.html", "board-2026-01.xlsx"])
    }
    let page = try String(contentsOfFile: output + "/board-2026-01.html", encoding: .utf8)
    #expect(
      page.contains("<h1>Board</h1>")
        && page.contains("<li><a href=\"#part-1\">Consolidated</a></li>"))
    #expect(page.components(separatedBy: "<section").count == 4)
    #expect(page.contains("<td class=\"n\">829,033.00</td>"))
    // The first sheet lists the others; the second is the first report.
    let contents = try CSVTable(path: output + "/board-2026-01.xlsx", sheet: "Contents")
    #expect(
      contents.rows.prefix(3).map { $0["Report"] } == [
        "branch-month", "year-comparison", "batches",
      ])
    #expect(contents.rows[0]["Parameters"]?.hasPrefix("from=2026-01 to=2026-01 tree=today") == true)
    let trace = try await psql(
      "select distinct action, object, detail ->> 'parameters' from platform.audit_entry where object like 'pack %'",
      in: database)
    #expect(trace == "export|pack board|month=2026-01\n")
  }

  @Test func onceForEachBranch() async throws {
    let (database, folder) = try await ground(["branch": Self.branch])
    let outcome = try await banyan(
      "report", "pack", folder.path + "/branch.yaml", "month=2026-01", "-o", folder.path + "/o",
      "--for-each", "branch", "--jobs", "2", "--lang", "zh", on: database)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    #expect(
      try names(in: folder.path + "/o") == [
        "branch-2026-01-B1.html", "branch-2026-01-B1.xlsx", "branch-2026-01-B2.html",
        "branch-2026-01-B2.xlsx",
      ])
    let page = try String(
      contentsOfFile: folder.path + "/o/branch-2026-01-B2.html", encoding: .utf8)
    #expect(page.contains("<h1>Branch – B2</h1>") && page.contains("Second branch"))
    #expect(!page.contains("First branch") && page.contains("日均余额"))
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsMade() async throws {
    let (database, folder) = try await ground([
      "board": Self.board, "branch": Self.branch,
      "bad": """
      title: Bad
      parameters: [month]
      reports:
        - {report: branch-mnth}
        - {report: batches, parameters: {dataset: "{mnth}"}}
        - {report: batches}
      """,
    ])
    func messages(_ arguments: String..., code: Int32) async throws -> [String] {
      let outcome = try await BanyanProcess.run(
        ["report", "pack"] + arguments + ["-o", folder.path + "/none"],
        environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == code, "\(arguments): \(outcome.errorOutput)")
      return outcome.messages(in: folder)
    }
    let bad = try await messages(folder.path + "/bad.yaml", "month=2026-01", code: 3)
    #expect(
      bad.contains { $0.contains("there is no report “branch-mnth”; did you mean branch-month?") })
    #expect(
      bad.contains { $0.contains("{mnth} is no parameter of the pack; it has month or unit") })
    let board = folder.path + "/board.yaml"
    #expect(
      try await messages(board, code: 64) == [
        "banyan: the pack board needs month=…; give it a value"
      ])
    #expect(
      try await messages(board, "month=soon", code: 64)[0].contains("from=soon is not a month"))
    #expect(try await messages(board, "moth=1", code: 64)[0].contains("did you mean month?"))
    #expect(
      try await messages(board, "month=2026-01", "--for-each", "branch", code: 64)[0]
        .contains("no report of the pack board asks about {unit}"))
    let branch = folder.path + "/branch.yaml"
    #expect(try await messages(branch, "month=2026-01", code: 64)[0].contains("with --for-each"))
    #expect(
      try await messages(branch, "month=2026-01", "--for-each", "moon", code: 64)[0]
        .contains("there is no open unit of the level “moon”"))
    #expect(try await messages("/nowhere.yaml", code: 64)[0].contains("cannot be read"))
    let left = (try? names(in: folder.path + "/none")) ?? []
    #expect(left.isEmpty)
  }

  @Test func twoRunsDoNotWriteAtOnce() async throws {
    let (database, folder) = try await ground(["board": Self.board])
    try folder.write("".utf8, to: "o/.board.lock")
    let holder = open(folder.path + "/o/.board.lock", O_RDWR)
    #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
    let second = try await banyan(
      "report", "pack", folder.path + "/board.yaml", "month=2026-01", "-o", folder.path + "/o",
      on: database)
    #expect(second.exitCode == 1)
    #expect(
      second.messages(in: folder) == [
        "banyan: another run of the pack board is writing to “FOLDER/o”; wait until it has ended"
      ])
    close(holder)
    let third = try await banyan(
      "report", "pack", folder.path + "/board.yaml", "month=2026-01", "-o", folder.path + "/o",
      on: database)
    #expect(third.exitCode == 0, "\(third.errorOutput)")
  }

  @Test func aUnitThatFailsDoesNotStopTheOthers() async throws {
    let failing = """
      /* ---
      title: Fails for one
      description: It divides by zero for the second branch.
      parameters:
        - {name: under, type: unit, description: the unit}
      columns:
        - {name: n, type: integer, title: N}
      --- */
      select (case when :'under' = 'B2' then 1 / (select count(*) from bank.client where number = 'none') else 1 end)::bigint as n
      """
    let (database, folder) = try await ground([
      "each": "title: Each\nreports:\n  - {report: failing, parameters: {under: \"{unit}\"}}\n"
    ])
    try folder.write(failing.utf8, to: "reports/failing.sql")
    let outcome = try await banyan(
      "report", "pack", folder.path + "/each.yaml", "-o", folder.path + "/o", "--for-each",
      "branch", "--reports", folder.path + "/reports", on: database)
    #expect(outcome.exitCode == 1, "\(outcome.errorOutput)")
    #expect(outcome.messages(in: folder).first == "1 of 2 packs in FOLDER/o")
    #expect(outcome.errorOutput.contains("division by zero"))
    #expect(try names(in: folder.path + "/o") == ["each-B1.html", "each-B1.xlsx"])
  }
}
