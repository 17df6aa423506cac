import CReference
import LibPQ
import Quantities

/// A million rows of five types copied into a table; C writes the bytes of the COPY itself.
struct CopyInBinary: Benchmark {
  private let peer: Peer?

  var name: String { "libpq.copy_in_binary" + (peer.map { "_\($0)" } ?? "") }
  var comparison: String { peer?.title ?? "C with libpq" }
  var goal: Double { peer == nil ? 1.05 : 1 }
  var rounds: Int { peer == nil ? 9 : 3 }

  private static let count = 1_000_000
  private static let database = "copied"

  /// Against another client, or else against plain C.
  init(against peer: Peer? = nil) {
    self.peer = peer
  }

  func prepare(on ground: Ground) async throws {
    if peer != nil { _ = try ground.python() }
    try ground.psql(
      "DROP DATABASE IF EXISTS \(Self.database)", "CREATE DATABASE \(Self.database)")
  }

  func ours(on ground: Ground) async throws -> Double {
    try makeTable(on: ground)
    let measured = try await ground.measure(in: Self.database) { connection in
      let columns = ["id", "kind", "name", "day", "price"]
      try connection.copyBinary(into: "item", columns: columns) { writer in
        for index in 0..<Int64(Self.count) {
          try writer.row { row in
            try row.append(index)
            try row.append(Int32(index % 1000))
            try row.append("item \(index)")
            try row.append(CivilDate(daysSinceEpoch: Int32(index % 365) + 10_957))
            try row.append(Double(index) / 4)
          }
        }
      }
    }
    return measured.seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    try makeTable(on: ground)
    let url = try ground.url(of: Self.database)
    if let peer { return try peer.seconds(of: "copy_in", url, "\(Self.count)", on: ground) }
    let seconds = reference_copy_in_binary(url, "item", Self.count)
    if seconds < 0 { throw BenchmarkError("the C program could not copy its rows") }
    return seconds
  }

  private func makeTable(on ground: Ground) throws {
    try ground.psql(
      "DROP TABLE IF EXISTS item",
      "CREATE TABLE item (id bigint, kind integer, name text, day date, price double precision)",
      "CHECKPOINT", in: Self.database)
  }
}
