import Banyan
import LibPQ
import TestSupport
import Testing

/// The same data twice, in the same bytes and in others.
@Suite struct RepeatedImportTests {
  private func take(_ bank: TinyBank, into database: TestDatabase) async throws
    -> FolderImport.Result
  {
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    return try await database.withConnection { connection in try folderImport.run(on: connection) }
  }

  private let everything = """
    select string_agg(t::text, E'\\n' order by t::text) from (
      select row(t.*)::text as t from bank.transaction as t
      union all select row(a.*)::text from bank.account as a
      union all select row(m.*)::text from bank.account_month as m
      union all select row(s.*)::text from bank.assignment as s
      union all select row(e.*)::text from bank.employee_tier as e
      union all select row(b.*)::text from bank.batch as b) as t
    """

  @Test func theSameBytesChangeNothing() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let before = try await psql(everything, in: database)
    let result = try await take(TinyBank(), into: database)
    #expect(result.isClean)
    #expect(result.files.allSatisfy { $0.outcome == .unchanged && $0.unchanged == $0.read })
    #expect(try await psql(everything, in: database) == before)
  }

  @Test func theSameRowsInOtherBytesAreUnchanged() async throws {
    let database = try await TestServer.tinyBankDatabase()
    var bank = TinyBank()
    for (name, bytes) in bank.files {
      let lines = bytes.split(separator: 10)
      let reversed = [lines[0]] + lines.dropFirst().reversed()
      // A byte order mark, other line ends, no last one, empty lines, and the rows in another order.
      bank.files[name] = [0xEF, 0xBB, 0xBF] + reversed.joined(separator: Array("\r\n\r\n".utf8))
    }
    let result = try await take(bank, into: database)
    #expect(result.isClean, "\(result.files)")
    #expect(result.files.allSatisfy { $0.loaded == 0 && $0.unchanged == $0.read && $0.read > 0 })
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func newRowsAmongOldOnesAreLoaded() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let bank = TinyBank().adding("T9,A1,2026-02-01,debit,1.00,,,,,\n", to: "transactions.csv")
      .adding("C9,Nine,person,B2\n", to: "clients.csv")
    let result = try await take(bank, into: database)
    #expect(result.isClean)
    for (dataset, unchanged) in [("transactions", 4), ("clients", 3)] {
      let file = try #require(result.files.first { $0.dataset == dataset })
      #expect(file.loaded == 1 && file.unchanged == unchanged)
    }
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func unitsFindTheirPlaceInWhateverOrderTheFileIs() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = TinyBank().with(
      "org_units.csv",
      """
      code,name,level,parent_code,opened_on
      O1,Outlet,outlet,S1,2000-01-01
      S1,Sub-branch,sub_branch,B1,2000-01-01
      B2,Second branch,branch,R1,1992-01-01
      B1,First branch,branch,R1,1991-01-01
      R1,North,region,HQ,1990-01-01
      HQ,Tiny head office,head_office,,1990-01-01

      """)
    let result = try await take(bank, into: database)
    #expect(result.isClean, "\(result.files)")
    let paths = try await psql(
      """
      select u.code, string_agg(a.code, '/' order by a.path)
      from bank.org_unit as u join bank.org_unit as a on u.path <@ a.path
      group by u.code order by u.code
      """, in: database)
    #expect(paths.contains("O1|HQ/R1/B1/S1/O1\n"))
  }

  @Test func aNewTierEndsTheOneThatWasOpen() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let result = try await take(
      TinyBank().adding("E2,senior,2026-06-01,\n", to: "tiers.csv"), into: database)
    #expect(result.isClean, "\(result.files)")
    let tiers = try await psql(
      """
      select t.tier, t.effective_from, t.effective_until, t.superseded_at is null
      from bank.employee_tier as t join bank.employee as e using (employee_id)
      where e.number = 'E2' order by t.employee_tier_id
      """, in: database)
    #expect(
      tiers == """
        junior|2020-01-01||f
        junior|2020-01-01|2026-06-01|t
        senior|2026-06-01||t

        """)
    #expect(try await database.unaccountedRows() == "")
    let older = TinyBank().adding("\n", to: "tiers.csv")
    #expect(try await take(older, into: database).isClean, "the older rows still hold")
    let later = TinyBank().adding("E2,senior,2026-06-01,\nE2,junior,2026-09-01,\n", to: "tiers.csv")
    #expect(try await take(later, into: database).files.map(\.loaded).reduce(0, +) == 1)
    #expect(try await database.unaccountedRows() == "")
  }

  /// A file that the database refuses as a whole is a failed batch, and what refers to it waits.
  @Test func aFileThatTheDatabaseRefusesLeavesNothing() async throws {
    for (file, text, word) in [
      ("holders.csv", "H9,A2,C1,owner\n", "account_holder_one_owner"),
      (
        "tiers.csv", "E1,junior,2025-01-01,2027-01-01\n",
        "a person holds one tier a day: employee E1"
      ),
      ("tiers.csv", "E2,senior,2019-01-01,2018-01-01\n", "a tier ends after it begins"),
    ] {
      let database = try await TestServer.tinyBankDatabase()
      let before = try await psql("select count(*) from bank.batch", in: database)
      let result = try await take(TinyBank().adding(text, to: file), into: database)
      let failed = try #require(result.files.first { $0.fileName == file })
      guard case .failed(let reason) = failed.outcome else {
        Issue.record("\(file) was taken")
        continue
      }
      #expect(reason.contains(word), "\(reason)")
      #expect(reason.hasPrefix("the database refused the file, so nothing of it is loaded"))
      #expect(!result.isClean && !result.skipped.isEmpty)
      let batches = try await psql(
        "select state, rows_read, failure = '\(reason.replacing("'", with: "''"))' from bank.batch where state = 'failed'",
        in: database)
      #expect(batches == "failed|0|t\n", "\(before)")
      #expect(try await database.unaccountedRows() == "")
    }
  }
}
