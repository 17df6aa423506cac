import Foundation
import TestSupport
import Testing

/// `banyan org`: the changes of the tree from the user's side, and what is refused.
@Suite struct OrgCommandTests {
  private func changed(_ arguments: [String], in database: TestDatabase) async throws {
    let outcome = try await BanyanProcess.run(
      ["org"] + arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
  }

  private func tree(
    _ arguments: String..., in database: TestDatabase
  ) async throws -> [String] {
    let outcome = try await BanyanProcess.run(
      ["org", "tree", "--format", "tsv"] + arguments,
      environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    return outcome.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).prefix(3).joined(separator: "|")
    }
  }

  @Test func aYearOfChanges() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await changed(
      ["open", "R2", "South", "--level", "region", "--parent", "HQ", "--on", "2000-01-01"],
      in: database)
    try await changed(
      ["open", "O1", "Outlet", "--level", "outlet", "--parent", "B1", "--on", "2001-01-01"],
      in: database)
    try await changed(
      ["rename", "B1", "Old town", "--on", "2020-01-01", "--reason", "new sign"], in: database)
    try await changed(["move", "B2", "R2", "--on", "2021-01-01"], in: database)
    try await changed(["level", "O1", "sub_branch", "--on", "2022-01-01"], in: database)
    try await changed(
      ["split", "B1", "B3", "Harbour", "--on", "2023-01-01", "--child", "O1"], in: database)
    let before = try await psql("select clock_timestamp()", in: database)
    try await changed(["merge", "B1", "B2", "--on", "2024-01-01"], in: database)
    #expect(
      try await tree("--as-of", "2019-12-31", in: database) == [
        "HQ|Tiny head office|head_office", "R1|North|region", "B1|First branch|branch",
        "O1|Outlet|outlet", "B2|Second branch|branch", "R2|South|region",
      ])
    #expect(
      try await tree("--as-of", "2024-01-01", in: database) == [
        "HQ|Tiny head office|head_office", "R1|North|region", "B3|Harbour|branch",
        "O1|Outlet|sub_branch", "R2|South|region", "B2|Second branch|branch",
      ])
    #expect(
      try await tree(
        "--as-of", "2024-01-01", "--known-at",
        before.trimmingCharacters(in: .whitespacesAndNewlines), in: database
      ).contains("B1|Old town|branch"))
    #expect(
      try await tree("R2", "--as-of", "2024-01-01", in: database) == [
        "R2|South|region", "B2|Second branch|branch",
      ])
    let drawn = try await banyan("org", "tree", "R2", "--as-of", "2024-01-01", on: database)
    #expect(drawn.output.contains("\n  B2  Second branch  branch"))
    let history = try await banyan("org", "history", "B1", "--format", "csv", on: database)
    let states = try CSVTable(text: history.output).rows.map {
      "\($0["since"] ?? "") \($0["until"] ?? "") \($0["name"] ?? "") \($0["reason"] ?? "")"
    }
    #expect(
      states == ["1991-01-01 2020-01-01 First branch new sign", "2020-01-01 2024-01-01 Old town "])
    let all = try await banyan("org", "history", "B1", "--all", "--format", "csv", on: database)
    #expect(try CSVTable(text: all.output).rows.count == 4)
    let shown = try await banyan("org", "show", "B1", on: database)
    #expect(shown.output.contains("goes on at") && shown.output.contains("B2 Second branch"))
    let people = try await banyan("person", "list", "--unit", "B2", "--format", "csv", on: database)
    #expect(try CSVTable(text: people.output).rows.count == 3)
  }

  @Test func aDryRunChangesNothing() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let outcome = try await banyan(
      "org", "merge", "B1", "B2", "--on", "2026-06-01", "--dry-run", on: database)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("accounts"))
    #expect(outcome.messages().last == "This is what would come of it; nothing was changed.")
    #expect(
      try await psql(
        "select count(*) from bank.org_change; select closed_on is null from bank.org_unit where code = 'B1'",
        in: database) == "0\nt\n")
  }

  @Test func aWrongChangeIsWithdrawn() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await changed(["rename", "B1", "Wrong", "--on", "2020-01-01"], in: database)
    try await changed(["withdraw", "1", "--reason", "typing error"], in: database)
    #expect(
      try await psql("select name from bank.org_unit where code = 'B1'", in: database)
        == "First branch\n")
    let twice = try await banyan("org", "withdraw", "1", on: database)
    #expect(twice.exitCode == 3)
    #expect(twice.messages().count == 1 && twice.errorOutput.contains("cannot be withdrawn"))
    let nothing = try await banyan(
      "org", "rename", "B1", "First branch", "--on", "2020-01-01", on: database)
    #expect(nothing.exitCode == 0)
    #expect(nothing.messages() == ["Nothing changes: it is on record so already."])
  }

  @Test func whatBreaksTheTreeIsRefused() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await changed(
      ["open", "O1", "Outlet", "--level", "outlet", "--parent", "B1", "--on", "2001-01-01"],
      in: database)
    let cases: [(arguments: [String], message: String)] = [
      (
        ["move", "B1", "O1", "--on", "2026-01-01"],
        "unit B1 cannot move under O1, which lies below B1 on 2026-01-01: that would make a cycle; choose a unit above that is not below B1, or move O1 first"
      ),
      (
        ["move", "B1", "B2", "--on", "2026-01-01"],
        "unit B1 has the level branch and cannot lie under B2, which has the level branch on 2026-01-01; a unit lies under one of a higher level: head office, region, branch, sub-branch, outlet, department, section, city office"
      ),
      (
        ["move", "B9", "R1", "--on", "2026-01-01"],
        "there is no unit “B9” on record; correct the code, or open the unit first"
      ),
      (
        ["rename", "B1", "Earlier", "--on", "1980-01-01"],
        "unit B1 is not open on 1980-01-01: it is open from 1991-01-01 on; choose a day on which it is open, or correct its history first"
      ),
      (
        ["close", "B1", "--on", "2026-06-01"],
        "unit B1 cannot close on 2026-06-01 while units lie under it: O1; close or move them first, or merge the unit into a successor, which takes them along"
      ),
      (
        ["close", "B2", "--on", "2026-06-01"],
        "unit B2 cannot close on 2026-06-01: 1 account is kept there; name the successor where they go on"
      ),
      (
        ["open", "B1", "Again", "--level", "branch", "--parent", "R1", "--on", "2026-01-01"],
        "there is a unit with the code B1 already, “First branch”: it is open from 1991-01-01 on; give the new unit another code, or rename, move or correct the one on record"
      ),
      (
        ["open", "B7", "Early", "--level", "branch", "--parent", "R1", "--on", "1980-01-01"],
        "unit R1 is not open on 1980-01-01: it is open from 1990-01-01 on; choose a day on which it is open, or correct its history first"
      ),
      (
        ["merge", "B1", "O1", "--on", "2026-06-01"],
        "unit B1 cannot be merged into O1, which lies under it on 2026-06-01 or later; move O1 under another unit first"
      ),
      (
        ["withdraw", "99"],
        "there is no change 99 on record; see the numbers with banyan org history"
      ),
    ]
    let before = try await psql("select count(*) from bank.org_unit_version", in: database)
    for (arguments, message) in cases {
      let outcome = try await BanyanProcess.run(
        ["org"] + arguments, environment: ["DATABASE_URL": database.url])
      #expect(outcome.messages() == ["banyan: " + message], "\(arguments)")
      #expect(outcome.exitCode == 3, "\(arguments)")
      #expect(outcome.output == "")
    }
    #expect(try await psql("select count(*) from bank.org_unit_version", in: database) == before)
    let time = try await banyan("org", "tree", "--known-at", "yesterdayish", on: database)
    #expect(time.exitCode == 64)
    #expect(
      time.messages() == [
        "banyan: “yesterdayish” is no point in time; write a day and a time, such as 2026-01-31 18:00+08"
      ])
  }

  @Test func reportsTakeTheTreeOfTodayOfADayOrOfEachMonth() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await changed(
      ["open", "R2", "South", "--level", "region", "--parent", "HQ", "--on", "2000-01-01"],
      in: database)
    try await changed(["move", "B2", "R2", "--on", "2026-02-01"], in: database)
    try await changed(["merge", "B1", "B2", "--on", "2026-03-01"], in: database)
    func accounts(_ tree: String...) async throws -> [String: String] {
      let outcome = try await BanyanProcess.run(
        ["report", "run", "branch-month", "from=2026-01", "to=2026-03", "--format", "csv"] + tree,
        environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      var found: [String: String] = [:]
      for row in try CSVTable(text: outcome.output).rows {
        found["\(row["code"] ?? "") \(row["month"] ?? "")"] =
          "\(row["accounts"] ?? "") \(row["clients"] ?? "") \(row["balance_end"] ?? "")"
      }
      return found
    }
    let last = try await accounts("tree=2026-01-31")
    #expect(last["R1 2026-03"] == "3 3 650030.51" && last["R2 2026-03"] == "0 0 0.00")
    #expect(last["B1 2026-01"] == "2 2 649999.50" && last["B2 2026-03"] == "1 1 31.01")
    // Today's tree: B1 has gone into B2, which lies under R2.
    let today = try await accounts()
    #expect(today["R2 2026-01"] == "3 3 650030.51" && today["R1 2026-01"] == "0 0 0.00")
    #expect(today["B2 2026-01"] == "3 3 650030.51" && today["B1 2026-01"] == nil)
    let own = try await accounts("tree=own")
    #expect(own["R1 2026-01"] == "3 3 650030.51" && own["R2 2026-01"] == "0 0 0.00")
    #expect(own["R1 2026-02"] == "2 2 649999.50" && own["R2 2026-02"] == "1 1 31.01")
    #expect(own["R1 2026-03"] == "0 0 0.00" && own["B2 2026-03"] == "3 3 650030.51")
    #expect(own["B1 2026-02"] == "2 2 649999.50" && own["B1 2026-03"] == nil)
    for month in ["2026-01", "2026-02", "2026-03"] {
      #expect(
        own["HQ \(month)"] == last["HQ \(month)"] && own["HQ \(month)"] == today["HQ \(month)"])
    }
    let wrong = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-01", "tree=2026-1-1", on: database)
    #expect(wrong.exitCode == 64)
    #expect(wrong.errorOutput.contains("write tree=today"))
  }
}
