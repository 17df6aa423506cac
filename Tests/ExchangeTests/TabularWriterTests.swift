import Exchange
import Foundation
import Quantities
import Testing

@Suite("Writing tables")
struct TabularWriterTests {
  private let columns = [
    Column("code"), Column("名称"), Column("accounts", .integer), Column("balance", .amount),
    Column("opened", .date),
  ]

  private var rows: [[Cell]] {
    [
      [
        .text("B001"), .text("上海浦东支行"), .integer(12),
        .decimal(ExactDecimal(coefficient: 123_456_789_012_345, scale: 2)),
        .date(CivilDate("2026-01-31")!),
      ],
      [
        .text("B2"), .text("say \"hi\" | a,b"), .integer(-3),
        .decimal(ExactDecimal(coefficient: -5, scale: 2)), .null,
      ],
      [.text(""), .null, .null, .null, .null],
    ]
  }

  private func written(
    _ format: OutputFormat, columns: [Column]? = nil, rows: [[Cell]]? = nil
  ) throws -> String {
    let sink = try OutputSink.memory()
    let writer = try format.writer(columns: columns ?? self.columns, to: sink)
    for row in rows ?? self.rows { try writer.write(row) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  @Test("A table for people, in which Chinese takes two columns")
  func table() throws {
    #expect(
      try written(.table) == """
        code  名称            accounts               balance  opened
        ----  --------------  --------  --------------------  ----------
        B001  上海浦东支行          12  1,234,567,890,123.45  2026-01-31
        B2    say "hi" | a,b        -3                 -0.05


        """)
  }

  @Test("Control characters cannot reach the terminal")
  func controls() throws {
    let text = try written(.table, columns: [Column("a")], rows: [[.text("x\u{1B}[31m\ny\u{9B}")]])
    #expect(text == "a\n--------------------\nx\\u{1b}[31m\\ny\\u{9b}\n")
  }

  @Test("A table longer than what is measured still has every row")
  func longTable() throws {
    let count = AlignedTableWriter.measuredRows * 2 + 1
    let rows: [[Cell]] = (0..<count).map { [.integer(Int64($0))] }
    let lines = try written(.table, columns: [Column("n", .integer)], rows: rows)
      .split(separator: "\n")
    #expect(lines.count == count + 2)
    #expect(lines.last == "2000" && lines[2] == "  0")
  }

  @Test("CSV quotes only what must be, and tells empty from missing")
  func csv() throws {
    #expect(
      try written(.csv) == """
        code,名称,accounts,balance,opened
        B001,上海浦东支行,12,1234567890123.45,2026-01-31
        B2,"say ""hi"" | a,b",-3,-0.05,
        "",,,,

        """)
  }

  @Test("TSV")
  func tsv() throws {
    #expect(
      try written(
        .tsv, columns: [Column("a"), Column("b")], rows: [[.text("x\ty"), .text("1,2")]])
        == "a\tb\n\"x\ty\"\t1,2\n")
  }

  @Test("JSON has amounts as strings and whole numbers as numbers")
  func json() throws {
    let text = try written(.json)
    #expect(
      text == """
        [
        {"code":"B001","名称":"上海浦东支行","accounts":12,"balance":"1234567890123.45",\
        "opened":"2026-01-31"},
        {"code":"B2","名称":"say \\"hi\\" | a,b","accounts":-3,"balance":"-0.05","opened":null},
        {"code":"","名称":null,"accounts":null,"balance":null,"opened":null}
        ]

        """)
    #expect(try written(.json, rows: []) == "[]\n")
    let lines = try written(.jsonl).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"code\":") && $0.hasSuffix("}") })
  }

  @Test("Markdown keeps bars and lines within their cells")
  func markdown() throws {
    #expect(
      try written(
        .md, columns: [Column("a"), Column("n", .amount)],
        rows: [[.text("x|y\n<b>"), .decimal(ExactDecimal(coefficient: 150, scale: 2))]])
        == "| a | n |\n| --- | ---: |\n| x\\|y<br>&lt;b> | 1.50 |\n")
  }

  @Test("A file gets its name only when it is complete")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("out.csv").path
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }
    do {
      let abandoned = try OutputSink(path: path)
      try abandoned.write("half")
      #expect(try names() == ["out.csv.partial"])
    }
    #expect(try names() == [])
    let sink = try OutputSink(path: path, byteOrderMark: true)
    let writer = try OutputFormat.csv.writer(columns: [Column("a")], to: sink)
    try writer.write([.integer(1)])
    try writer.finish()
    #expect(try names() == ["out.csv"])
    #expect(
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == [0xEF, 0xBB, 0xBF]
        + Array("a\n1\n".utf8))
    #expect(throws: FileProblem.self) { try OutputSink(path: folder.path + "/none/x.csv") }
  }

  @Test("A full disk is reported")
  func fullDisk() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let device = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let sink = try OutputSink(descriptor: device.fileDescriptor, name: "/dev/full")
    try sink.write("text")
    #expect(
      throws: FileProblem.cannotWrite(path: "/dev/full", reason: "No space left on device")
    ) { try sink.close() }
  }
}
