import LibPQ
import TestSupport
import Testing

@Suite struct CancellationTests {
  @Test func cancellingATaskStopsTheServer() async throws {
    let connection = try await connect()
    let process = await connection.serverProcessID
    let start = ContinuousClock.now
    let sleeper = Task { try await connection.execute("SELECT pg_sleep(3600)") }
    try await waitUntilRunning("pg_sleep", of: process)
    sleeper.cancel()
    let error = await #expect(throws: PostgresError.self) { try await sleeper.value }
    #expect(error?.kind == .cancelled)
    #expect(error?.sqlState == .queryCanceled)
    #expect(ContinuousClock.now - start < .seconds(1_200))
    #expect(try await connection.value("SELECT 'usable'", as: String.self) == "usable")
  }

  @Test func aCancelledTransactionIsRolledBack() async throws {
    let connection = try await connect()
    try await connection.executeScript(unsafeSQL: "CREATE TEMP TABLE visits (page text)")
    let process = await connection.serverProcessID
    let task = Task {
      try await connection.transaction { connection in
        try connection.execute("INSERT INTO visits VALUES ('a')")
        try connection.execute("SELECT pg_sleep(3600)")
      }
    }
    try await waitUntilRunning("pg_sleep", of: process)
    task.cancel()
    await #expect(throws: PostgresError.self) { try await task.value }
    #expect(try await connection.value("SELECT count(*) FROM visits", as: Int.self) == 0)
  }

  @Test func aDeadlineStopsTheStatement() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withDeadline(after: .milliseconds(200)) { connection in
        try connection.execute("SELECT 1")
        try connection.execute("SELECT pg_sleep(3600)")
      }
    }
    #expect(error?.kind == .deadlineExceeded)
    #expect(try await connection.value("SELECT 'usable'", as: String.self) == "usable")
  }

  @Test func aCancelNeverHitsTheNextQuery() async throws {
    let connection = try await connect()
    for round in 0..<200 {
      let task = Task { try await connection.execute("SELECT pg_sleep(0.002)") }
      try await Task.sleep(for: .microseconds(Int64(round) * 60))
      task.cancel()
      _ = await task.result
      #expect(try await connection.value("SELECT \(round)", as: Int.self) == round)
    }
  }

  @Test func aCopyCanBeCancelled() async throws {
    let connection = try await connect()
    try await connection.executeScript(unsafeSQL: "CREATE TEMP TABLE numbers (n bigint)")
    let process = await connection.serverProcessID
    let task = Task {
      try await connection.copyBinary(into: "numbers", columns: ["n"]) { writer in
        var n = 0
        while true {
          try writer.row(n)
          n += 1
        }
      }
    }
    try await waitUntilRunning("COPY", of: process)
    task.cancel()
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT count(*) FROM numbers", as: Int.self) == 0)
  }

  /// A request to stop that arrives before its statement strikes nothing, and is made again.
  @Test func aStatementThatIsStillOnItsWayIsStopped() async throws {
    let database = try await TestServer.emptyDatabase()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    var configuration = ConnectionConfiguration(
      conninfo: proxy.conninfo(insteadOf: database.conninfo))
    configuration.cancelGrace = .seconds(500)
    let connection = try await Connection.connect(configuration)
    proxy.arm(.stall(.toServer), after: 1_000)
    let text = String(repeating: "x", count: 4 << 20)
    let task = Task { try await connection.execute("SELECT pg_sleep(3600), \(text)::text") }
    while proxy.relayed(.toServer) < 1_000 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    // More than enough for the first request to arrive.
    try await Task.sleep(for: .milliseconds(500))
    proxy.release()
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
    await database.drop()
  }
}
