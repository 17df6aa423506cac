import Foundation
import TestSupport
import Testing

/// The command explains itself: every command of the tree has an abstract and a help page.
@Suite struct HelpTests {
  /// The subcommands that a help page lists, with what it says of each.
  private func subcommands(in help: String) -> [(name: String, abstract: String)] {
    guard let start = help.range(of: "SUBCOMMANDS:\n") else { return [] }
    var found: [(name: String, abstract: String)] = []
    for line in help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("  ") else { break }
      if line.dropFirst(2).first == " " { continue }
      let words = line.dropFirst(2).split(separator: " ", maxSplits: 1)
      let name = String(words[0])
      found.append((name, words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""))
    }
    return found
  }

  @Test func everyCommandHasAnAbstractAndAHelpPage() async throws {
    var open: [[String]] = [[]]
    var leaves: [String] = []
    while !open.isEmpty {
      let command = open.removeFirst()
      let outcome = try await BanyanProcess.run(command + ["--help"])
      #expect(outcome.exitCode == 0, "\(command)")
      #expect(outcome.output.hasPrefix("OVERVIEW: "), "\(command) has no abstract")
      #expect(outcome.output.contains("USAGE: banyan"), "\(command)")
      #expect(!outcome.output.contains("\t"))
      let below = subcommands(in: outcome.output)
      if below.isEmpty {
        leaves.append(command.joined(separator: " "))
        let examples = outcome.output.components(separatedBy: "\nUSAGE:")[0]
          .components(separatedBy: "\nEXAMPLE").dropFirst().joined()
        #expect(
          examples.contains("banyan " + command.joined(separator: " ")),
          "\(command) has no example in its help")
      }
      for (name, abstract) in below where name != "help" {
        #expect(!abstract.isEmpty, "\(command) \(name) is listed without a word")
        open.append(command + [name])
      }
    }
    for expected in [
      "server start", "server stop", "server status", "server psql", "server url", "migrate",
      "import", "batch rejects", "plan load", "pay run", "pay explain", "report list",
      "report show",
      "report run", "report check", "report pack", "sql", "config show", "sample",
    ] { #expect(leaves.contains(expected), "\(expected) is not in the help") }
  }

  @Test func theExitCodesAreDocumented() async throws {
    let help = try await BanyanProcess.run(["--help"]).output
    for code in ["0 ", "1 ", "2 ", "3 ", "64 ", "130 "] {
      #expect(help.contains("\n  \(code)"), "exit code \(code)is not in the help")
    }
    let version = try await BanyanProcess.run(["--version"])
    #expect(version.exitCode == 0)
    #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test func theCatalogueIsListedAndEveryReportRuns() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let paid = try await banyan("pay", "run", "2026-01", on: database)
    #expect(paid.exitCode == 0, "\(paid.errorOutput)")
    let list = try await BanyanProcess.run(["report", "list", "--format", "csv"])
    #expect(list.exitCode == 0)
    let reports = try CSVTable(text: list.output)
    #expect(reports.columns == ["name", "title", "parameters"])
    #expect(reports.rows.contains { $0["name"] == "branch-month" })
    let others = ["tsv", "jsonl", "table", "md", "html"]
    for (index, report) in reports.rows.enumerated() {
      let name = try #require(report["name"])
      let isByDays = ["assignment-changes", "territory-collisions"].contains(name)
      let parameters = (report["parameters"] ?? "").split(separator: " ").map(String.init)
        .filter { $0.hasSuffix("=…") }
        .map { parameter in
          let value = parameter == "year=…" ? "2026" : isByDays ? "2026-01-01" : "2026-01"
          return String(parameter.dropLast()) + value
        }
      #expect(report["title"]?.isEmpty == false)
      var shapes: Set<[String]> = []
      // The formats that differ from report to report in no more than this take turns.
      for format in ["csv", "json", others[index % others.count]] {
        let outcome = try await BanyanProcess.run(
          ["report", "run", name] + parameters + ["--format", format],
          environment: ["DATABASE_URL": database.url])
        #expect(outcome.exitCode == 0, "\(name) as \(format): \(outcome.errorOutput)")
        #expect(outcome.errorOutput == "")
        if format == "csv" { shapes.insert(try CSVTable(text: outcome.output).columns.sorted()) }
        if format == "json" {
          let rows = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
          let first = (rows as? [[String: Any]])?.first
          if let first { shapes.insert(first.keys.sorted()) }
        }
      }
      #expect(shapes.count == 1, "\(name) has the same columns in every format")
    }
  }

  @Test func aReportGoesToAFileWhole() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let path = folder.path + "/months.csv"
    let outcome = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-02", "--format", "csv", "-o", path,
      on: database)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "")
    let table = try CSVTable(path: path)
    #expect(table.rows.count == 4 * 2)
    #expect(outcome.messages(in: folder) == ["8 rows in FOLDER/months.csv"])
    let january = try #require(table.rows.first)
    #expect(january["code"] == "HQ" && january["accounts"] == "3" && january["clients"] == "3")
    // 1,000,000.00 x 31 - 400,000.50 x 16 + 50,000.00 x 22 + 31.01, over 31 days.
    #expect(january["balance_days"] == "25700023.01")
    #expect(january["adb"] == "829033.00")
    let nowhere = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-02", "-o", "/nowhere/months.csv",
      on: database)
    #expect(nowhere.exitCode == 1)
    #expect(nowhere.messages().count == 1)
  }

  @Test func payIsExplainedAsTextAndAsData() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let run = try await banyan("pay", "run", "2026-01", on: database)
    #expect(
      run.output == """
        Run 1: 2026-01, plan tiny version 1, 3 people
          earned   829.03 CNY
          deferred 331.61 CNY
          payable  497.42 CNY

        """)
    let text = try await banyan("pay", "explain", "E1", "2026-01", on: database)
    #expect(text.exitCode == 0)
    #expect(text.output.contains("555.48"))
    #expect(text.output.contains("transaction T2 [transactions.csv:3]"))
    let data = try await banyan("pay", "explain", "E1", "2026-01", "--format", "json", on: database)
    let tree = try JSONSerialization.jsonObject(with: Data(data.output.utf8)) as? [String: Any]
    #expect(tree?["earned"] as? String == "555.48")
    #expect(tree?["person"] as? String == "E1")
    let again = try await banyan("pay", "run", "2026-01", on: database)
    #expect(again.exitCode == 0)
    #expect(again.output.hasPrefix("Run 1 of 2026-01 stands: its inputs have not changed.\n"))
  }
}
