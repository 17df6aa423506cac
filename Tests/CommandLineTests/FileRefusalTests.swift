import Banyan
import Foundation
import TestSupport
import Testing

/// Files and mappings that are wrong as a whole: one clear message, a documented exit code, and a
/// database that is as it was but for the record of the failure.
@Suite struct FileRefusalTests {
  private struct Case: Sendable {
    let name: String
    let bank: TinyBank
    /// What standard error says, with the folder written as FOLDER.
    let messages: [String]
    /// The changed file's batch: state, rows read, loaded, rejected, unchanged; nil for none.
    var batch: String?
    var exitCode: Int32 = 3
  }

  private static let tiny = TinyBank()
  private static let datasets = {
    let names = Dataset.standard.map(\.name)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }()
  private static let clients = "number,name,kind,branch_code"
  private static let waiting =
    "banyan: left alone until the refused file is corrected: accounts, holders, assignments, loans, transactions"

  /// Changed clients.csv.
  private static func clients(
    _ name: String, _ bytes: [UInt8], refused: String
  ) -> Case {
    Case(
      name: name, bank: tiny.with("clients.csv", bytes: bytes),
      messages: ["banyan: clients.csv: \(refused)", waiting], batch: "failed|0|0|0|0")
  }

  private static let cases: [Case] = [
    clients(
      "a column is missing", Array("number,name,branch_code\nC9,Nine,B1\n".utf8),
      refused:
        "the file has no column “kind”; it has “number”, “name”, “branch_code”; correct the file, or `columns` in clients.yaml"
    ),
    clients(
      "an unknown column", Array("number,name,kind,branch_code,born\nC9,Nine,person,B1,x\n".utf8),
      refused:
        "the file has a column “born” that the mapping does not know; add it to `columns` or to `ignore` in clients.yaml"
    ),
    clients(
      "a column twice", Array("number,name,kind,branch_code,kind\nC9,Nine,person,B1,x\n".utf8),
      refused: "the file has the column “kind” more than once; keep one"),
    clients(
      "an empty file", [],
      refused:
        "FOLDER/files/clients.csv is empty: a header line was expected; ask the sender for the file again"
    ),
    clients(
      "another separator", Array("number;name;kind;branch_code\nC9;Nine;person;B1\n".utf8),
      refused:
        "the file has no column “number”; it has “number;name;kind;branch_code”; correct the file, or `columns` in clients.yaml"
    ),
    clients(
      "a header that is no text", Array("number,\u{0}".utf8) + [0xFF, 0x0A],
      refused:
        "FOLDER/files/clients.csv, line 1: the header cannot be used because field 2 holds a zero byte; correct it first"
    ),
    Case(
      name: "a header and nothing else", bank: tiny.with("clients.csv", clients + "\n"),
      messages: [], batch: "loaded|0|0|0|0", exitCode: 0),
    Case(
      name: "a byte order mark and other line ends",
      bank: tiny.with("clients.csv", "\u{FEFF}" + clients + "\r\nC9,Nine,person,B1\r\n"),
      messages: [], batch: "loaded|1|1|0|0", exitCode: 0),
    Case(
      name: "no last line end",
      bank: tiny.with("clients.csv", clients + "\nC9,Nine,person,B1"),
      messages: [], batch: "loaded|1|1|0|0", exitCode: 0),
    Case(
      name: "another encoding than the mapping says",
      bank: tiny.with(
        "clients.csv",
        bytes: Array((clients + "\nC8,").utf8) + [0xD5, 0xC5, 0xC8, 0xFD]
          + Array(",person,B1\nC9,Nine,person,B1\n".utf8)),
      messages: [
        "clients.csv:2: IMP-0103: the row is bad because field 2 holds the byte 0xD5, which is no text in its encoding"
      ], batch: "loaded|2|1|1|0"),
    Case(
      name: "a byte that is no text",
      bank: tiny.with(
        "clients.csv",
        bytes: Array((clients + "\nC9,Ni").utf8) + [0xFF] + Array("ne,person,B1\n".utf8)),
      messages: [
        "clients.csv:2: IMP-0103: the row is bad because field 2 holds the byte 0xFF, which is no text in its encoding"
      ], batch: "loaded|1|0|1|0"),
    Case(
      name: "a zero byte",
      bank: tiny.with("clients.csv", clients + "\nC8,Ei\u{0}ght,person,B1\nC9,Nine,person,B1\n"),
      messages: [
        "clients.csv:2: IMP-0103: the row is bad because field 2 holds a zero byte"
      ], batch: "loaded|2|1|1|0"),
    Case(
      name: "a duplicate in the file",
      bank: tiny.with("clients.csv", clients + "\nC9,Nine,person,B1\nC9,Nine,person,B1\n"),
      messages: [
        "clients.csv:3: IMP-0301 number: this client stands in line 2 of the file already; keep one"
      ], batch: "loaded|2|1|1|0"),
  ]

