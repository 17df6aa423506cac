/// A report of a few rows from a small table, start to end, against psql running the same file.
struct ReportSmall: Benchmark {
  /// So many runs make one figure.
  private static let runs = 10

  let name = "report.small"
  let comparison = "psql --csv of the same SQL, 10 runs each"
  let goal = 1.0
  let rounds = 9

  mutating func prepare(on ground: Ground) async throws {
    _ = try ground.sampleBank()
    let ours = try ground.run(ground.banyan, oursArguments, environment: environment(ground))
    let reference = try ground.run(ground.psql, referenceArguments(ground))
    if ours.replacing("\r\n", with: "\n") != reference || ours.split(separator: "\n").count < 2 {
      throw BenchmarkError(
        "the report says “\(ours.prefix(300))” and psql “\(reference.prefix(300))”")
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    let environment = try environment(ground)
    return try (0..<Self.runs).reduce(0) { sum, _ in
      sum + (try ground.time(ground.banyan, oursArguments, environment: environment))
    }
  }

  func reference(on ground: Ground) async throws -> Double {
    let arguments = try referenceArguments(ground)
    return try (0..<Self.runs).reduce(0) { sum, _ in
      sum + (try ground.time(ground.psql, arguments))
    }
  }

  private let oursArguments = ["report", "run", "batches", "--format", "csv"]

  private func referenceArguments(_ ground: Ground) throws -> [String] {
    [
      "-Xq", "--csv", "-v", "dataset=all", "-f", ground.repository + "/SQL/reports/batches.sql",
      try environment(ground)["DATABASE_URL"] ?? "",
    ]
  }

  private func environment(_ ground: Ground) throws -> [String: String] {
    ["DATABASE_URL": try ground.url(of: try ground.sampleBank().database)]
  }
}
