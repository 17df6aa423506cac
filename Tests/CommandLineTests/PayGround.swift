import Foundation
import TestSupport
import Testing

/// The tiny bank with a posted January, and short ways to give orders about pay.
struct PayGround {
  let database: TestDatabase

  /// - Parameter isPosted: Whether January is run and posted.
  init(isPosted: Bool = true) async throws {
    database = try await TestServer.tinyBankDatabase()
    if isPosted { try await database.payAndPost("2026-01") }
  }

  /// Runs a command that must work.
  @discardableResult
  func done(_ arguments: String...) async throws -> ProgramOutcome {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    return outcome
  }

  /// Runs a command that prints rows.
  func rows(_ arguments: String...) async throws -> [[String: String]] {
    let outcome = try await BanyanProcess.run(
      arguments + ["--format", "csv"], environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    return try CSVTable(text: outcome.output).rows
  }

  /// Runs a command that is refused, and returns its one sentence.
  func refused(_ arguments: String..., exitCode: Int32 = 3) async throws -> String {
    let outcome = try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": database.url])
    #expect(
      outcome.exitCode == exitCode, "\(arguments): \(outcome.output) \(outcome.errorOutput)")
    #expect(outcome.messages().count == 1, "\(outcome.errorOutput)")
    return outcome.messages().first ?? ""
  }

  /// What the database says to a statement that it refuses.
  func refusedInSQL(_ sql: String) async throws -> String {
    do {
      _ = try await psql(sql, in: database)
      return "taken"
    } catch let error as TestSupportError {
      return error.description
    }
  }

  /// The number of the run that counts for a month.
  func run(_ month: String) async throws -> String {
    try await psql(
      "select pay_run_id from report.pay_run where counts and month = '\(month)'", in: database
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
