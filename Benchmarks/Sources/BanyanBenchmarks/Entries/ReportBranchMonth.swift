/// The consolidated month of all units as CSV, against psql running the same file.
struct ReportBranchMonth: Benchmark {
  let name = "report.branch_month"
  let comparison = "psql --csv of the same SQL"
  let goal = 1.1
  let rounds = 9

  mutating func prepare(on ground: Ground) async throws {
    let sample = try ground.sampleBank()
    try ground.renew("report_ours", from: sample.database)
    try ground.run(
      ground.banyan,
      [
        "import", sample.factsFolder, "--mapping",
        ground.repository + "/Benchmarks/mappings/sample-facts",
      ], environment: ["DATABASE_URL": try ground.url(of: "report_ours")], accepted: [3])
    try ground.psql("VACUUM", in: "report_ours")
    let ours = try ground.run(ground.banyan, oursArguments, environment: environment(ground))
    let reference = try ground.run(ground.psql, referenceArguments(ground))
    if ours.replacing("\r\n", with: "\n") != reference {
      throw BenchmarkError(
        "the report says “\(ours.prefix(300))” and psql “\(reference.prefix(300))”")
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(ground.banyan, oursArguments, environment: environment(ground))
  }

  func reference(on ground: Ground) async throws -> Double {
    try ground.time(ground.psql, referenceArguments(ground))
  }

  private var oursArguments: [String] {
    [
      "report", "run", "branch-month", "from=\(SampleBankData.month)",
      "to=\(SampleBankData.month)", "--format", "csv",
    ]
  }

  private func referenceArguments(_ ground: Ground) throws -> [String] {
    [
      "-Xq", "--csv", "-v", "from=\(SampleBankData.month)", "-v", "to=\(SampleBankData.month)",
      "-v", "tree=today", "-v", "level=standard", "-v", "under=all", "-f", ground.repository + "/SQL/reports/branch-month.sql",
      try ground.url(of: "report_ours"),
    ]
  }

  private func environment(_ ground: Ground) throws -> [String: String] {
    ["DATABASE_URL": try ground.url(of: "report_ours")]
  }
}
