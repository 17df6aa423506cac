import LibPQ
import Synchronization
import Testing

/// Cuts the connection in the middle of a transaction, at every place: what the client says of the
/// transaction must be true, or that it does not know.
@Suite struct LostConnectionTests {
  @Test(arguments: [CuttingProxy.Direction.toServer, .toClient])
  func aCutTransactionIsNeverMisjudged(_ direction: CuttingProxy.Direction) async throws {
    let judge = try await connect()
    let table = "cut_\(UInt32.random(in: 0 ... .max))"
    try await judge.execute("CREATE TABLE \(identifier: table) (id int PRIMARY KEY)")
    let (proxy, configuration) = try await proxied(judge)

    var outcomes: [String: Int] = [:]
    var bytes = 0
    var uncut = 0
    while uncut < 3 {
      bytes += 1
      proxy.cut(after: nil, direction)
      let connection = try await Connection.connect(configuration)
      proxy.cut(after: bytes, direction)
      let id = bytes
      var failure: PostgresError?
      do {
        try await connection.transaction { connection in
          try connection.execute("INSERT INTO \(identifier: table) VALUES (\(id))")
        }
      } catch let error as PostgresError {
        failure = error
      }
      // A session whose client is gone may still be at work; its lock is gone when it has ended.
      let process = await connection.serverProcessID
      await connection.close()
      try await ended(process, judge)
      let happened = try await judge.value(
        "SELECT exists(SELECT FROM \(identifier: table) WHERE id = \(id))", as: Bool.self)
      switch failure {
      case nil:
        uncut += 1
        #expect(happened, "committed, says the client, after \(bytes) bytes")
        outcomes["committed", default: 0] += 1
      case .some(let error) where error.commitInDoubt:
        #expect(error.poisonsConnection)
        outcomes[happened ? "in doubt, committed" : "in doubt, rolled back", default: 0] += 1
      case .some(let error):
        #expect(!happened, "rolled back, says the client, after \(bytes) bytes: \(error)")
        #expect(error.poisonsConnection)
        outcomes["rolled back", default: 0] += 1
      }
      try #require(bytes < 2_000)
    }
    #expect(outcomes["rolled back", default: 0] > 20)
    #expect(outcomes["in doubt, \(direction == .toServer ? "rolled back" : "committed")"] != nil)
    try await judge.execute("DROP TABLE \(identifier: table)")
  }

  private func ended(_ process: Int32, _ judge: Connection) async throws {
    guard process != 0 else { return }
    for _ in 1...1_000 {
      let running = try await judge.value(
        "SELECT exists(SELECT FROM pg_stat_activity WHERE pid = \(process))", as: Bool.self)
      if !running { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("the server process \(process) did not end")
  }

  @Test func aServerThatHangsIsCutOff() async throws {
    let direct = try await connect()
    var (proxy, configuration) = try await proxied(direct)
    configuration.cancelGrace = .milliseconds(300)
    let connection = try await Connection.connect(configuration)
    proxy.stall(true)
    let start = ContinuousClock.now
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withDeadline(after: .milliseconds(200)) { connection in
        try connection.execute("SELECT 1")
      }
    }
    proxy.stall(false)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(error?.kind == .connection)
    #expect(error?.poisonsConnection == true)
    #expect(await !connection.isUsable)
  }

  @Test func aStalledServerHoldsACopyBack() async throws {
    let direct = try await connect()
    let (proxy, configuration) = try await proxied(direct)
    let connection = try await Connection.connect(configuration)
    try await connection.executeScript(unsafeSQL: "CREATE TEMP TABLE texts (t text)")
    let written = Atomic(0)
    let stopper = Task {
      try await Task.sleep(for: .milliseconds(100))
      proxy.stall(true)
      try await Task.sleep(for: .milliseconds(200))
      let before = written.load(ordering: .relaxed)
      try await Task.sleep(for: .milliseconds(500))
      let after = written.load(ordering: .relaxed)
      proxy.stall(false)
      return after - before
    }
    let text = String(repeating: "x", count: 1_000)
    let copied = try await connection.copyBinary(into: "texts", columns: ["t"]) { writer in
      let end = ContinuousClock.now + .milliseconds(1_500)
      while ContinuousClock.now < end {
        try writer.row(text)
        written.add(1, ordering: .relaxed)
      }
    }
    // Once the system's buffers are full, not a row more is taken.
    #expect(try await stopper.value == 0)
    #expect(copied == written.load(ordering: .relaxed))
  }

  /// A proxy before the test server, and how to connect through it.
  private func proxied(
    _ direct: Connection
  ) async throws -> (CuttingProxy, ConnectionConfiguration) {
    let (folder, port) = try await direct.row(
      """
      SELECT trim('"' FROM current_setting('unix_socket_directories')), current_setting('port')
      """, as: (String, String).self)
    let (user, database) = try await direct.row(
      "SELECT current_user, current_database()", as: (String, String).self)
    let proxy = try CuttingProxy(target: folder + "/.s.PGSQL.\(port)")
    let configuration = ConnectionConfiguration(
      keywords: [
        "host": proxy.folder, "port": "\(CuttingProxy.port)", "user": user, "dbname": database,
        "sslmode": "disable", "gssencmode": "disable",
      ])
    return (proxy, configuration)
  }
}
