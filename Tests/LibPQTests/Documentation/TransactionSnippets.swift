import LibPQ
import Quantities
import Testing

/// The code of the articles about transactions, stopping and errors; see ``ArticleTests``.
@Suite struct TransactionSnippets {
  private func accounts() async throws -> Connection {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TEMP TABLE accounts (id int PRIMARY KEY, balance numeric NOT NULL
          CONSTRAINT balance_is_not_negative CHECK (balance >= 0));
        INSERT INTO accounts VALUES (1, 100.00), (2, 0.00);
        """)
    return connection
  }

  @Test func moves() async throws {
    let connection = try await accounts()
    let (from, to, amount) = (1, 2, ExactDecimal(coefficient: 3025, scale: 2))
    // snippet: moving
    try await connection.transaction(isolation: .serializable, retry: .serialization()) {
      connection in
      try connection.execute("UPDATE accounts SET balance = balance - \(amount) WHERE id = \(from)")
      try connection.execute("UPDATE accounts SET balance = balance + \(amount) WHERE id = \(to)")
    }
    // end
    #expect(
      try await connection.value("SELECT balance FROM accounts WHERE id = 2", as: ExactDecimal.self)
        == ExactDecimal("30.25"))
  }

  @Test func nests() async throws {
    let connection = try await accounts()
    // snippet: nesting
    let refused = try await connection.transaction { connection in
      try connection.execute("UPDATE accounts SET balance = 50 WHERE id = 1")
      do {
        try connection.transaction { connection in
          try connection.execute("UPDATE accounts SET balance = -1 WHERE id = 2")
        }
        return false
      } catch let error as PostgresError where error.sqlState == .checkViolation {
        return true  // Only the inner part was taken back.
      }
    }
    // end
    #expect(refused)
    #expect(
      try await connection.value("SELECT sum(balance) FROM accounts", as: ExactDecimal.self)
        == ExactDecimal(50))
  }

  @Test func doubts() async throws {
    let connection = try await accounts()
    var looked = false
    func lookWhetherItHappened() { looked = true }
    // snippet: doubting
    do {
      try await connection.transaction { connection in
        try connection.execute("UPDATE accounts SET balance = 1 WHERE id = 1")
      }
    } catch let error as PostgresError where error.commitInDoubt {
      lookWhetherItHappened()  // The answer to COMMIT was lost: it may have happened or not.
    }
    // end
    #expect(!looked)
  }

  @Test func stops() async throws {
    let connection = try await connect()
    // snippet: deadline
    do {
      try await connection.withDeadline(after: .milliseconds(200)) { connection in
        try connection.execute("SELECT pg_sleep(60)")
      }
    } catch let error as PostgresError where error.kind == .deadlineExceeded {
      // The server has stopped; the connection can be used again.
    }
    let answer = try await connection.value("SELECT 'still here'", as: String.self)
    // end
    #expect(answer == "still here")
  }

  @Test func cancels() async throws {
    let connection = try await connect()
    // snippet: cancelling
    let task = Task { try await connection.execute("SELECT pg_sleep(60)") }
    task.cancel()
    do {
      _ = try await task.value
    } catch let error as PostgresError where error.kind == .cancelled {
      // Stopped on the server too.
    }
    // end
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func reports() async throws {
    let connection = try await accounts()
    var shown = ""
    // snippet: reporting
    do {
      try await connection.execute("INSERT INTO accounts VALUES (1, 5)")
    } catch {
      switch error.sqlState {
      case .uniqueViolation: shown = "there is such an account already"
      case .checkViolation where error.constraint == "balance_is_not_negative":
        shown = "an account cannot be overdrawn"
      default: throw error
      }
    }
    // end
    #expect(shown == "there is such an account already")
  }
}
