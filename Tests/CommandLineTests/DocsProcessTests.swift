import Foundation
import TestSupport
import Testing

/// `banyan docs`: the dictionary, and the way from a file's column to a report.
@Suite struct DocsProcessTests {
  @Test func theDictionaryTellsWhereAColumnGoes() async throws {
    let database = try await TestServer.migratedDatabase()
    let environment = ["DATABASE_URL": database.url]
    let printed = try await BanyanProcess.run(["docs"], environment: environment)
    #expect(printed.exitCode == 0, "\(printed.errorOutput)")
    #expect(printed.output.hasPrefix("# Data dictionary\n"))
    let line = try #require(
      printed.output.split(separator: "\n").first { $0.hasPrefix("| transactions | amount |") })
    #expect(line.contains("| amount, 金额 | bank.transaction.amount |"))
    #expect(line.contains("report.movement"))
    #expect(!line.contains("report.org_unit"))
    // Through the roll-up.
    #expect(line.contains("report.account_month") && line.contains("branch-month"))
    let operation = try #require(
      printed.output.split(separator: "\n").first { $0.hasPrefix("| transactions | operation |") })
    #expect(!operation.contains("branch-month"))
    let loans = try #require(
      printed.output.split(separator: "\n").first { $0.hasPrefix("| loans | amount |") })
    // The report's own text names neither: it calls bank.unit_months.
    #expect(loans.contains("branch-month"))
    #expect(!loans.contains("leave-due"))

    let folder = try TemporaryFolder()
    let page = folder.path + "/dictionary.html"
    let written = try await BanyanProcess.run(["docs", "-o", page], environment: environment)
    #expect(written.exitCode == 0, "\(written.errorOutput)")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("<h1>Data dictionary</h1>"))
    #expect(text.contains("<h2>bank.transaction</h2>"))
    #expect(text.contains("Movements on accounts, partitioned by month of booking."))
  }
}
