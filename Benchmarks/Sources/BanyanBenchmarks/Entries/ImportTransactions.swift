import Foundation

/// A month's transactions of a bank, checked, resolved, without duplicates, rolled up and with their
/// primary key, against psql copying the good rows of the file into a table without any constraint.
/// Everything that a user waits for counts, from the start of the process to its end.
struct ImportTransactions: Benchmark {
  let name = "import.transactions"
  let comparison = "psql \\copy of the good rows into a bare table"
  let goal = 1.6
  let rounds = 5

  private var sample: SampleBankData?

  mutating func prepare(on ground: Ground) async throws {
    let sample = try ground.sampleBank()
    try ground.psql("DROP DATABASE IF EXISTS import_reference", "CREATE DATABASE import_reference")
    note("  \(sample.cleanRows) good rows and \(sample.badRows) bad ones")
    self.sample = sample
  }

  func ours(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    try ground.renew("import_ours", from: sample.database)
    return try ground.importFacts(of: sample, into: "import_ours")
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

/// The most memory that the import of two million rows takes.
struct ImportMemory: Benchmark {
  let name = "import.memory"
  let comparison = "150 MB"
  let goal = 1.0
  let rounds = 1
  let unit = MeasurementUnit.megabytes

  private var sample: SampleBankData?

  mutating func prepare(on ground: Ground) async throws { sample = try ground.sampleBank() }

  func ours(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    try ground.renew("import_ours", from: sample.database)
    try ground.importFacts(of: sample, into: "import_ours", watchesMemory: true)
    return ground.peakMegabytes
  }

  func reference(on ground: Ground) async throws -> Double { 150 }
}

/// A file that was taken in already, given once more, against what it takes to read and digest it and
/// 0.3 seconds.
struct ImportUnchanged: Benchmark {
  let name = "import.unchanged"
  let comparison = "openssl's SHA-256 of the file and 0.3 s"
  let goal = 1.0
  let rounds = 5

  private var sample: SampleBankData?

  mutating func prepare(on ground: Ground) async throws {
    let sample = try ground.sampleBank()
    try ground.renew("import_unchanged", from: sample.database)
    try ground.importFacts(of: sample, into: "import_unchanged")
    self.sample = sample
  }

  func ours(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    return try ground.importFacts(of: sample, into: "import_unchanged", exitCode: 0)
  }

  func reference(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    let digest = ["dgst", "-sha256", sample.factsFolder + "/transactions.csv"]
    return try 0.3 + ground.time("openssl", digest)
  }
}

extension Ground {
  /// Imports the facts of the made-up bank, or those of another folder, and returns the seconds that it
  /// took.
  ///
  /// - Parameters:
  ///   - times: How often the rows stand in that folder's file.
  ///   - exitCode: 3 says that rows were rejected.
  @discardableResult
  func importFacts(
    of sample: SampleBankData, in folder: String? = nil, times: Int = 1, into database: String,
    exitCode: Int32 = 3, watchesMemory: Bool = false
  ) throws -> Double {
    let seconds = try time(
      banyan,
      [
        "import", folder ?? sample.factsFolder, "--mapping",
        repository + "/Benchmarks/mappings/sample-facts", "--quiet",
      ], environment: ["DATABASE_URL": try url(of: database)], accepted: [exitCode],
      watchesMemory: watchesMemory)
    // Whatever the client counted: what is there.
    let counts = try psql(
      """
      SELECT (SELECT count(*) FROM bank.transaction WHERE batch_id = b.batch_id), rows_rejected
      FROM bank.batch AS b ORDER BY batch_id DESC LIMIT 1
      """, in: database
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    let expected = "\(sample.cleanRows * times)|\(sample.badRows * times)"
    guard counts == expected else {
      throw BenchmarkError(
        "the import into \(database) loaded and rejected \(counts) rows and not \(expected)")
    }
    return seconds
  }
}
