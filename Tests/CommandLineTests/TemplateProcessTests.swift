import Banyan
import Exchange
import Foundation
import Quantities
import TestSupport
import Testing

/// `banyan template` and `banyan mapping infer`, and the mappings that come with the platform.
@Suite struct TemplateProcessTests {
  private static let standard = SharedData.packageFolder + "/seeds/mappings/standard"

  @Test func everyDatasetHasAMappingWithHeadingsInBothLanguages() throws {
    let mappings = try StandardMappings(files: TestServer.installedFiles()).mappings
    #expect(mappings.map(\.dataset.name) == Dataset.standard.map(\.name))
    for mapping in mappings {
      let text = try String(
        contentsOfFile: "\(Self.standard)/\(mapping.dataset.name).yaml", encoding: .utf8)
      for column in mapping.dataset.columns {
        let line = text.split(separator: "\n").drop { !$0.hasPrefix("  \(column.name):") }
          .prefix(2).joined()
        #expect(line.contains("[\(column.name), "), "\(mapping.dataset.name).\(column.name)")
        #expect(line.unicodeScalars.contains { $0.value >= 0x4E00 }, "\(column.name)")
      }
    }
  }

  @Test(arguments: ["en", "zh"])
  func aTemplateIsFilledAndImported(_ language: String) async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let path = folder.path + "/accounts.xlsx"
    let outcome = try await banyan(
      "template", "accounts", "--branch", "B1", "--lang", language, "-o", path, on: database)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let empty = try CSVReader(workbook: path)
    #expect(
      empty.header
        == (language == "en"
          ? ["number", "branch_code", "kind", "currency", "opened_on", "statement_frequency"]
          : ["账号", "机构号", "账户类型", "币种", "开户日期", "对账单频率"]))
    let kinds = try CSVReader(workbook: path, sheet: "choices")
    var choices: [String] = []
    while let record = try kinds.next() { choices.append(record.string(1)) }
    #expect(choices == (language == "en" ? ["demand", "time", "call"] : ["活期", "定期", "通知"]))
    let version = try CSVReader(workbook: path, sheet: "banyan")
    #expect(try version.next()?.string(1) == "accounts")
    #expect(try version.next()?.string(1) == "B1")
    // Somebody fills it in.
    let filled = folder.path + "/files/accounts.xlsx"
    try folder.write([], to: "files/accounts.xlsx")
    let workbook = try WorkbookWriter(to: OutputSink(path: filled))
    try workbook.beginSheet(
      SheetLayout(
        name: "accounts",
        columns: empty.header.map {
          SheetLayout.Column($0, $0 == "opened_on" || $0 == "开户日期" ? .date : .text)
        }))
    try workbook.write([
      .text("6222021234567890123"), .text("B1"), .text(choices[1]), .text("CNY"),
      .date(.init(year: 2026, month: 1, day: 31)!), .null,
    ])
    try workbook.finish()
    try folder.copy(Self.standard + "/accounts.yaml", to: "mapping-accounts.yaml")
    try folder.write(
      try Data(contentsOf: URL(filePath: folder.path + "/mapping-accounts.yaml")),
      to: "mapping/accounts.yaml")
    try folder.write(
      "name: Tiny\ncurrency: CNY\ntiers: {junior: Junior relationship manager, senior: Senior relationship manager}\n"
        .utf8, to: "mapping/bank.yaml")
    let taken = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
      on: database)
    #expect(taken.exitCode == 0, "\(taken.errorOutput)")
    let account = try await psql(
      "select kind, opened_on from bank.account where number = '6222021234567890123'", in: database)
    #expect(account == "time|2026-01-31\n")
  }

  /// What the hidden sheet of a workbook says it was made for, against what its rows are read as.
  @Test(arguments: [
    ("accounts", 0, "older template of accounts"), ("loans", 3, "template of loans"),
  ])
  func aTemplateOfAnotherTimeOrDatasetIsNoticed(
    _ dataset: String, _ exitCode: Int32, _ words: String
  ) async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    try folder.write([], to: "files/accounts.xlsx")
    let workbook = try WorkbookWriter(to: OutputSink(path: folder.path + "/files/accounts.xlsx"))
    let headings = ["number", "branch_code", "kind", "currency", "opened_on"]
    try workbook.beginSheet(
      SheetLayout(name: "accounts", columns: headings.map { SheetLayout.Column($0) }))
    try workbook.write(
      ["622202", "B1", "time", "CNY", "2026-01-31"].map { Cell.text($0) })
    try workbook.beginSheet(
      SheetLayout(
        name: "banyan", columns: [SheetLayout.Column("key"), SheetLayout.Column("value")],
        visibility: .veryHidden))
    for (key, value) in [("dataset", dataset), ("branch", "B1"), ("version", "0123456789abcdef")] {
      try workbook.write([.text(key), .text(value)])
    }
    try workbook.finish()
    try folder.copy(Self.standard + "/accounts.yaml", to: "accounts.yaml")
    try folder.write(
      try Data(contentsOf: URL(filePath: folder.path + "/accounts.yaml")),
      to: "mapping/accounts.yaml")
    try folder.write(
      "name: Tiny\ncurrency: CNY\ntiers: {junior: Junior relationship manager, senior: Senior relationship manager}\n"
        .utf8, to: "mapping/bank.yaml")
    let taken = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
      on: database)
    #expect(taken.exitCode == exitCode)
    #expect(taken.messages().count == 1)
    #expect(
      taken.messages().first?.contains("accounts.xlsx: the workbook was made from") == true
        && taken.messages().first?.contains(words) == true, "\(taken.messages())")
    #expect(
      try await psql("select count(*) from bank.account where number = '622202'", in: database)
        == (exitCode == 0 ? "1\n" : "0\n"))
  }

  @Test func aTemplateOfNoBranchOrDatasetIsRefused() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let branch = try await banyan(
      "template", "accounts", "--branch", "B9", "-o", folder.path + "/x.xlsx", on: database)
    #expect(branch.exitCode == 64)
    #expect(
      branch.messages() == [
        "banyan: there is no unit “B9”; `banyan export org_units` lists those on record"
      ])
    let dataset = try await banyan(
      "template", "acounts", "--branch", "B1", "-o", folder.path + "/x.xlsx", on: database)
    #expect(dataset.exitCode == 64)
    #expect(
      dataset.messages() == ["banyan: there is no dataset “acounts”; did you mean accounts?"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aDraftIsMadeOfAChineseFileAndReadsIt() async throws {
    let folder = try TemporaryFolder()
    let text = """
      账号;机构号;账户类型;币种;开户日期;备注
      A8;B1;活期;CNY;2026/01/31;x
      A9;B2;定期;CNY;2026-02-01;
      """
    // As a Chinese Windows writes it.
    let sink = try OutputSink(path: folder.path + "/账户.csv", encoding: .gb18030)
    try sink.write(text)
    try sink.close()
    let outcome = try await BanyanProcess.run(["mapping", "infer", folder.path + "/账户.csv"])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    #expect(
      outcome.output == """
        # A first draft, made by looking at 2 rows of the file; read it before you use it.
        dataset: accounts
        file: 账户.csv
        separator: ";"
        encoding: gb18030
        dates: [YYYY-MM-DD, YYYY/MM/DD]
        columns:
          number: 账号
          branch_code: 机构号
          kind:
            from: 账户类型
            words:
              定期: time
              活期: demand
          currency: 币种
          opened_on: 开户日期
        # No column of the dataset has these headings:
        ignore: [备注]

        """)
    _ = try Mapping(yaml: outcome.output, name: "draft.yaml")
  }

  @Test func whatADraftLacksIsSaid() async throws {
    let folder = try TemporaryFolder()
    try folder.write("number,kind,branch code\nC1,vip,B1\n".utf8, to: "c.csv")
    let lacking = try await BanyanProcess.run(
      ["mapping", "infer", folder.path + "/c.csv", "--dataset", "accounts"])
    #expect(lacking.exitCode == 3)
    #expect(
      lacking.messages(in: folder) == [
        "banyan: no heading of “FOLDER/c.csv” is currency, or opened_on; the draft says where to write it"
      ])
    #expect(lacking.output.contains("      # vip: which of demand, time, call is it?\n"))
    #expect(lacking.output.contains("  branch_code: \"branch code\"\n"))
    let whole = try await BanyanProcess.run(["mapping", "infer", folder.path])
    #expect(whole.exitCode == 64)
    #expect(whole.messages(in: folder) == ["banyan: “FOLDER” is a folder; name one of its files"])
    try folder.write("x,y\n1,2\n".utf8, to: "x.csv")
    let unknown = try await BanyanProcess.run(["mapping", "infer", folder.path + "/x.csv"])
    #expect(unknown.exitCode == 3)
    #expect(
      unknown.messages(in: folder) == [
        "banyan: the headings of “FOLDER/x.csv” (“x”, “y”) are of no dataset that the platform knows; say which by --dataset"
      ])
  }

  @Test func everyKindOfFileOfEveryDatasetIsRecognised() throws {
    let standard = try StandardMappings(files: TestServer.installedFiles())
    let folder = try TemporaryFolder()
    for dataset in Dataset.standard {
      let header = dataset.columns.map(\.name)
      try folder.write((header.joined(separator: ",") + "\n").utf8, to: "d.csv")
      let draft = try MappingDraft(path: folder.path + "/d.csv", standard: standard)
      // Whatever names its metric is read as facts.
      let expected = ["sales", "fees"].contains(dataset.name) ? "facts" : dataset.name
      #expect(draft.yaml.contains("dataset: \(expected)\n"), "\(draft.yaml)")
      _ = try Mapping(yaml: draft.yaml, name: "d.yaml")
    }
  }
}
