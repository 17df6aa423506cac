import Exchange
import Foundation
import Quantities
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What people see of tables beyond the rows: totals, charts, notes, pages.
@Suite struct PresentationTests {
  private let columns = [
    Column("month", title: "Month"), Column("name", title: "Name"),
    Column("balance", .amount, title: "Balance", isSummed: true),
    Column("count", .integer, title: "Count", format: .grouped, isSummed: true),
    Column("share", .amount, title: "Share", format: .percent),
  ]

  private let rows: [[Cell]] = [
    [
      .text("2026-01"), .text("<North>"), .decimal(ExactDecimal("1234567.50")!), .integer(1200),
      .decimal(ExactDecimal("12.5")!),
    ],
    [.text("2026-01"), .text("South"), .decimal(ExactDecimal("-0.75")!), .null, .null],
    [.text("2026-02"), .text("<North>"), .decimal(ExactDecimal("0.25")!), .integer(1), .null],
  ]

  private func page(_ chart: Chart?, rows: [[Cell]]? = nil, language: Language = .en) throws
    -> String
  {
    let sink = try OutputSink.memory()
    let writer = try OutputFormat.html.writer(
      columns: columns, to: sink, style: TableStyle(language: language),
      notes: TableNotes(title: "T & \"t\"", facts: [.init("Parameters", "a=<b>")], chart: chart))
    for row in rows ?? self.rows { try writer.write(row) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  @Test func totalsAreExactAndNotForPrograms() throws {
    func written(_ format: OutputFormat) throws -> String {
      let sink = try OutputSink.memory()
      let writer = try format.writer(columns: columns, to: sink)
      for row in rows { try writer.write(row) }
      try writer.finish()
      return String(decoding: sink.bytes, as: UTF8.self)
    }
    #expect(try written(.table).hasSuffix("Total             1,234,567.00  1,201\n"))
    #expect(try written(.md).hasSuffix("| **Total** |  | **1,234,567.00** | **1,201** |  |\n"))
    #expect(try written(.csv).hasPrefix("month,name,balance,count,share\n"))
    #expect(try written(.csv).split(separator: "\n").count == 4)
  }

  @Test func linesAndBarsAreDrawnOfTheirRows() throws {
    let lines = try page(Chart(.line, category: 0, values: [2], series: 1))
    #expect(lines.components(separatedBy: "<polyline").count == 3, "a line for each name")
    #expect(lines.components(separatedBy: "<circle").count == 4, "a point for each row")
    #expect(lines.contains("<title>2026-01, &lt;North&gt;: 1,234,567.50</title>"))
    let bars = try page(
      Chart(.bar, category: 1, values: [2, 3], only: .init(column: 0, text: "2026-01")))
    // Two values of North, one of South, and two pieces of the legend.
    #expect(bars.components(separatedBy: "<rect").count == 6)
    #expect(!bars.contains("2026-02,"))
    let figure = try #require(bars.range(of: "<figure>"))
    let table = try #require(bars.range(of: "<table>"))
    #expect(figure.lowerBound < table.lowerBound, "the picture comes first")
    #expect(try !page(Chart(.bar, category: 0, values: [2]), rows: []).contains("<svg"))
  }

  @Test func aChartOfTooManySaysSo() throws {
    let many: [[Cell]] = (0..<70).map {
      [.text("m"), .text("n\($0)"), .decimal(ExactDecimal($0)), .integer(1), .null]
    }
    let page = try page(Chart(.bar, category: 1, values: [2]), rows: many)
    #expect(page.contains("<figcaption>+10: not drawn; all are in the table</figcaption>"))
    #expect(page.components(separatedBy: "<tr>").count == 70 + 3)
  }

  @Test func aPageOfAnyRowsIsWellFormed() throws {
    let hostile: [[Cell]] = ["</table><script>", "\u{0}\u{8}\u{9F}", "&#x26;", "'\"", "日\u{202E}本"]
      .map { [.text($0), .text($0), .decimal(ExactDecimal("1")!), .integer(1), .null] }
    for language in Language.allCases {
      let page = try page(
        Chart(.bar, category: 0, values: [2], series: 1), rows: hostile, language: language)
      #expect(XMLParser(data: Data(page.utf8)).parse())
      #expect(!page.contains("<script>") && page.contains("&lt;/table&gt;&lt;script&gt;"))
    }
    #expect(try page(nil, rows: [], language: .zh).contains("没有数据"))
  }

  @Test func aWorkbookHasFormulasAChartAndNotes() throws {
    let workbooks = WorkbookWriterTests()
    try workbooks.withFile { path in
      let writer = try OutputFormat.xlsx.writer(
        columns: columns, to: OutputSink(path: path),
        notes: TableNotes(
          title: "Balances", facts: [.init("Server", "here")],
          chart: Chart(.line, category: 0, values: [2], series: 1)))
      for row in rows { try writer.write(row) }
      try writer.finish()
      let data = try workbooks.part("xl/worksheets/sheet1.xml", of: path)
      #expect(data.contains("<f>SUBTOTAL(109,C2:C4)</f><v>1234567.00</v>"))
      #expect(data.contains("<f>SUBTOTAL(109,D2:D4)</f><v>1201</v>"))
      #expect(data.contains("<autoFilter ref=\"A1:E4\"/>"), "totals are not filtered away")
      #expect(data.contains("<t>Balance</t>"), "people read titles")
      let chart = try workbooks.part("xl/charts/chart2.xml", of: path)
      #expect(chart.contains("<c:lineChart>") && chart.contains("'Chart'!$C$2:$C$3"))
      let sheet = try workbooks.part("xl/worksheets/sheet2.xml", of: path)
      #expect(sheet.contains("<drawing r:id=\"rId1\"/>") && sheet.contains("&lt;North&gt;"))
      let notes = try workbooks.part("xl/worksheets/sheet3.xml", of: path)
      for text in ["Balances", "Server", "here", "Rows", ">3<"] { #expect(notes.contains(text)) }
      for part in ["[Content_Types].xml", "xl/drawings/drawing2.xml", "xl/styles.xml"] {
        #expect(XMLParser(data: Data(try workbooks.part(part, of: path).utf8)).parse(), "\(part)")
      }
    }
  }

  @Test func aSumOfNumbersThatExcelCannotHoldIsNoFormula() throws {
    let workbooks = WorkbookWriterTests()
    try workbooks.withFile { path in
      let writer = try OutputFormat.xlsx.writer(columns: columns, to: OutputSink(path: path))
      for text in ["12345678901234567.89", "0.01"] {
        try writer.write([.null, .null, .decimal(ExactDecimal(text)!), .integer(1), .null])
      }
      try writer.finish()
      let data = try workbooks.part("xl/worksheets/sheet1.xml", of: path)
      #expect(data.contains("12345678901234567.90") && !data.contains("SUBTOTAL(109,C"))
      #expect(data.contains("SUBTOTAL(109,D2:D3)"))
    }
  }
}
