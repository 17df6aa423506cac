import LibPQ
import Quantities
import Testing

/// The code of the articles about transactions, stopping and errors; see ``ArticleTests``.
@Suite struct TransactionSnippets {
  private func shelves() async throws -> Connection {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TEMP TABLE shelves (id int PRIMARY KEY, pieces numeric NOT NULL
          CONSTRAINT pieces_are_not_negative CHECK (pieces >= 0));
        INSERT INTO shelves VALUES (1, 100.00), (2, 0.00);
        """)
    return connection
  }

  @Test func moves() async throws {
    let connection = try await shelves()
    let (from, to, amount) = (1, 2, ExactDecimal(coefficient: 3025, scale: 2))
    // snippet: moving
    try await connection.transaction(isolation: .serializable, retry: .serialization()) {
      connection in
      try connection.execute("UPDATE shelves SET pieces = pieces - \(amount) WHERE id = \(from)")
      try connection.execute("UPDATE shelves SET pieces = pieces + \(amount) WHERE id = \(to)")
    }
    // end
    #expect(
      try await connection.value("SELECT pieces FROM shelves WHERE id = 2", as: ExactDecimal.self)
        == ExactDecimal("30.25"))
  }

  @Test func nests() async throws {
    let connection = try await shelves()
    // snippet: nesting
    let refused = try await connection.transaction { connection in
      try connection.execute("UPDATE shelves SET pieces = 50 WHERE id = 1")
      do {
        try connection.transaction { connection in
          try connection.execute("UPDATE shelves SET pieces = -1 WHERE id = 2")
        }
        return false
      } catch let error as PostgresError where error.sqlState == .checkViolation {
        return true  // Only the inner part was taken back.
      }
    }
    // end
    #expect(refused)
    #expect(
      try await connection.value("SELECT sum(pieces) FROM shelves", as: ExactDecimal.self)
        == ExactDecimal(50))
  }

  @Test func doubts() async throws {
    let connection = try await shelves()
    var looked = false
    func lookWhetherItHappened() { looked = true }
    // snippet: doubting
    do {
      try await connection.transaction { connection in
        try connection.execute("UPDATE shelves SET pieces = 1 WHERE id = 1")
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
    let connection = try await shelves()
    var shown = ""
    // snippet: reporting
    do {
      try await connection.execute("INSERT INTO shelves VALUES (1, 5)")
    } catch {
      switch error.sqlState {
      case .uniqueViolation: shown = "there is such a shelf already"
      case .checkViolation where error.constraint == "pieces_are_not_negative":
        shown = "a shelf cannot hold less than nothing"
      default: throw error
      }
    }
    // end
    #expect(shown == "there is such a shelf already")
  }
}
