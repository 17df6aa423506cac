import Foundation
import TestSupport
import Testing

/// Bad rows on their way back to whoever sent them, and corrected.
@Suite struct RejectedFileTests {
  private static let columns = "_line,_code,_column,_reason"
  /// The header of transactions that go back.
  private static let header = String(ImportGround.header.dropLast()) + ",\(columns)\n"

  private func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path)))
  }

  private func gb18030(_ text: String) throws -> [UInt8] {
    try OutputText.encoded(text)
  }

  /// Corrected in place, the file is imported as it is and brings only what was missing.
  @Test func aCorrectedFileLoadsOnlyWhatWasMissing() async throws {
    let ground = try await ImportGround()
    let sent = try await ground.send(
      try ground.transactions([
        "T8,A1,2026-03-02,credit,5.00", "T9,A9,2026-03-32,credit,6.00",
        "T10,A2,2026-03-04,credit,\"7,5\"",
      ]))
    #expect(sent.counts == "loaded 3 1 2 0")
    let path = ground.folder.path + "/back.csv"
    let back = try await ground.run("batch", "rejects", sent.batch, "-o", path)
    #expect(back.exitCode == 0)
    #expect(back.errorOutput == "2 rows in \(path)\n")
    let text = String(decoding: try bytes(path), as: UTF8.self)
    #expect(
      text == Self.header + """
        T9,A9,2026-03-32,credit,6.00,,,,,,3,IMP-0401 IMP-0202,"account_number, booked_on","account_number: the account “A9” is not on record; send it first, or correct the code; booked_on: “2026-03-32” is not a day of the calendar written as YYYY-MM-DD"
        T10,A2,2026-03-04,credit,"7,5",,,,,,4,IMP-0203,amount,"“7,5” is not a plain number; write digits and a point, without separators or units"

        """)
    // One row is corrected, the other not quite.
    let corrected = text.replacing("\"7,5\"", with: "7.50").replacing(
      "A9,2026-03-32", with: "A1,2026-03-33")
    let second = try await ground.send(try ground.write(corrected, to: "sent/transactions.csv"))
    #expect(second.counts == "loaded 2 1 1 0", "\(second.messages)")
    let again = ground.folder.path + "/again.csv"
    #expect(try await ground.run("batch", "rejects", second.batch, "-o", again).exitCode == 0)
    let rest = String(decoding: try bytes(again), as: UTF8.self)
    #expect(
      rest == Self.header + """
        T9,A1,2026-03-33,credit,6.00,,,,,,2,IMP-0202,booked_on,“2026-03-33” is not a day of the calendar written as YYYY-MM-DD

        """)
    let last = try await ground.send(
      try ground.write(
        rest.replacing("A1,2026-03-33", with: "A1,2026-03-31"), to: "sent/transactions.csv"))
    #expect(last.counts == "loaded 1 1 0 0")
    #expect(
      try await ground.psql(
        "select number, amount from bank.transaction where booked_on >= '2026-03-01' order by 1")
        == "T10|7.50\nT8|5.00\nT9|6.00\n")
    #expect(try await ground.database.unaccountedRows() == "")
  }

  /// A branch that writes GB 18030 with semicolons and CRLF gets its rows back so, byte by byte, with a byte in them
  /// that was no text, and reasons in Chinese.
  @Test func rowsComeBackInTheirOwnLayout() async throws {
    let bank = TinyBank()
      .replacing("encoding: utf-8", by: "encoding: gb18030\nseparator: \";\"", in: "clients.yaml")
      .replacing("name: name", by: "name: 姓名", in: "clients.yaml")
    let ground = try await ImportGround(bank)
    var file = try gb18030(
      "number;姓名;kind;branch_code\r\nC8;张三;person;B1\r\nC9;\"李;四\";人;B1\r\nC10;王")
    file.append(0xFF)
    file += try gb18030("五;person;B1\r\n")
    try ground.folder.write(file, to: "sent/clients.csv")
    let sent = try await ground.send(ground.folder.path + "/sent/clients.csv", "--lang", "zh")
    #expect(
      sent.messages == [
        "clients.csv:3: IMP-0206 kind: “人”不是 kind；应为 person, company 之一",
        "clients.csv:4: IMP-0103: 第 2 个字段含有字节 0xFF，它在文件编码中没有意义；请用同一种编码重新导出",
      ])
    let path = ground.folder.path + "/back.csv"
    #expect(
      try await ground.run("batch", "rejects", sent.batch, "--lang", "zh", "-o", path).exitCode == 0
    )
    var expected = try gb18030(
      "number;姓名;kind;branch_code;_line;_code;_column;_reason\r\nC9;\"李;四\";人;B1;3;IMP-0206;kind;“人”不是 kind；应为 person, company 之一\r\nC10;王"
    )
    expected.append(0xFF)
    expected += try gb18030("五;person;B1;4;IMP-0103;;第 2 个字段含有字节 0xFF，它在文件编码中没有意义；请用同一种编码重新导出\r\n")
    #expect(try bytes(path) == expected)
  }

  @Test func rowsOfFixedWidthComeBackWithTheirReasonsBeside() async throws {
    let widths = """
      dataset: clients
      file: clients.csv
      encoding: iso-8859-1
      fixed_width: {number: 4, name: 8, kind: 7, branch: 2}
      columns: {number: number, name: name, kind: kind, branch_code: branch}

      """
    var bank = TinyBank()
    bank.mappings["clients.yaml"] = widths
    let ground = try await ImportGround(bank)
    let line = "C9  M\u{FC}ller  persn  B1"
    try ground.folder.write(
      "C8  Eight   person B1\n\(line)\n".unicodeScalars.map { UInt8($0.value) },
      to: "sent/clients.csv")
    let sent = try await ground.send(ground.folder.path + "/sent/clients.csv")
    #expect(sent.counts == "loaded 2 1 1 0", "\(sent.messages)")
    let path = ground.folder.path + "/back.txt"
    let back = try await ground.run("batch", "rejects", sent.batch, "-o", path)
    #expect(back.errorOutput == "1 row in \(path), their reasons in \(path).reasons.csv\n")
    #expect(try bytes(path) == (line + "\n").unicodeScalars.map { UInt8($0.value) })
    let reasons = String(decoding: try bytes(path + ".reasons.csv"), as: UTF8.self)
    #expect(
      reasons
        == "\u{FEFF}line,\(Self.columns)\n1,2,IMP-0206,kind,\"“persn” is not a kind; it is one of person, company\"\n"
    )
    let chinese = try await ground.run("batch", "rejects", sent.batch, "--lang", "zh", "-o", path)
    #expect(chinese.exitCode == 64)
    #expect(chinese.messages().first?.contains("has no Chinese; write --lang en") == true)
  }

  @Test func rowsOfAWorkbookComeBackAsOne() async throws {
    let bank = TinyBank().replacing(
      "file: clients.csv", by: "file: clients.xlsx", in: "clients.yaml")
    let ground = try await ImportGround(bank)
    let workbook = TestWorkbook(
      sheet: "客户", csv: "number,name,kind,branch_code\nC8,Eight,person,B1\nC9,Nine,persn,B7\n")
    try ground.folder.write(try workbook.bytes(), to: "sent/clients.xlsx")
    let sent = try await ground.send(ground.folder.path + "/sent/clients.xlsx")
    #expect(sent.counts == "loaded 2 1 1 0", "\(sent.messages)")
    let path = ground.folder.path + "/back/clients.xlsx"
    try ground.write("", to: "back/note.txt")
    let back = try await ground.run("batch", "rejects", sent.batch, "-o", path)
    #expect(back.errorOutput == "1 row in \(path)\n")
    let again = try await ground.send(path)
    #expect(again.counts == "loaded 1 0 1 0")
    #expect(
      again.messages.first?.hasPrefix("clients.xlsx, sheet 客户, row 2: IMP-0206 kind") == true,
      "\(again.messages)")
    #expect(
      try await ground.psql(
        "select layout ->> 'header' from bank.batch where batch_id = \(again.batch)")
        == "[\"number\", \"name\", \"kind\", \"branch_code\", \"_line\", \"_code\", \"_column\", \"_reason\"]\n"
    )
  }

  @Test func whatCannotBeGivenBackIsTold() async throws {
    let ground = try await ImportGround()
    let none = try await ground.run("batch", "rejects", "99", "-o", "-")
    #expect(none.exitCode == 64)
    #expect(none.messages() == ["banyan: there is no batch 99; see `banyan report run batches`"])
    let clean = try await ground.run("batch", "rejects", "4", "-o", "-")
    #expect(clean.exitCode == 0)
    #expect(clean.output == "number,name,kind,branch_code,\(Self.columns)\n")
    #expect(try await ground.run("batch", "rejects", "4", "--lang", "fr").exitCode == 64)
  }

  /// Every sentence that rows are refused with has one in Chinese.
  @Test func everyReasonIsToldInChinese() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = TinyBank()
      .adding(
        "B9,Nine,branch,R9,1993-01-01\nB8,Eight,branch,,1993-01-01\nR7,R,region,B1,1993-01-01\n",
        to: "org_units.csv"
      )
      .adding(
        "T1,A1,2025-12-31,credit\nT20,\"A1,2026-01-01,credit,1,,,,,\nT21,\"A1\"x,2026-01-01,credit,1,,,,,\nT22,A9,01.02.2026,cr,1e3,,,,,\nT23,A1,1800-01-01,credit,-1,,,12345678901234567,,\nT24,A1,2026-01-05,credit,1.005,,,,,\n,A1,2026-01-05,credit,1,,,,,\nT1,A1,2026-01-05,credit,1,\(String(repeating: "x", count: 41)),,,,\nT1,A1,2025-12-30,credit,1,,,,,\n",
        to: "transactions.csv"
      )
      .adding("L1,A1,2026-01-15,0,0,1,running\nL2,A1,2026-01-15,1,x,1,gone\n", to: "loans.csv")
      .adding(
        "A9,B1,demand,cny,2025-06-01,\nA8,B1,demand,USD,2025-06-01,\nA1,B1,demand,CNY,2025-06-02,\n",
        to: "accounts.csv"
      )
      .adding("A3,E3,1.5,2026-01-31,\n", to: "assignments.csv")
    let folder = try bank.write()
    let outcome = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--lang", "zh",
      on: database)
    #expect(outcome.exitCode == 3)
    var codes: Set<String> = []
    let batches = try await psql(
      "select batch_id from bank.batch where rows_rejected > 0", in: database)
    for batch in batches.split(separator: "\n").map(String.init) {
      let list = try await banyan(
        "batch", "rejects", batch, "--lang", "zh", "--format", "csv", on: database)
      for row in try CSVTable(text: list.output).rows {
        let reason = row["reason"] ?? ""
        codes.insert(row["code"] ?? "")
        // A sentence that is only prefixed with what its code means still holds the English one.
        #expect(!reason.contains(/[a-z]{3,} [a-z]{2,} [a-z]{2,}/), "\(reason)")
        #expect(
          reason.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "\(reason)")
      }
    }
    #expect(codes.count >= 12, "\(codes.sorted())")
  }
}
