import Foundation

/// The made-up bank of the import and the report: master data in a migrated database, and one big
/// file of a month's transactions.
struct SampleBankData {
  /// Decides every byte of the data.
  private static let seed = 20_260_101
  private static let branches = 6
  private static let managers = 60
  /// With four of six branches in the file, about two million transactions.
  private static let clients = 240_000
  /// Good rows between two that are wrong: 0.5 % of them.
  private static let goodRowsPerBadRow = 200
  /// The month of the transactions.
  static let month = "2026-01"

  /// The database that holds the master data.
  let database = "sample_master"
  /// The folder that holds `transactions.csv` alone, some 140 MB of it.
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
  /// another; with many more bad rows in the former than a made-up bank has. Returns the number of good
  /// and bad rows.
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
          continue
        }
        cleanRows.append(line)
        cleanRows.append(UInt8(ascii: "\n"))
        if number == 1 { continue }
        counts.good += 1
        if counts.good.isMultiple(of: goodRowsPerBadRow) {
          allRows.append(Data(damaged(line, counts.bad).utf8))
          counts.bad += 1
        }
      }
    }
    try allRows.write(to: URL(filePath: all))
    try cleanRows.write(to: URL(filePath: clean))
    return counts
  }

  /// A good row once more, with one of six faults.
  private static func damaged(_ line: Data, _ turn: Int) -> String {
    var fields = String(decoding: line, as: UTF8.self).components(separatedBy: ",")
    // Another number, so that most are no repeats.
    let number = fields[0]
    fields[0] = "X" + number.dropFirst()
    switch turn % 6 {
    case 0: fields[1] = "9900999999999999"
    case 1: fields[2] = "2026-02-30"
    case 2: fields[4] = "12O.50"
    case 3: fields[4] += "5"
    case 4: fields.removeLast(2)
    default: fields[0] = number
    }
    return fields.joined(separator: ",") + "\n"
  }

  /// Writes a file of so many times the rows, each time under other numbers, and returns its folder.
  /// Files of different series have no number in common.
  func manifold(_ times: Int, series: Character, in folder: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/transactions.csv"
    try Data().write(to: URL(filePath: path))
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    var rows = try Data(contentsOf: URL(filePath: factsFolder + "/transactions.csv"))
    let header = (rows.firstIndex(of: UInt8(ascii: "\n")) ?? 0) + 1
    try file.write(contentsOf: rows[..<header])
    for time in 0..<times {
      rows.withUnsafeMutableBytes { bytes in
        var start = header
        while start < bytes.count {
          // A number is a letter and ten digits, the first of which is 0.
          let isDamaged = bytes[start] == UInt8(ascii: "X")
          if !isDamaged { bytes[start] = series.asciiValue ?? 0 }
          bytes[start + 1] = UInt8(ascii: "0") + UInt8(time)
          while bytes[start] != UInt8(ascii: "\n") { start += 1 }
          start += 1
        }
      }
      try file.write(contentsOf: rows[header...])
    }
    return folder
  }
}
