import CReference
import LibPQ

/// The same million rows by a binary COPY, each decoded as it comes.
struct CopyOutBinary: Benchmark {
  private let peer: Peer?
  private var totals: SaleTotals?

  var name: String { "libpq.copy_out_binary" + (peer.map { "_\($0)" } ?? "") }
  var comparison: String { peer?.title ?? "C with libpq" }
  var goal: Double { peer == nil ? 1.05 : 1 }
  var rounds: Int { peer == nil ? 9 : 5 }

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
    let (seconds, sums) = try await ground.measure(in: Sales.database) { connection in
      var sums = SaleTotals()
      try connection.copyBinary(from: Sales.query, as: Sale.self) { sums.add($0) }
      return sums
    }
    try sums.check(against: totals, of: "LibPQ")
    return seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    let url = try ground.url(of: Sales.database)
    if let peer { return try peer.seconds(of: "copy_out", url, Sales.query.text, on: ground) }
    var sums = reference_totals()
    let seconds = reference_copy_out_binary(url, Sales.query.text, &sums)
    if seconds < 0 { throw BenchmarkError("the C program could not copy its rows") }
    try SaleTotals(sums).check(against: totals, of: "the C program")
    return seconds
  }
}
