import Banyan
import LibPQ
import TestSupport
import Testing

/// Bad rows: each is kept out with its line, column, value and reason, and the others are loaded.
@Suite struct RowRejectionTests {
  /// A bad line and what is said of it.
  private struct Bad {
    let line: String
    let code: String
    let column: String?
    let value: String?
    let reason: String

    init(_ line: String, _ code: String, _ column: String?, _ value: String?, _ reason: String) {
      (self.line, self.code, self.column, self.value, self.reason) = (
        line, code, column, value, reason
      )
    }
  }

  /// Adds bad lines to a file of the tiny bank, each followed by the good ones that `good` makes, and
  /// compares what was rejected.
  private func check(
    _ bad: [Bad], in file: String, good: (Int) -> String = { _ in "" },
    _ bank: TinyBank = TinyBank()
  ) async throws {
    var text = bad.enumerated().map { index, bad in bad.line + "\n" + good(index) }.joined()
    if text.hasSuffix("\n\n") { text.removeLast() }
    let bank = bank.adding(text, to: file)
    let folder = try bank.write()
    let database = try await TestServer.tinyBankDatabase()
    let folderImport = try bank.folderImport(from: folder)
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    let batch = try #require(result.files.first { $0.fileName == file })
    #expect(batch.outcome == .loaded)
    #expect(batch.read == batch.loaded + batch.rejected + batch.unchanged)
    #expect(!result.isClean)
    let key = try #require(batch.batch)
    let rejections = try await database.withConnection { connection in
      try Rejection.of(batch: key, limit: 1000, on: connection)
    }
    let sound = (TinyBank().files[file] ?? []).count { $0 == 10 }
    var line = sound
    var position = 0
    for (index, bad) in bad.enumerated() {
      line += 1
      let found = try #require(
        position < rejections.count ? rejections[position] : nil, "\(bad.line)")
      #expect(found.lineNumber == line, "\(bad.line)")
      #expect(found.code.rawValue == bad.code, "\(bad.line)")
      #expect(found.column == bad.column, "\(bad.line)")
      #expect(found.value == bad.value, "\(bad.line)")
      #expect(found.reason == bad.reason, "\(bad.line)")
      #expect(found.rawRow == bad.line)
      position += 1
      line += good(index).count { $0 == "\n" }
    }
    #expect(rejections.count == bad.count)
    #expect(batch.loaded == bad.indices.map { good($0).count { $0 == "\n" } }.reduce(0, +))
    #expect(try await database.unaccountedRows() == "")
  }

  private static let dateForm = "is not a day of the calendar written as YYYY-MM-DD"
  private static let plain =
    "is not a plain number; write digits and a point, without separators or units"

  private func amount(_ value: String, _ code: String, _ reason: String, quoted: Bool = false)
    -> Bad
  {
    let written = quoted ? "\"\(value)\"" : value
    return Bad("X1,A1,2026-01-20,credit,\(written),,,,,", code, "amount", value, reason)
  }

  @Test func badTransactions() async throws {
    let tooLong = String(repeating: "9", count: 41)
    let bad = [
      Bad(
        "X1,A9,2026-01-20,credit,1.00,,,,,", "IMP-0401", "account_number", "A9",
        "the account “A9” is not on record; send it first, or correct the code"),
      Bad(
        "X1,,2026-01-20,credit,1.00,,,,,", "IMP-0201", "account_number", "",
        "“account_number” is empty; every transaction needs one"),
      Bad(
        "X1,A1,2026-02-30,credit,1.00,,,,,", "IMP-0202", "booked_on", "2026-02-30",
        "“2026-02-30” \(Self.dateForm)"),
      Bad(
        "X1,A1,20260120,credit,1.00,,,,,", "IMP-0202", "booked_on", "20260120",
        "“20260120” \(Self.dateForm)"),
      Bad(
        "X1,A1,2026-1-20,credit,1.00,,,,,", "IMP-0202", "booked_on", "2026-1-20",
        "“2026-1-20” \(Self.dateForm)"),
      Bad(
        "X1,A1,2026-01-20T00:00,credit,1.00,,,,,", "IMP-0202", "booked_on", "2026-01-20T00:00",
        "“2026-01-20T00:00” \(Self.dateForm)"),
      Bad(
        "X1,A1,1899-12-31,credit,1.00,,,,,", "IMP-0202", "booked_on", "1899-12-31",
        "1899-12-31 is not between 1900-01-01 and 2100-12-31"),
      Bad(
        "X1,A1,,credit,1.00,,,,,", "IMP-0201", "booked_on", "",
        "“booked_on” is empty; every transaction needs one"),
      Bad(
        "X1,A1,2026-01-20,Credit,1.00,,,,,", "IMP-0206", "direction", "Credit",
        "“Credit” is not a direction; it is one of credit, debit"),
      amount(
        "1.234", "IMP-0204",
        "the amount 1.234 has 3 digits after the point; the bank's currency has 2"),
      amount(
        "12345678901234567.00", "IMP-0204",
        "the amount has 17 digits before the point; at most 16 are taken"),
      amount(
        tooLong, "IMP-0204",
        "the amount has 41 digits; at most 16 before the point and 2 after it are taken"),
      amount("-5.00", "IMP-0205", "the amount -5.00 is below zero; the direction says its sign"),
      amount("1,000.00", "IMP-0203", "“1,000.00” \(Self.plain)", quoted: true),
      amount("1e5", "IMP-0203", "“1e5” \(Self.plain)"),
      amount("12O.00", "IMP-0203", "“12O.00” \(Self.plain)"),
      amount("NaN", "IMP-0203", "“NaN” \(Self.plain)"),
      amount("１２", "IMP-0203", "“１２” \(Self.plain)"),
      amount("¥5", "IMP-0203", "“¥5” \(Self.plain)"),
      amount("1 000", "IMP-0203", "“1 000” \(Self.plain)"),
      amount("--5", "IMP-0203", "“--5” \(Self.plain)"),
      amount("", "IMP-0201", "“amount” is empty; every transaction needs one"),
      Bad(
        "X1,A1,2026-01-20,credit", "IMP-0101", nil, nil,
        "the row is bad because it has 4 fields where the header has 10"),
      Bad(
        "X1,A1,2026-01-20,credit,1.00,,,,,,,", "IMP-0101", nil, nil,
        "the row is bad because it has 12 fields where the header has 10"),
      Bad(
        "X1,A1,2026-01-20,credit,1.00,\"a\"b,,,,", "IMP-0102", nil, nil,
        "the row is bad because text follows the closing quote of field 6; a quote inside a field must be doubled"
      ),
      Bad(
        "X1,A1,2026-01-20,credit,1.00,\"open,,,,", "IMP-0102", nil, nil,
        "the row is bad because the quote that opens field 6 never closes"),
      Bad(
        String(repeating: "N", count: 41) + ",A1,2026-01-20,credit,1.00,,,,,", "IMP-0207", "number",
        String(repeating: "N", count: 41), "the text has 41 characters; at most 40 fit"),
      Bad(
        "T1,A1,2025-12-31,credit,1000000.01,cash deposit,,1000000.00,,", "IMP-0301", "number", "T1",
        "this transaction stands in line 2 of the file already; keep one"),
    ]
    try await check(bad, in: "transactions.csv") { "G\($0),A1,2026-01-20,credit,0.01,,,,,\n" }
  }

  @Test func badRowsOfOtherFiles() async throws {
    try await check(
      [
        Bad(
          "A9,B9,demand,CNY,2026-01-01,", "IMP-0401", "branch_code", "B9",
          "the branch “B9” is not on record; send it first, or correct the code"),
        Bad(
          "A9,R1,demand,CNY,2026-01-01,", "IMP-0401", "branch_code", "R1",
          "the branch “R1” is not on record; send it first, or correct the code"),
        Bad(
          "A9,B1,gold,CNY,2026-01-01,", "IMP-0206", "kind", "gold",
          "“gold” is not a kind; it is one of demand, time, call"),
        Bad(
          "A9,B1,demand,yuan,2026-01-01,", "IMP-0206", "currency", "yuan",
          "“yuan” is not a currency; write three capital letters such as CNY"),
        Bad(
          "A9,B1,demand,USD,2026-01-01,", "IMP-0206", "currency", "USD",
          "the currency is USD, but the books of the bank are kept in CNY; other currencies are not taken in"
        ),
      ], in: "accounts.csv")
    try await check(
      [
        Bad(
          "L9,A1,2026-01-01,0,12,1.00,running", "IMP-0205", "amount", "0",
          "the amount 0 is not above zero"),
        Bad(
          "L9,A1,2026-01-01,5,0,1.00,running", "IMP-0205", "term_months", "0",
          "0 is not above zero"),
        Bad(
          "L9,A1,2026-01-01,5,1.5,1.00,running", "IMP-0203", "term_months", "1.5",
          "“1.5” \(Self.plain)"),
      ], in: "loans.csv")
    try await check(
      [
        Bad(
          "H9,A9,C1,owner", "IMP-0401", "account_number", "A9",
          "the account “A9” is not on record; send it first, or correct the code"),
        Bad(
          "H9,A1,C9,owner", "IMP-0401", "client_number", "C9",
          "the client “C9” is not on record; send it first, or correct the code"),
      ], in: "holders.csv")
    try await check(
      [
        Bad(
          "E9,junior,2026-01-01,", "IMP-0401", "employee_number", "E9",
          "the employee “E9” is not on record; send it first, or correct the code"),
        Bad(
          "E1,chief,2026-01-01,", "IMP-0401", "tier", "chief",
          "the tier “chief” is not on record; send it first, or correct the code"),
      ], in: "tiers.csv")
    try await check(
      [
        Bad(
          "A1,E3,70,2026-01-01,", "IMP-0205", "share", "70",
          "the share 70 is not above 0 and up to 1; write 0.7 for 70 percent"),
        Bad(
          "A1,E3,0,2026-01-01,", "IMP-0205", "share", "0",
          "the share 0 is not above 0 and up to 1; write 0.7 for 70 percent"),
      ], in: "assignments.csv")
    try await check(
      [
        Bad(
          "B8,Lost,branch,R9,2026-01-01", "IMP-0402", "parent_code", "R9",
          "the parent “R9” of unit “B8” is neither on record nor in this file above it; send it first"
        ),
        Bad(
          "B7,Lost,branch,,2026-01-01", "IMP-0402", "parent_code", nil,
          "unit “B7” has no parent; only the head office has none"),
      ], in: "org_units.csv")
    try await check(
      [
        Bad(
          "R8,Below,region,B1,2026-01-01", "IMP-0402", "parent_code", "B1",
          "the parent “B1” of unit “R8” is a branch, which cannot hold a region")
      ], in: "org_units.csv")
  }

  /// The same number with other values is never taken for a new row, nor passed over in silence.
  @Test func keysOnRecordWithOtherValues() async throws {
    let other =
      "is on record with other values (batch %, line %); a correction is not taken as a new row"
    let cases: [(file: String, from: String, to: String, key: String?, column: String?)] = [
      (
        "transactions.csv", "2025-12-31,credit,1000000.00", "2025-12-31,credit,1000000.01", "T1",
        "number"
      ),
      ("transactions.csv", "2025-12-31,credit", "2025-12-30,credit", "T1", "number"),
      ("accounts.csv", "A1,B1,demand", "A1,B2,demand", "A1", "number"),
      ("clients.csv", "C1,One Ltd,company", "C1,One Inc,company", "C1", "number"),
      ("loans.csv", "L1,A1,2026-01-15", "L1,A2,2026-01-15", "L1", "number"),
      ("org_units.csv", "B2,Second branch,branch,R1", "B2,Second branch,branch,HQ", "B2", "code"),
      ("employees.csv", "E3,Cho,B2", "E3,Cho,B1", "E3", "number"),
      ("holders.csv", "H2,A1,C2,joint", "H9,A1,C2,joint", nil, nil),
      ("tiers.csv", "E2,junior,2020-01-01", "E2,senior,2020-01-01", nil, "effective_from"),
    ]
    for (file, from, to, key, column) in cases {
      let text = String(decoding: TinyBank().files[file] ?? [], as: UTF8.self)
      #expect(text.contains(from))
      let bank = TinyBank().with(file, text.replacing(from, with: to))
      let folder = try bank.write()
      let database = try await TestServer.tinyBankDatabase()
      let folderImport = try bank.folderImport(from: folder)
      let result = try await database.withConnection { connection in
        try folderImport.run(on: connection)
      }
      let batch = try #require(result.files.first { $0.fileName == file })
      #expect(batch.outcome == .loaded, "\(to)")
      #expect(batch.loaded == 0 && batch.rejected == 1, "\(to)")
      #expect(batch.unchanged == batch.read - 1, "\(to)")
      let rejection = try #require(batch.firstRejections.first, "\(to)")
      #expect(rejection.code == .duplicateOnRecord)
      #expect(rejection.column == column, "\(to)")
      #expect(rejection.value == key, "\(to)")
      let pieces = other.split(separator: "%")
      #expect(pieces.allSatisfy { rejection.reason.contains($0) }, "\(rejection.reason)")
      #expect(rejection.rawRow?.contains(to) == true)
      #expect(try await database.unaccountedRows() == "")
    }
  }

  @Test func everyReasonOfARowIsGiven() async throws {
    let bank = TinyBank().adding("X1,A9,2026-02-30,up,1.234,,,x,,\n", to: "transactions.csv")
    let folder = try bank.write()
    let database = try await TestServer.tinyBankDatabase()
    let folderImport = try bank.folderImport(from: folder)
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    let batch = try #require(result.files.first { $0.dataset == "transactions" })
    #expect(batch.rejected == 1)
    #expect(
      batch.firstRejections.map(\.column)
        == ["account_number", "booked_on", "direction", "amount", "reported_balance"])
    #expect(batch.firstRejections.map { $0.rawRow == nil } == [false, true, true, true, true])
  }

  /// More bad rows than are held in memory at once.
  @Test func aFileOfNothingButBadRows() async throws {
    let lines = (1...21_000).map { "Y\($0),A1,never,credit,1.00,,,,,\n" }.joined()
    let bank = TinyBank().adding(lines, to: "transactions.csv")
    let folder = try bank.write()
    let database = try await TestServer.tinyBankDatabase()
    let folderImport = try bank.folderImport(from: folder)
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    let batch = try #require(result.files.first { $0.dataset == "transactions" })
    #expect(batch.rejected == 21_000 && batch.unchanged == 4 && batch.loaded == 0)
    #expect(batch.firstRejections.count == 10)
    #expect(try await database.unaccountedRows() == "")
  }
}
