import Foundation

/// The made-up bank of the import and the report: master data in a migrated database, and one big
/// file of a month's transactions.
struct SampleBankData {
  /// Decides every byte of the data.
  private static let seed = 20_260_101
  private static let branches = 6
  private static let managers = 60
  /// With four of six branches in the file, about a million transactions.
  private static let clients = 120_000
  /// The month of the transactions.
  static let month = "2026-01"

  /// The database that holds the master data.
  let database = "sample_master"
  /// The folder that holds `transactions.csv` alone.
  let factsFolder: String
  /// The same rows without the bad ones.
  let cleanFile: String
  /// Rows of the clean file.
  let cleanRows: Int
  /// Rows that are wrong on purpose.
  let badRows: Int

  init(on ground: Ground) throws {
    let bank = ground.folder + "/bank"
    factsFolder = ground.folder + "/facts"
    cleanFile = ground.folder + "/clean.csv"
    note("making up a bank of \(Self.clients) clients")
    let told = try ground.run(
      ground.banyan,
      [
        "sample", bank, "--seed", "\(Self.seed)", "--branches", "\(Self.branches)", "--managers",
        "\(Self.managers)", "--clients", "\(Self.clients)", "--months", "1", "--first-month",
        Self.month,
      ])
    try FileManager.default.createDirectory(
      atPath: factsFolder, withIntermediateDirectories: true)
    (cleanRows, badRows) = try Self.joinFacts(
      of: bank, badRows: Self.badLines(in: told), into: factsFolder + "/transactions.csv",
      and: cleanFile)
    try ground.psql("CREATE DATABASE \(database)")
    let environment = ["DATABASE_URL": try ground.url(of: database)]
    try ground.run(ground.banyan, ["migrate"], environment: environment)
    try ground.run(
      ground.banyan,
      ["import", bank, "--mapping", ground.repository + "/Benchmarks/mappings/sample-master"],
      environment: environment, accepted: [0, 3])
  }

  /// Lines that are wrong on purpose, by file, from what the command listed: `  FILE:LINE: FAULT`.
  private static func badLines(in text: String) -> [String: Set<Int>] {
    var lines: [String: Set<Int>] = [:]
    for row in text.split(separator: "\n") where row.hasPrefix("  ") {
      let parts = row.dropFirst(2).split(separator: ":")
      if parts.count == 3, let line = Int(parts[1]) {
        lines[String(parts[0]), default: []].insert(line)
      }
    }
    return lines
  }

  /// Puts the transactions of all branches that write English into one file, and the good rows into
  /// another. Returns the number of good and bad rows.
  private static func joinFacts(
    of bank: String, badRows: [String: Set<Int>], into all: String, and clean: String
  ) throws -> (good: Int, bad: Int) {
    var allRows = Data()
    var cleanRows = Data()
    var counts = (good: 0, bad: 0)
    // Every third branch, from the second on, writes Chinese.
    for branch in (1...branches) where branch % 3 != 2 {
      let name = "B00\(branch)/transactions-\(month).csv"
      let text = try Data(contentsOf: URL(filePath: bank + "/" + name))
      let bad = badRows[name] ?? []
      var number = 0
      for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      where !line.isEmpty {
        number += 1
        if number == 1, !allRows.isEmpty { continue }
        allRows.append(line)
        allRows.append(UInt8(ascii: "\n"))
        if bad.contains(number) {
          counts.bad += 1
        } else {
          if number > 1 { counts.good += 1 }
          cleanRows.append(line)
          cleanRows.append(UInt8(ascii: "\n"))
        }
      }
    }
    try allRows.write(to: URL(filePath: all))
    try cleanRows.write(to: URL(filePath: clean))
    return counts
  }
}
