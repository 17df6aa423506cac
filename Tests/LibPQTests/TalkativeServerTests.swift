import LibPQ
import Synchronization
import Testing

/// Cancellation and deadlines while the server sends without a pause, so that nobody ever waits.
@Suite struct TalkativeServerTests {
  /// Far more rows than are read before somebody notices.
  private static let flood: Query = "SELECT n FROM generate_series(1, 30000000) AS n"

  /// Runs work on a connection until it has begun, cancels its task, and expects that this shows.
  private func expectCancellation(
    _ work: @escaping @Sendable (isolated Connection, _ begun: @Sendable () -> Void) throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let connection = try await connect()
    let begun = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let task = Task {
      defer { begun.continuation.finish() }
      try await connection.withConnection { connection in
        try work(connection) { begun.continuation.yield() }
      }
    }
    for await _ in begun.stream { break }
    task.cancel()
    let error = await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) {
      try await task.value
    }
    #expect(error?.kind == .cancelled, sourceLocation: sourceLocation)
    #expect(
      try await connection.value("SELECT 1", as: Int.self) == 1, sourceLocation: sourceLocation)
  }

  @Test func aFloodOfRowsCanBeCancelled() async throws {
    try await expectCancellation { connection, begun in
      try connection.forEachRow(Self.flood) { row in if row.number == 10 { begun() } }
    }
    try await expectCancellation { connection, begun in
      var count = 0
      try connection.forEachRow(Self.flood, as: Int.self) { _ in
        count += 1
        if count == 10 { begun() }
      }
    }
  }

  @Test func aCopyFromTheServerCanBeCancelled() async throws {
    try await expectCancellation { connection, begun in
      var count = 0
      try connection.copyOut("COPY (\(query: Self.flood)) TO STDOUT") { _ in
        count += 1
        if count == 10 { begun() }
      }
    }
  }

  @Test func aFloodOfNoticesCanBeCancelled() async throws {
    let begun = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let connection = try await connect {
      $0.noticeHandler = { _ in begun.continuation.yield() }
    }
    let task = Task {
      defer { begun.continuation.finish() }
      try await connection.executeScript(
        unsafeSQL: """
          DO $$ BEGIN
            FOR number IN 1..5000000 LOOP RAISE NOTICE 'number %', number; END LOOP;
          END $$
          """)
    }
    for await _ in begun.stream { break }
    task.cancel()
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aLongPipelineCanBeCancelled() async throws {
    let added = Mutex(0)
    try await expectCancellation { connection, begun in
      try connection.pipeline { pipeline in
        for number in 1...3_000_000 {
          try pipeline.execute("SELECT \(number)")
          added.withLock { $0 = number }
          if number == 1_000 { begun() }
        }
      }
    }
    // What is left is not even sent.
    #expect(added.withLock { $0 } < 3_000_000)
  }

  @Test func aStreamCanBeCancelled() async throws {
    let connection = try await connect()
    let begun = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let task = Task {
      defer { begun.continuation.finish() }
      for try await number in connection.stream(Self.flood, as: Int.self) where number == 10 {
        begun.continuation.yield()
      }
    }
    for await _ in begun.stream { break }
    task.cancel()
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aDeadlineEndsAFloodOfRows() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withDeadline(after: .milliseconds(300)) { connection in
        try connection.forEachRow(Self.flood) { _ in }
      }
    }
    #expect(error?.kind == .deadlineExceeded)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }
}
