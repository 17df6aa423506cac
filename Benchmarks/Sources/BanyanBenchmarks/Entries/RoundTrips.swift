import CReference
import LibPQ

/// One prepared statement after the other, each answered before the next, against plain C.
struct RoundTrips: Benchmark {
  let name = "libpq.round_trips"
  let comparison = "C with libpq"
  let goal = 1.33
  let rounds = 7

  private static let count = 20_000

  mutating func prepare(on ground: Ground) async throws {
    _ = try ground.url(of: "postgres")
  }

  func ours(on ground: Ground) async throws -> Double {
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: try ground.url(of: "postgres")))
    let elapsed = try await connection.withConnection { @Sendable connection in
      try ContinuousClock().measure {
        var sum = 0
        for _ in 0..<Self.count {
          sum += Int(try connection.value("SELECT 1", as: Int32.self))
        }
        if sum != Self.count { throw BenchmarkError("the server said something else than 1") }
      }
    }
    await connection.close()
    return elapsed / .seconds(1)
  }

  func reference(on ground: Ground) async throws -> Double {
    let seconds = reference_round_trips(try ground.url(of: "postgres"), Self.count)
    if seconds < 0 { throw BenchmarkError("the C program got no answer to SELECT 1") }
    return seconds
  }
}
