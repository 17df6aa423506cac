import CompensationEngine
import Foundation
import Quantities
import Testing

@Suite("The plans that the package ships")
struct SeedPlanTests {
  static func seed(_ name: String) throws -> Plan {
    let url = packageRoot.appending(path: "seeds/plans/\(name).yaml")
    return try Plan(
      yaml: String(contentsOf: url, encoding: .utf8),
      knownMetrics: [
        "deposit_average_daily_balance", "loans_granted_amount", "loans_granted_count",
      ])
  }

  @Test("The Berka plan pays a senior as its comments say, to the cent")
  func berka() throws {
    let statement = try Self.seed("berka-1993").pay(
      [
        "deposit_average_daily_balance": "23250000.00/31", "loans_granted_amount": "250000.00",
        "loans_granted_count": "2",
      ], tier: "senior")
    #expect(statement.amounts == ["900.00", "725.00", "325.00", "0.00"])
    #expect(statement.earned.description == "1950.00")
    #expect(statement.payable.description == "1170.00")
    #expect(statement.instalments.map(\.amount.description) == ["260.00", "260.00", "260.00"])
    #expect(statement.instalments.map(\.dueOn.description).first == "1994-12-31")
  }

  @Test("The Berka plan stops at its limit, and a trainee gets six tenths")
  func berkaLimit() throws {
    let plan = try Self.seed("berka-1993")
    let metrics = [
      "deposit_average_daily_balance": "1500000", "loans_granted_amount": "500000",
    ]
    let principal = try plan.pay(metrics, tier: "principal")
    #expect(principal.amounts == ["1800.00", "1900.00", "1850.00", "-1550.00"])
    #expect(principal.earned.description == "4000.00")
    #expect(try plan.pay(metrics, tier: "trainee").earned.description == "2220.00")
  }

  @Test("The demo plan pays as its comments say")
  func demo() throws {
    let month = try #require(Month("2026-03"))
    let statement = try Self.seed("demo-2026").pay(
      [
        "deposit_average_daily_balance": "8000000", "loans_granted_amount": "1500000",
        "loans_granted_count": "4",
      ], tier: "intermediate", month: month)
    #expect(statement.amounts == ["2400.00", "900.00", "200.00", "0.00", "0.00"])
    #expect(statement.deferred.description == "1400.00")
    #expect(statement.instalments.map(\.amount.description) == ["466.67", "466.67", "466.66"])
  }

  @Test("Every example plan in the reference is a plan")
  func referenceExamples() throws {
    let text = try String(
      contentsOf: packageRoot.appending(path: "docs/plans.md"), encoding: .utf8)
    let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
      .map { $0.components(separatedBy: "```")[0] }
    let whole = blocks.filter { $0.hasPrefix("plan:") }
    #expect(whole.count >= 1)
    for block in whole { #expect(problems(in: block) == []) }
    let components = blocks.filter { $0.hasPrefix("- code:") }
    #expect(components.count >= 4)
    let indented = components.joined(separator: "\n").split(separator: "\n")
      .map { "  " + $0 }.joined(separator: "\n")
    #expect(problems(in: planText(components: indented)) == [])
  }
}
