import Foundation
import Quantities
import TestSupport
import Testing

/// Explanations as their readers get them: as data that is added up here once more, and as a page.
@Suite struct PayExplanationTests {
  private struct Explanation: Decodable {
    let earned, deferred, payable: ExactDecimal
    let lines: [Line]
    let instalments: [Instalment]

    struct Line: Decodable {
      let number: Int
      let amount: ExactDecimal
      let basis_total: ExactDecimal?
      let credits: [Credit]
    }
    struct Credit: Decodable {
      let share, measured, credited: ExactDecimal
      let opening_balance: ExactDecimal?
      let days: Int?
      let movements: [Movement]
      let source: String
    }
    struct Movement: Decodable {
      let amount, balance_days: ExactDecimal
      let days: Int
      let source: String
    }
    struct Instalment: Decodable {
      let amount: ExactDecimal
    }
  }

  private func sum(_ parts: [ExactDecimal]) throws -> ExactDecimal {
    try parts.reduce(.zero) { try $0 + $1 }
  }

  @Test func everyLevelAddsUpToTheOneAbove() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    let made = try await BanyanProcess.run([
      "sample", folder.path + "/files", "--seed", "5", "--branches", "2", "--managers", "3",
      "--clients", "40", "--months", "1",
    ])
    #expect(made.exitCode == 0)
    _ = try await banyan(
      "import", folder.path + "/files", "--mapping",
      SharedData.packageFolder + "/seeds/mappings/demo", on: database)
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let people = try await psql(
      "select number from bank.pay_statement join bank.employee using (employee_id) order by number",
      in: database
    ).split(separator: "\n").map(String.init)
    #expect(people.count == 3)
    var movementCount = 0
    for person in people {
      let told = try await banyan(
        "pay", "explain", person, "2026-01", "--format", "json", on: database)
      #expect(told.exitCode == 0, "\(told.errorOutput)")
      let explanation = try JSONDecoder().decode(Explanation.self, from: Data(told.output.utf8))
      #expect(try sum(explanation.lines.map(\.amount)) == explanation.earned)
      #expect(try explanation.deferred + explanation.payable == explanation.earned)
      #expect(try sum(explanation.instalments.map(\.amount)) == explanation.deferred)
      for line in explanation.lines where line.basis_total != nil {
        #expect(try sum(line.credits.map(\.credited)) == line.basis_total)
        for credit in line.credits {
          #expect(try credit.measured * credit.share == credit.credited)
          guard let opening = credit.opening_balance, let days = credit.days else { continue }
          let parts = try credit.movements.map { try $0.amount * ExactDecimal($0.days) }
          #expect(parts == credit.movements.map(\.balance_days))
          #expect(try sum([opening * ExactDecimal(days)] + parts) == credit.measured)
          movementCount += parts.count
        }
      }
    }
    #expect(movementCount > 100, "there was something to add up")
  }

  @Test func aPageThatOpens() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let folder = try TemporaryFolder()
    let made = try await banyan(
      "pay", "explain", "E1", "2026-01", "--format", "html", "-o", folder.path + "/e1.html",
      on: database)
    #expect(made.exitCode == 0, "\(made.errorOutput)")
    let page = try String(contentsOfFile: folder.path + "/e1.html", encoding: .utf8)
    for part in [
      "<summary><span>1. Average deposits</span><span class=\"n\">555.48</span></summary>",
      "Account A1, 2026-01-01 – 2026-01-31", "× share 0.7 = 17,219,994.4",
      "<span>2026-01-16 -400,000.50 × 16 days <small>T2 · transactions.csv:3</small></span><span class=\"n minus\">-6,400,008.00</span>",
      "<span>due 2028-01-31</span><span class=\"n\">74.06</span>",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(!page.contains("<script"))
    #expect(
      page.components(separatedBy: "<details").count
        == page.components(separatedBy: "</details>").count)
    let trail = try await psql(
      "select count(*) from platform.audit_entry where object = 'pay of E1 for 2026-01' and action = 'export'",
      in: database)
    #expect(trail == "1\n")
  }

  @Test func oneLineOnly() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await banyan("pay", "run", "2026-01", on: database).exitCode == 0)
    let one = try await banyan("pay", "explain", "E1", "2026-01", "--line", "1", on: database)
    #expect(one.exitCode == 0 && one.output.contains("account A1"))
    #expect(!one.output.contains("Paid now"))
    let chinese = try await banyan(
      "pay", "explain", "E1", "2026-01", "--line", "1", "--format", "html", "--lang", "zh",
      on: database)
    #expect(chinese.output.contains("期初余额") && !chinese.output.contains("应得的分配"))
    let none = try await banyan("pay", "explain", "E1", "2026-01", "--line", "7", on: database)
    #expect(none.exitCode == 64)
    #expect(
      none.messages() == [
        "banyan: the statement of E1 for 2026-01 has no line 7; its lines are 1 to 1"
      ])
  }
}
