/// One person's pay explained down to the lines of the files, in a bank of a million clients and five
/// thousand relationship managers, against the time that it may take.
struct ExplainPay: Benchmark {
  let name = "pay.explain"
  let comparison = "0.3 s"
  let goal = 1.0
  let rounds = 7
  private static let database = "million_paid"

  mutating func prepare(on ground: Ground) async throws {
    note("making up a month of pay in a bank of a million clients")
    try ground.psql("CREATE DATABASE \(Self.database)")
    let environment = try environment(ground)
    try ground.run(ground.banyan, ["migrate"], environment: environment)
    for file in ["million-clients.sql", "million-clients-pay.sql"] {
      try ground.psql(file: file, in: Self.database)
    }
    try ground.run(
      ground.banyan, ["plan", "load", ground.repository + "/seeds/plans/demo-2026.yaml"],
      environment: environment)
    try ground.run(ground.banyan, ["pay", "run", "2026-03"], environment: environment)
    try ground.psql("VACUUM ANALYZE", in: Self.database)
    let told = try ground.run(ground.banyan, arguments, environment: environment)
    // Two hundred accounts with ten movements each stand behind the person.
    let movements = told.split(separator: "\n").count { $0.contains("transaction T") }
    if movements != 2_000 {
      throw BenchmarkError("the explanation names \(movements) movements and not 2,000")
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, arguments, environment: environment(ground))
  }

  func reference(on ground: Ground) async throws -> Double { 0.3 }

  private var arguments: [String] { ["pay", "explain", "RM100", "2026-03"] }

  private func environment(_ ground: Ground) throws -> [String: String] {
    ["DATABASE_URL": try ground.url(of: Self.database)]
  }
}
