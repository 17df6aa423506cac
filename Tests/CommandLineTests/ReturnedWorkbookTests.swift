import Foundation
import TestSupport
import Testing

/// A workbook with bad rows on its way back to the branch that sent it, corrected, and sent again.
@Suite struct ReturnedWorkbookTests {
  private let ground: ImportGround
  private let sheet = "xl/worksheets/sheet1.xml"

  init() async throws {
    ground = try await ImportGround(
      TinyBank().replacing("file: clients.csv", by: "file: clients.xlsx", in: "clients.yaml"))
  }

  /// A workbook as `banyan template` makes them, with rows of clients; its path.
  private func workbook(_ rows: [[TestWorkbook.Value]], as name: String) throws -> String {
    func texts(_ texts: String...) -> [TestWorkbook.Value] { texts.map { .text($0) } }
    let workbook = TestWorkbook([
      TestWorkbook.Sheet(
        name: "客户", rows: [texts("number", "name", "kind", "branch_code")] + rows),
      TestWorkbook.Sheet(
        name: "banyan",
        rows: [texts("key", "value"), texts("dataset", "clients"), texts("version", "0")],
        isHidden: true),
    ])
    try ground.folder.write(try workbook.bytes(), to: name)
    return ground.folder.path + "/" + name
  }

  private func row(_ texts: String...) -> [TestWorkbook.Value] { texts.map { .text($0) } }

  private func parts(_ path: String) throws -> [Packing.Entry] {
    try Packing.unzip(Array(Data(contentsOf: URL(filePath: path))))
  }

  private func text(_ path: String, _ part: String) throws -> String {
    let entry = try #require(try parts(path).first { $0.name == part })
    return String(decoding: entry.bytes, as: UTF8.self)
  }

  /// Corrects a workbook as somebody does who opens it in Excel.
  private func correct(_ path: String, _ wrong: String, by right: String) throws {
    let corrected = try parts(path).map { entry in
      entry.name == sheet
        ? Packing.Entry(
          entry.name,
          Array(String(decoding: entry.bytes, as: UTF8.self).replacing(wrong, with: right).utf8))
        : entry
    }
    try Data(Packing.zip(corrected)).write(to: URL(filePath: path))
  }

  @Test func itIsTheSameWorkbookAndLoadsOnlyWhatWasMissing() async throws {
    let original = try workbook(
      [
        row("C8", "Eight", "person", "B1"), row("C9", "Nine", "persn", "B7"),
        row("C10", "Ten", "persn", "B1"),
      ],
      as: "sent/clients.xlsx")
    let sent = try await ground.send(original)
    #expect(sent.counts == "loaded 3 1 2 0", "\(sent.messages)")
    let path = ground.folder.path + "/clients.xlsx"
    let back = try await ground.run(
      "batch", "rejects", sent.batch, "--original", original, "-o", path)
    #expect(back.exitCode == 0)
    #expect(
      back.errorOutput == "2 rows to correct in \(path), by the column “Import status”\n")

    // Every part is what it was, and the sheet but for one cell a row.
    let (before, after) = (try parts(original), try parts(path))
    #expect(before.map(\.name) == after.map(\.name))
    for (old, new) in zip(before, after) where old.name != sheet {
      #expect(old.bytes == new.bytes, "\(old.name)")
    }
    func cell(_ place: String, _ text: String) -> String {
      "<c r=\"\(place)\" t=\"inlineStr\"><is><t>\(text)</t></is></c>"
    }
    let kinds = "“persn” is not a kind; it is one of person, company"
    var expected = ""
    for (line, status) in zip(
      try text(original, sheet).split(separator: "</row>", omittingEmptySubsequences: false),
      [
        cell("E1", "Import status"), cell("E2", "ok"),
        cell(
          "E3",
          "IMP-0206 kind: \(kinds); IMP-0401 branch_code: the branch “B7” is not on record; send it first, or correct the code"
        ), cell("E4", "IMP-0206 kind: \(kinds)"), "",
      ])
    { expected += line + status + (status.isEmpty ? "" : "</row>") }
    #expect(try text(path, sheet) == expected)

