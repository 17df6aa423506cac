/// The consolidated month of a bank of a million clients under a login that row security binds,
/// against the owner of the schema, whom it does not bind.
struct ReportUnderPolicies: Benchmark {
  /// A login of `Benchmarks/Data/million-clients.sql`.
  private let login: String
  let name: String
  let goal: Double
  let comparison = "the same report as the owner, without row security"
  let rounds = 5

  /// As head office, which sees every row.
  static let headOffice = ReportUnderPolicies(
    login: "head_office_login", name: "report.under_policies", goal: 1.2)
  /// As one branch of 300, which sees its own rows.
  static let branch = ReportUnderPolicies(
    login: "branch_login", name: "report.under_policies_branch", goal: 1)

  private init(login: String, name: String, goal: Double) {
    self.login = login
    self.name = name
    self.goal = goal
  }

  mutating func prepare(on ground: Ground) async throws {
    try MillionClients.make(on: ground)
    let all = try ground.run(
      ground.banyan, arguments, environment: environment(of: nil, on: ground))
    let seen = try ground.run(
      ground.banyan, arguments, environment: environment(of: login, on: ground))
    if (all == seen) != (login == "head_office_login") {
      throw BenchmarkError("\(login) sees “\(seen.prefix(300))” and the owner “\(all.prefix(300))”")
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, arguments, environment: environment(of: login, on: ground))
  }

  func reference(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, arguments, environment: environment(of: nil, on: ground))
  }

  private var arguments: [String] {
    ["report", "run", "branch-month", "from=2026-02", "to=2026-02", "--format", "csv"]
  }

  private func environment(of login: String?, on ground: Ground) throws -> [String: String] {
    let url = try ground.url(of: MillionClients.database)
    return ["DATABASE_URL": login.map { url + "&user=" + $0 } ?? url]
  }
}

/// The bank of a million clients that several entries share.
enum MillionClients {
  static let database = "million_clients"

  static func make(on ground: Ground) throws {
    if try ground.hasDatabase(database) { return }
    note("making up a bank of a million clients")
    try ground.psql("CREATE DATABASE \(database)")
    try ground.run(
      ground.banyan, ["migrate"], environment: ["DATABASE_URL": try ground.url(of: database)])
    try ground.psql(file: "million-clients.sql", in: database)
  }
}
