import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// The made-up bank goes through its own mapping: what is rejected is exactly what was made bad.
@Suite struct SampleImportTests {
  @Test func whatIsBadIsRejectedAndNothingElse() async throws {
    let folder = try TemporaryFolder()
    let bank = SampleBank(seed: 11, branches: 4, managers: 9, clients: 120, months: 2)
    let summary = try bank.write(to: folder.path)
    #expect(summary.badRows.count >= 8)
    let mappings = try MappingFolder(path: SharedData.packageFolder + "/seeds/mappings/demo")
    let folderImport = try FolderImport(folder: folder.path, mappings: mappings)
    let database = try await TestServer.migratedDatabase()
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    #expect(result.unnamed.isEmpty && result.skipped.isEmpty)
    #expect(result.files.map(\.read).reduce(0, +) == summary.rows)
    for file in summary.files {
      let own = try #require(result.files.first { $0.fileName == file.path }, "\(file.path)")
      #expect(own.outcome == .loaded)
      #expect(own.read == file.rows && own.rejected == file.badRows, "\(file.path)")
      #expect(own.loaded == file.rows - file.badRows, "\(file.path)")
    }
    let rejected = try await psql(
      """
      select distinct file_name || ':' || line_number
      from bank.rejected_row join bank.batch using (batch_id)
      """, in: database)
    #expect(
      Set(rejected.split(separator: "\n").map(String.init))
        == Set(summary.badRows.map { "\($0.file):\($0.line)" }))
    let codes = try await psql(
      """
      select file_name || ':' || line_number || ' ' || string_agg(code, ' ' order by reason_number)
      from bank.rejected_row join bank.batch using (batch_id) group by file_name, line_number
      """, in: database)
    let byFault: [SampleFault: String] = [
      .unknownAccount: "IMP-0401", .impossibleDate: "IMP-0202", .tooManyDecimals: "IMP-0204",
      .notANumber: "IMP-0203", .duplicateNumber: "IMP-0301", .ragged: "IMP-0101",
      .missingValue: "IMP-0201", .undecodableByte: "IMP-0103",
    ]
    #expect(
      Set(codes.split(separator: "\n").map(String.init))
        == Set(summary.badRows.map { "\($0.file):\($0.line) \(byFault[$0.fault] ?? "")" }))
    #expect(try await database.unaccountedRows() == "")

    // The same folder again changes nothing, and the bank can be paid.
    let again = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    #expect(again.isClean)
    #expect(again.files.allSatisfy { $0.outcome == .unchanged })
    let month = bank.firstMonth
    let run = try await database.withConnection { connection in
      try PayRun.run(month: month, on: connection)
    }
    #expect(run.people == 9)
    #expect(run.earned > .zero)
  }
}
