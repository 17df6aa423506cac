import CReference
import LibPQ

/// One prepared statement after the other, each answered before the next.
struct RoundTrips: Benchmark {
  private let peer: Peer?

  var name: String { "libpq.round_trips" + (peer.map { "_\($0)" } ?? "") }
  var comparison: String { peer?.title ?? "C with libpq" }
  var goal: Double { peer == nil ? 1.33 : 1 }
  var rounds: Int { peer == nil ? 9 : 5 }

  private static let count = 20_000

  /// Against another client, or else against plain C.
  init(against peer: Peer? = nil) {
    self.peer = peer
  }

  func prepare(on ground: Ground) async throws {
    _ = try ground.url(of: "postgres")
    if peer != nil { _ = try ground.python() }
  }

  func ours(on ground: Ground) async throws -> Double {
    let measured = try await ground.measure(in: "postgres") { connection in
      var sum = 0
      for _ in 0..<Self.count {
        sum += Int(try connection.value("SELECT 1", as: Int32.self))
      }
      if sum != Self.count { throw BenchmarkError("the server said something else than 1") }
    }
    return measured.seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    let url = try ground.url(of: "postgres")
    if let peer {
      return try peer.seconds(of: "round_trips", url, "\(Self.count)", on: ground)
    }
    let seconds = reference_round_trips(url, Self.count)
    if seconds < 0 { throw BenchmarkError("the C program got no answer to SELECT 1") }
    return seconds
  }
}
