import Banyan
import Foundation
import TestSupport
import Testing

/// Real lists and logs of branches, loaded by mappings and compared with a count of our own.
@Suite struct BranchDirectoryTests {
  private func load(
    _ folder: String, by mapping: String, into database: TestDatabase
  ) async throws -> FolderImport.Result {
    let path = try #require(SharedData.path(folder))
    let folderImport = try FolderImport(
      folder: path,
      mappings: MappingFolder(path: SharedData.packageFolder + "/seeds/mappings/" + mapping))
    return try await database.withConnection { connection in try folderImport.run(on: connection) }
  }

  /// The change log, replayed line by line over plain names.
  private struct Log {
    var units: [(names: [(day: String, name: String)], code: String?, closed: String?)] = []
    var unchanged = 0

    private func open(named name: String, code: String?) -> Int? {
      if let code, let unit = units.firstIndex(where: { $0.code == code }) { return unit }
      return units.lastIndex { $0.closed == nil && $0.names.last?.name == name }
    }

    mutating func read(_ table: CSVTable) {
      for row in table.rows {
        let day = String(row["changed_at"]?.prefix(10) ?? "")
        let code = row["cnaps_code"].flatMap { $0.isEmpty ? nil : $0 }
        let (old, new) = (row["old_name"] ?? "", row["new_name"] ?? "")
        switch row["op"] {
        case "ADD":
          if let unit = units.firstIndex(where: { $0.code == code ?? new }) {
            if units[unit].closed == nil { unchanged += 1 } else { units[unit].closed = nil }
          } else {
            units.append(([(day, new)], code ?? new, nil))
          }
        case "REMOVE":
          let unit = open(named: old, code: code) ?? add(old, code)
          units[unit].closed = day
        default:
          let unit = open(named: old, code: nil) ?? add(old, nil)
          units[unit].names.append((day, new))
        }
      }
    }

    private mutating func add(_ name: String, _ code: String?) -> Int {
      units.append(([("2025-01-01", name)], code ?? name, nil))
      return units.count - 1
    }
  }

  @Test(
    .enabled(if: SharedData.isPresent("cn-branch-changelog"), "\(SharedData.reasonToSkip)"))
  func aLogOfRealChangesIsReplayed() async throws {
    let database = try await TestServer.migratedDatabase()
    let result = try await load("cn-branch-changelog", by: "cn-branch-changelog", into: database)
    let file = try #require(result.files.first)
    #expect(file.read == 1530)
    let rejected = try await psql(
      "select line_number, value, reason from bank.rejected_row order by 1", in: database)
    #expect(rejected == "", "\(rejected)")
    #expect(try await database.unaccountedRows() == "")
    var log = Log()
    log.read(try CSVTable(path: #require(SharedData.path("cn-branch-changelog/changes_2025.csv"))))
    #expect(file.loaded == 1526)
    #expect(file.unchanged == 4, "the additions that repeat those of the day before")
    #expect(file.unchanged == log.unchanged)
    let open = try await psql(
      "select count(*) from bank.org_tree('2025-12-31') where level = 'branch'", in: database)
    let expected = log.units.count { $0.closed == nil }
    #expect(open == "\(expected)\n")
    // Every branch of the log that was renamed once and not closed bears its new name, and bore the old one.
    let renamed = log.units.filter { $0.names.count == 2 && $0.closed == nil }
    #expect(renamed.count > 500)
    let names = try await psql(
      """
      select b.name || '|' || a.name from bank.org_tree('2025-01-01') as b
      join bank.org_tree('2025-12-31') as a using (org_unit_id) where a.name <> b.name
      """, in: database)
    let pairs = Set(names.split(separator: "\n").map(String.init))
    let missing = renamed.filter { unit in
      unit.names[0].day == "2025-01-01"
        && !pairs.contains("\(unit.names[0].name)|\(unit.names[1].name)")
    }
    #expect(missing.isEmpty, "\(missing.prefix(3))")
    let again = try await load("cn-branch-changelog", by: "cn-branch-changelog", into: database)
    #expect(again.files.first?.loaded == 0)
  }

  @Test(.enabled(if: SharedData.isPresent("bundesbank-blz"), "\(SharedData.reasonToSkip)"))
  func aDirectoryOfFixedWidthBecomesATree() async throws {
    let database = try await TestServer.migratedDatabase()
    let result = try await load("bundesbank-blz/orig", by: "bundesbank-blz", into: database)
    let path = try #require(SharedData.path("bundesbank-blz/orig/BLZ_20120903.txt"))
    let lines = try String(contentsOfFile: path, encoding: .isoLatin1)
      .components(separatedBy: "\r\n").filter { !$0.isEmpty }.map(Array.init)
    func field(_ line: [Character], _ from: Int, _ width: Int) -> String {
      String(line[from..<from + width]).trimmingCharacters(in: .whitespaces)
    }
    let banks = lines.filter { $0[8] == "1" }
    let offices = Dictionary(grouping: lines.filter { $0[8] == "2" }) { field($0, 0, 8) }
    #expect(result.files.map(\.read).prefix(2) == [4098, 15345])
    #expect(result.files.map(\.rejected).prefix(2) == [0, 0])
    let tree = try await psql(
      """
      select p.code, count(*) from bank.org_tree('2012-09-03') as t
      join bank.org_unit as p on p.org_unit_id = t.parent_id where t.level = 'branch' group by 1 order by 1
      """, in: database)
    let expected = offices.map { "\($0.key)|\($0.value.count)" }.sorted()
    #expect(tree.split(separator: "\n").map(String.init) == expected)
    // Names survive the encoding.
    let names = try await psql(
      "select code, name from bank.org_tree('2012-09-03') where level = 'region' order by 1",
      in: database)
    #expect(
      names.split(separator: "\n").map(String.init)
        == banks.map { "\(field($0, 0, 8))|\(field($0, 9, 58))" }.sorted())
    // Announced deletions: with a successor a merger, without one a closure unless offices are left.
    let announced = banks.filter { $0[159] == "1" }
    let (heirless, merged) = (
      announced.filter { field($0, 160, 8) == "00000000" },
      announced.filter { field($0, 160, 8) != "00000000" }
    )
    let refused = heirless.count { offices[field($0, 0, 8)] != nil }
    #expect(result.files.map(\.loaded).suffix(2) == [merged.count, heirless.count - refused])
    #expect(result.files.map(\.rejected).suffix(2) == [0, refused])
    let open = try await psql(
      "select count(*) from bank.org_tree('2013-01-01') where level = 'region'", in: database)
    #expect(open == "\(banks.count - merged.count - heirless.count + refused)\n")
    let moved = try await psql(
      """
      select count(*) from bank.org_unit_version as v
      join bank.org_change as c using (org_change_id)
      where c.kind = 'merge' and v.effective_from = '2012-12-03' and v.superseded_at is null
      """, in: database)
    #expect(moved == "\(merged.reduce(0) { $0 + (offices[field($1, 0, 8)]?.count ?? 0) })\n")
    #expect(try await database.unaccountedRows() == "")
  }
}
