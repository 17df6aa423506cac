import CReference
import LibPQ

/// Prepared statements a hundred at a time, without waiting in between.
struct Pipelined: Benchmark {
  private let peer: Peer?

  var name: String { "libpq.pipelined" + (peer.map { "_\($0)" } ?? "") }
  var comparison: String { peer?.title ?? "C with libpq" }
  var goal: Double { peer == nil ? 1.25 : 1 }
  var rounds: Int { peer == nil ? 9 : 5 }

  private static let pipelines = 1_000
  private static let statements = 100

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
      for _ in 0..<Self.pipelines {
        var answers: [PipelineResult<Int32>] = []
        answers.reserveCapacity(Self.statements)
        try connection.pipeline { pipeline in
          for _ in 0..<Self.statements {
            answers.append(try pipeline.value("SELECT 1", as: Int32.self))
          }
        }
        for answer in answers { sum += Int(try answer.get()) }
      }
      if sum != Self.pipelines * Self.statements {
        throw BenchmarkError("the server said something else than 1")
      }
    }
    return measured.seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    let url = try ground.url(of: "postgres")
    if let peer {
      return try peer.seconds(
        of: "pipelined", url, "\(Self.pipelines)", "\(Self.statements)", on: ground)
    }
    let seconds = reference_pipelined(url, Self.pipelines, Self.statements)
    if seconds < 0 { throw BenchmarkError("the C program got no answers from its pipelines") }
    return seconds
  }
}
