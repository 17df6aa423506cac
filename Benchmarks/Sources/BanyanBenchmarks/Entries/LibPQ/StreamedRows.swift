import CReference
import LibPQ

/// A million rows through an asynchronous sequence, against the whole result at once in C.
struct StreamedRows: Benchmark {
  let name = "libpq.rows_streamed"
  let comparison = "C with libpq, the whole result at once"
  let goal = 1.33
  let rounds = 7
  private var totals: SaleTotals?

  mutating func prepare(on ground: Ground) async throws {
    try Sales.prepare(on: ground)
    totals = try Sales.totals(on: ground)
  }

  func ours(on ground: Ground) async throws -> Double {
    let connection = try await ground.connection(to: Sales.database)
    let clock = ContinuousClock()
    let start = clock.now
    let sums = try await Self.sums(through: connection)
    let elapsed = clock.now - start
    await connection.close()
    try sums.check(against: totals, of: "LibPQ")
    return elapsed / .seconds(1)
  }

  func reference(on ground: Ground) async throws -> Double {
    var sums = reference_totals()
    let seconds = reference_rows(try ground.url(of: Sales.database), Sales.query.text, &sums)
    if seconds < 0 { throw BenchmarkError("the C program could not read its rows") }
    return seconds
  }

  /// Sums over all sales, none of which is kept.
  static func sums(through connection: Connection) async throws -> SaleTotals {
    var sums = SaleTotals()
    for try await sale in connection.stream(Sales.query, as: Sale.self) { sums.add(sale) }
    return sums
  }
}

/// The most memory that a process needs for it, against 20 MB.
struct StreamMemory: Benchmark {
  let name = "libpq.rows_streamed_memory"
  let comparison = "a limit of 20 MB for the whole process"
  let goal = 1.0
  let rounds = 3
  let unit = MeasurementUnit.megabytes

  func prepare(on ground: Ground) async throws {
    try Sales.prepare(on: ground)
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.peakMemory(of: "stream", in: Sales.database, count: Sales.count)
  }

  func reference(on ground: Ground) async throws -> Double { 20 }
}
