import CZip
import Foundation
import Testing

/// A workbook put together by hand, so that tests say what each part holds.
struct WorkbookParts {
  var parts: [String: String] = [
    "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
    "xl/_rels/workbook.xml.rels": relations([
      ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "styles.xml"),
      ("rId3", "sharedStrings", "sharedStrings.xml"),
    ]),
    "xl/workbook.xml": workbook(sheets: "<sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/>"),
    // Styles 0 to 5: number, day, day of China, time, own format, text.
    "xl/styles.xml": """
    <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
    <numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>
    <numFmt numFmtId="165" formatCode="[Red]#,##0.00;\\-0.00E+00"/></numFmts>
    <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="20"/>
    <xf numFmtId="165"/><xf numFmtId="49"/><xf numFmtId="22"/></cellXfs></styleSheet>
    """,
    "xl/sharedStrings.xml": """
    <sst><si><t>number</t></si><si><r><t>two </t></r><r><t xml:space="preserve">runs</t></r></si>
    <si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>
    """,
  ]

  init(rows: String) { sheet(rows) }

  /// What the parts of a workbook hold.
  init(path: String) throws {
    var code: Int32 = 0
    let archive = try #require(zip_open(path, Int32(ZIP_RDONLY), &code))
    defer { zip_discard(archive) }
    parts = [:]
    for index in 0..<zip_uint64_t(zip_get_num_entries(archive, 0)) {
      var facts = zip_stat_t()
      #expect(zip_stat_index(archive, index, 0, &facts) == 0)
      let file = try #require(zip_fopen_index(archive, index, 0))
      defer { zip_fclose(file) }
      var bytes = [UInt8](repeating: 0, count: Int(facts.size))
      #expect(zip_fread(file, &bytes, facts.size) == zip_int64_t(facts.size))
      parts[String(cString: facts.name)] = String(decoding: bytes, as: UTF8.self)
    }
  }

  mutating func sheet(_ rows: String, part: String = "xl/worksheets/sheet1.xml") {
    parts[part] = "<worksheet><sheetData>\(rows)</sheetData></worksheet>"
  }

  static func workbook(sheets: String, properties: String = "") -> String {
    """
    <workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
    \(properties)<sheets>\(sheets)</sheets></workbook>
    """
  }

  static func relations(_ list: [(id: String, type: String, target: String)]) -> String {
    let base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return "<Relationships>"
      + list.map {
        "<Relationship Id=\"\($0.id)\" Type=\"\(base)\($0.type)\" Target=\"\($0.target)\"/>"
      }.joined() + "</Relationships>"
  }

  /// Writes the workbook into a new file and lends its path.
  func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "workbook-\(UUID().uuidString).xlsx"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var code: Int32 = 0
    let archive = try #require(zip_open(path, Int32(ZIP_CREATE | ZIP_EXCL), &code))
    // libzip reads what it is given when it closes the archive.
    let texts = parts.map { (name: $0.key, bytes: ContiguousArray($0.value.utf8)) }
    var buffers: [UnsafeMutableBufferPointer<UInt8>] = []
    defer { for buffer in buffers { buffer.deallocate() } }
    for (name, bytes) in texts {
      let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
      _ = buffer.initialize(from: bytes)
      buffers.append(buffer)
      let source = zip_source_buffer(archive, buffer.baseAddress, zip_uint64_t(bytes.count), 0)
      #expect(zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8)) >= 0)
    }
    #expect(zip_close(archive) == 0)
    return try body(path)
  }
}
