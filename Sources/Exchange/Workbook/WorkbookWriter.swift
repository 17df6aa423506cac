import Quantities

/// Writes a workbook of Excel, sheet by sheet and row by row, in memory that does not grow with the
/// rows. Headings stay in view and have filters; texts are cells of the format Text, so that numbers
/// of accounts and people stay what they are; numbers with more digits than Excel keeps are texts.
public final class WorkbookWriter {
  /// The most rows of a sheet, its heading among them.
  public static let mostRows = 1_048_576
  /// The most bytes of a sheet: zip archives that Excel opens have parts of less than 4 GB.
  private static let mostBytes = 3_900_000_000
  private static let pieceSize = 256 << 10

  private struct Finished {
    let layout: SheetLayout
    let rows: Int
  }

  private let sink: OutputSink
  private let packer: Packer
  private let rowLimit: Int
  private var sheets: [Finished] = []
  private var layout: SheetLayout?
  private var text = SheetText(SheetLayout(name: "", columns: []))
  private var sheetBytes = 0
  private var continuations = 1
  /// The sheet that a continued one began as.
  private var beginning: SheetLayout?
  /// How many rows of totals the sheet ends with; they are not filtered.
  private var totalRows = 0
  private var chart: WorkbookChart?
  /// Numbers of the sheets that have a chart.
  private var chartSheets: [Int] = []

  /// Begins a workbook without sheets.
  ///
  /// - Parameter rowLimit: After so many rows, its heading among them, a sheet is continued on the
  ///   next. Excel has no more than ``mostRows``.
  public init(to sink: OutputSink, rowLimit: Int = WorkbookWriter.mostRows) throws(FileProblem) {
    precondition((2...Self.mostRows).contains(rowLimit), "a sheet has 2 to \(Self.mostRows) rows")
    self.sink = sink
    self.rowLimit = rowLimit
    packer = try Packer(.zip, for: sink.name) { (bytes) throws(FileProblem) in
      try sink.write(unconverted: bytes)
    }
    try part(
      "_rels/.rels",
      relations([("rId1", "officeDocument", "xl/workbook.xml")]))
    try part("xl/styles.xml", WorkbookStyles.part)
  }

  /// Ends the sheet before, if any, and begins the next with its headings.
  public func beginSheet(_ layout: SheetLayout) throws(FileProblem) {
    (beginning, continuations) = (layout, 1)
    try begin(layout)
  }

  /// Puts a chart of the sheet's own columns beside them.
  func addChart(_ chart: WorkbookChart) { self.chart = chart }

  /// Writes the sums of columns below all rows, as formulas that follow the filters.
  ///
  /// - Parameters:
  ///   - totals: For each column its sum; nil for none.
  ///   - fixed: Columns with numbers that Excel holds as texts, which a formula would pass over: their
  ///     sums are values.
  public func writeTotals(
    _ totals: [ExactDecimal?], fixed: Set<Int>, word: String
  ) throws(FileProblem) {
    let parts =
      sheets.suffix(continuations - 1).map { (name: $0.layout.name, rows: $0.rows) }
      + [(name: layout?.name ?? "", rows: text.row)]
    text.beginRow()
    if let place = totals.firstIndex(where: { $0 == nil }) { text.totalWord(word, place) }
    for (column, total) in totals.enumerated() {
      guard let total else { continue }
      let letters = columnLetters(column)
      let ranges = parts.map { part in
        let range = "\(letters)2:\(letters)\(max(2, part.rows))"
        return parts.count == 1 ? range : "'\(part.name.replacing("'", with: "''"))'!\(range)"
      }
      let formula = "SUBTOTAL(109,\(ranges.joined(separator: ",")))"
      text.total(fixed.contains(column) ? nil : formula, total, column)
    }
    try endRow()
    totalRows += 1
  }

  /// Writes a row, which has as many cells as the sheet has columns.
  public func write(_ row: [Cell]) throws(FileProblem) {
    try beginRow()
    for (column, cell) in row.enumerated() where !text.cell(cell, column) {
      throw tooLong(column)
    }
    try endRow()
  }

  /// Writes a row of texts, which the kinds of the columns explain.
  public func write(_ row: TextRow) throws(FileProblem) {
    try beginRow()
    for (column, field) in row.fields.enumerated() {
      if let field, !text.cell(field, column) { throw tooLong(column) }
    }
    try endRow()
  }

