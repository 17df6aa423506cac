import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What reports look like: on a screen, in files, as pages.
@Suite struct ReportPrintingTests {
  private static let amounts = """
    /* ---
    title: <b>Amounts & "sums"</b>
    description: Some amounts.
    columns:
      - {name: name, type: text, title: Name}
      - {name: amount, type: amount, title: Amount, unit: currency, total: sum}
      - {name: share, type: amount, title: Share, format: percent}
      - {name: day, type: date, title: Day}
    chart: {kind: bar, category: name, values: [amount]}
    --- */
    select v.name, v.amount, v.share, v.day::date
    from (values ('a long name that takes room', 1234567.50, 12.5, '2026-01-31'),
      ('<script>alert(1)</script>', -0.75, 87.5, null)) as v (name, amount, share, day)
    """

  private func own() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Self.amounts.utf8, to: "amounts.sql")
    return folder
  }

  /// Runs a command under a terminal of so many columns, and returns what it would show.
  private func onTerminal(
    _ command: String, columns: Int, database: TestDatabase, environment: [String: String] = [:]
  ) async throws -> String {
    let line =
      "stty cols \(columns) rows 20 -onlcr; '\(try BanyanProcess.executable())' \(command)"
    let usual = [
      "DATABASE_URL": database.url, "TERM": "xterm", "PAGER": "cat", "NO_COLOR": "",
    ]
    let outcome = try #require(
      try await runProgram(
        "script", ["-qec", line, "/dev/null"], in: "/",
        environment: usual.merging(environment) { _, new in new }),
      "script of bsdutils is missing")
    return outcome.output
  }

  @Test func aTableHasSeparatorsAndTotals() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let outcome = try await banyan("report", "run", "amounts", "--reports", own.path, on: database)
    #expect(
      outcome.output == """
        Name                         Amount (CNY)  Share  Day
        ---------------------------  ------------  -----  ----------
        a long name that takes room  1,234,567.50  12.5%  2026-01-31
        <script>alert(1)</script>           -0.75  87.5%
        ---------------------------  ------------  -----  ----------
        Total                        1,234,566.75

        """, "\(outcome.errorOutput)")
  }

  @Test func dataAreStableAndExact() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let csv = try await banyan(
      "report", "run", "amounts", "--reports", own.path, "--format", "csv", "--lang", "zh",
      on: database)
    #expect(
      csv.output
        == "name,amount,share,day\na long name that takes room,1234567.50,12.5,2026-01-31\n<script>alert(1)</script>,-0.75,87.5,\n"
    )
    let json = try await banyan(
      "report", "run", "amounts", "--reports", own.path, "--format", "jsonl", on: database)
    #expect(json.output.contains(#""amount":"1234567.50""#))
    let markdown = try await banyan(
      "report", "run", "amounts", "--reports", own.path, "--format", "md", on: database)
    #expect(markdown.output.hasPrefix("| Name | Amount (CNY) | Share | Day |\n"))
    #expect(markdown.output.hasSuffix("| **Total** | **1,234,566.75** |  |  |\n"))
  }

  @Test func aScreenGetsWhatHasRoomAndNoNumberIsCut() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let run = "report run amounts --reports \(own.path)"
    let narrow = try await onTerminal(
      run, columns: 48, database: database, environment: ["NO_COLOR": "1"])
    let lines = narrow.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 48 }, "\(narrow)")
    #expect(narrow.contains("a long name th…"))
    #expect(narrow.contains("1,234,567.50") && narrow.contains("2026-01-31"))
    let tiny = try await onTerminal(
      run, columns: 30, database: database, environment: ["NO_COLOR": "1"])
    #expect(tiny.contains("1,234,567.50") && !tiny.contains("2026-01-31"))
    #expect(tiny.contains("(not shown for want of room: Day; --wide shows all)"), "\(tiny)")
    let wide = try await onTerminal(
      run + " --wide", columns: 30, database: database, environment: ["NO_COLOR": "1"])
    #expect(wide.contains("a long name that takes room  1,234,567.50  12.5%  2026-01-31"))
  }

  @Test func coloursAreForScreensOnly() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let run = "report run amounts --reports \(own.path)"
    let screen = try await onTerminal(run, columns: 100, database: database)
    #expect(screen.contains("\u{1B}[1mName\u{1B}[0m"), "\(screen)")
    #expect(screen.contains("\u{1B}[31m-0.75\u{1B}[0m"))
    let plain = try await onTerminal(
      run, columns: 100, database: database, environment: ["NO_COLOR": "1"])
    #expect(!plain.contains("\u{1B}["))
    let piped = try await onTerminal(run + " | cat", columns: 30, database: database)
    #expect(!piped.contains("\u{1B}[") && piped.contains("2026-01-31"))
  }

  @Test func aLongTableIsPaged() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let run = "report run amounts --reports \(own.path)"
    let paged = try await onTerminal(
      run, columns: 100, database: database, environment: ["PAGER": "sed s/^/paged:/"])
    #expect(paged.contains("paged:") && paged.contains("1,234,567.50"), "\(paged)")
    let unpaged = try await onTerminal(
      run + " --no-pager", columns: 100, database: database,
      environment: ["PAGER": "sed s/^/paged:/"])
    #expect(!unpaged.contains("paged:"))
    // Who has seen enough ends the command in peace.
    let early = try await onTerminal(
      run + "; echo code $?", columns: 100, database: database, environment: ["PAGER": "true"])
    #expect(early.contains("code 0"), "\(early)")
  }

  @Test func aPageNeedsNothingElseAndHidesNothing() async throws {
    let (database, own) = (try await TestServer.tinyBankDatabase(), try own())
    let folder = try TemporaryFolder()
    let path = folder.path + "/amounts.html"
    let outcome = try await banyan(
      "report", "run", "amounts", "--reports", own.path, "-o", path, on: database)
    #expect(outcome.messages(in: folder) == ["2 rows in FOLDER/amounts.html"])
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.contains("<h1>&lt;b&gt;Amounts &amp; &quot;sums&quot;&lt;/b&gt;</h1>"))
    // The text stands in the table, at the axis of the chart and in what a pointer shows.
    #expect(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("<td class=\"n\">1,234,567.50</td>"))
    #expect(page.contains("<td class=\"n minus\">-0.75</td>"))
    #expect(page.contains("<tfoot>\n<tr><td>Total</td><td class=\"n\">1,234,566.75</td>"))
    #expect(page.contains("<svg xmlns=") && page.components(separatedBy: "<rect").count == 3)
    #expect(page.contains("<dt>Report</dt><dd>amounts</dd>"))
    #expect(page.contains("<dt>Rows</dt><dd>2</dd>"))
    // Nothing is fetched: no address but the name of the SVG dialect.
    let outside = page.replacing("http://www.w3.org/2000/svg", with: "")
    #expect(
      !outside.contains("http://") && !outside.contains("https://") && !outside.contains("src="))
    #expect(XMLParser(data: Data(page.utf8)).parse(), "the page is not well-formed")
    let chinese = try await banyan(
      "report", "run", "branch-month", "from=2026-01", "to=2026-02", "--lang", "zh", "--format",
      "html", on: database)
    #expect(chinese.output.contains("<html lang=\"zh-CN\">"))
    #expect(chinese.output.contains("日均余额（CNY）") && chinese.output.contains("2026-02</text>"))
  }
}
