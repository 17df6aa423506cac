import CompensationEngine
import Quantities

/// The pay of five thousand people by twenty components, in memory on one core, against the time that it
/// may take.
struct EngineMonth: Benchmark {
  let name = "engine.month"
  let comparison = "0.1 s"
  let goal = 1.0
  let rounds = 7
  private let people = EnginePopulation()
  private var plan: Plan?

  mutating func prepare(on ground: Ground) async throws {
    plan = try EnginePopulation.plan()
  }

  func ours(on ground: Ground) async throws -> Double {
    guard let plan else { return 0 }
    var paid = 0
    let elapsed = try ContinuousClock().measure {
      let statements = try plan.evaluate(
        people.population, for: people.month, isExplaining: false)
      paid = statements.count { $0.map { !$0.earned.isZero } ?? false }
    }
    if paid != people.population.people.count {
      throw BenchmarkError("only \(paid) of \(people.population.people.count) people are paid")
    }
    return elapsed / .seconds(1)
  }

  func reference(on ground: Ground) async throws -> Double { 0.1 }
}

/// A sweep of a hundred variants of a plan over the same people, plans read anew each time, against the
/// time that it may take.
struct EngineSweep: Benchmark {
  let name = "engine.sweep"
  let comparison = "10 s"
  let goal = 1.0
  let rounds = 3
  private let people = EnginePopulation()

  mutating func prepare(on ground: Ground) async throws {}

  func ours(on ground: Ground) async throws -> Double {
    var costs: Set<String> = []
    let elapsed = try ContinuousClock().measure {
      let variants = try Plan.sweep(100, over: people.population, for: people.month) { step in
        try EnginePopulation.plan(lowestRate: "0.1\(step < 10 ? "0" : "")\(step)")
      } outcome: { statements in
        try statements.reduce(ExactDecimal.zero) { try $0 + ($1?.earned ?? .zero) }.description
      }
      costs = Set(variants)
    }
    if costs.count != 100 {
      throw BenchmarkError("100 variants have \(costs.count) different costs")
    }
    return elapsed / .seconds(1)
  }

  func reference(on ground: Ground) async throws -> Double { 10 }
}