  @Test(arguments: cases.indices)
  private func theFile(_ index: Int) async throws {
    let one = Self.cases[index]
    let database = try await TestServer.tinyBankDatabase()
    let folder = try one.bank.write()
    let before = try await psql("select count(*) from bank.client", in: database)
    let outcome = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
    #expect(outcome.messages(in: folder) == one.messages, "\(one.name)")
    #expect(outcome.exitCode == one.exitCode, "\(one.name)")
    let batch = try await psql(
      """
      select state, rows_read, rows_loaded, rows_rejected, rows_unchanged from bank.batch
      where dataset = 'clients' order by batch_id desc limit 1
      """, in: database)
    #expect(batch == "\(one.batch ?? "")\n", "\(one.name)")
    if one.batch?.hasPrefix("failed") == true {
      #expect(try await psql("select count(*) from bank.client", in: database) == before)
    }
    #expect(try await database.unaccountedRows() == "", "\(one.name)")
    // A file that was refused can be sent again once it is right; the same command carries on.
    if one.exitCode == 3 {
      let sound = try TinyBank().write()
      let again = try await banyan(
        "import", sound.path + "/files", "--mapping", sound.path + "/mapping", on: database)
      #expect(again.exitCode == 0, "\(one.name): \(again.errorOutput)")
    }
  }

