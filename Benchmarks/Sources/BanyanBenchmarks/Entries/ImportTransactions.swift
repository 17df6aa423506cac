/// A month's transactions of a bank, checked, resolved, without duplicates, rolled up and with their
/// primary key, against psql copying the good rows of the file into a table without any constraint.
/// Everything that a user waits for counts, from the start of the process to its end.
struct ImportTransactions: Benchmark {
  let name = "import.transactions"
  let comparison = "psql \\copy of the same rows into a bare table"
  let goal = 1.6
  let rounds = 5

  private var sample: SampleBankData?

  mutating func prepare(on ground: Ground) async throws {
    let sample = try ground.sampleBank()
    try ground.psql("CREATE DATABASE import_reference")
    note("  \(sample.cleanRows) good rows and \(sample.badRows) bad ones")
    self.sample = sample
  }

  func ours(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    try ground.renew("import_ours", from: sample.database)
    // Exit code 3 says that rows were rejected.
    let seconds = try ground.time(
      ground.banyan,
      [
        "import", sample.factsFolder, "--mapping",
        ground.repository + "/Benchmarks/mappings/sample-facts",
      ], environment: ["DATABASE_URL": try ground.url(of: "import_ours")], accepted: [3])
    let counts = try ground.psql(
      "SELECT count(*) FROM bank.transaction",
      "SELECT rows_rejected FROM bank.batch ORDER BY batch_id DESC LIMIT 1", in: "import_ours"
    ).split(separator: "\n")
    guard counts == ["\(sample.cleanRows)", "\(sample.badRows)"] else {
      throw BenchmarkError(
        "the import loaded and rejected \(counts) rows and not \(sample.cleanRows) and \(sample.badRows)"
      )
    }
    return seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    try ground.psql(
      "DROP TABLE IF EXISTS bare",
      """
      CREATE TABLE bare (number text, account_number bigint, booked_on date, direction text,
        amount numeric, purpose text, reported_balance numeric)
      """,
      "CHECKPOINT", in: "import_reference")
    return try ground.time(
      ground.psql,
      [
        "-Xq", "-v", "ON_ERROR_STOP=1", "-c",
        "\\copy bare from '\(sample.cleanFile)' with (format csv, header)",
        try ground.url(of: "import_reference"),
      ])
  }
}
