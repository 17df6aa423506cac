import Foundation
import LibPQ
import TestSupport
import Testing

/// A task that is cancelled around the end of a short query: the cancellation strikes that query or
/// nothing, never the next one.
@Suite struct CancelRaceTests {
  /// 10,000 rounds with `BANYAN_TORTURE=1`, over the four connections.
  static let rounds = isTorture ? 2_500 : 250
  static let isTorture = Torture.isOn

  /// What the rounds of one connection saw.
  struct Count {
    var cancelled = 0
    var completed = 0
  }

  @Test(.timeLimit(.minutes(30)))
  func aCancellationNeverStrikesTheNextQuery() async throws {
    let counts = try await withThrowingTaskGroup(of: Count.self) { group in
      for lane in 0..<4 { group.addTask { try await Self.race(lane: lane) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let cancelled = counts.map(\.cancelled).reduce(0, +)
    let completed = counts.map(\.completed).reduce(0, +)
    #expect(cancelled + completed == 4 * Self.rounds)
    // The race was one: both ends were reached, often.
    #expect(cancelled > Self.rounds / 10, "\(cancelled) of \(cancelled + completed)")
    #expect(completed > Self.rounds / 10, "\(completed) of \(cancelled + completed)")
  }

  private static func race(lane: Int) async throws -> Count {
    let connection = try await connect()
    var count = Count()
    // Seconds that the query lasts, steered by when the cancellation comes here and now: on a busy
    // machine that is long after the two milliseconds that it should be.
    var length = 0.002
    for round in 0..<rounds {
      let sleep = length * .random(in: 0.7...1.3)
      let task = Task { try await connection.execute("SELECT pg_sleep(\(sleep))") }
      try await Task.sleep(for: .milliseconds(2))
      task.cancel()
      switch await task.result {
      case .success:
        count.completed += 1
        length *= 1.1
      case .failure(let error as PostgresError):
        #expect(error.kind == .cancelled, "\(error)")
        #expect(!error.poisonsConnection)
        count.cancelled += 1
        length *= 0.9
      case .failure(let error): throw error
      }
      length = min(max(length, 0.000_05), 60)
      let next = try await connection.value("SELECT \(round)", as: Int.self)
      #expect(next == round)
    }
    await connection.close()
    return count
  }
}
