import TestSupport
import Testing

/// Files that come compressed and as workbooks, from the sender's side: what is loaded, where a wrong row is, and
/// what is said of a file that is damaged.
@Suite struct PackedImportTests {
  private static let clients = """
    number,name,kind,branch_code
    C1,One Ltd,company,B1
    C2,Two,person,B1
    C3,Three,person,B2

    """

  /// The tiny bank with its clients in another file.
  private static func bank(_ file: String, _ bytes: [UInt8]) -> TinyBank {
    var bank = TinyBank()
    bank.files["clients.csv"] = nil
    bank.files[file] = bytes
    return file.hasSuffix(".xlsx")
      ? bank.replacing("file: clients.csv", by: "file: clients.xlsx", in: "clients.yaml") : bank
  }

  private func imported(
    _ bank: TinyBank, into database: TestDatabase
  ) async throws -> (outcome: ProgramOutcome, messages: [String]) {
    let folder = try bank.write()
    let outcome = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
      on: database)
    return (outcome, outcome.messages(in: folder))
  }

  private static let sound: [(file: String, make: @Sendable () throws -> [UInt8])] = [
    ("clients.csv.gz", { try Packing.compress(Array(clients.utf8), by: .gzip) }),
    ("clients.csv.zst", { try Packing.compress(Array(clients.utf8), by: .zstd) }),
    // Named as if it was not compressed.
    ("clients.csv", { try Packing.compress(Array(clients.utf8), by: .gzip) }),
    ("clients.xlsx", { try TestWorkbook(csv: clients).bytes() }),
  ]

  @Test(arguments: sound.indices)
  private func aSoundFileIsLoadedWhateverItIsPackedIn(_ index: Int) async throws {
    let (file, make) = Self.sound[index]
    let database = try await TestServer.migratedDatabase()
    let bank = Self.bank(file, try make())
    let (outcome, messages) = try await imported(bank, into: database)
    #expect(outcome.exitCode == 0, "\(messages)")
    #expect(
      try await psql("select number, name, kind from bank.client order by 1", in: database)
        == "C1|One Ltd|company\nC2|Two|person\nC3|Three|person\n")
    #expect(outcome.output.contains("\(file),clients,4,loaded,3,3,0,0"))
    #expect(try await database.unaccountedRows() == "")
    let again = try await imported(bank, into: database)
    #expect(again.outcome.output.contains("\(file),clients,4,unchanged,3,0,0,3"))
  }

  @Test func aWrongRowOfACompressedFileIsNamedByItsLine() async throws {
    let database = try await TestServer.migratedDatabase()
    let text = Self.clients + "C4,Four,persn,B1\nC5,Five,person,B7\n"
    let (outcome, messages) = try await imported(
      Self.bank("clients.csv.zst", try Packing.compress(Array(text.utf8), by: .zstd)),
      into: database)
    #expect(outcome.exitCode == 3)
    #expect(
      messages == [
        "clients.csv.zst:5: IMP-0206 kind: “persn” is not a kind; it is one of person, company",
        "clients.csv.zst:6: IMP-0401 branch_code: the branch “B7” is not on record; send it first, or correct the code",
      ])
  }

  /// A row of a sheet is named by its sheet and its number in Excel, also below rows that are empty.
  @Test func aWrongRowOfAWorkbookIsNamedBySheetAndRow() async throws {
    let database = try await TestServer.migratedDatabase()
    let header = [
      "number", "account_number", "granted_on", "amount", "term_months", "monthly_payment",
      "status",
    ]
    .map { TestWorkbook.Value.text($0) }
    func loan(
      _ number: TestWorkbook.Value, _ day: TestWorkbook.Value, _ amount: TestWorkbook.Value
    ) -> [TestWorkbook.Value] {
      [number, .text("A1"), day, amount, .number("12"), .number("10000"), .text("running")]
    }
    var bank = TinyBank().replacing("file: loans.csv", by: "file: loans.xlsx", in: "loans.yaml")
    bank.files["loans.csv"] = nil
    bank.files["loans.xlsx"] = try TestWorkbook([
      TestWorkbook.Sheet(name: "Notes", rows: []),
      TestWorkbook.Sheet(
        name: "贷款",
        rows: [
          header, loan(.text("L1"), .day(46037), .number("120000.5")), [], [],
          loan(.text("L2"), .text("soon"), .error("#REF!")),
          loan(.number("6222020000000000123"), .day(46037), .number("1")),
          loan(.text("L4"), .text("2026-01-16"), .number("0.30000000000000004")),
        ]),
    ]).bytes()
    let (outcome, messages) = try await imported(bank, into: database)
    #expect(outcome.exitCode == 3)
    #expect(
      messages == [
        "loans.xlsx, sheet 贷款, row 5: IMP-0202 granted_on: “soon” is not a day of the calendar written as YYYY-MM-DD or YYYY-MM-DD *",
        "loans.xlsx, sheet 贷款, row 5: IMP-0208 amount: the value cannot be used because the cell holds the error #REF!; correct its formula",
        "loans.xlsx, sheet 贷款, row 6: IMP-0208 number: the value cannot be used because the cell is a number, and Excel keeps only 15 of its digits: the last ones are lost; format the column as text and type it again",
      ])
    #expect(
      try await psql("select number, granted_on, amount from bank.loan order by 1", in: database)
        == "L1|2026-01-15|120000.5\nL4|2026-01-16|0.3\n")
    #expect(
      try await psql("select sheet_name from bank.batch where dataset = 'loans'", in: database)
        == "贷款\n")
  }

  private static let damaged:
    [(name: String, file: String, make: @Sendable () throws -> [UInt8], refusal: String)] = [
      (
        "a gzip file that is cut", "clients.csv.gz",
        {
          let text =
            clients + (1...5_000).map { "D\($0),Name \($0 * 7_919 % 1_000),person,B1\n" }.joined()
          let packed = try Packing.compress(Array(text.utf8), by: .gzip)
          return Array(packed.prefix(packed.count / 2))
        }, "truncated gzip input"
      ),
      (
        "a gzip file with a bit turned over", "clients.csv.gz",
        {
          let text =
            clients + (1...5_000).map { "D\($0),Name \($0 * 7_919 % 1_000),person,B1\n" }.joined()
          var packed = try Packing.compress(Array(text.utf8), by: .gzip)
          packed[packed.count / 2] ^= 0x40
          return packed
        }, "clients.csv.gz could not be read to its end"
      ),
      (
        "a file that swells", "clients.csv.gz",
        {
          let swelling = Array(clients.utf8) + [UInt8](repeating: 10, count: 100 << 20)
          return try Packing.compress(swelling, by: .gzip)
        },
        "it grows to more than 500 times its size"
      ),
      (
        "a workbook that is cut", "clients.xlsx",
        { Array(try TestWorkbook(csv: clients).bytes().dropLast(300)) },
        "clients.xlsx cannot be opened: it is no sound archive"
      ),
      (
        "a workbook of before 2007", "clients.xlsx",
        { [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600) },
        "it is a workbook in the form of Excel before 2007; save it as .xlsx or as CSV"
      ),
      (
        "a zip archive that is no workbook", "clients.xlsx",
        { try Packing.zip([Packing.Entry("clients.csv", Array(clients.utf8))]) },
        "clients.xlsx"
      ),
    ]

  @Test(arguments: damaged.indices)
  private func aDamagedFileIsRefusedWhole(_ index: Int) async throws {
    let one = Self.damaged[index]
    let database = try await TestServer.tinyBankDatabase()
    let before = try await psql("select count(*) from bank.client", in: database)
    let (outcome, messages) = try await imported(
      Self.bank(one.file, try one.make()), into: database)
    #expect(outcome.exitCode == 3, "\(one.name)")
    #expect(messages.count == 2, "\(one.name): \(messages)")
    #expect(messages.first?.contains(one.refusal) == true, "\(one.name): \(messages)")
    #expect(
      messages.last
        == "banyan: left alone until the refused file is corrected: accounts, holders, assignments, loans, transactions"
    )
    #expect(try await psql("select count(*) from bank.client", in: database) == before)
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func aWorkbookOfSeveralSheetsNeedsAChoice() async throws {
    let database = try await TestServer.migratedDatabase()
    let rows = TestWorkbook(csv: Self.clients).sheets[0].rows
    let bytes = try TestWorkbook([
      TestWorkbook.Sheet(name: "October", rows: rows),
      TestWorkbook.Sheet(name: "September", rows: Array(rows.dropLast())),
      TestWorkbook.Sheet(name: "Drafts", rows: rows, isHidden: true),
    ]).bytes()
    let bank = Self.bank("clients.xlsx", bytes)
    let undecided = try await imported(bank, into: database)
    #expect(undecided.outcome.exitCode == 3)
    #expect(
      undecided.messages.first
        == "banyan: clients.xlsx: FOLDER/files/clients.xlsx cannot be used: the workbook has the sheets “October”, “September”; write `sheet:` in the mapping to say which one is meant"
    )
    let wrong = try await imported(
      bank.replacing("columns:", by: "sheet: November\ncolumns:", in: "clients.yaml"),
      into: database)
    #expect(
      wrong.messages.first
        == "banyan: clients.xlsx: FOLDER/files/clients.xlsx cannot be used: the workbook has no sheet “November”; it has “October”, “September”, “Drafts”"
    )
    let chosen = try await imported(
      bank.replacing("columns:", by: "sheet: September\ncolumns:", in: "clients.yaml"),
      into: database)
    #expect(chosen.outcome.output.contains("clients.xlsx,clients,6,loaded,2,2,0,0"))
    // What refers to the client that is not in it waits.
    #expect(chosen.outcome.exitCode == 3)
  }
}
