import Foundation
import LibPQ
import Synchronization
import TestSupport
import Testing

/// A COPY into a server that does not read: the writer waits, and memory does not grow.
@Suite(.serialized) struct StalledCopyTests {
  /// The memory of this process that is in use, in bytes; nil where the system does not say.
  private static func residentMemory() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return nil
    }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
  }

  /// The rows of 100 bytes that the writer wants to send: 100 MB, five times the bound.
  private static let rows = 1_000_000
  private static let bound = 20 << 20

  /// Starts a COPY that will stall, watches it for a while, lets it go on, and counts.
  private func copy(
    into table: String, through connection: Connection,
    release: @Sendable () async throws -> Void
  ) async throws {
    let written = Mutex(0)
    let before = try #require(Self.residentMemory())
    let text = String(repeating: "x", count: 86)
    let copying = Task {
      try await connection.copyBinary(into: Identifier(table), columns: ["id", "filler"]) { writer in
        for id in 0..<Self.rows {
          try writer.row(id, text)
          if id % 1_000 == 0 { written.withLock { $0 = id } }
        }
      }
    }
    // Wait until the writer stands still.
    var last = -1
    var still = 0
    let limit = ContinuousClock.now + .seconds(60)
    while still < 10, ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(50))
      let now = written.withLock { $0 }
      still = now == last ? still + 1 : 0
      last = now
    }
    let grown = try #require(Self.residentMemory()) - before
    #expect(last < Self.rows - 1_000, "the writer never had to wait")
    #expect(grown < Self.bound, "memory grew by \(grown >> 20) MB")
    try await release()
    let count = try await copying.value
    #expect(count == Self.rows)
    let grownAtEnd = try #require(Self.residentMemory()) - before
    #expect(grownAtEnd < Self.bound, "memory grew by \(grownAtEnd >> 20) MB")
  }

  @Test(.enabled(if: residentMemory() != nil, "The system does not say how much memory is used."))
  func aLockedTableHoldsTheWriterBack() async throws {
    let database = try await TestServer.emptyDatabase()
    let blocker = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    let writer = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    // The lock comes into effect at the first row: a trigger waits for it.
    try await blocker.executeScript(
      unsafeSQL: """
        CREATE TABLE filled (id bigint, filler text);
        CREATE TABLE gate (id int);
        CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM count(*) FROM gate; RETURN NEW; END $$;
        CREATE TRIGGER waits BEFORE INSERT ON filled FOR EACH ROW WHEN (NEW.id = 0)
          EXECUTE FUNCTION wait_at_the_gate();
        """)
    try await blocker.execute("BEGIN")
    try await blocker.execute("LOCK TABLE gate IN ACCESS EXCLUSIVE MODE")
    try await copy(into: "filled", through: writer) { _ = try await blocker.execute("COMMIT") }
    let sum = try await blocker.value("SELECT sum(id)::bigint FROM filled", as: Int.self)
    #expect(sum == Self.rows * (Self.rows - 1) / 2)
    await writer.close()
    await blocker.close()
    await database.drop()
  }

  @Test(.enabled(if: residentMemory() != nil, "The system does not say how much memory is used."))
  func aStalledNetworkHoldsTheWriterBack() async throws {
    let database = try await TestServer.emptyDatabase()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    let writer = try await Connection.connect(
      ConnectionConfiguration(conninfo: proxy.conninfo(of: database)))
    try await writer.execute("CREATE TABLE filled (id bigint, filler text)")
    proxy.arm(.stall(.toServer), after: 1 << 20)
    try await copy(into: "filled", through: writer) { proxy.release() }
    #expect(
      try await writer.value("SELECT count(*) FROM filled", as: Int.self) == Self.rows)
    await writer.close()
    await database.drop()
  }
}
