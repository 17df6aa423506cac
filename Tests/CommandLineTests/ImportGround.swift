import Foundation
import TestSupport
import Testing

/// The tiny bank on record, and short ways to send it more.
struct ImportGround {
  let database: TestDatabase
  let folder: TemporaryFolder

  static let header =
    "number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account\n"

  init(_ bank: TinyBank = TinyBank()) async throws {
    database = try await TestServer.tinyBankDatabase()
    folder = try bank.write()
  }

  var mapping: String { folder.path + "/mapping" }

  /// Writes a file beside the bank's own, and returns its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try folder.write(text.utf8, to: name)
    return folder.path + "/" + name
  }

  /// A file of transactions: rows without the columns behind the amount.
  func transactions(_ rows: [String], as name: String = "sent/transactions.csv") throws -> String {
    try write(Self.header + rows.map { $0 + ",,,,,\n" }.joined(), to: name)
  }

  /// Runs `banyan import` with the bank's mapping and gives the summary as data.
  func send(
    _ arguments: String..., input: String = "", as url: String? = nil
  ) async throws -> SentFiles {
    let outcome = try await BanyanProcess.run(
      ["import"] + arguments + ["--mapping", mapping, "--format", "csv"],
      environment: ["DATABASE_URL": url ?? database.url], input: input)
    return try SentFiles(outcome, in: folder)
  }

  func run(_ arguments: String...) async throws -> ProgramOutcome {
    try await BanyanProcess.run(arguments, environment: ["DATABASE_URL": database.url])
  }

  func psql(_ sql: String) async throws -> String { try await TestSupport.psql(sql, in: database) }

  /// What the database holds of everything that an import may write.
  func everything() async throws -> String {
    try await psql(
      """
      select (select count(*) from bank.batch), (select count(*) from bank.rejected_row),
        (select count(*) from bank.transaction), (select sum(credits) from bank.account_month),
        (select count(*) from bank.loan), (select count(*) from bank.client), (select count(*) from bank.org_unit),
        (select count(*) from bank.submission), (select count(*) from platform.audit_entry),
        (select count(*) from pg_class where relnamespace = 'bank'::regnamespace)
      """)
  }
}

/// What an import printed.
struct SentFiles {
  let exitCode: Int32
  /// Lines of standard error, with the folder written as FOLDER.
  let messages: [String]
  let rows: [[String: String]]

  init(_ outcome: ProgramOutcome, in folder: TemporaryFolder) throws {
    exitCode = outcome.exitCode
    messages = outcome.messages(in: folder)
    rows = outcome.output.isEmpty ? [] : try CSVTable(text: outcome.output).rows
  }

  /// Outcome, and rows read, loaded, rejected and unchanged, of the first file.
  var counts: String {
    let row = rows.first ?? [:]
    return ["outcome", "read", "loaded", "rejected", "unchanged"].map { row[$0] ?? "" }
      .joined(separator: " ")
  }

  var batch: String { rows.first?["batch"] ?? "" }
}
