import CZip
import Exchange
import Foundation
import Quantities
import Testing

@Suite("Writing workbooks")
struct WorkbookWriterTests {
  private let columns = [
    Column("code"), Column("名称"), Column("accounts", .integer), Column("balance", .amount),
    Column("opened", .date), Column("closed", .boolean),
  ]

  func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "written-\(UUID().uuidString).xlsx"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  private func read(_ path: String, sheet: String? = nil) throws -> [[String]] {
    let reader = try CSVReader(workbook: path, sheet: sheet, trimsBlanks: false)
    var rows = [reader.header]
    while let record = try reader.next() {
      #expect(record.problem == nil)
      #expect((0..<record.fieldCount).allSatisfy { record.damage(of: $0) == nil })
      rows.append((0..<record.fieldCount).map(record.string))
    }
    return rows
  }

  /// The text of a part of a workbook.
  func part(_ name: String, of path: String) throws -> String {
    var code: Int32 = 0
    let archive = try #require(zip_open(path, Int32(ZIP_RDONLY), &code))
    defer { zip_discard(archive) }
    let file = try #require(zip_fopen(archive, name, 0))
    defer { zip_fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = zip_fread(file, &piece, 4096), count > 0 {
      bytes.append(contentsOf: piece[..<Int(count)])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("What was written is read again, value by value")
  func roundTrip() throws {
    let rows: [[Cell]] = [
      [
        .text("6222021234567890123"), .text("上海 <浦东> & \"支行\""), .integer(12),
        .decimal(ExactDecimal(coefficient: -1_234_567_890_123_45, scale: 2)),
        .date(CivilDate("2026-01-31")!), .boolean(true),
      ],
      [.text("007"), .null, .integer(-3), .null, .date(CivilDate("1900-03-01")!), .boolean(false)],
      [.text("=1+1"), .text(" x_x000A_\u{1}\n\u{FFFE}y "), .null, .null, .null, .null],
      [
        .text("z"), .null, .integer(.max),
        .decimal(ExactDecimal(coefficient: 12_345_678_901_234_567, scale: 2)),
        .date(CivilDate("1899-12-31")!), .null,
      ],
    ]
    try withFile { path in
      let writer = try OutputFormat.xlsx.writer(columns: columns, to: OutputSink(path: path))
      for row in rows { try writer.write(row) }
      try writer.finish()
      #expect(
        try read(path) == [
          columns.map(\.name),
          [
            "6222021234567890123", "上海 <浦东> & \"支行\"", "12", "-1234567890123.45", "2026-01-31",
            "TRUE",
          ],
          ["007", "", "-3", "", "1900-03-01", "FALSE"],
          ["=1+1", " x_x000A_\u{1}\n\u{FFFE}y ", "", "", "", ""],
          ["z", "", "9223372036854775807", "123456789012345.67", "1899-12-31", ""],
        ])
    }
  }

  @Test("Texts stay texts, headings stay in view and can be filtered")
  func looks() throws {
    try withFile { path in
      let writer = try OutputFormat.xlsx.writer(columns: columns, to: OutputSink(path: path))
      try writer.write([
        .text("007"), .null, .integer(1), .decimal(ExactDecimal(coefficient: 5, scale: 3)), .null,
        .null,
      ])
      try writer.finish()
      let sheet = try part("xl/worksheets/sheet1.xml", of: path)
      #expect(sheet.contains("<c r=\"A2\" s=\"1\" t=\"inlineStr\"><is><t>007</t></is></c>"))
      #expect(sheet.contains("<c r=\"D2\" s=\"9\"><v>0.005</v></c>"))
      #expect(sheet.contains("state=\"frozen\""))
      #expect(sheet.contains("<autoFilter ref=\"A1:F2\"/>"))
      // Cells below the last row are text too, so that what is typed there stays what it is.
      #expect(sheet.contains("<col min=\"1\" max=\"1\" width=\"8.7109375\" style=\"1\""))
      #expect(try part("xl/styles.xml", of: path).contains("formatCode=\"#,##0.000\""))
    }
  }

  @Test("Rows that are texts already are typed by their columns")
  func textRows() throws {
    let decoder = CopyTextDecoder(columns: 6)
    let lines = [
      "B1\t\\N\t7\t12.50\t2026-02-28\tt\n", "a\\tb\\\\c\t\\n\tx\tNaN\tinfinity\tf\n",
    ]
    try withFile { path in
      let workbook = try WorkbookWriter(to: OutputSink(path: path))
      try workbook.beginSheet(
        SheetLayout(
          name: "a/b", columns: columns.map { SheetLayout.Column($0.name, $0.kind) }))
      for line in lines {
        try Array(line.utf8).withUnsafeBytes { bytes in
          try workbook.write(try #require(decoder.row(bytes)))
        }
      }
      try workbook.finish()
      #expect(
        try read(path, sheet: "a-b").dropFirst() == [
          ["B1", "", "7", "12.50", "2026-02-28", "TRUE"],
          ["a\tb\\c", "\n", "x", "NaN", "infinity", "FALSE"],
        ])
      let sheet = try part("xl/worksheets/sheet1.xml", of: path)
      #expect(sheet.contains("<c r=\"E2\" s=\"3\"><v>46081</v></c>"))
    }
  }

  @Test("A sheet that is full is continued on the next one, with its headings")
  func continued() throws {
    try withFile { path in
      let workbook = try WorkbookWriter(to: OutputSink(path: path), rowLimit: 3)
      let name = String(repeating: "n", count: 31)
      try workbook.beginSheet(
        SheetLayout(name: name, columns: [SheetLayout.Column("number", .integer)]))
      for number in 1...5 { try workbook.write([.integer(Int64(number))]) }
      try workbook.finish()
      #expect(try read(path, sheet: name) == [["number"], ["1"], ["2"]])
      let start = String(repeating: "n", count: 27)
      #expect(try read(path, sheet: start + " (2)") == [["number"], ["3"], ["4"]])
      #expect(try read(path, sheet: start + " (3)") == [["number"], ["5"]])
    }
  }

  @Test("Choices of a hidden sheet, and two sheets of one name")
  func sheets() throws {
    try withFile { path in
      let workbook = try WorkbookWriter(to: OutputSink(path: path))
      let choices = SheetLayout.ChoiceList(sheet: "it's", column: 27, count: 2)
      try workbook.beginSheet(
        SheetLayout(name: "Data", columns: [SheetLayout.Column("kind", choices: choices)]))
      try workbook.beginSheet(
        SheetLayout(
          name: "it's", columns: [SheetLayout.Column("kind")], visibility: .veryHidden))
      #expect(throws: FileProblem.self) {
        try workbook.beginSheet(SheetLayout(name: "DATA", columns: []))
      }
      try workbook.finish()
      let sheet = try part("xl/worksheets/sheet1.xml", of: path)
      #expect(sheet.contains("<formula1>'it''s'!$AB$2:$AB$3</formula1>"))
      #expect(try part("xl/workbook.xml", of: path).contains("state=\"veryHidden\""))
      #expect(try read(path) == [["kind"]])
    }
  }

  @Test("The same rows make the same bytes")
  func reproducible() throws {
    func bytes() throws -> [UInt8] {
      let sink = try OutputSink.memory()
      let writer = try OutputFormat.xlsx.writer(columns: columns, to: sink)
      try writer.write([.text("a"), .null, .null, .null, .null, .null])
      try writer.finish()
      return sink.bytes
    }
    #expect(try bytes() == bytes())
  }

  @Test("A text that no cell holds is refused, and no file is left")
  func tooLong() throws {
    try withFile { path in
      do {
        let writer = try OutputFormat.xlsx.writer(
          columns: [Column("note")], to: OutputSink(path: path))
        try writer.write([.text(String(repeating: "é", count: 32_767))])
        try writer.write([.text(String(repeating: "é", count: 32_768))])
        try writer.finish()
        Issue.record("it was written")
      } catch let problem as FileProblem {
        #expect(problem.description.contains("row 3 of the column “note” is longer than the 32767"))
      }
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }
  }
}
