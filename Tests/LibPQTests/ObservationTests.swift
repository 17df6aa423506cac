import LibPQ
import Synchronization
import Testing

/// What observers are told, and that nothing they do breaks a connection.
@Suite struct ObservationTests {
  /// Keeps what it is told: `start kind`, `end kind`, and the outcomes.
  private final class Recorder: OperationObserver {
    struct Told: Sendable {
      var events: [String] = []
      var ended: [(operation: ObservedOperation, outcome: ObservedOutcome)] = []
      var lastToken = 0
      var outer: [Int: Int] = [:]
      var tokens: [Int] = []
    }

    let told = Mutex(Told())

    func started(_ operation: ObservedOperation, within outer: Int?) -> Int {
      told.withLock { told in
        told.events.append("start \(operation.name)")
        told.lastToken += 1
        told.outer[told.lastToken] = outer
        return told.lastToken
      }
    }

    func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Int) {
      told.withLock { told in
        told.events.append("end \(operation.name)")
        told.ended.append((operation, outcome))
        told.tokens.append(token)
      }
    }

    func clear() { told.withLock { $0 = Told() } }
    var events: [String] { told.withLock { $0.events } }
    var ended: [(operation: ObservedOperation, outcome: ObservedOutcome)] {
      told.withLock { $0.ended }
    }
  }

  private func connection(_ observers: any OperationObserver...) async throws -> Connection {
    try await connect { $0.observers = observers }
  }

  @Test func eachOperationHasAStartAndAnEnd() async throws {
    let recorder = Recorder()
    let connection = try await connection(recorder)
    let connecting = try #require(recorder.ended.last)
    #expect(connecting.operation.kind == .connect)
    #expect(connecting.operation.server?.processID == (await connection.serverProcessID))
    recorder.clear()
    try await connection.withConnection { connection in
      try connection.executeScript(unsafeSQL: "CREATE TEMP TABLE pages (id bigint, name text)")
      try connection.copyBinary(into: "pages", columns: ["id", "name"]) { writer in
        for id in 1...3 { try writer.row(id, "page \(id)") }
      }
      try connection.copyOut("COPY pages TO STDOUT") { _ in }
      try connection.pipeline { try $0.execute("SELECT 1") }
      try connection.execute(Query("UPDATE pages SET id = id + 1").labelled("renumber"))
      _ = try connection.rows("SELECT id FROM pages WHERE id > \(2)", as: Int.self)
      _ = try connection.optionalRow("SELECT id FROM pages WHERE id = \(99)", as: Int.self)
    }
    let ended = recorder.ended.filter { !$0.operation.name.contains("format_type") }
    #expect(
      ended.map(\.operation.kind)
        == [.script, .copyIn, .copyOut, .pipeline, .query, .query, .query])
    #expect(ended.map(\.outcome.rows) == [nil, 3, 3, nil, 3, 2, 0])
    #expect(ended.allSatisfy { $0.outcome.error == nil && $0.outcome.duration > .zero })
    #expect(ended[4].operation.name == "renumber")
    #expect(ended[5].operation.text == "SELECT id FROM pages WHERE id > $1")
    #expect(ended[5].operation.parameterCount == 1)
    let events = recorder.events
    #expect(events.count == 2 * recorder.ended.count)
  }

  @Test func queriesArePartOfTheirTransaction() async throws {
    let recorder = Recorder()
    let connection = try await connection(recorder)
    recorder.clear()
    await #expect(throws: PostgresError.self) {
      try await connection.transaction(retry: .serialization(maximumAttempts: 3)) { connection in
        try connection.execute(
          Query("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
            .labelled("fail"))
      }
    }
    #expect(
      recorder.events.prefix(6) == [
        "start transaction", "start BEGIN", "end BEGIN", "start fail", "end fail", "start ROLLBACK",
      ])
    let last = try #require(recorder.ended.last)
    #expect(last.operation.kind == .transaction)
    #expect(last.outcome.attempts == 3)
    #expect(last.outcome.sqlState == .serializationFailure)
    let outer = recorder.told.withLock { $0.outer }
    #expect(outer[1] == nil)
    #expect(outer.filter { $0.value == 1 }.count == 9)
    // What comes after is part of nothing.
    try await connection.execute("SELECT 1")
    #expect(recorder.told.withLock { $0.outer[$0.lastToken] } == nil)
  }

  @Test func aFailureIsToldWithoutValues() async throws {
    let recorder = Recorder()
    let connection = try await connection(recorder)
    await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT \("secret")::integer", as: Int.self)
    }
    let last = try #require(recorder.ended.last)
    #expect(last.outcome.sqlState?.rawValue == "22P02")
    #expect(last.outcome.errorDescription?.contains("secret") == false)
    struct Own: Error { let value = "secret" }
    _ = try? await connection.transaction { _ in throw Own() }
    #expect(recorder.ended.last?.outcome.errorDescription?.contains("secret") == false)
    #expect(recorder.ended.last?.outcome.errorDescription?.contains("Own") == true)
    let refused = Recorder()
    _ = try? await connect {
      $0 = ConnectionConfiguration(conninfo: "host=/nowhere")
      $0.observers = [refused]
    }
    #expect(refused.ended.map(\.operation.kind) == [.connect])
    #expect(refused.ended.first?.outcome.errorDescription?.contains("/nowhere") == true)
  }

  @Test func aStreamEndsWithItsRows() async throws {
    let recorder = Recorder()
    let connection = try await connection(recorder)
    recorder.clear()
    for try await _ in connection.stream("SELECT generate_series(1, 1100)", as: Int.self) {}
    #expect(recorder.ended.map(\.outcome.rows) == [1_100])
    // One that is left early has ended when the next query has run.
    for try await _ in connection.stream("SELECT generate_series(1, 100000)", as: Int.self) {
      break
    }
    _ = try await connection.value("SELECT 1", as: Int.self)
    let rows = recorder.ended.map(\.outcome.rows)
    #expect(rows.count == 3)
    #expect(rows.contains(512))
    await #expect(throws: PostgresError.self) {
      for try await _ in connection.stream(
        "SELECT 1 / (3 - n) FROM generate_series(1, 5) n",
        as: Int.self)
      {}
    }
    #expect(recorder.ended.last?.outcome.sqlState?.rawValue == "22012")
  }

  @Test func waitsForAPoolAreTold() async throws {
    let recorder = Recorder()
    var configuration = try await testConfiguration()
    configuration.observers = [recorder]
    var options = PoolOptions(maximum: 1)
    options.acquireTimeout = .milliseconds(500)
    let pool = ConnectionPool(configuration, options)
    // On a machine that is busy, making the connection may take longer than the limit.
    while (try? await pool.withConnection { try $0.execute("SELECT 1") }) == nil {}
    recorder.clear()
    try await pool.lend { _ in
      _ = try? await pool.withConnection { try $0.execute("SELECT 1") }
    }
    let waits = recorder.ended.filter { $0.operation.kind == .acquire }
    #expect(waits.map { $0.outcome.error == nil } == [true, false])
    #expect(waits.last?.outcome.errorDescription?.contains("1 of 1") == true)
    await pool.shutDown()
  }

  @Test func slowQueriesAreReported() async throws {
    let slow = Mutex<[SlowQuery]>([])
    let connection = try await connection(
      SlowQueryObserver(threshold: .milliseconds(40)) { query in
        slow.withLock { $0.append(query) }
      })
    slow.withLock { $0 = [] }
    try await connection.execute(Query("SELECT pg_sleep(0.05)").labelled("nap"))
    let reports = slow.withLock { $0.map(\.description) }
    #expect(reports.contains { $0.hasPrefix("slow query: “nap” took ") })
    #expect(SlowQueryObserver.defaultThreshold == .seconds(1))
  }

  /// Does all that an observer should not.
  private final class Troublemaker: OperationObserver {
    let connection = Mutex<Connection?>(nil)
    let calls = Mutex(0)

    func started(_ operation: ObservedOperation, within outer: Void?) { meddle(operation) }

    func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {
      meddle(operation)
    }

    private func meddle(_ operation: ObservedOperation) {
      calls.withLock { $0 += 1 }
      guard let connection = connection.withLock({ $0 }) else { return }
      // Uses the connection it observes, runs into errors there, and takes its time.
      connection.assumeIsolated { connection in
        _ = try? connection.value("SELECT 666", as: Int.self)
        // An error in a transaction would fail it, whoever causes it.
        if connection.transactionDepth == 0, operation.name.hasPrefix("SELECT") {
          _ = try? connection.execute("SELECT nonsense")
        }
      }
      let end = ContinuousClock.now + .milliseconds(2)
      while ContinuousClock.now < end {}
    }
  }

  @Test func noObserverComesBetweenAStatementAndItsAnswer() async throws {
    let trouble = Troublemaker()
    let recorder = Recorder()
    let connection = try await connection(trouble, recorder)
    trouble.connection.withLock { $0 = connection }
    try await connection.withConnection { connection in
      try connection.execute("CREATE TEMP TABLE pages (id bigint)")
      for number in 1...20 {
        #expect(try connection.value("SELECT \(number)", as: Int.self) == number)
      }
      try connection.transaction { connection in
        try connection.copyBinary(into: "pages", columns: ["id"]) { writer in
          for id in 1...1_000 { try writer.row(id) }
        }
      }
      #expect(try connection.rows("SELECT id FROM pages", as: Int.self).count == 1_000)
      let answer = try connection.pipeline { try $0.value("SELECT 5", as: Int.self) }
      #expect(try answer.get() == 5)
    }
    #expect(trouble.calls.withLock { $0 } > 40)
    // What an observer does itself is told to nobody.
    #expect(!recorder.events.contains { $0.contains("666") })
    trouble.connection.withLock { $0 = nil }
  }

  @Test func anObserverThatCancelsStopsOnlyItsOwnTask() async throws {
    struct Canceller: OperationObserver {
      func started(_ operation: ObservedOperation, within outer: Void?) {
        if operation.label == "cancel me" { withUnsafeCurrentTask { $0?.cancel() } }
      }
      func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {}
    }
    let connection = try await connection(Canceller())
    let task = Task { try await connection.execute(Query("SELECT 1").labelled("cancel me")) }
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 2", as: Int.self) == 2)
  }
}