    // Sent as it is, nothing is loaded twice and everything is told again.
    let asItIs = try await ground.send(path)
    #expect(asItIs.counts == "loaded 3 0 2 1", "\(asItIs.messages)")
    // Corrected in one row, it brings that row; the column says so in the language that is asked for.
    try correct(
      path, "persn</t></is></c><c t=\"inlineStr\"><is><t xml:space=\"preserve\">B1",
      by: "person</t></is></c><c t=\"inlineStr\"><is><t xml:space=\"preserve\">B1")
    let second = try await ground.send(path)
    #expect(second.counts == "loaded 3 1 1 1", "\(second.messages)")
    let again = ground.folder.path + "/again/clients.xlsx"
    try ground.write("", to: "again/note.txt")
    let chinese = try await ground.run(
      "batch", "rejects", second.batch, "--lang", "zh", "--original", path, "-o", again)
    #expect(chinese.errorOutput == "1 row to correct in \(again), by the column “导入状态”\n")
    let told = try text(again, sheet)
    #expect(told.contains(cell("E1", "导入状态")) && !told.contains("Import status"))
    #expect(told.contains(cell("E2", "无误")) && told.contains(cell("E4", "无误")))
    #expect(told.contains("IMP-0206 kind: “persn”不是 kind；应为 person, company 之一；IMP-0401"))
    try correct(again, "persn", by: "person")
    try correct(again, "B7", by: "B1")
    let last = try await ground.send(again)
    #expect(last.counts == "loaded 3 1 0 2", "\(last.messages)")
    #expect(
      try await ground.psql(
        "select number from bank.client where number in ('C8', 'C9', 'C10') order by 1")
        == "C10\nC8\nC9\n")
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func aFileThatWasKeptOutSaysSoInItsRows() async throws {
    let original = try workbook(
      [row("C8", "Eight", "person", "B1"), row("C9", "Nine", "persn", "B1")],
      as: "sent/clients.xlsx")
    let sent = try await ground.send(original, "--all-or-nothing")
    #expect(sent.counts == "kept out 2 0 1 0", "\(sent.messages)")
    let path = ground.folder.path + "/clients.xlsx"
    let back = try await ground.run(
      "batch", "rejects", sent.batch, "--original", original, "-o", path)
    #expect(back.exitCode == 0, "\(back.errorOutput)")
    #expect(
      try text(path, sheet).contains(
        "<t>ok, but nothing of the file is loaded yet</t></is></c></row>"))
  }

  @Test func anotherFileIsRefused() async throws {
    let original = try workbook([row("C9", "Nine", "persn", "B1")], as: "sent/clients.xlsx")
    let sent = try await ground.send(original)
    let other = try workbook([row("C9", "Nine", "persom", "B1")], as: "other.xlsx")
    let path = ground.folder.path + "/back.xlsx"
    func refusal(_ arguments: String...) async throws -> (Int32, String) {
      let outcome = try await BanyanProcess.run(
        ["batch", "rejects"] + arguments, environment: ["DATABASE_URL": ground.database.url])
      return (outcome.exitCode, outcome.messages(in: ground.folder).first ?? "")
    }
    #expect(
      try await refusal(sent.batch, "--original", other, "-o", path)
        == (
          3,
          "banyan: “FOLDER/other.xlsx” is not the file of batch \(sent.batch), “clients.xlsx”: its bytes differ; name the workbook as it was imported"
        ))
    #expect(
      try await refusal("4", "--original", original, "-o", path)
        == (
          64,
          "banyan: the file of batch 4 was no workbook, so it has no column for a status; write -o without --original"
        ))
    let missing = try await refusal(
      sent.batch, "--original", ground.folder.path + "/no.xlsx", "-o", path)
    #expect(missing.0 == 1 && missing.1.contains("no.xlsx cannot be opened"))
    let nowhere = try await refusal(sent.batch, "--original", original)
    #expect(nowhere.0 == 64 && nowhere.1.contains("--original needs -o FILE"), "\(nowhere)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