  /// What a file is refused for is told in the language of the branch; the names of columns stay as they are.
  @Test func everyRefusalIsToldInChinese() async throws {
    let database = try await TestServer.tinyBankDatabase()
    func sheet(_ name: String) -> TestWorkbook.Sheet {
      TestWorkbook.Sheet(name: name, rows: [[.text("number")], [.text("C1")]])
    }
    let files =
      Self.cases.filter { $0.batch?.hasPrefix("failed") == true }.compactMap {
        $0.bank.files["clients.csv"]
      } + [
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], Array("[{\"number\":\"C1\"".utf8),
        Array(try Packing.compress(Array(Self.clients.utf8), by: .gzip).dropLast(9)),
        try TestWorkbook([sheet("a"), sheet("b")]).bytes(),
        try Packing.zip([Packing.Entry("xl/workbook.xml", Array("<workbook>".utf8))]),
        Array(repeating: UInt8(ascii: "x"), count: 3 << 20),
      ]
    #expect(files.count > 10)
    for bytes in files {
      let folder = try Self.tiny.with("clients.csv", bytes: bytes).write()
      let outcome = try await banyan(
        "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--lang", "zh",
        on: database)
      #expect(outcome.exitCode == 3, "\(outcome.errorOutput)")
      let message = outcome.messages(in: folder).first ?? ""
      #expect(message.hasPrefix("banyan: clients.csv: "), "\(message)")
      #expect(!message.contains(/[a-z]{3,} [a-z]{2,} [a-z]{2,}/), "\(message)")
      #expect(
        message.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "\(message)")
    }
  }

  private static let bankFile = "FOLDER/mapping/bank.yaml"
  private static let wholeCases: [Case] = [
    Case(
      name: "a file is missing",
      bank: {
        var bank = tiny
        bank.files["loans.csv"] = nil
        return bank
      }(),
      messages: [
        "banyan: “loans.csv”, which loans.yaml describes, is not in the folder “FOLDER/files”; nothing was imported"
      ]),
    Case(
      name: "another bank", bank: tiny.replacing("name: Tiny", by: "name: Huge", in: "bank.yaml"),
      messages: [
        "banyan: this database holds “Tiny” with books in CNY, not “Huge” in CNY; use another database for another bank"
      ]),
    Case(
      name: "another currency",
      bank: tiny.replacing("currency: CNY", by: "currency: EUR", in: "bank.yaml"),
      messages: [
        "banyan: this database holds “Tiny” with books in CNY, not “Tiny” in EUR; use another database for another bank"
      ]),
    Case(
      name: "an unknown dataset",
      bank: tiny.replacing("dataset: clients", by: "dataset: client", in: "clients.yaml"),
      messages: [
        "banyan: FOLDER/mapping/clients.yaml: line 1, column 10, dataset: \"client\" is not known here; write \(datasets) (did you mean clients?)"
      ]),
    Case(
      name: "an unknown key",
      bank: tiny.replacing("encoding: utf-8", by: "encodings: utf-8", in: "clients.yaml"),
      messages: [
        "banyan: FOLDER/mapping/clients.yaml: line 3, column 1, encodings: the key `encodings` is not known here; did you mean `encoding`?"
      ]),
    Case(
      name: "an unknown encoding",
      bank: tiny.replacing("encoding: utf-8", by: "encoding: ebcdic", in: "clients.yaml"),
      messages: [
        "banyan: FOLDER/mapping/clients.yaml: line 3, column 11, encoding: the encoding “ebcdic” is not known; write automatic or one of utf-8, gb18030, big5, iso-8859-1, iso-8859-2, windows-1250, windows-1252, utf-16"
      ]),
    Case(
      name: "a column that the dataset has not",
      bank: tiny.replacing("  kind: kind", by: "  kinds: kind", in: "clients.yaml"),
      messages: ["banyan: FOLDER/mapping/clients.yaml: line "]),
    Case(
      name: "no YAML", bank: tiny.replacing("columns:", by: "columns: [", in: "clients.yaml"),
      messages: ["banyan: FOLDER/mapping/clients.yaml: line "]),
    Case(
      name: "no bank.yaml",
      bank: {
        var bank = tiny
        bank.mappings["bank.yaml"] = nil
        return bank
      }(),
      messages: ["banyan: “FOLDER/mapping/bank.yaml” is missing or is not UTF-8 text"]),
    Case(
      name: "no currency",
      bank: tiny.replacing("currency: CNY", by: "currency: yuan", in: "bank.yaml"),
      messages: [
        "banyan: FOLDER/mapping/bank.yaml: line 2, column 11, currency: “yuan” is not a currency; write three capital letters such as CNY"
      ]),
    Case(
      name: "a plan that is not there",
      bank: tiny.replacing("plans/plan.yaml", by: "plans/none.yaml", in: "bank.yaml"),
      messages: [
        "banyan: the plan file “FOLDER/mapping/plans/none.yaml” is missing or is not UTF-8 text"
      ]),
  ]

  /// What stops an import before it begins leaves no trace at all.
  @Test func nothingBeginsWhenTheWholeIsWrong() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let everything = """
      select (select count(*) from bank.batch), (select count(*) from bank.institution),
        (select count(*) from bank.plan), (select count(*) from bank.client)
      """
    let before = try await psql(everything, in: database)
    for one in Self.wholeCases {
      let folder = try one.bank.write()
      let outcome = try await banyan(
        "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
      #expect(outcome.exitCode == 3, "\(one.name): \(outcome.errorOutput)")
      #expect(outcome.output == "", "\(one.name)")
      let messages = outcome.messages(in: folder)
      let expected = try #require(one.messages.first)
      // What the reader of documents says in full is its own tests' business.
      #expect(
        expected.hasSuffix(" ")
          ? messages.first?.hasPrefix(expected) == true : messages == [expected],
        "\(one.name): \(messages)")
      #expect(try await psql(everything, in: database) == before, "\(one.name)")
    }
  }

  @Test func foldersThatAreNone() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TinyBank().write()
    let files = folder.path + "/files"
    let mapping = folder.path + "/mapping"
    let nowhere = try await banyan(
      "import", folder.path + "/none", "--mapping", mapping, on: database)
    #expect(nowhere.exitCode == 64)
    #expect(
      nowhere.messages(in: folder)
        == ["banyan: there is no file or folder “FOLDER/none”; name what the bank sent"])
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    let pipe = try await banyan("import", folder.path + "/pipe", "--mapping", mapping, on: database)
    #expect(pipe.exitCode == 64)
    #expect(
      pipe.messages(in: folder)
        == [
          "banyan: “FOLDER/pipe” is a pipe, a device or the like, and not a file; write - to read standard input"
        ])
    let unmapped = try await banyan(
      "import", files, "--mapping", folder.path + "/none", on: database)
    #expect(unmapped.exitCode == 64)
    #expect(
      unmapped.messages(in: folder)
        == ["banyan: there is no mapping folder “FOLDER/none”; name one that holds bank.yaml"])
    // The platform's own mappings do not say what bank it is.
    let nobody = try await banyan("import", files, on: TestServer.migratedDatabase())
    #expect(nobody.exitCode == 64)
    #expect(
      nobody.messages(in: folder)
        == [
          "banyan: no bank is on record yet; import its first files with --mapping DIR, a folder whose bank.yaml says what bank it is"
        ])

    // A folder where a file should be.
    try FileManager.default.removeItem(atPath: files + "/clients.csv")
    try folder.write("x".utf8, to: "files/clients.csv/inside.txt")
    let inside = try await banyan("import", files, "--mapping", mapping, on: database)
    #expect(inside.exitCode == 3)
    #expect(
      inside.messages(in: folder) == [
        "banyan: “clients.csv”, which clients.yaml describes, is a folder, a pipe, a broken link or the like in the folder “FOLDER/files”, and not a file; nothing was imported"
      ])
    try FileManager.default.removeItem(atPath: files + "/clients.csv")
    for make in [
      { mkfifo(files + "/clients.csv", 0o600) }, { symlink("/nowhere", files + "/clients.csv") },
    ] {
      #expect(make() == 0)
      let other = try await banyan("import", files, "--mapping", mapping, on: database)
      #expect(other.exitCode == 3)
      #expect(other.errorOutput.contains("and not a file; nothing was imported"))
      #expect(unlink(files + "/clients.csv") == 0)
    }
  }

  /// What a row lacked may come later: the same bytes are looked at again then, and only then.
  @Test func aRowThatNamesWhatWasNotThereGetsAnotherChance() async throws {
    let database = try await TestServer.migratedDatabase()
    let lacking = try Self.tiny.with("clients.csv", Self.clients + "\n").write()
    let first = try await banyan(
      "import", lacking.path + "/files", "--mapping", lacking.path + "/mapping", on: database)
    #expect(first.exitCode == 3)
    #expect(first.errorOutput.contains("holders.csv:2: IMP-0401"))
    let batches = try await psql("select count(*) from bank.batch", in: database)
    let again = try await banyan(
      "import", lacking.path + "/files", "--mapping", lacking.path + "/mapping", on: database)
    #expect(again.exitCode == 0, "nothing has come that the rows could name")
    #expect(again.errorOutput.contains("which rejected 4 of their rows"), "\(again.errorOutput)")
    #expect(try await psql("select count(*) from bank.batch", in: database) == batches)

    let sound = try Self.tiny.write()
    let complete = try await banyan(
      "import", sound.path + "/files", "--mapping", sound.path + "/mapping", on: database)
    #expect(complete.exitCode == 0, "\(complete.errorOutput)")
    #expect(try await psql("select count(*) from bank.account_holder", in: database) == "4\n")
    #expect(try await database.unaccountedRows() == "")
    let last = try await banyan(
      "import", sound.path + "/files", "--mapping", sound.path + "/mapping", on: database)
    #expect(last.exitCode == 0)
    #expect(last.errorOutput == "")
  }
}
