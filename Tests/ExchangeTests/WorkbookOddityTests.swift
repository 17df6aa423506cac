import CZip
import Exchange
import Foundation
import Testing

/// Workbooks as other programs than Excel write them: read as Excel reads them, or refused cell by cell, and never
/// silently otherwise.
@Suite("Workbooks of other programs")
struct WorkbookOddityTests {
  private func read(
    _ parts: WorkbookParts
  ) throws -> (header: [String], rows: [[String]], damages: [[String?]]) {
    try parts.withFile { path in
      let reader = try CSVReader(workbook: path)
      var rows: [[String]] = []
      var damages: [[String?]] = []
      while let record = try reader.next() {
        #expect(record.problem == nil)
        rows.append((0..<record.fieldCount).map(record.string))
        damages.append((0..<record.fieldCount).map(record.damage))
      }
      return (reader.header, rows, damages)
    }
  }

  private let header = "<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row>"

  @Test("Cells in no order, and two in one place, are told and not dropped")
  func order() throws {
    let (_, rows, damages) = try read(
      WorkbookParts(
        rows: header + "<row><c r=\"B2\"><v>2</v></c><c r=\"A2\"><v>1</v></c></row>"
          + "<row><c r=\"A3\"><v>1</v></c><c r=\"A3\"><v>9</v></c><c r=\"B3\"><v>2</v></c></row>"))
    #expect(rows == [["", "2"], ["1", "2"]])
    #expect(damages.allSatisfy { $0[0]?.contains("stand in no order") == true && $0[1] == nil })
  }

  @Test("Rich texts, readings, escapes, entities and blanks that are meant")
  func texts() throws {
    let rich =
      "<is><r><rPr><b/></rPr><t xml:space=\"preserve\">one </t></r><r><t>two</t></r><rPh sb=\"0\" eb=\"1\"><t>no</t></rPh></is>"
    let (_, rows, _) = try read(
      WorkbookParts(
        rows: header
          + "<row><c t=\"inlineStr\">\(rich)</c><c t=\"str\"><v>_x4E2D_&amp;&#x6587;&lt;_x005F_x0041_</v></c></row>"
          + "<row><c t=\"str\"><v>_x_x00zz_ _xD83D_</v></c><c t=\"str\"><f>A1&amp;\"x\"</f><v>cached</v></c></row>"
      ))
    #expect(rows == [["one two", "中&文<_x0041_"], ["_x_x00zz_ _xD83D_", "cached"]])
  }

  @Test("Strict namespaces, prefixes, UTF-16 and targets in the way of Windows")
  func parts() throws {
    var parts = WorkbookParts(rows: "")
    let strict = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
    parts.parts["_rels/.rels"] =
      "<Relationships><Relationship Id=\"a\" Type=\"\(strict)officeDocument\" Target=\"/xl/workbook.xml\"/></Relationships>"
    parts.parts["xl/_rels/workbook.xml.rels"] =
      "<Relationships><Relationship Id=\"r7\" Type=\"\(strict)worksheet\" Target=\"worksheets\\sheet1.xml\"/><Relationship Id=\"r8\" Type=\"\(strict)styles\" Target=\"styles.xml\"/></Relationships>"
    parts.parts["xl/workbook.xml"] =
      "<x:workbook xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" xmlns:q=\"u\"><x:workbookPr date1904=\"true\"/><x:sheets><x:sheet name=\"S\" sheetId=\"1\" q:id=\"r7\"/></x:sheets></x:workbook>"
    parts.parts["xl/sharedStrings.xml"] = nil
    parts.parts["xl/worksheets/sheet1.xml"] =
      "<x:worksheet xmlns:x=\"u\"><x:sheetData><x:row><x:c t=\"str\"><x:v>a</x:v></x:c></x:row><x:row><x:c t=\"b\"><x:v>true</x:v></x:c></x:row><x:row><x:c s=\"1\"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    let (header, rows, _) = try read(parts)
    #expect(header == ["a"] && rows == [["TRUE"], ["1904-01-02"]])
  }

  @Test("A sheet without what is optional, and one that says more than it has")
  func bare() throws {
    var parts = WorkbookParts(rows: "")
    parts.parts["xl/styles.xml"] = nil
    parts.parts["xl/sharedStrings.xml"] = nil
    parts.parts["xl/worksheets/sheet1.xml"] =
      "<worksheet><dimension ref=\"A1:XFD1048576\"/><cols><col min=\"1\" max=\"16384\"/></cols><sheetData><row r=\"3\"><c r=\"A3\" t=\"str\"><v>a</v></c></row><row r=\"1048576\"><c r=\"A1048576\" s=\"77\"><v>5</v></c></row><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>"
    let (header, rows, damages) = try read(parts)
    #expect(header == ["a"] && rows == [["5"], [""]])
    #expect(damages.last?.first??.contains("does not have") == true)
  }

  @Test("What would take memory without end is refused, and says what it is")
  func swelling() throws {
    func refusal(_ sheet: String) throws -> String {
      var parts = WorkbookParts(rows: "")
      parts.parts["xl/worksheets/sheet1.xml"] = sheet
      let problem = #expect(throws: FileProblem.self) { try read(parts) }
      return problem?.description ?? ""
    }
    let deep = String(repeating: "<a>", count: 2_000)
    #expect(try refusal("<worksheet>\(deep)").contains("elements within more than 1000 others"))
    #expect(try refusal("<!DOCTYPE x []><worksheet/>").contains("it holds declarations"))
    let silent = String(repeating: "x", count: 17 << 20)
    #expect(try refusal("<worksheet a=\"\(silent)").contains("bytes without an element or a text"))
    // One cell is one bad row, of which a beginning is kept.
    var long = WorkbookParts(
      rows: header + "<row><c t=\"str\"><v>\(String(repeating: "y", count: 3 << 20))</v></c></row>")
    try long.withFile { path in
      let record = try CSVReader(workbook: path).next()
      #expect(record?.problem == .tooLong)
    }
    long.sheet(header + "<row><c t=\"s\"><v>0</v></c></row>")
    long.parts["xl/sharedStrings.xml"] =
      "<sst><si><t>\(String(repeating: "z", count: 3 << 20))</t></si></sst>"
    try long.withFile { path in
      let record = try CSVReader(workbook: path).next()
      #expect(record?.problem == .tooLong)
    }
  }

  @Test("Packed in another way, the archive is read or refused in a sentence")
  func packing() throws {
    let parts = WorkbookParts(rows: header + "<row><c><v>1</v></c><c><v>2</v></c></row>")
    try parts.withFile { path in
      var code: Int32 = 0
      let archive = try #require(zip_open(path, 0, &code))
      for index in 0..<zip_uint64_t(zip_get_num_entries(archive, 0)) {
        _ = zip_set_file_compression(archive, index, Int32(ZIP_CM_BZIP2), 0)
      }
      #expect(zip_close(archive) == 0)
      let reader = try CSVReader(workbook: path)
      #expect(try reader.next().map { $0.string(1) } == "2")
      // A method that nobody has: of the directory at the end, and of the file itself.
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      for place in bytes.indices.dropLast(12) where bytes[place] == 0x50 && bytes[place + 1] == 0x4B
      {
        if bytes[place + 2] == 1 { bytes[place + 10] = 77 }
        if bytes[place + 2] == 3 { bytes[place + 8] = 77 }
      }
      try Data(bytes).write(to: URL(filePath: path))
      let refusal = #expect(throws: FileProblem.self) { try CSVReader(workbook: path) }
      #expect(refusal?.description.contains("is damaged (") == true, "\(refusal as Any)")
    }
  }
}