  /// Ends the workbook and closes the sink.
  public func finish() throws(FileProblem) {
    try endSheet()
    try part("xl/workbook.xml", workbook)
    try part(
      "xl/_rels/workbook.xml.rels",
      relations(
        [("rId0", "styles", "styles.xml")]
          + sheets.indices.map { ("rId\($0 + 1)", "worksheet", "worksheets/sheet\($0 + 1).xml") }))
    try part("[Content_Types].xml", contentTypes)
    try packer.finish()
    try sink.close()
  }

  // MARK: - Sheets and rows

  private func begin(_ layout: SheetLayout) throws(FileProblem) {
    try endSheet()
    if sheets.contains(where: { $0.layout.name.lowercased() == layout.name.lowercased() }) {
      throw .cannotWrite(path: sink.name, reason: "it would have two sheets “\(layout.name)”")
    }
    self.layout = layout
    (sheetBytes, totalRows) = (0, 0)
    try packer.beginPart("xl/worksheets/sheet\(sheets.count + 1).xml")
    text = SheetText(layout)
    text.bytes.append(contentsOf: opening(layout).utf8)
    text.beginRow()
    for (index, column) in layout.columns.enumerated() where !text.heading(column.title, index) {
      throw tooLong(index)
    }
    text.endRow()
  }

  private func beginRow() throws(FileProblem) {
    if text.row == rowLimit || sheetBytes > Self.mostBytes, let beginning {
      continuations += 1
      try begin(beginning.continued(continuations))
    }
    text.beginRow()
  }

  private func endRow() throws(FileProblem) {
    text.endRow()
    if text.bytes.count >= Self.pieceSize { try handOn() }
  }

  private func endSheet() throws(FileProblem) {
    guard let layout else { return }
    let rows = text.row - totalRows
    text.bytes.append(contentsOf: ending(layout, rows: rows).utf8)
    try handOn()
    sheets.append(Finished(layout: layout, rows: rows))
    self.layout = nil
    if let chart { try write(chart, of: layout, rows: rows) }
    chart = nil
  }

  private func handOn() throws(FileProblem) {
    sheetBytes += text.bytes.count
    try pack(text.bytes)
    text.bytes.removeAll(keepingCapacity: true)
  }

  private func tooLong(_ column: Int) -> FileProblem {
    .cannotWrite(
      path: sink.name,
      reason:
        "the text in row \(text.row) of the column “\(layout?.columns[column].title ?? "")” is longer than the \(SheetText.longestText) characters that a cell of Excel holds; write CSV instead"
    )
  }

  // MARK: - Parts

