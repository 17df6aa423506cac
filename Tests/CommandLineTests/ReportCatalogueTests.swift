import Foundation
import TestSupport
import Testing

/// The catalogue from the side of who uses it: own reports, what is wrong with them, languages.
@Suite struct ReportCatalogueTests {
  private static let sound = """
    /* ---
    title: {en: Accounts by branch, zh: 网点账户}
    description: {en: How many accounts each branch has., zh: 各网点账户数。}
    parameters:
      - {name: at_least, type: integer, default: 1, description: {en: fewest accounts, zh: 最少账户数}}
      - {name: kind, type: text, default: any, choices: [any, demand, time], description: {en: kind, zh: 种类}}
    columns:
      - {name: branch, type: text, title: {en: Branch, zh: 网点}}
      - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, total: sum}
    --- */
    select u.code as branch, count(*) as accounts
    from bank.account as a
    join bank.org_unit as u on u.org_unit_id = a.branch_id
    where :'kind' in ('any', a.kind::text)
    group by u.code
    having count(*) >= :'at_least'::integer
    order by u.code
    """

  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(text.utf8, to: name + ".sql") }
    return folder
  }

  @Test func ownReportsStandBesideTheInstalledOnes() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let own = try folder(["own-accounts": Self.sound])
    let environment = ["BANYAN_REPORTS": own.path]
    let list = try await BanyanProcess.run(
      ["report", "list", "--format", "csv"], environment: environment)
    let names = try CSVTable(text: list.output).rows.map { $0["name"] }
    #expect(names.contains("own-accounts") && names.contains("branch-month"))
    let run = try await banyan(
      "report", "run", "own-accounts", "--reports", own.path, "--format", "csv", on: database)
    #expect(run.output == "branch,accounts\nB1,2\nB2,1\n", "\(run.errorOutput)")
    let table = try await banyan(
      "report", "run", "own-accounts", "kind=demand", on: database, environment: environment)
    #expect(
      table.output == """
        Branch  Accounts
        ------  --------
        B1             1
        B2             1
        ------  --------
        Total          2

        """)
    let chinese = try await banyan(
      "report", "run", "own-accounts", "--lang", "zh", on: database, environment: environment)
    #expect(chinese.output.hasPrefix("网点  账户数\n----  ------\n"))
    #expect(chinese.output.contains("合计       3"))
    let nowhere = try await BanyanProcess.run(["report", "list", "--reports", "/nowhere"])
    #expect(nowhere.exitCode == 64)
    #expect(
      nowhere.messages() == [
        "banyan: the folder of reports “/nowhere” cannot be read; name one that exists with --reports or BANYAN_REPORTS"
      ])
  }

  @Test(arguments: [
    ("kind=demnd", "kind=demnd is none of any, demand, time; did you mean demand?"),
    ("at_least=few", "at_least=few is not a whole number; write at_least=10 or 1"),
    ("atleast=2", "the report own has no parameter “atleast”; did you mean at_least?"),
  ])
  func valuesOfAnotherFormAreRefused(_ given: String, _ sentence: String) async throws {
    let own = try folder(["own": Self.sound])
    let outcome = try await BanyanProcess.run(
      ["report", "run", "own", given, "--reports", own.path])
    #expect(outcome.exitCode == 64)
    #expect(outcome.messages() == ["banyan: " + sentence])
  }

  @Test func aUnitThatIsNoneIsNoEmptyReport() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let period = ["from=2026-01", "to=2026-01", "--format", "csv"]
    func codes(_ more: String...) async throws -> [String?] {
      let outcome = try await BanyanProcess.run(
        ["report", "run", "branch-month"] + more + period,
        environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      return try CSVTable(text: outcome.output).rows.map { $0["code"] }
    }
    #expect(try await codes() == ["HQ", "R1", "B1", "B2"])
    #expect(try await codes("level=branch") == ["B1", "B2"])
    #expect(try await codes("under=R1") == ["R1", "B1", "B2"])
    #expect(try await codes("under=B2", "level=all") == ["B2"])
    let wrong = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-01", "under=B3", on: database)
    #expect(wrong.exitCode == 64)
    #expect(
      wrong.messages() == [
        "banyan: under=B3: there is no unit with the code “B3”; `banyan org tree` shows those that there are"
      ])
  }

  @Test func aReportIsExplained() async throws {
    let own = try folder(["own": Self.sound])
    let show = try await BanyanProcess.run(["report", "show", "own", "--reports", own.path])
    #expect(show.exitCode == 0, "\(show.errorOutput)")
    #expect(show.output.hasPrefix("own: Accounts"), "what is printed in two ways keeps its order")
    for part in [
      "own: Accounts by branch\n\nHow many accounts each branch has.\n", "at_least  integer  1",
      "kind (any, demand, time)", "accounts  integer  Accounts  sum",
      "banyan report run own",
    ] { #expect(show.output.contains(part), "\(part)") }
    let chinese = try await BanyanProcess.run(
      ["report", "show", "own", "--reports", own.path], environment: ["LC_ALL": "zh_CN.UTF-8"])
    #expect(chinese.output.hasPrefix("own: 网点账户\n"))
    let file = try await BanyanProcess.run(
      ["report", "show", "own", "--sql", "--reports", own.path])
    #expect(file.output == Self.sound)
    let wrong = try await BanyanProcess.run(["report", "show", "branch-mnth"])
    #expect(wrong.exitCode == 64 && wrong.errorOutput.contains("did you mean branch-month?"))
  }

  @Test func theInstalledReportsPassTheCheck() async throws {
    let database = try await TestServer.migratedDatabase()
    let outcome = try await banyan("report", "check", "--strict", on: database)
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errorOutput)")
    let lines = outcome.output.split(separator: "\n").dropFirst(2)
    #expect(lines.count >= 9)
    #expect(lines.allSatisfy { $0.hasSuffix("ok") })
  }

  /// A change of the sound report, and what the check says to it.
  private static let faults: [(name: String, old: String, new: String, finding: String)] = [
    (
      "undeclared", ">= :'at_least'", ">= :'at_most'",
      "the statement asks for :'at_most', which the header does not declare"
    ),
    (
      "unused", "having count(*) >= :'at_least'::integer", "",
      "the header declares at_least, which the statement does not ask for"
    ),
    (
      "columns", "as accounts\n", "as many\n",
      "it declares the columns branch, accounts but returns branch, many"
    ),
    (
      "types", "count(*) as", "count(*)::text as",
      "it declares accounts as integer but returns text; cast it to bigint, or declare what it is"
    ),
    (
      "tables", "bank.account ", "bank.acount ",
      "the server refuses it: relation \"bank.acount\" does not exist"
    ),
    (
      "header", "type: integer, title", "type: number, title",
      "columns[1].type: \"number\" is not known here; write text, integer, amount or date"
    ),
    (
      "sums", "zh: 网点}}", "zh: 网点}, total: sum}",
      "columns[0].total: a column of type text has no sum; take `total` away"
    ),
    (
      "roles", "--- */", "roles: [boss]\n--- */", "there is no role boss; the roles are"
    ),
    (
      "charts", "--- */", "chart: {kind: bar, category: branch, values: [branch]}\n--- */",
      "the column branch holds no numbers to draw; name one that does"
    ),
    ("english", "{en: Branch, zh: 网点}", "Branch", "there is no Chinese for the column branch"),
  ]

  @Test func theCheckFindsWhatIsWrong() async throws {
    let database = try await TestServer.migratedDatabase()
    var files = ["sound": Self.sound, "branch-month": Self.sound]
    for fault in Self.faults {
      #expect(Self.sound.contains(fault.old), "\(fault.name)")
      files[fault.name] = Self.sound.replacing(fault.old, with: fault.new)
    }
    let own = try folder(files)
    let outcome = try await banyan(
      "report", "check", "--reports", own.path, "--format", "csv", on: database)
    #expect(outcome.exitCode == 3, "\(outcome.errorOutput)")
    let rows = try CSVTable(text: outcome.output).rows
    for fault in Self.faults {
      let found = rows.filter { $0["report"] == fault.name }.compactMap { $0["finding"] }
      #expect(
        found.contains { $0.contains(fault.finding) }, "\(fault.name) is told as \(found)")
    }
    #expect(rows.first { $0["report"] == "sound" }?["state"] == "ok")
    let twice = rows.filter { $0["report"] == "branch-month" }.map { $0["state"] }
    #expect(twice.contains("error"), "a look-alike of an installed report is refused")
    // What only lacks something is not refused, but for --strict.
    for (arguments, code) in [([String](), 0), (["--strict"], 4)] as [([String], Int32)] {
      let one = try await BanyanProcess.run(
        ["report", "check", "english", "--reports", own.path] + arguments,
        environment: ["DATABASE_URL": database.url])
      #expect(one.exitCode == code, "\(one.output)\(one.errorOutput)")
    }
    // One file that is no report does not stand in the way of the others.
    let list = try await BanyanProcess.run(["report", "list", "--reports", own.path])
    #expect(list.exitCode == 3 && list.output.contains("sound"))
    let broken = try await banyan(
      "report", "run", "header", "--reports", own.path, on: database)
    #expect(broken.exitCode == 3 && broken.messages().count == 1)
  }

  @Test func aReportSaysForWhomItIs() async throws {
    let ground = try await AccessGround()
    let own = try folder([
      "own": Self.sound.replacing("--- */", with: "roles: [risk, auditor]\n--- */")
    ])
    for (role, code) in [("risk", 0), ("auditor", 0), ("branch", 77)] as [(String, Int32)] {
      let outcome = try await BanyanProcess.run(
        ["report", "run", "own", "--reports", own.path],
        environment: ["DATABASE_URL": ground.url(login: AccessGround.login(role))])
      #expect(outcome.exitCode == code, "\(role): \(outcome.errorOutput)")
      if code == 77 {
        #expect(
          outcome.messages() == [
            "banyan: the report own is for the roles risk, auditor, and the login “access_branch” holds none of them; ask an access officer for one"
          ])
      }
    }
  }

  @Test func aReportCannotChangeAnything() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let changing = """
      /* ---
      title: Changes
      description: It changes something.
      columns:
        - {name: number, type: text, title: Number}
      --- */
      with gone as (delete from bank.rejected_row returning 'x') select number from bank.client
      """
    let own = try folder(["changing": changing])
    let outcome = try await banyan(
      "report", "run", "changing", "--reports", own.path, on: database)
    #expect(outcome.exitCode == 1)
    #expect(outcome.errorOutput.contains("read-only transaction"))
  }
}
