/// Writes a table into a page, with its chart above it.
public final class HTMLTableWriter: TabularWriter {
  /// How many rows are held so that the chart can stand above them; with more it stands below.
  public static let heldRows = 5_000

  private let columns: [Column]
  private let page: HTMLPage
  private let notes: TableNotes
  private var chart: ChartData?
  private var totals: ColumnTotals
  private var held: [String]?
  private var rowCount = 0

  /// Begins the section of the table.
  public init(
    columns: [Column], page: HTMLPage, notes: TableNotes = TableNotes()
  ) throws(FileProblem) {
    self.columns = columns
    self.page = page
    self.notes = notes
    totals = ColumnTotals(columns)
    chart = notes.chart.map { ChartData($0, columns: columns) }
    held = chart == nil ? nil : []
    try page.beginSection(notes)
    if chart == nil { try beginTable() }
  }

  /// Holds the first rows, if there is a chart to come before them; writes the later ones.
  public func write(_ row: [Cell]) throws(FileProblem) {
    rowCount += 1
    totals.add(row)
    chart?.add(row)
    let text = line(row)
    if held == nil { return try page.sink.write(text) }
    held?.append(text)
    if held?.count == Self.heldRows { try release() }
  }

  /// Ends the table, and the page if it has no other.
  public func finish() throws(FileProblem) {
    let chartIsAbove = held != nil
    if chartIsAbove { try writeChart() }
    try release()
    try page.sink.write("</tbody>\n")
    if totals.isWanted {
      try page.sink.write("<tfoot>\n" + line(totals.row(page.language)) + "</tfoot>\n")
    }
    try page.sink.write("</table></div>\n")
    if rowCount == 0 {
      try page.sink.write("<p>\(htmlEscaped(page.language.word(.nothing)))</p>\n")
    }
    if !chartIsAbove { try writeChart() }
    try page.endSection(
      notes.facts.isEmpty
        ? [] : notes.facts + [TableNotes.Fact(page.language.word(.rows), String(rowCount))])
    if page.isOfOneTable { try page.finish() }
  }

  private func release() throws(FileProblem) {
    guard let lines = held else { return }
    held = nil
    try beginTable()
    for line in lines { try page.sink.write(line) }
  }

  private func beginTable() throws(FileProblem) {
    let headings = columns.map { column in
      "<th scope=\"col\"\(Self.kind(column))>\(htmlEscaped(column.title))</th>"
    }
    try page.sink.write(
      "<div class=\"scroll\"><table>\n<thead><tr>\(headings.joined())</tr></thead>\n<tbody>\n")
  }

  private func writeChart() throws(FileProblem) {
    guard let drawing = chart?.drawing(page.language) else { return }
    try page.sink.write(drawing)
  }

  private func line(_ row: [Cell]) -> String {
    "<tr>"
      + zip(columns, row).map { column, cell in
        "<td\(Self.kind(column, cell.isNegative))>\(htmlEscaped(column.shown(cell)))</td>"
      }.joined() + "</tr>\n"
  }

  private static func kind(_ column: Column, _ isNegative: Bool = false) -> String {
    guard column.alignment == .right else { return "" }
    return isNegative ? " class=\"n minus\"" : " class=\"n\""
  }
}
