import Foundation
import Testing

@testable import Exchange

/// What is written in the usual way is read without a parser of XML; whatever it is, both read the same.
@Suite("Workbooks read with and without a parser")
struct WorkbookScanningTests {
  /// Everything that a reader tells of a workbook, or that it refuses it.
  private func told(_ path: String, scans: Bool) -> [String] {
    var seen: [String] = []
    do throws(FileProblem) {
      let reader = try CSVReader(SheetSource(path: path, sheet: nil, scans: scans))
      seen.append(reader.header.joined(separator: "|"))
      while let record = try reader.next() {
        var text = "\(record.lineNumber) \(String(describing: record.problem))"
        for index in 0..<record.fieldCount {
          text += "|" + record.string(index) + (record.damage(of: index) ?? "")
        }
        seen.append(text)
      }
      return seen
    } catch {
      return ["refused: \(error)"]
    }
  }

  private func agree(_ parts: WorkbookParts, _ what: String) throws {
    try parts.withFile { path in
      let (scanned, parsed) = (told(path, scans: true), told(path, scans: false))
      #expect(scanned == parsed, "\(what)")
      #expect(!scanned.isEmpty)
    }
  }

  private static let header =
    "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
  private static let last = "<row r=\"90\"><c r=\"A90\"><v>1</v></c><c r=\"B90\"><v>2</v></c></row>"

