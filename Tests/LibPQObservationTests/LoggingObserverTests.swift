import InMemoryLogging
import LibPQ
import LibPQObservation
import Logging
import Testing

@Suite struct LoggingObserverTests {
  private func makeLogger(_ level: Logger.Level) -> (Logger, InMemoryLogHandler) {
    var handler = InMemoryLogHandler()
    handler.logLevel = level
    let made = handler
    return (Logger(label: "database", factory: { _ in made }), handler)
  }

  @Test func operationsAndFailuresAreLoggedWithoutValues() async throws {
    let (logger, log) = makeLogger(.debug)
    let connection = try await connect(observedBy: LoggingObserver(logger))
    try await connection.execute("CREATE TEMP TABLE clients (name text PRIMARY KEY)")
    log.clear()
    try await connection.execute(
      Query("INSERT INTO clients VALUES (\("Zhang Wei")), (\("Li Na"))").labelled("add clients"))
    await #expect(throws: PostgresError.self) {
      try await connection.execute("INSERT INTO clients VALUES (\("Zhang Wei"))")
    }
    let entries = log.entries
    #expect(entries.map(\.level) == [.debug, .notice])
    #expect(entries[0].message == "query: add clients")
    #expect(entries[0].metadata["db.label"] == "add clients")
    #expect(entries[0].metadata["db.rows"] == "2")
    #expect(entries[0].metadata["db.text"] == "INSERT INTO clients VALUES ($1), ($2)")
    #expect(entries[1].metadata["db.sqlstate"] == "23505")
    #expect(entries[1].message.description.contains("clients_pkey"))
    #expect(!"\(entries)".contains("Zhang"))
    #expect(entries.allSatisfy { $0.metadata["db.duration_ms"] != nil })
  }

  @Test func slowQueriesAreWarnedOf() async throws {
    let (logger, log) = makeLogger(.warning)
    var observer = LoggingObserver(logger)
    #expect(observer.slowQueryThreshold == .seconds(1))
    observer.slowQueryThreshold = .milliseconds(50)
    observer.includesText = false
    let connection = try await connect(observedBy: observer)
    log.clear()
    try await connection.transaction { connection in
      try connection.execute(Query("SELECT pg_sleep(0.06)").labelled("nap"))
    }
    // The transaction, which took as long, is no query.
    let entries = log.entries.filter { $0.message.description.contains("nap") }
    #expect(entries.map(\.level) == [.warning])
    #expect(entries[0].message.description.hasPrefix("slow query: “nap” took "))
    #expect(entries[0].metadata["db.text"] == nil)
    observer.slowQueryThreshold = nil
    let unwarned = try await connect(observedBy: observer)
    log.clear()
    try await unwarned.execute("SELECT pg_sleep(0.06)")
    #expect(log.entries.isEmpty)
  }
}
