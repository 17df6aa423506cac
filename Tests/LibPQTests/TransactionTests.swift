import LibPQ
import Testing

@Suite struct TransactionTests {
  struct Refused: Error {}

  @Test func transactionsCommitOrRollBack() async throws {
    let connection = try await connect()
    try await connection.executeScript(unsafeSQL: "CREATE TEMP TABLE visits (page text)")
    let count = try await connection.transaction { connection in
      try connection.execute("INSERT INTO visits VALUES ('a')")
      return try connection.value("SELECT count(*) FROM visits", as: Int.self)
    }
    #expect(count == 1)
    await #expect(throws: Refused.self) {
      try await connection.transaction { connection in
        try connection.execute("INSERT INTO visits VALUES ('b')")
        throw Refused()
      }
    }
    #expect(try await connection.rows("SELECT page FROM visits", as: String.self) == ["a"])
  }

  @Test func nestedTransactionsAreSavepoints() async throws {
    let connection = try await connect()
    try await connection.executeScript(unsafeSQL: "CREATE TEMP TABLE visits (page text UNIQUE)")
    try await connection.transaction { connection in
      try connection.execute("INSERT INTO visits VALUES ('a')")
      let error = #expect(throws: PostgresError.self) {
        try connection.transaction { connection in
          try connection.execute("INSERT INTO visits VALUES ('b')")
          try connection.execute("INSERT INTO visits VALUES ('a')")
        }
      }
      #expect(error?.sqlState == .uniqueViolation)
      try connection.transaction { connection in
        #expect(connection.transactionDepth == 2)
        try connection.execute("INSERT INTO visits VALUES ('c')")
      }
    }
    #expect(
      try await connection.rows("SELECT page FROM visits ORDER BY 1", as: String.self)
        == ["a", "c"])
  }

  @Test func aCommitThatRollsBackIsAnError() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.transaction { connection in
        // The program swallows the error of a statement.
        #expect(throws: PostgresError.self) { try connection.execute("SELECT 1 / 0") }
      }
    }
    #expect(error?.kind == .transaction)
    #expect(await connection.transactionDepth == 0)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func levelsAndModesReachTheServer() async throws {
    let connection = try await connect()
    let settings = try await connection.transaction(
      isolation: .serializable, readOnly: true, deferrable: true
    ) { connection in
      try connection.row(
        """
        SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
          current_setting('transaction_deferrable')
        """, as: (String, String, String).self)
    }
    #expect(settings == ("serializable", "on", "on"))
  }

  @Test func aLostConnectionAtCommitIsInDoubt() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.transaction { connection in
        try connection.executeScript(
          unsafeSQL: """
            CREATE TEMP TABLE doomed (id int);
            CREATE FUNCTION pg_temp.end_session() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON doomed DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION pg_temp.end_session();
            """)
        try connection.execute("INSERT INTO doomed VALUES (1)")
      }
    }
    #expect(error?.commitInDoubt == true)
    #expect(error?.isRetryable == false)
    #expect(error?.poisonsConnection == true)
  }

  @Test func serializationFailuresAreRetried() async throws {
    let table = "counters_\(UInt32.random(in: 0 ... .max))"
    let first = try await connect()
    try await first.execute("CREATE TABLE \(identifier: table) (id int, value int)")
    try await first.execute("INSERT INTO \(identifier: table) VALUES (1, 0)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let connection = try await connect()
          for _ in 0..<25 {
            try await connection.transaction(
              isolation: .serializable,
              retry: .serialization(maximumAttempts: 100, firstWait: .milliseconds(1))
            ) { connection in
              let value = try connection.value(
                "SELECT value FROM \(identifier: table) WHERE id = 1", as: Int.self)
              try connection.execute(
                "UPDATE \(identifier: table) SET value = \(value + 1) WHERE id = 1")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await first.value("SELECT value FROM \(identifier: table)", as: Int.self) == 100)
    try await first.execute("DROP TABLE \(identifier: table)")
  }

  @Test func aTransactionThatAStatementEndedIsNoCommit() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE visits (page text)")
    let error = await #expect(throws: PostgresError.self) {
      try await connection.transaction { connection in
        try connection.execute("INSERT INTO visits VALUES ('a')")
        try connection.execute("ROLLBACK")
      }
    }
    #expect(error?.kind == .transaction)
    #expect(error?.isRetryable == false)
    #expect(try await connection.value("SELECT count(*) FROM visits", as: Int.self) == 0)
  }

  @Test func aSwallowedErrorCostsOnlyItsSavepoint() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE visits (page text)")
    try await connection.transaction { (connection: isolated Connection) throws in
      try connection.execute("INSERT INTO visits VALUES ('outer')")
      let error = #expect(throws: PostgresError.self) {
        try connection.transaction { connection in
          try connection.execute("INSERT INTO visits VALUES ('inner')")
          _ = try? connection.execute("SELECT 1 / 0")
        }
      }
      #expect(error?.kind == .transaction)
      try connection.execute("INSERT INTO visits VALUES ('later')")
    }
    #expect(
      try await connection.rows("SELECT page FROM visits ORDER BY 1", as: String.self)
        == ["later", "outer"])
  }
}
