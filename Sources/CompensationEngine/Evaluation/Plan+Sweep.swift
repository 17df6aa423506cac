import Dispatch
import Quantities
import Synchronization

extension Plan {
  /// Evaluates many plans for the same people and month, on all processors at once. Lines keep no arithmetic.
  ///
  /// - Parameters:
  ///   - count: How many plans there are.
  ///   - plan: Gives each of them by its number from 0 on; called on several threads.
  ///   - outcome: What is kept of the statements, which are as ``evaluate(_:for:isExplaining:)`` returns them;
  ///     called on several threads.
  /// - Returns: The outcomes in the order of the plans.
  /// - Throws: Of all errors that of the first plan.
  public static func sweep<Outcome: Sendable>(
    _ count: Int, over population: Population, for month: Month,
    plan: @Sendable (Int) throws -> Plan,
    outcome: @Sendable ([PayStatement?]) throws -> Outcome
  ) throws -> [Outcome] {
    let results = Mutex<[Result<Outcome, any Error>?]>(Array(repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { number in
      let result = Result {
        try outcome(plan(number).evaluate(population, for: month, isExplaining: false))
      }
      results.withLock { $0[number] = result }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
