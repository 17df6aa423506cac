/// How long the command takes to say its version, or to explain itself, against the smallest program that
/// has the same argument parser.
struct CommandStart: Benchmark {
  /// So many starts make one figure, because a single one is too short for the clock.
  private static let starts = 20

  let argument: String
  let goal = 2.0
  let rounds = 9
  var name: String { "cli." + argument.dropFirst(2) }
  let comparison = "the same of a hello-world program with the argument parser, 20 starts each"

  func prepare(on ground: Ground) throws {
    _ = try ours(on: ground)
    _ = try reference(on: ground)
  }

  func ours(on ground: Ground) throws -> Double { try time(ground.banyan, on: ground) }

  func reference(on ground: Ground) throws -> Double {
    try time(ground.repository + "/.build/benchmarks/release/banyan-hello-probe", on: ground)
  }

  private func time(_ program: String, on ground: Ground) throws -> Double {
    try (0..<Self.starts).reduce(0) { sum, _ in sum + (try ground.time(program, [argument])) }
  }
}
