/// The consolidated month of a million clients with ten million movements, from the roll-up by branch and
/// month against the same counted from the movements, accounts and holders.
struct ReportFromRollUps: Benchmark {
  let name = "report.consolidated"
  let comparison = "the same figures from ten million movements"
  let goal = 0.1
  let rounds = 3
  let isLong = true

  private static let database = "ten_million_facts"

  mutating func prepare(on ground: Ground) async throws {
    try MillionClients.make(on: ground)
    note("making up ten million movements")
    try ground.renew(Self.database, from: MillionClients.database)
    try ground.psql(file: "ten-million-facts.sql", in: Self.database)
    let ours = try ground.run(ground.banyan, oursArguments, environment: environment(ground))
    let facts = try ground.run(
      ground.banyan, referenceArguments(ground), environment: environment(ground))
    if ours != facts {
      throw BenchmarkError("from roll-ups “\(ours.prefix(300))”, from facts “\(facts.prefix(300))”")
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, oursArguments, environment: environment(ground))
  }

  func reference(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, referenceArguments(ground), environment: environment(ground))
  }

  private let oursArguments = [
    "report", "run", "branch-month", "from=2026-03", "to=2026-03", "level=all", "--format", "csv",
  ]

  private func referenceArguments(_ ground: Ground) -> [String] {
    [
      "report", "run", "branch-month-from-facts", "from=2026-03", "to=2026-03", "--format", "csv",
      "--reports", ground.reports,
    ]
  }

  private func environment(_ ground: Ground) throws -> [String: String] {
    ["DATABASE_URL": try ground.url(of: Self.database)]
  }
}
