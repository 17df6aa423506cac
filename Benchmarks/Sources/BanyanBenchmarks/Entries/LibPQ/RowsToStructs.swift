import CReference
import LibPQ

/// A million rows of five columns, each decoded into a structure, all of them held.
///
/// C reads the whole result at once, as programs in C do; the peers fetch all rows as tuples or
/// records, which is less work than structures.
struct RowsToStructs: Benchmark {
  private let peer: Peer?
  private var totals: SaleTotals?

  var name: String { "libpq.rows" + (peer.map { "_\($0)" } ?? "") }
  var comparison: String { peer?.title ?? "C with libpq, the whole result at once" }
  var goal: Double {
    switch peer {
    case nil: 1.33
    case .psycopg: 0.33
    default: 1
    }
  }
  var rounds: Int { peer == nil ? 7 : 5 }

  /// Against another client, or else against plain C.
  init(against peer: Peer? = nil) {
    self.peer = peer
  }

  mutating func prepare(on ground: Ground) async throws {
    try Sales.prepare(on: ground)
    if peer != nil { _ = try ground.python() }
    totals = try Sales.totals(on: ground)
  }

  func ours(on ground: Ground) async throws -> Double {
    let (seconds, sales) = try await ground.measure(in: Sales.database) { connection in
      try connection.rows(Sales.query, as: Sale.self, limit: Sales.count)
    }
    var sums = SaleTotals()
    for sale in sales { sums.add(sale) }
    try sums.check(against: totals, of: "LibPQ")
    return seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    let url = try ground.url(of: Sales.database)
    if let peer { return try peer.seconds(of: "rows", url, Sales.query.text, on: ground) }
    var sums = reference_totals()
    let seconds = reference_rows(url, Sales.query.text, &sums)
    if seconds < 0 { throw BenchmarkError("the C program could not read its rows") }
    try SaleTotals(sums).check(against: totals, of: "the C program")
    return seconds
  }
}
