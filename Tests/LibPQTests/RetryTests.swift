import Foundation
import LibPQ
import Synchronization
import TestSupport
import Testing

/// Transactions that are run again: after deadlocks and serialization failures, so often and no
/// oftener, and never after a COMMIT whose outcome nobody knows.
@Suite(.serialized) struct RetryTests {
  /// Lets two transactions meet at a point, the first time they come there.
  private final class Meeting: Sendable {
    private let arrived = Mutex(0)

    /// Waits until so many have come, for ten minutes at most.
    func wait(for count: Int = 2) {
      arrived.withLock { $0 += 1 }
      let limit = ContinuousClock.now + .seconds(600)
      while arrived.withLock({ $0 }) < count, ContinuousClock.now < limit {
        usleep(1_000)
      }
    }
  }

  private func database() async throws -> (TestDatabase, Connection) {
    let database = try await TestServer.emptyDatabase()
    let observer = try await Connection.connect(
      ConnectionConfiguration(conninfo: database.conninfo))
    try await observer.executeScript(
      unsafeSQL: """
        CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL);
        INSERT INTO accounts VALUES (1, 100), (2, 100);
        ALTER DATABASE \(database.name) SET deadlock_timeout = '50ms';
        """)
    return (database, observer)
  }

  private func move(
    _ amount: Int, from: Int, to: Int, in database: TestDatabase, meeting: Meeting,
    retry: RetryPolicy
  ) async throws -> Int {
    let attempts = Mutex(0)
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: database.conninfo))
    do {
      try await connection.transaction(retry: retry) { connection in
        let attempt = attempts.withLock {
          $0 += 1; return $0
        }
        try connection.execute(
          "UPDATE accounts SET balance = balance - \(amount) WHERE id = \(from)")
        // Both hold their first row now, and want the other's.
        if attempt == 1 { meeting.wait() }
        try connection.execute(
          "UPDATE accounts SET balance = balance + \(amount) WHERE id = \(to)")
      }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    return attempts.withLock { $0 }
  }

  @Test(.timeLimit(.minutes(30)))
  func aDeadlockIsRetriedAndBothSucceed() async throws {
    let (database, observer) = try await database()
    for _ in 0..<5 {
      let meeting = Meeting()
      let retry = RetryPolicy.serialization(maximumAttempts: 10)
      async let first = move(10, from: 1, to: 2, in: database, meeting: meeting, retry: retry)
      async let second = move(3, from: 2, to: 1, in: database, meeting: meeting, retry: retry)
      let attempts = try await (first, second)
      // The server ended one of the two, which then ran again; it may even come back so soon that
      // they meet once more.
      #expect(attempts.0 + attempts.1 >= 3)
    }
    #expect(
      try await observer.rows("SELECT balance FROM accounts ORDER BY id", as: Int.self)
        == [100 - 5 * 7, 100 + 5 * 7])
    await observer.close()
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)))
  func withoutAPolicyADeadlockIsThrown() async throws {
    let (database, observer) = try await database()
    let meeting = Meeting()
    async let first = move(10, from: 1, to: 2, in: database, meeting: meeting, retry: .none)
    async let second = move(3, from: 2, to: 1, in: database, meeting: meeting, retry: .none)
    var failures: [PostgresError] = []
    do { #expect(try await first == 1) } catch let error as PostgresError { failures.append(error) }
    do { #expect(try await second == 1) } catch let error as PostgresError {
      failures.append(error)
    }
    #expect(failures.map(\.sqlState) == [.deadlockDetected])
    #expect(failures.first?.isRetryable == true)
    #expect(failures.first?.poisonsConnection == false)
    #expect(
      try await observer.value("SELECT sum(balance)::int FROM accounts", as: Int.self) == 200)
    await observer.close()
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)))
  func aSerializationFailureIsRetriedOnlySoOften() async throws {
    let (database, observer) = try await database()
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: database.conninfo))
    let rival = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    for maximum in [1, 2, 4] {
      let attempts = Mutex(0)
      let error = await #expect(throws: PostgresError.self) {
        try await connection.transaction(
          isolation: .repeatableRead,
          retry: .serialization(maximumAttempts: maximum, firstWait: .milliseconds(1))
        ) { connection in
          attempts.withLock { $0 += 1 }
          _ = try connection.value("SELECT balance FROM accounts WHERE id = 1", as: Int.self)
          // Another session always comes first.
          let done = Meeting()
          Task {
            _ = try? await rival.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
            done.wait()
          }
          done.wait()
          try connection.execute("UPDATE accounts SET balance = 0 WHERE id = 1")
        }
      }
      #expect(error?.sqlState == .serializationFailure)
      #expect(error?.isRetryable == true)
      #expect(attempts.withLock { $0 } == maximum)
    }
    // Each attempt lost to the rival, whose changes are all there: 1 + 2 + 4.
    #expect(
      try await observer.value("SELECT balance FROM accounts WHERE id = 1", as: Int.self) == 107)
    #expect(try await connection.value("SELECT 'usable'", as: String.self) == "usable")
    for one in [connection, rival, observer] { await one.close() }
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)))
  func otherErrorsAreNotRetried() async throws {
    let (database, observer) = try await database()
    let attempts = Mutex(0)
    let error = await #expect(throws: PostgresError.self) {
      try await observer.transaction(retry: .serialization(maximumAttempts: 10)) { connection in
        attempts.withLock { $0 += 1 }
        try connection.execute("INSERT INTO accounts VALUES (1, 1)")
      }
    }
    #expect(error?.sqlState == .uniqueViolation)
    #expect(attempts.withLock { $0 } == 1)
    await observer.close()
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)))
  func aCommitInDoubtIsNeverRetried() async throws {
    let (database, observer) = try await database()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    let connection = try await Connection.connect(
      ConnectionConfiguration(conninfo: proxy.conninfo(insteadOf: database.conninfo)))
    let attempts = Mutex(0)
    let error = await #expect(throws: PostgresError.self) {
      try await connection.transaction(
        retry: .serialization(maximumAttempts: 10, firstWait: .milliseconds(1))
      ) { connection in
        attempts.withLock { $0 += 1 }
        try connection.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
        // The COMMIT reaches the server, its answer does not reach us.
        proxy.arm(.cut(.toClient), after: 1)
      }
    }
    #expect(error?.commitInDoubt == true)
    #expect(error?.isRetryable == false)
    #expect(attempts.withLock { $0 } == 1)
    let limit = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < limit,
      try await observer.value("SELECT balance FROM accounts WHERE id = 1", as: Int.self) != 101
    {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(
      try await observer.value("SELECT balance FROM accounts WHERE id = 1", as: Int.self) == 101)
    await connection.close()
    await observer.close()
    await database.drop()
  }
}
