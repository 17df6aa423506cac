import Foundation
import LibPQ
import Synchronization
import TestSupport
import Testing

/// A COPY into a server that does not read: the writer waits, and memory does not grow.
///
/// Each runs in a process of its own, so that other tests do not count.
@Suite(.serialized) struct StalledCopyTests {
  @Test(.enabled(if: ResidentMemory.bytes != nil, "\(ResidentMemory.reasonToSkip)"))
  func aLockedTableHoldsTheWriterBack() async throws {
    let database = try await TestServer.emptyDatabase()
    let conninfo = database.conninfo
    await #expect(processExitsWith: .success) { [conninfo = conninfo as String] in
      let configuration = ConnectionConfiguration(conninfo: conninfo)
      let blocker = try await Connection.connect(configuration)
      let writer = try await Connection.connect(configuration)
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
      try await StalledCopy(table: "filled").run(through: writer) {
        _ = try await blocker.execute("COMMIT")
      }
      let sum = try await blocker.value("SELECT sum(id)::bigint FROM filled", as: Int.self)
      #expect(sum == StalledCopy.rows * (StalledCopy.rows - 1) / 2)
    }
    await database.drop()
  }

  @Test(.enabled(if: ResidentMemory.bytes != nil, "\(ResidentMemory.reasonToSkip)"))
  func aStalledNetworkHoldsTheWriterBack() async throws {
    let database = try await TestServer.emptyDatabase()
    let conninfo = database.conninfo
    let socketFolder = try await TestServer.socketFolder()
    await #expect(processExitsWith: .success) {
      [conninfo = conninfo as String, socketFolder = socketFolder as String] in
      let proxy = try FaultyProxy(to: socketFolder)
      let writer = try await Connection.connect(
        ConnectionConfiguration(conninfo: proxy.conninfo(insteadOf: conninfo)))
      try await writer.execute("CREATE TABLE filled (id bigint, filler text)")
      proxy.arm(.stall(.toServer), after: 1 << 20)
      try await StalledCopy(table: "filled").run(through: writer) { proxy.release() }
      #expect(
        try await writer.value("SELECT count(*) FROM filled", as: Int.self) == StalledCopy.rows)
      proxy.close()
    }
    await database.drop()
  }
}

/// The memory of this process.
enum ResidentMemory {
  static let reasonToSkip =
    "The system does not say how much memory a process uses, or a sanitizer keeps some aside."

  private static let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
    ProcessInfo.processInfo.environment[$0] != nil
  }

  /// What is in use, in bytes; nil where that cannot be known.
  static var bytes: Int? {
    if isSanitized { return nil }
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return nil
    }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
  }
}

/// A COPY that stalls, is watched for a while, and then goes on to its end.
private struct StalledCopy {
  let table: String
  /// Rows of 100 bytes: 40 MB, twice the bound.
  static let rows = 400_000
  static let bound = 20 << 20

  func run(
    through connection: Connection, release: @Sendable () async throws -> Void
  ) async throws {
    let written = Mutex(0)
    let before = try #require(ResidentMemory.bytes)
    let text = String(repeating: "x", count: 86)
    let target = Identifier(table)
    let copying = Task {
      try await connection.copyBinary(into: target, columns: ["id", "filler"]) { writer in
        for id in 0..<Self.rows {
          try writer.row(id, text)
          if id % 1_000 == 0 { written.withLock { $0 = id } }
        }
      }
    }
    // Wait until the writer stands still.
    var last = -1
    var still = 0
    let limit = ContinuousClock.now + .seconds(600)
    while still < 10, ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(50))
      let now = written.withLock { $0 }
      still = now == last ? still + 1 : 0
      last = now
    }
    let grown = try #require(ResidentMemory.bytes) - before
    #expect(last < Self.rows - 1_000, "the writer never had to wait")
    #expect(grown < Self.bound, "memory grew by \(grown >> 20) MB")
    try await release()
    #expect(try await copying.value == Self.rows)
    let grownAtEnd = try #require(ResidentMemory.bytes) - before
    #expect(grownAtEnd < Self.bound, "memory grew by \(grownAtEnd >> 20) MB")
  }
}
