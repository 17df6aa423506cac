import Foundation
import LibPQ
import Synchronization

/// The most memory that a process needs whose COPY goes to a server that takes nothing for a while,
/// against 20 MB: the rows are many times more than that.
struct StalledCopyMemory: Benchmark {
  let name = "libpq.copy_in_stalled_memory"
  let comparison = "a limit of 20 MB for the whole process"
  let goal = 1.0
  let rounds = 3
  let unit = MeasurementUnit.megabytes

  private static let database = "stalled"
  /// Rows of 100 bytes: 100 MB.
  private static let count = 1_000_000

  func prepare(on ground: Ground) async throws {
    try ground.psql(
      "DROP DATABASE IF EXISTS \(Self.database)", "CREATE DATABASE \(Self.database)")
    // The trigger of the first row waits for a lock, and the server meanwhile for the trigger.
    try ground.psql(
      "CREATE TABLE filled (id bigint, filler text)", "CREATE TABLE gate (id int)",
      """
      CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM count(*) FROM gate; RETURN NEW; END $$
      """,
      """
      CREATE TRIGGER waits BEFORE INSERT ON filled FOR EACH ROW WHEN (NEW.id = 0)
        EXECUTE FUNCTION wait_at_the_gate()
      """, in: Self.database)
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.psql("TRUNCATE filled", in: Self.database)
    return try WorkAlone.stalledCopy.peakMemory(
      conninfo: try ground.url(of: Self.database), on: ground)
  }

  func reference(on ground: Ground) async throws -> Double { 20 }

  /// The work, in a process of its own: copies while the gate is locked, and opens it once no more
  /// rows have gone for half a second.
  static func carryOut(_ configuration: ConnectionConfiguration) async throws {
    let blocker = try await Connection.connect(configuration)
    let writer = try await Connection.connect(configuration)
    try await blocker.execute("BEGIN")
    try await blocker.execute("LOCK TABLE gate IN ACCESS EXCLUSIVE MODE")
    let written = Atomic(0)
    let text = String(repeating: "x", count: 86)
    let copying = Task {
      try await writer.copyBinary(into: "filled", columns: ["id", "filler"]) { rows in
        for id in 0..<count {
          try rows.row(id, text)
          written.store(id, ordering: .relaxed)
        }
      }
    }
    var last = -1
    var unchanged = 0
    while unchanged < 10 {
      try await Task.sleep(for: .milliseconds(50))
      let now = written.load(ordering: .relaxed)
      unchanged = now == last && now > 0 ? unchanged + 1 : 0
      last = now
    }
    if last > count / 2 { throw BenchmarkError("the COPY did not stall; \(last) rows had gone") }
    try await blocker.execute("COMMIT")
    let rows = try await copying.value
    if rows != count { throw BenchmarkError("\(rows) rows were copied") }
    await writer.close()
    await blocker.close()
  }
}
