import LibPQ
import TestSupport
import Testing

/// The pool on a real server.
@Suite struct PoolTests {
  private func makePool(
    _ options: PoolOptions = PoolOptions(maximum: 1),
    _ change: (inout PoolOptions) -> Void = { _ in }
  ) async throws -> ConnectionPool {
    var options = options
    change(&options)
    return ConnectionPool(try await testConfiguration(), options)
  }

  /// The server process that a pool of one connection uses.
  private func process(of pool: ConnectionPool) async throws -> Int32 {
    try await pool.withConnection { connection in connection.serverProcessID }
  }

  @Test func aConnectionIsBorrowedAndComesBack() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    let sum = try await pool.withConnection { connection in
      let one = try connection.value("SELECT 1", as: Int.self)
      return try connection.value("SELECT \(one) + 1", as: Int.self)
    }
    #expect(sum == 2)
    #expect(try await process(of: pool) == first)
    let status = await pool.status
    #expect(status.counts.opened == 1)
    #expect(status.counts.acquired == 3)
    #expect(status.idle == 1)
    #expect(await pool.shutDown() == 0)
    let error = await #expect(throws: PostgresError.self) { try await process(of: pool) }
    #expect(error?.kind == .pool)
  }

  @Test func aTransactionIsCommittedOrTakenBack() async throws {
    let pool = try await makePool()
    try await pool.transaction { connection in
      try connection.execute("CREATE TEMP TABLE visits (page text)")
      try connection.execute("INSERT INTO visits VALUES ('a')")
    }
    await #expect(throws: PostgresError.self) {
      try await pool.transaction(isolation: .serializable) { connection in
        try connection.execute("INSERT INTO visits VALUES ('b')")
        try connection.execute("SELECT 1 / 0")
      }
    }
    let pages = try await pool.withConnection { connection in
      try connection.rows("SELECT page FROM visits", as: String.self)
    }
    #expect(pages == ["a"])
    await pool.shutDown()
  }

  @Test func aTransactionThatIsLeftOpenIsRolledBack() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    try await pool.withConnection { connection in
      try connection.execute("CREATE TEMP TABLE visits (page text)")
      try connection.execute("BEGIN")
      try connection.execute("INSERT INTO visits VALUES ('a')")
    }
    // A failed one, too.
    _ = try? await pool.withConnection { connection in
      try connection.execute("BEGIN")
      try connection.execute("SELECT 1 / 0")
    }
    let count = try await pool.withConnection { connection in
      #expect(connection.transactionDepth == 0)
      try connection.transaction { _ in }
      return try connection.value("SELECT count(*) FROM visits", as: Int.self)
    }
    #expect(count == 0)
    #expect(try await process(of: pool) == first)
    await pool.shutDown()
  }

  @Test func aBeginThatIsCancelledComesBackClean() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    for round in 0..<40 {
      let task = Task {
        try await pool.withConnection { connection in
          try connection.execute("BEGIN")
          try connection.execute("SELECT pg_sleep(30)")
        }
      }
      try await Task.sleep(for: .microseconds(Int64(round) * 150))
      task.cancel()
      let error = await #expect(throws: PostgresError.self) { try await task.value }
      #expect(error?.kind == .cancelled)
      // A transaction that was left open would refuse another one.
      let answer = try await pool.transaction { connection in
        try connection.value("SELECT \(round)", as: Int.self)
      }
      #expect(answer == round)
    }
    #expect(try await process(of: pool) == first)
    #expect(await pool.status.borrowed == 0)
    await pool.shutDown()
  }

  @Test func anOpenStreamIsEndedAndItsReaderIsTold() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    let reader = try await pool.lend { connection in
      let reader = KeptReader(
        connection.stream("SELECT generate_series(1, 100000)", as: Int.self, batchSize: 10))
      let first = try await reader.next()
      #expect(first == 1)
      return reader
    }
    // The connection serves the next borrower, and the old reader takes nothing from it.
    let (seven, error) = try await pool.lend { connection in
      let error = await #expect(throws: PostgresError.self) {
        for _ in 1...20 { _ = try await reader.next() }
      }
      return (try await connection.value("SELECT 7", as: Int.self), error)
    }
    #expect(seven == 7)
    #expect(error?.description.contains("went back to the pool") == true)
    #expect(try await process(of: pool) == first)
    await pool.shutDown()
  }

  @Test func aLoopOverAStreamRunsToItsEnd() async throws {
    let pool = try await makePool()
    let sum = try await pool.lend { connection in
      var sum = 0
      for try await number in connection.stream(
        "SELECT generate_series(1, 2000)", as: Int.self, batchSize: 100)
      {
        sum += number
      }
      return sum
    }
    #expect(sum == 2_001_000)
    #expect(await pool.status.idle == 1)
    await pool.shutDown()
  }

  @Test func listeningEndsWithTheLoan() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    let messages = try await pool.withConnection { connection in
      try connection.execute("LISTEN one")
      return try connection.listen(to: ["two"])
    }
    // The stream ends, without an error.
    for try await _ in messages { Issue.record("nobody sends") }
    let channels = try await pool.withConnection { connection in
      try connection.rows("SELECT pg_listening_channels()", as: String.self)
    }
    #expect(channels.isEmpty)
    try await pool.withConnection { try $0.executeScript(unsafeSQL: "LISTEN three; SELECT 1") }
    let more = try await pool.withConnection { connection in
      try connection.rows("SELECT pg_listening_channels()", as: String.self)
    }
    #expect(more.isEmpty)
    // It gives no rows, but the server has obeyed.
    await #expect(throws: PostgresError.self) {
      try await pool.withConnection { try $0.rows("LISTEN four", as: String.self) }
    }
    let most = try await pool.withConnection { connection in
      try connection.rows("SELECT pg_listening_channels()", as: String.self)
    }
    #expect(most.isEmpty)
    #expect(try await process(of: pool) == first)
    await pool.shutDown()
  }

  @Test func aKilledConnectionIsReplaced() async throws {
    let pool = try await makePool { $0.checkAfterIdle = .zero }
    let other = try await connect()
    let first = try await process(of: pool)
    // While it lies in the pool: the check finds out.
    #expect(try await other.value("SELECT pg_terminate_backend(\(first), 5000)", as: Bool.self))
    let second = try await process(of: pool)
    #expect(second != first)
    // While it is borrowed: the borrower gets the error, the next one a new connection.
    let error = await #expect(throws: PostgresError.self) {
      try await pool.lend { connection in
        _ = try await other.value("SELECT pg_terminate_backend(\(second), 5000)", as: Bool.self)
        try await connection.execute("SELECT 1")
      }
    }
    #expect(error?.poisonsConnection == true)
    let third = try await process(of: pool)
    #expect(third != second)
    #expect(await pool.status.counts.discarded == 2)
    await pool.shutDown()
  }

  @Test func aClosedConnectionIsReplaced() async throws {
    let pool = try await makePool()
    let first = try await process(of: pool)
    try await pool.withConnection { $0.close() }
    #expect(try await process(of: pool) != first)
    await pool.shutDown()
  }

  @Test func manyTasksShareFewConnections() async throws {
    let pool = try await makePool(PoolOptions(maximum: 4))
    let answers = try await withThrowingTaskGroup(of: [(process: Int32, number: Int)].self) {
      group in
      for number in 0..<32 {
        group.addTask {
          var answers: [(process: Int32, number: Int)] = []
          for _ in 0..<20 {
            answers += try await pool.withConnection { connection in
              [(connection.serverProcessID, try connection.value("SELECT \(number)", as: Int.self))]
            }
          }
          return answers
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let sum = answers.reduce(0) { $0 + $1.number }
    // Each of 32 tasks has asked 20 times for its number.
    #expect(sum == 20 * 496)
    #expect(Set(answers.map(\.process)).count <= 4)
    let status = await pool.status
    #expect(status.counts.acquired == 640)
    #expect(status.borrowed == 0 && status.waiting == 0)
    #expect(await pool.shutDown() == 0)
    #expect(await pool.status.total == 0)
  }
}

/// Reads a stream, also after the connection was given back.
private final class KeptReader: @unchecked Sendable {
  // Unchecked, because the test that makes it sees to it that only one task reads at a time.
  private var iterator: RowStream<Int>.Iterator

  init(_ stream: RowStream<Int>) {
    iterator = stream.makeAsyncIterator()
  }

  func next() async throws -> Int? {
    try await iterator.next()
  }
}
