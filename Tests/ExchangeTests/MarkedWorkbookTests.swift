import Exchange
import Foundation
import Testing

/// A workbook that goes back with a column that says what became of each row.
@Suite("Marked workbooks")
struct MarkedWorkbookTests {
  /// The sheet of a workbook after it was marked, and what its other parts hold.
  private func marked(
    _ parts: WorkbookParts, heading: String = "Import status", _ status: (Int) -> String?
  ) throws -> WorkbookParts {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/marked.xlsx"
    try parts.withFile { original in
      try MarkedWorkbook(path: original, sheet: "Sheet1").write(
        heading: heading, to: OutputSink(path: path), by: folder, status: status)
    }
    return try WorkbookParts(path: path)
  }

  private let sheet = "xl/worksheets/sheet1.xml"

  @Test("Only the rows get a cell more; everything else stays byte for byte")
  func cells() throws {
    var parts = WorkbookParts(rows: "")
    parts.parts[sheet] = """
      <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
      <worksheet xmlns="u"><dimension ref="A1:B4"/><!-- kept --><cols><col min="1" max="9"/></cols><sheetData>
      <row r="1" spans="1:2" ht="20"><c r="A1" s="4" t="s"><v>0</v></c><c r="B1" s="6" t="s"><v>1</v></c></row>
      <row r="2" spans="1:2"><c r="A2"><f>1+1</f><v>2</v></c><c r="C2" s="1"/><c r="E2" s="1"/></row>
      <row r="3" hidden="1"/>
      <row r="4"><c r="B4" t="inlineStr"><is><t>x &lt; y</t></is></c></row><row r="5" s="2"><c r="A5" s="2"/></row>
      </sheetData><dataValidations count="1"><dataValidation sqref="B2:B99"/></dataValidations></worksheet>
      """
    parts.parts["xl/media/image.bin"] = "kept"
    let result = try marked(parts) { row in row == 2 ? "IMP-0206 b: “x<y” is none" : "ok" }
    #expect(
      result.parts[sheet] == """
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <worksheet xmlns="u"><dimension ref="A1:C4"/><!-- kept --><cols><col min="1" max="9"/></cols><sheetData>
        <row r="1" ht="20"><c r="A1" s="4" t="s"><v>0</v></c><c r="B1" s="6" t="s"><v>1</v></c><c r="C1" s="6" t="inlineStr"><is><t>Import status</t></is></c></row>
        <row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="C2" t="inlineStr"><is><t>IMP-0206 b: “x&lt;y” is none</t></is></c><c r="E2" s="1"/></row>
        <row r="3" hidden="1"/>
        <row r="4"><c r="B4" t="inlineStr"><is><t>x &lt; y</t></is></c><c r="C4" t="inlineStr"><is><t>ok</t></is></c></row><row r="5" s="2"><c r="A5" s="2"/></row>
        </sheetData><dataValidations count="1"><dataValidation sqref="B2:B99"/></dataValidations></worksheet>
        """)
    var (before, after) = (parts.parts, result.parts)
    (before[sheet], after[sheet]) = (nil, nil)
    #expect(before == after)
  }

  @Test("A second round writes over the first, and a row that is too wide keeps its values")
  func rounds() throws {
    let parts = WorkbookParts(
      rows:
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c></row>"
    )
    let first = try marked(parts) { _ in "bad" }
    #expect(first.parts[sheet]?.contains("<c r=\"B2\"><v>2</v></c><c r=\"C2\" t=") == true)
    let second = try marked(first, heading: "导入状态") { _ in "无误" }
    #expect(
      second.parts[sheet]
        == first.parts[sheet]?.replacing("Import status", with: "导入状态").replacing("bad", with: "无误")
    )
    let cleared = try marked(second) { _ in nil }
    #expect(cleared.parts[sheet]?.contains("C2") == false)
  }

  @Test("Prefixes, rows without numbers, and thousands of rows")
  func forms() throws {
    var parts = WorkbookParts(rows: "")
    parts.parts[sheet] =
      "<x:worksheet xmlns:x=\"u\"><x:dimension ref=\"A1\"/><x:sheetData>"
      + (1...3_000).map { "<x:row><x:c><x:v>\($0)</x:v></x:c></x:row>" }.joined()
      + "</x:sheetData></x:worksheet>"
    var asked: [Int] = []
    let result = try marked(parts) { row in
      asked.append(row)
      return "row \(row)"
    }
    #expect(asked == Array(2...3_000))
    let text = try #require(result.parts[sheet])
    #expect(text.hasPrefix("<x:worksheet xmlns:x=\"u\"><x:dimension ref=\"A1:B1\"/>"))
    #expect(
      text.contains(
        "<x:row><x:c><x:v>2999</x:v></x:c><x:c r=\"B2999\" t=\"inlineStr\"><x:is><x:t>row 2999</x:t></x:is></x:c></x:row>"
      ))
    try result.withFile { path in
      let reader = try CSVReader(workbook: path)
      var rows = 0
      while let record = try reader.next() {
        #expect(record.problem == nil && record.fieldCount == 1)
        rows += 1
      }
      #expect(rows == 2_999)
    }
  }

  @Test("What cannot be marked is refused in a sentence")
  func refusals() throws {
    let order = WorkbookParts(
      rows: "<row r=\"5\"><c><v>1</v></c></row><row r=\"2\"><c><v>1</v></c></row>")
    let problem = #expect(throws: FileProblem.self) { try marked(order) { _ in "ok" } }
    #expect(problem?.description.contains("its rows stand in no order") == true)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try WorkbookParts(rows: "<row><c><v>1</v></c></row><row><c><v>1</v></c></row>").withFile {
        path in
        try MarkedWorkbook(path: path, sheet: "Sheet1").write(
          heading: "Import status", to: OutputSink.memory(),
          by: FileManager.default.temporaryDirectory.path
        ) { _ in throw Stop() }
      }
    }
    let other = #expect(throws: FileProblem.self) {
      try order.withFile { try MarkedWorkbook(path: $0, sheet: "没有") }
    }
    #expect(other?.description.contains("has no sheet “没有”") == true)
  }
}