  private func pack(_ bytes: [UInt8]) throws(FileProblem) {
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(FileProblem) in try packer.write(bytes) }
    }.get()
  }

  private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
  private static let mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let relationNamespace =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

  private func part(_ name: String, _ text: String) throws(FileProblem) {
    try packer.beginPart(name)
    try pack(Array((Self.declaration + text).utf8))
  }

  private func opening(_ layout: SheetLayout) -> String {
    let columns = layout.columns.enumerated().map { index, column in
      "<col min=\"\(index + 1)\" max=\"\(index + 1)\" width=\"\(column.width).7109375\" style=\"\(WorkbookStyles.standard(column.kind))\" customWidth=\"1\"/>"
    }
    return Self.declaration
      + "<worksheet xmlns=\"\(Self.mainNamespace)\" xmlns:r=\"\(Self.relationNamespace)\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView workbookViewId=\"0\"\(sheets.isEmpty ? " tabSelected=\"1\"" : "")>"
      + "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/><selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/></sheetView></sheetViews>"
      + "<sheetFormatPr defaultRowHeight=\"15\"/>"
      + (columns.isEmpty ? "" : "<cols>\(columns.joined())</cols>") + "<sheetData>"
  }

  private func ending(_ layout: SheetLayout, rows: Int) -> String {
    guard !layout.columns.isEmpty else { return "</sheetData></worksheet>" }
    let last = columnLetters(layout.columns.count - 1)
    let lists = layout.columns.enumerated().compactMap { index, column -> String? in
      guard let choices = column.choices, choices.count > 0 else { return nil }
      let letters = columnLetters(index)
      let source = columnLetters(choices.column)
      return
        "<dataValidation type=\"list\" errorStyle=\"stop\" allowBlank=\"1\" showErrorMessage=\"1\" sqref=\"\(letters)2:\(letters)\(Self.mostRows)\"><formula1>'\(xmlEscaped(choices.sheet.replacing("'", with: "''")))'!$\(source)$2:$\(source)$\(choices.count + 1)</formula1></dataValidation>"
    }
    return "</sheetData><autoFilter ref=\"A1:\(last)\(rows)\"/>"
      + (lists.isEmpty
        ? ""
        : "<dataValidations count=\"\(lists.count)\">\(lists.joined())</dataValidations>")
      + "<pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>"
      // On paper: as many pages long as it takes, and one wide.
      + "<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/>"
      + "<ignoredErrors><ignoredError sqref=\"A1:\(last)\(Self.mostRows)\" numberStoredAsText=\"1\"/></ignoredErrors>\(chart == nil ? "" : "<drawing r:id=\"rId1\"/>")</worksheet>"
  }

  private var workbook: String {
    let list = sheets.enumerated().map { index, sheet in
      let state =
        sheet.layout.visibility == .visible ? "" : " state=\"\(sheet.layout.visibility.rawValue)\""
      return
        "<sheet name=\"\(xmlEscaped(sheet.layout.name))\" sheetId=\"\(index + 1)\"\(state) r:id=\"rId\(index + 1)\"/>"
    }
    // Excel keeps the place of a filter, and the rows that every printed page repeats, under these names.
    let names = sheets.enumerated().filter { !$1.layout.columns.isEmpty }.map { index, sheet in
      let last = columnLetters(sheet.layout.columns.count - 1)
      let name = xmlEscaped(sheet.layout.name.replacing("'", with: "''"))
      return
        "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"\(index)\" hidden=\"1\">'\(name)'!$A$1:$\(last)$\(sheet.rows)</definedName>"
        + "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"\(index)\">'\(name)'!$1:$1</definedName>"
    }
    return
      "<workbook xmlns=\"\(Self.mainNamespace)\" xmlns:r=\"\(Self.relationNamespace)\"><workbookPr defaultThemeVersion=\"124226\"/><bookViews><workbookView/></bookViews><sheets>\(list.joined())</sheets>"
      + (names.isEmpty ? "" : "<definedNames>\(names.joined())</definedNames>") + "</workbook>"
  }

  private var contentTypes: String {
    let base = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    let parts =
      [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
      + sheets.indices.map { ("/xl/worksheets/sheet\($0 + 1).xml", "worksheet") }
    let drawings = chartSheets.map { number in
      "<Override PartName=\"/xl/drawings/drawing\(number).xml\" ContentType=\"application/vnd.openxmlformats-officedocument.drawing+xml\"/><Override PartName=\"/xl/charts/chart\(number).xml\" ContentType=\"application/vnd.openxmlformats-officedocument.drawingml.chart+xml\"/>"
    }
    return
      "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
      + parts.map { "<Override PartName=\"\($0)\" ContentType=\"\(base)\($1)+xml\"/>" }.joined()
      + drawings.joined() + "</Types>"
  }

  /// The parts of a chart: the sheet names a drawing, and that the chart.
  private func write(
    _ chart: WorkbookChart, of layout: SheetLayout, rows: Int
  ) throws(FileProblem) {
    let number = sheets.count
    chartSheets.append(number)
    try part(
      "xl/worksheets/_rels/sheet\(number).xml.rels",
      relations([("rId1", "drawing", "../drawings/drawing\(number).xml")]))
    try part("xl/drawings/drawing\(number).xml", WorkbookChart.drawing(beside: layout))
    try part(
      "xl/drawings/_rels/drawing\(number).xml.rels",
      relations([("rId1", "chart", "../charts/chart\(number).xml")]))
    try part("xl/charts/chart\(number).xml", chart.part(of: layout, rows: rows))
  }

  private func relations(_ list: [(id: String, type: String, target: String)]) -> String {
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
      + list.map {
        "<Relationship Id=\"\($0.id)\" Type=\"\(Self.relationNamespace)/\($0.type)\" Target=\"\($0.target)\"/>"
      }.joined() + "</Relationships>"
  }

}

/// A text as it stands in an attribute or an element of XML.
func xmlEscaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
}
