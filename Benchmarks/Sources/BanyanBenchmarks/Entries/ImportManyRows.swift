/// Twenty million transactions: how the time and the memory of an import grow with the rows, and what the
/// next file costs that comes into so full a month. These take many minutes, so they run only when they
/// are asked for: `make bench ONLY=import_20m`.
struct ImportManyRows: Benchmark {
  /// What is measured.
  enum Question: String, CaseIterable {
    /// Twenty million rows into an empty month, against ten times two million.
    case time
    /// The most memory while they come.
    case memory
    /// Two million rows into the month that holds twenty million, against the same into an empty one.
    case full_month
  }

  private static let times = 10
  private static let database = "import_many"

  let question: Question
  let rounds = 1
  let isLong = true
  var name: String { "import_20m.\(question.rawValue)" }
  var unit: MeasurementUnit { question == .memory ? .megabytes : .seconds }

  var comparison: String {
    switch question {
    case .time: "ten times the import of two million rows"
    case .memory: "150 MB"
    case .full_month: "the same import into an empty month"
    }
  }

  var goal: Double {
    switch question {
    case .time: 1.1
    case .memory: 1
    case .full_month: 1.5
    }
  }

  private var sample: SampleBankData?

  init(_ question: Question) { self.question = question }

  mutating func prepare(on ground: Ground) async throws { sample = try ground.sampleBank() }

  func ours(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    let known = try ground.psql(
      "SELECT count(*) FROM pg_database WHERE datname = '\(Self.database)'")
    // The entries follow each other: the last one finds the rows of the one before.
    if question != .full_month || known.hasPrefix("0") {
      try ground.renew(Self.database, from: sample.database)
      let folder = try sample.manifold(Self.times, series: "T", in: ground.folder + "/many")
      let seconds = try ground.importFacts(
        of: sample, in: folder, times: Self.times, into: Self.database,
        watchesMemory: question == .memory)
      if question == .time { return seconds }
      if question == .memory { return ground.peakMegabytes }
    }
    try ground.psql("CHECKPOINT")
    return try ground.importFacts(of: sample, in: try next(on: ground), into: Self.database)
  }

  func reference(on ground: Ground) async throws -> Double {
    guard let sample else { return 0 }
    if question == .memory { return 150 }
    try ground.renew("import_ours", from: sample.database)
    let folder = question == .time ? sample.factsFolder : try next(on: ground)
    let seconds = try ground.importFacts(of: sample, in: folder, into: "import_ours")
    return question == .time ? Double(Self.times) * seconds : seconds
  }

  /// The file that comes after those twenty million rows, of the same branches.
  private func next(on ground: Ground) throws -> String {
    try sample?.manifold(1, series: "U", in: ground.folder + "/next") ?? ""
  }
}
