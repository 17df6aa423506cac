import Exchange
import Foundation
import Testing

@Suite("Reading workbooks")
struct WorkbookTests {
  private func cell(_ reference: String, _ value: String, _ attributes: String = "") -> String {
    "<c r=\"\(reference)\" \(attributes)><v>\(value)</v></c>"
  }

  private func row(_ number: Int, _ cells: String...) -> String {
    "<row r=\"\(number)\">\(cells.joined())</row>"
  }

  /// The records of the only sheet, with what is wrong with single fields.
  private func read(
    _ parts: WorkbookParts, sheet: String? = nil
  ) throws -> (header: [String], rows: [(line: Int, fields: [String], damages: [String?])]) {
    try parts.withFile { path in
      let reader = try CSVReader(workbook: path, sheet: sheet)
      var rows: [(line: Int, fields: [String], damages: [String?])] = []
      while let record = try reader.next() {
        #expect(record.problem == nil)
        rows.append(
          (
            record.lineNumber, (0..<record.fieldCount).map(record.string),
            (0..<record.fieldCount).map(record.damage)
          ))
      }
      return (reader.header, rows)
    }
  }

  @Test("Texts, numbers, truths and days of all kinds of cells")
  func cells() throws {
    let (header, rows) = try read(
      WorkbookParts(
        rows: row(
          2, cell("A2", "0", "t=\"s\""), cell("B2", "1", "t=\"s\""), cell("C2", "2", "t=\"s\""),
          "<c r=\"D2\" t=\"inlineStr\"><is><t>in </t><t>line</t></is></c>")
          + row(
            4, cell("A4", "1.1000000000000001"), cell("B4", "1", "t=\"b\""),
            cell("C4", "a formula's", "t=\"str\""), cell("D4", "44197", "s=\"1\""))
          + row(
            5, cell("A5", "1E-3"), cell("B5", "123456789012345"), cell("C5", "0.5", "s=\"3\""),
            cell("D5", "44197.75", "s=\"6\""))
          + row(
            9, cell("A9", "-1234.5", "s=\"4\""), cell("C9", "2021-01-31T00:00:00", "t=\"d\""),
            cell("D9", "44197", "s=\"2\""))))
    #expect(header == ["number", "two runs", "東京", "in line"])
    #expect(rows.map(\.line) == [4, 5, 9])
    #expect(
      rows.map(\.fields) == [
        ["1.1", "TRUE", "a formula's", "2021-01-01"],
        ["0.001", "123456789012345", "12:00:00", "2021-01-01 18:00:00"],
        ["-1234.5", "", "2021-01-31", "2021-01-01"],
      ])
    #expect(rows.allSatisfy { $0.damages.allSatisfy { $0 == nil } })
  }

  @Test("Excel's calendar before March 1900, and the one of old Macintoshes")
  func epochs() throws {
    let days =
      row(1, cell("A1", "0", "t=\"s\""))
      + row(2, cell("A2", "1", "s=\"1\"")) + row(3, cell("A3", "59", "s=\"1\""))
      + row(4, cell("A4", "60", "s=\"1\"")) + row(5, cell("A5", "61", "s=\"1\""))
    var parts = WorkbookParts(rows: days)
    let usual = try read(parts).rows
    #expect(usual.map(\.fields) == [["1900-01-01"], ["1900-02-28"], ["60"], ["1900-03-01"]])
    #expect(usual[2].damages[0]?.contains("60 is none") == true)
    parts.parts["xl/workbook.xml"] = WorkbookParts.workbook(
      sheets: "<sheet name=\"Sheet1\" r:id=\"rId1\"/>", properties: "<workbookPr date1904=\"1\"/>")
    #expect(try read(parts).rows.map(\.fields)[0] == ["1904-01-02"])
  }

  @Test("What a cell has lost or never had is told with the cell")
  func damages() throws {
    let rows = try read(
      WorkbookParts(
        rows: row(1, cell("A1", "0", "t=\"s\""), cell("B1", "1", "t=\"s\""))
          + row(2, cell("A2", "6222021234567890123"), cell("B2", "#REF!", "t=\"e\""))
          + row(3, cell("A3", "999999999999999"), cell("B3", "17", "t=\"s\"")))
    ).rows
    #expect(rows[0].damages[0]?.contains("format the column as text") == true)
    #expect(rows[0].damages[1]?.contains("#REF!") == true)
    #expect(rows[1].damages[0] == nil)
    #expect(rows[1].damages[1]?.contains("does not have") == true)
  }

  @Test("Rows without cell references, gaps, lines within cells and cells that only have a format")
  func shapes() throws {
    let (header, rows) = try read(
      WorkbookParts(
        rows: "<row><c t=\"s\"><v>0</v></c><c/><c t=\"s\"><v>1</v></c><c s=\"1\"/></row>"
          + "<row/><row><c t=\"str\"><v>a_x000D_&#10;b, \"c\"</v></c><c/><c><v>1</v></c><c/></row>"
          + "<row><c/><c><v>2</v></c></row>"))
    #expect(header == ["number", "", "two runs"])
    #expect(rows.map(\.line) == [3, 4])
    #expect(rows[0].fields == ["a\nb, \"c\"", "", "1"])
    #expect(rows[1].fields == ["", "2", ""])
  }

  @Test("A value beyond the header makes the row ragged, not silent")
  func ragged() throws {
    let parts = WorkbookParts(
      rows: row(1, cell("A1", "0", "t=\"s\"")) + row(2, cell("A2", "1"), cell("C2", "2")))
    try parts.withFile { path in
      let reader = try CSVReader(workbook: path)
      let record = try #require(try reader.next())
      #expect(record.problem == .ragged(expected: 1, found: 3))
      #expect(record.lineNumber == 2)
    }
  }

  @Test("Hidden sheets are passed over, and several are not chosen between in silence")
  func sheets() throws {
    var parts = WorkbookParts(rows: row(1, cell("A1", "0", "t=\"s\"")) + row(2, cell("A2", "7")))
    parts.parts["xl/_rels/workbook.xml.rels"] = WorkbookParts.relations([
      ("rId1", "worksheet", "/xl/worksheets/sheet1.xml"),
      ("rId2", "worksheet", "worksheets/sheet2.xml"),
      ("rId3", "sharedStrings", "sharedStrings.xml"),
    ])
    parts.sheet(
      row(1, cell("A1", "1", "t=\"s\"")) + row(2, cell("A2", "8")),
      part: "xl/worksheets/sheet2.xml")
    func list(_ state: String) -> String {
      WorkbookParts.workbook(
        sheets:
          "<sheet name=\"说明\" state=\"\(state)\" r:id=\"rId1\"/><sheet name=\"数据\" r:id=\"rId2\"/>")
    }
    parts.parts["xl/workbook.xml"] = list("hidden")
    #expect(try read(parts).rows.map(\.fields) == [["8"]])
    #expect(try read(parts, sheet: "说明").rows.map(\.fields) == [["7"]])
    parts.parts["xl/workbook.xml"] = list("visible")
    let several = #expect(throws: FileProblem.self) { try read(parts) }
    #expect(several?.description.contains("“说明”, “数据”; write `sheet:`") == true)
    let unknown = #expect(throws: FileProblem.self) { try read(parts, sheet: "没有") }
    #expect(unknown?.description.contains("no sheet “没有”; it has “说明”, “数据”") == true)
  }

  @Test("Hostile and damaged workbooks are refused with a sentence")
  func hostile() throws {
    var entities = WorkbookParts(rows: "")
    entities.parts["xl/worksheets/sheet1.xml"] =
      "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><worksheet>&b;</worksheet>"
    #expect(throws: FileProblem.self) { try read(entities) }
    var cut = WorkbookParts(rows: row(1, cell("A1", "0", "t=\"s\"")))
    cut.parts["xl/worksheets/sheet1.xml"]?.removeLast(12)
    let torn = #expect(throws: FileProblem.self) { try read(cut) }
    #expect(torn?.description.contains("no sound XML") == true)
    var swollen = WorkbookParts(rows: "")
    swollen.sheet(String(repeating: " ", count: 80_000_000))
    let bomb = #expect(throws: FileProblem.self) { try read(swollen) }
    #expect(bomb?.description.contains("as no workbook does") == true)
    var other = WorkbookParts(rows: "")
    other.parts = ["readme.txt": "no workbook"]
    let archive = #expect(throws: FileProblem.self) { try read(other) }
    #expect(archive?.description.contains("no workbook of Excel") == true)
  }

  /// The workbooks of xlsx2csv with the reasons why some are read another way here: values are
  /// taken, not how Excel shows them.
  private static let otherwise = [
    "float": "shown with five decimals",
    "float2": "shown with two and three decimals",
    "percentage": "shown in percent",
    "timeformat": "shown in forms of its own, without seconds",
    "skip_empty_lines": "shown with a decimal",
    "escape": "xlsx2csv was told to write line ends as letters",
    "variousdelim": "xlsx2csv was told to separate by tabs",
    "sheets": "several sheets hold rows, and xlsx2csv was told to take all",
    "sheets_order": "several sheets hold rows, and xlsx2csv was told to take all",
    "junk-small": "several sheets hold rows",
    "xlsx2csv-test-file": "several sheets hold rows",
  ]

  @Test("The workbooks of xlsx2csv")
  func conformance() throws {
    guard let folder = sharedFolder("conformance/xlsx2csv/test") else { return }
    var compared = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      guard name.hasSuffix(".xlsx") else { continue }
      let base = String(name.dropLast(5))
      guard
        let expected = try? String(
          contentsOf: folder.appending(path: base + ".csv"), encoding: .utf8)
      else { continue }
      let wanted = try rows(
        CSVReader(MemorySource(expected.utf8), dialect: CSVDialect(hasHeader: false)))
      var found: [[String]] = []
      var failure = ""
      do {
        let reader = try CSVReader(workbook: folder.appending(path: name).path)
        found = [reader.header] + (try rows(reader))
      } catch {
        failure = "\(error)"
      }
      compared += 1
      let agrees = found == wanted
      #expect(
        agrees == (Self.otherwise[base] == nil),
        "\(base): \(failure) \(found.prefix(3)) for \(wanted.prefix(3))")
    }
    #expect(compared > 15)
  }

  /// All rows that hold anything, without empty fields at their ends.
  private func rows(_ reader: CSVReader) throws -> [[String]] {
    var rows: [[String]] = []
    while let record = try reader.next() {
      var fields = (0..<record.fieldCount).map(record.string)
      while fields.last?.isEmpty == true { fields.removeLast() }
      if !fields.isEmpty { rows.append(fields) }
    }
    return rows
  }
}
