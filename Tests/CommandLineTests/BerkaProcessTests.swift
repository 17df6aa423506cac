import Foundation
import TestSupport
import Testing

/// The whole way with the real bank, as its users go it.
@Suite(.enabled(if: SharedData.isPresent("berka"), "\(SharedData.reasonToSkip)"))
struct BerkaProcessTests {
  private let mapping = SharedData.packageFolder + "/seeds/mappings/berka"

  @Test func againInTheSameBytesAndInOthers() async throws {
    let database = try await TestServer.berkaDatabase()
    let source = try #require(SharedData.path("berka/orig"))
    let same = try await banyan(
      "import", source, "--mapping", mapping, "--format", "csv", on: database)
    #expect(same.exitCode == 0, "\(same.errorOutput)")
    let unchanged = try CSVTable(text: same.output)
    #expect(unchanged.rows.count == 10)
    #expect(unchanged.rows.allSatisfy { $0["outcome"] == "unchanged" && $0["loaded"] == "0" })

    // One line end more makes other bytes of the same rows: each is found on record.
    let folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: source)
    where name.hasSuffix(".asc") {
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: source + "/" + name)))
      if name == "trans.asc" { bytes += Array("\r\n".utf8) }
      try folder.write(bytes, to: name)
    }
    let other = try await banyan(
      "import", folder.path, "--mapping", mapping, "--format", "csv", on: database)
    #expect(other.exitCode == 3)
    #expect(
      other.messages() == [
        "trans.asc:49104: IMP-0102: the row is bad because the quote that opens field 4 never closes"
      ])
    let row = try #require(
      try CSVTable(text: other.output).rows.first { $0["file"] == "trans.asc" })
    #expect(row["read"] == "49103" && row["unchanged"] == "49102")
    #expect(row["rejected"] == "1" && row["loaded"] == "0")
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func payAndItsProof() async throws {
    let database = try await TestServer.berkaDatabase()
    let run = try await banyan("pay", "run", "1993-12", on: database)
    #expect(run.exitCode == 0)
    #expect(
      run.output == """
        Run 1: 1993-12, plan berka-1993 version 1, 186 people
          earned   41,950.52 CZK
          deferred 16,780.19 CZK
          payable  25,170.33 CZK

        """)
    let explained = try await banyan(
      "pay", "explain", "RM-1-01", "1993-12", "--format", "json", on: database)
    #expect(explained.exitCode == 0)
    #expect(
      explained.messages() == ["All sums re-add exactly, down to the accounts and movements."])
    let tree = try JSONSerialization.jsonObject(with: Data(explained.output.utf8)) as? [String: Any]
    #expect(tree?["earned"] as? String == "483.08")
    // The line that a movement names is the one of the file.
    let text = try await banyan("pay", "explain", "RM-1-01", "1993-12", on: database).output
    #expect(text.contains("transaction 432 [trans.asc:22998]"))
    let file = try #require(SharedData.path("berka/orig/trans.asc"))
    let lines = try String(contentsOfFile: file, encoding: .isoLatin1).split(separator: "\r\n")
    #expect(lines[22997].hasPrefix("432;2;931205;"))
    let report = try await banyan(
      "report", "run", "branch-month", "from=1993-01", "to=1993-12", "--format", "csv", on: database
    )
    #expect(
      report.output.contains(
        "\nbank,all,\"Berka (Czech bank, 1993-1998)\",1993-01,96,115,96,177,667457.60,34700.00,632757.60,9602530.60,309759.05,0,0.00\n"
      ))
  }
}