  /// Rows between a header and a last row, each in a way of its own.
  private static let written = [
    "usual":
      "<row r=\"2\" spans=\"1:2\"><c r=\"A2\" s=\"1\"><v>44197</v></c><c r=\"B2\" t=\"s\"><v>2</v></c></row>",
    "of Excel":
      "<row r=\"2\" spans=\"1:2\" x14ac:dyDescent=\"0.2\" customHeight=\"1\"><c r=\"A2\" t=\"str\"><v>a</v></c></row>",
    "in line": "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>a, \"b\"</t></is></c></row>",
    "blanks kept":
      "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t xml:space=\"preserve\"> a </t></is></c></row>",
    "entities": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>&lt;a&gt; &amp; &quot;b&apos;</v></c></row>",
    "characters by number":
      "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>&#20013;&#x6587;&#10;</v></c></row>",
    "an unknown entity": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>&nbsp;</v></c></row>",
    "an open entity": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>a&amp</v></c></row>",
    "a formula": "<row r=\"2\"><c r=\"A2\"><f>B2*2</f><v>4</v></c><c r=\"B2\"><v>2</v></c></row>",
    "a formula without a value":
      "<row r=\"2\"><c r=\"A2\"><f>B2*2</f></c><c r=\"B2\"><v>2</v></c></row>",
    "indented": "\n  <row r=\"2\">\r\n\t<c r=\"A2\"> <v>1</v> </c>\n  </row>\n",
    "a value on its own line": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\n1\r\n</v></c></row>",
    "single quotes": "<row r='2'><c r='A2'><v>1</v></c></row>",
    "prefixes": "<x:row r=\"2\"><x:c r=\"A2\"><x:v>1</x:v></x:c></x:row>",
    "a comment": "<!-- <row r=\"2\"><c><v>1</v></c></row> -->",
    "a comment in a row": "<row r=\"2\"><!-- </row> --><c r=\"A2\"><v>1</v></c></row>",
    "a section": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v><![CDATA[</row><c>]]></v></c></row>",
    "an instruction": "<row r=\"2\"><?note </row> ?><c r=\"A2\"><v>1</v></c></row>",
    "rich text":
      "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>",
    "empty cells":
      "<row r=\"2\"><c r=\"A2\" s=\"1\"/><c r=\"B2\"></c><c r=\"C2\"><v></v></c></row>",
    "an empty row": "<row r=\"2\"/><row r=\"3\" ht=\"15\"></row><row/>",
    "no references": "<row><c><v>1</v></c><c t=\"b\"><v>1</v></c></row>",
    "gaps":
      "<row r=\"2\"><c r=\"B2\"><v>1</v></c></row><row r=\"7\"><c r=\"D7\"><v>1</v></c></row>",
    "cells in no order": "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>",
    "far to the right": "<row r=\"2\"><c r=\"XFD2\"><v>1</v></c><c r=\"XFE2\"><v>1</v></c></row>",
    "an attribute twice": "<row r=\"2\"><c r=\"A2\" r=\"B2\"><v>1</v></c></row>",
    "an attribute of the row twice": "<row r=\"2\" s=\"1\" s=\"1\"><c r=\"A2\"><v>1</v></c></row>",
    "other attributes":
      "<row r=\"2\" own=\"1\"><c r=\"A2\" cm=\"1\" t=\"e\"><v>#N/A</v></c><c r=\"B2\" ph=\"1\"><v>1</v></c></row>",
    "no blank between attributes": "<row r=\"2\"><c r=\"A2\"s=\"1\"><v>1</v></c></row>",
    "a dangling end": "<row r=\"2\"><c r=\"A2\"><v>1</v></row>",
    "text among cells": "<row r=\"2\">x<c r=\"A2\"><v>1</v></c></row>",
    "text among rows": "x<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>",
    "other elements among rows": "<note/><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>",
    "elements in a value": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>1<b>2</b>3</v></c></row>",
    "kinds":
      "<row r=\"2\"><c r=\"A2\" t=\"d\"><v>2021-01-31T00:00:00</v></c><c r=\"B2\" t=\"n\"><v>1.10000000000000001</v></c></row>",
    "an unknown kind": "<row r=\"2\"><c r=\"A2\" t=\"q\"><v>1</v></c></row>",
    "texts that are not there":
      "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>99</v></c><c r=\"B2\" t=\"s\"><v>x</v></c></row>",
    "the end of a section": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>a]]>b</v></c></row>",
    "more than": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>a > b]></v></c></row>",
    "no character": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\u{FFFF}</v></c></row>",
    "a control character": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\u{1}</v></c></row>",
    "letters of China": "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>东城支行，ＡＢＣ</v></c></row>",
    "rows twice":
      "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>",
    "a long value":
      "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\(String(repeating: "long ", count: 60_000))</v></c></row>",
  ]

  @Test("Every way to write a row", arguments: written.keys.sorted())
  func rows(_ name: String) throws {
    let row = try #require(Self.written[name])
    try agree(WorkbookParts(rows: Self.header + row + Self.last), name)
    // Behind so many that pieces end in the midst of them.
    let many = (2..<4_000).map {
      "<row r=\"\($0)\"><c r=\"A\($0)\"><v>\($0)</v></c><c r=\"B\($0)\" t=\"s\"><v>2</v></c></row>"
    }.joined()
    try agree(WorkbookParts(rows: Self.header + many + row + many + Self.last), name)
  }

  @Test("Bytes that are no UTF-8, and sheets in other encodings")
  func encodings() throws {
    for declaration in ["utf-8", "UTF-8", "iso-8859-1", "us-ascii", "gb2312"] {
      var parts = WorkbookParts(rows: "")
      parts.parts["xl/worksheets/sheet1.xml"] =
        "<?xml version=\"1.0\" encoding=\"\(declaration)\"?><worksheet><sheetData>\(Self.header)<row><c t=\"str\"><v>é中</v></c></row></sheetData></worksheet>"
      try agree(parts, declaration)
    }
  }

  @Test("Frames of the rows")
  func frames() throws {
    let row = Self.header + Self.last
    for (name, sheet) in [
      "commented": "<worksheet><!-- <sheetData> --><sheetData>\(row)</sheetData></worksheet>",
      "with attributes": "<worksheet><sheetData a=\"&gt;\" b=\">\">\(row)</sheetData></worksheet>",
      "twice":
        "<worksheet><sheetData>\(row)</sheetData><sheetData>\(Self.last)</sheetData></worksheet>",
      "empty": "<worksheet><sheetData/></worksheet>",
      "cut": "<worksheet><sheetData>\(row)",
      "cut in a row": "<worksheet><sheetData>\(row)<row r=\"91\"><c r=\"A91\"><v>1",
      "something behind": "<worksheet><sheetData>\(row)</sheetData></worksheet><more/>",
      "an end that is another's": "<worksheet><sheetData>\(row)</sheetDatum></worksheet>",
    ] {
      var parts = WorkbookParts(rows: "")
      parts.parts["xl/worksheets/sheet1.xml"] = sheet
      try agree(parts, name)
    }
  }

  @Test("The table of texts")
  func strings() throws {
    for (name, items) in [
      "usual":
        "<si><t>a</t></si><si><t xml:space=\"preserve\"> b, </t></si><si><t>&amp;_x000A_</t></si>",
      "runs":
        "<si><r><t>a</t></r><r><t>b</t></r></si><si><t>c</t><rPh sb=\"0\" eb=\"1\"><t>d</t></rPh></si>",
      "empty": "<si><t/></si><si/><si><t></t></si>",
      "indented": "\n <si> <t>a</t> </si>\n <si><t>b</t></si>\n",
      "something else": "<si><t>a</t></si><other/><si><t>b</t></si>",
    ] {
      var parts = WorkbookParts(
        rows: (1...3).map { row in
          "<row r=\"\(row)\">"
            + ["A", "B"].enumerated().map {
              "<c r=\"\($1)\(row)\" t=\"s\"><v>\(($0 + row) % 3)</v></c>"
            }.joined() + "</row>"
        }.joined())
      parts.parts["xl/sharedStrings.xml"] = "<sst count=\"3\" uniqueCount=\"3\">\(items)</sst>"
      try agree(parts, name)
    }
  }

  @Test("A column that an import has added is passed over, wherever it stands")
  func status() throws {
    func row(_ number: Int, _ texts: String...) -> String {
      "<row r=\"\(number)\">"
        + zip("ABCDE", texts).map {
          $1.isEmpty ? "" : "<c r=\"\($0)\(number)\" t=\"str\"><v>\($1)</v></c>"
        }
        .joined() + "</row>"
    }
    for (rows, expected) in [
      (row(1, "a", "b", "Import status") + row(2, "1", "2", "ok"), ["a|b", "2 nil|1|2"]),
      (row(1, "a", "导入状态", "b") + row(2, "1", "ok", "2"), ["a|b", "2 nil|1|2"]),
      // A value beyond the header makes its row ragged with the column as without it.
      (
        row(1, "a", "", "Import status") + row(2, "1", "2", "bad"),
        ["a", "2 Optional(it has 2 fields where the header has 1)|1|2"]
      ),
    ] {
      let parts = WorkbookParts(rows: rows)
      try parts.withFile { path in #expect(told(path, scans: true) == expected) }
      try agree(parts, "status")
    }
  }
}
