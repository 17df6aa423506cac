import Banyan
import Exchange
import Foundation
import TestSupport
import Testing

/// `banyan export` as its users see it: files, what is printed of them, and what is on record.
@Suite struct ExportProcessTests {
  private func sha256(_ path: String) throws -> String {
    let digest = Digest()
    try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { digest.update($0) }
    return hexadecimal(digest.finish())
  }

  @Test func everyDatasetIsWrittenOrSaysWhyNot() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for dataset in Dataset.standard {
      let outcome = try await banyan("export", dataset.name, on: database)
      if outcome.exitCode == 64 {
        #expect(outcome.messages().count == 1 && outcome.output.isEmpty, "\(dataset.name)")
      } else {
        #expect(outcome.exitCode == 0, "\(dataset.name): \(outcome.errorOutput)")
        let header = outcome.output.prefix { $0 != "\n" }
        #expect(header == dataset.columns.map(\.name).joined(separator: ","))
      }
    }
  }

  @Test func whatIsExportedIsUnchangedWhenItComesBack() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for format in ["csv", "jsonl", "json", "xlsx"] {
      var bank = TinyBank()
      for name in bank.files.keys.sorted() {
        let dataset = name.dropLast(4)
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/\(dataset).\(format)"
        let written = try await banyan("export", String(dataset), "-o", path, on: database)
        #expect(written.exitCode == 0, "\(written.errorOutput)")
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        bank.files[name] = nil
        bank.files["\(dataset).\(format)"] = bytes
        let mapping = "\(dataset).yaml"
        let header = Dataset.named(String(dataset))?.columns.map { "  \($0.name): \($0.name)\n" }
        bank.mappings[mapping] =
          "dataset: \(dataset)\nfile: \(dataset).\(format)\ncolumns:\n\((header ?? []).joined())"
      }
      let taken = try await bank.taken(into: database)
      #expect(taken.exitCode == 0, "\(format): \(taken.messages)")
      for dataset in ["clients", "accounts", "transactions", "assignments", "tiers"] {
        let counts = taken.counts(dataset)
        #expect(counts[0] != "0" && counts[0] == counts[3], "\(format) \(dataset): \(counts)")
      }
    }
  }

  @Test func theDigestAndTheRowsArePrintedAndOnRecord() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let path = folder.path + "/t.csv.gz"
    let outcome = try await banyan("export", "transactions", "-o", path, on: database)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.isEmpty)
    let digest = try sha256(path)
    #expect(outcome.errorOutput.contains("4 rows in \(path), "))
    #expect(outcome.errorOutput.contains("SHA-256 \(digest)\n"))
    let entries = try await psql(
      """
      select e.object, e.row_count, e.detail ->> 'sha256' from platform.audit_entry as e
      where e.action = 'export' order by e.audit_entry_id
      """, in: database)
    #expect(entries == "dataset transactions||\ndataset transactions|4|\(digest)\n")
  }

  @Test func aFileForEachValueOfAColumn() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    let query = """
      select * from (values ('B1', 1.50), ('../x', 2), (null, 3), ('B1', 4), ('支行', 5)) as v (branch, amount)
      """
    let outcome = try await banyan(
      "export", "--query", query + " -- all;", "-o", folder.path + "/out.csv", "--split-by",
      "branch", on: database)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["out-%none.csv", "out-..%2Fx.csv", "out-B1.csv", "out-支行.csv"])
    let rows = try String(contentsOfFile: folder.path + "/out-B1.csv", encoding: .utf8)
    #expect(rows.split(separator: "\n").sorted() == ["B1,1.50", "B1,4", "branch,amount"])
    #expect(outcome.messages().count == 4)
    // A file that cannot be written leaves none of the others.
    let failed = try await banyan(
      "export", "--query",
      "select case when g > 2 then 'b' else 'a' end as k, 1 / (3 - g) as n from generate_series(1, 3) as g order by g",
      "-o", folder.path + "/bad.csv", "--split-by", "k", on: database)
    #expect(failed.exitCode == 64)
    #expect(failed.messages() == ["banyan: the query cannot be run: division by zero"])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.count == 4)
  }

  @Test func amountsAreExactAndTypesAreKept() async throws {
    let database = try await TestServer.migratedDatabase()
    let query = """
      select 12345678901234567890.10 as amount, 7::bigint as n, true as yes, date '2026-02-28' as day,
        '{"a": [1.10]}'::jsonb as doc, null::text as nothing, '' as empty, E'=1+1\\n"x"' as text
      """
    let lines = try await banyan("export", "--query", query, "--format", "jsonl", on: database)
    #expect(
      lines.output
        == #"{"amount":"12345678901234567890.10","n":7,"yes":true,"day":"2026-02-28","doc":{"a": [1.10]},"nothing":null,"empty":"","text":"=1+1\n\"x\""}"#
        + "\n")
    let safe = try await banyan("export", "--query", query, "--safe", "--bom", on: database)
    #expect(
      safe.output
        == "\u{FEFF}amount,n,yes,day,doc,nothing,empty,text\n12345678901234567890.10,7,true,2026-02-28,\"{\"\"a\"\": [1.10]}\",,\"\",\"'=1+1\n\"\"x\"\"\"\n"
    )
  }

  @Test func otherEncodingsAreWritten() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    let path = folder.path + "/out.tsv"
    let outcome = try await banyan(
      "export", "--query", "select '支行' as 名称", "-o", path, "--encoding", "GBK", on: database)
    #expect(outcome.exitCode == 0)
    #expect(
      try [UInt8](Data(contentsOf: URL(filePath: path)))
        == [0xC3, 0xFB, 0xB3, 0xC6, 0x0A, 0xD6, 0xA7, 0xD0, 0xD0, 0x0A])
  }

  @Test func aReportGoesIntoAWorkbook() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let path = folder.path + "/months.xlsx"
    let outcome = try await banyan(
      "export", "branch-month", "from=2026-01", "to=2026-01", "-o", path, on: database)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let reader = try CSVReader(workbook: path)
    #expect(reader.header.prefix(4) == ["level", "code", "name", "month"])
    #expect(try reader.next() != nil)
  }

  @Test func wrongUseIsToldInOneSentence() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let cases: [(arguments: [String], message: String)] = [
      (["acounts"], "there is no dataset, table, view or report “acounts”; did you mean accounts?"),
      ([], "name what to export: a dataset, table, view or report, or else a --query"),
      (
        ["accounts", "from=2026-01"],
        "from=2026-01 is a parameter, and “accounts” is no report; leave it out, or write --query"
      ),
      (
        ["accounts", "-o", "x.doc"],
        "“.doc” says no format; name the file .csv, .tsv, .json, .jsonl or .xlsx, or write --format"
      ),
      (
        ["accounts", "--format", "md"],
        "md is for people to read; an export is csv, tsv, json, jsonl or xlsx"
      ),
      (
        ["accounts", "--format", "json", "--bom"],
        "--bom is for csv and tsv; json needs none: it is UTF-8 by its standard, and no spreadsheet runs it"
      ),
      (
        ["accounts", "--split-by", "number"],
        "--split-by writes several files; name them with -o FILE"
      ),
      (
        ["accounts", "-o", "/tmp/x.csv", "--split-by", "branch"],
        "there is no column “branch” to split by; the columns are number, branch_code, kind, currency, opened_on, statement_frequency"
      ),
      (["--query", "delete from bank.client"], "the query gives no rows; write a select"),
      (
        ["--query", "delete from bank.client returning number"],
        "the query cannot be run: cannot execute DELETE in a read-only transaction"
      ),
      (
        ["--query", "select 1) to program 'true' --"],
        "the query cannot be run: syntax error at or near \")\""
      ),
      (
        ["--query", "select 1; select 2"],
        "the query cannot be run: cannot insert multiple commands into a prepared statement"
      ),
    ]
    for (arguments, message) in cases {
      let outcome = try await BanyanProcess.run(
        ["export"] + arguments, environment: ["DATABASE_URL": database.url], workingDirectory: "/")
      #expect(outcome.exitCode == 64, "\(arguments)")
      #expect(outcome.messages() == ["banyan: " + message], "\(arguments)")
      #expect(outcome.output.isEmpty)
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/x.csv.partial"))
  }
}
