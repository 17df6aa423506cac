import Foundation

/// `banyan pay run` of a month for 5,000 people in a bank of a million clients with ten million facts and
/// a plan of twenty graduated tables, against programs that only compute what each person earns.
struct PayMonth: Benchmark {
  /// What the run is compared with.
  enum Opponent: String {
    /// One statement of SQL over the same tables; the run begins from nothing but facts.
    case statement
    /// DuckDB on Parquet files of the same facts; the run finds its credits in place.
    case duckDB = "duckdb"
    /// A client that goes fact by fact; the run begins from nothing but facts.
    case rowByRow = "row_by_row"
  }

  private let opponent: Opponent
  let isLong = true
  let rounds = 3

  init(against opponent: Opponent) { self.opponent = opponent }

  var name: String { opponent == .statement ? "pay.month" : "pay.month_\(opponent.rawValue)" }

  var comparison: String {
    switch opponent {
    case .statement: "one statement of SQL over the same tables that only computes the totals"
    case .duckDB: "DuckDB computing only the totals from Parquet files"
    case .rowByRow:
      "a psycopg client that goes fact by fact through two of 200 branches, times hundred"
    }
  }

  var goal: Double {
    switch opponent {
    case .statement: 1.5
    case .duckDB: 1
    case .rowByRow: 0.05
    }
  }

  private static let database = "pay_month"

  mutating func prepare(on ground: Ground) async throws {
    let isThere = try ground.psql(
      "SELECT 1 FROM pg_database WHERE datname = '\(Self.database)'")
    if !isThere.contains("1") { try makeUp(on: ground) }
    if opponent == .duckDB { try writeParquetFiles(on: ground) }
    // Once, so that what both sides read has been read before and the totals can be compared.
    try clear(keepingCredits: false, on: ground)
    try run(on: ground)
    let ours = try ground.psql(
      """
      COPY (SELECT e.number, s.earned FROM bank.pay_statement AS s JOIN bank.employee AS e USING (employee_id)
      ORDER BY e.number COLLATE "C") TO STDOUT (FORMAT csv)
      """, in: Self.database)
    _ = try await reference(on: ground)
    try compare(ours, on: ground)
  }

  func ours(on ground: Ground) async throws -> Double {
    try clear(keepingCredits: opponent == .duckDB, on: ground)
    return try run(on: ground)
  }

  func reference(on ground: Ground) async throws -> Double {
    switch opponent {
    case .statement:
      try ground.time(
        ground.psql,
        [
          "-XAtq", "--csv", "-v", "ON_ERROR_STOP=1", "-f", data("pay-month-totals.sql", ground),
          try ground.url(of: Self.database),
        ], output: totals(ground))
    case .duckDB:
      try Peer.duckdb.seconds(of: "totals", ground.folder, on: ground)
    case .rowByRow:
      try 100
        * Peer.psycopg.seconds(
          of: "pay_month", ground.url(of: Self.database), "B2,B3", totals(ground), on: ground)
    }
  }

  // MARK: - The bank

  private func makeUp(on ground: Ground) throws {
    let clients = max(5_000, Int(1_000_000 * ground.scale))
    let facts = 10 * clients
    note("making up a bank of \(clients) clients with \(facts) facts in the month")
    try ground.psql("CREATE DATABASE \(Self.database)")
    let environment = ["DATABASE_URL": try ground.url(of: Self.database)]
    try ground.run(ground.banyan, ["migrate"], environment: environment)
    try ground.run(
      ground.psql,
      [
        "-Xq", "-v", "ON_ERROR_STOP=1", "-v", "clients=\(clients)", "-v", "facts=\(facts)", "-f",
        data("pay-month.sql", ground), try ground.url(of: Self.database),
      ])
    try ground.run(
      ground.banyan, ["plan", "load", data("pay-month-plan.yaml", ground)],
      environment: environment)
  }

  /// Takes every run away, and the credits with them or not.
  private func clear(keepingCredits: Bool, on ground: Ground) throws {
    let credits =
      keepingCredits
      ? "" : ", bank.credit_set, bank.pay_credit, bank.pay_credit_sum, bank.pay_fact_credit"
    try ground.psql(
      "SET session_replication_role = replica",
      "TRUNCATE bank.pay_run, bank.pay_line\(credits) CASCADE", "CHECKPOINT", in: Self.database)
  }

  @discardableResult
  private func run(on ground: Ground) throws -> Double {
    try ground.time(
      ground.banyan, ["pay", "run", "2026-03"],
      environment: ["DATABASE_URL": ground.url(of: Self.database)])
  }

  private func writeParquetFiles(on ground: Ground) throws {
    let selections = [
      "fact": "SELECT client_branch_id, client_id, metric_id, booked_on, amount FROM bank.fact",
      "assignment":
        "SELECT branch_id, client_id, employee_id, share, effective_from, effective_until FROM bank.assignment",
      "employee": "SELECT employee_id, number FROM bank.employee",
      "metric": "SELECT metric_id, code FROM bank.metric",
    ]
    for (table, selection) in selections {
      try ground.psql(
        "\\copy (\(selection)) TO '\(ground.folder)/\(table).csv' (FORMAT csv)", in: Self.database)
    }
    _ = try Peer.duckdb.seconds(of: "convert", ground.folder, on: ground)
  }

  // MARK: - The totals

  private func compare(_ ours: String, on ground: Ground) throws {
    let told = try String(contentsOfFile: totals(ground), encoding: .utf8)
    let lines = Set(ours.split(separator: "\n"))
    let theirs = told.split(separator: "\n")
    let isAll = opponent == .rowByRow || theirs.count == lines.count
    if let stray = theirs.first(where: { !lines.contains($0) }) {
      throw BenchmarkError("“\(stray)” is what the other side computes, and not what the run pays")
    }
    if theirs.isEmpty || !isAll {
      throw BenchmarkError("the run pays \(lines.count) people, and the other side \(theirs.count)")
    }
  }

  private func data(_ file: String, _ ground: Ground) -> String {
    ground.repository + "/Benchmarks/Data/" + file
  }

  private func totals(_ ground: Ground) -> String {
    "\(ground.folder)/\(opponent.rawValue)-totals.csv"
  }
}
