import CReference
import LibPQ
import Quantities

/// Rows of five types copied in, against plain C that writes the bytes of a binary COPY itself.
struct CopyInBinary: Benchmark {
  let name = "libpq.copy_in_binary"
  let comparison = "C with libpq"
  let goal = 1.33
  let rounds = 5

  private static let count = 1_000_000

  mutating func prepare(on ground: Ground) async throws {
    try ground.psql("CREATE DATABASE copied")
  }

  func ours(on ground: Ground) async throws -> Double {
    try makeTable(on: ground)
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: try ground.url(of: "copied")))
    let elapsed = try await connection.withConnection { @Sendable connection in
      try ContinuousClock().measure {
        let columns = ["id", "kind", "name", "day", "price"]
        try connection.copyBinary(into: "item", columns: columns) { writer in
          for index in 0..<Int64(Self.count) {
            try writer.row(
              index, Int32(index % 1000), "item \(index)",
              CivilDate(daysSinceEpoch: Int32(index % 365) + 10_957), Double(index) / 4)
          }
        }
      }
    }
    await connection.close()
    return elapsed / .seconds(1)
  }

  func reference(on ground: Ground) async throws -> Double {
    try makeTable(on: ground)
    let seconds = reference_copy_in_binary(try ground.url(of: "copied"), "item", Self.count)
    if seconds < 0 { throw BenchmarkError("the C program could not copy its rows") }
    return seconds
  }

  private func makeTable(on ground: Ground) throws {
    try ground.psql(
      "DROP TABLE IF EXISTS item",
      "CREATE TABLE item (id bigint, kind integer, name text, day date, price double precision)",
      "CHECKPOINT", in: "copied")
  }
}
