import LibPQ
import Testing

/// Cuts the connection in the middle of a transaction, at every place: what the client says of the
/// transaction must be true, or that it does not know.
@Suite struct LostConnectionTests {
  @Test(arguments: [CuttingProxy.Direction.toServer, .toClient])
  func aCutTransactionIsNeverMisjudged(_ direction: CuttingProxy.Direction) async throws {
    let judge = try await connect()
    let table = "cut_\(UInt32.random(in: 0 ... .max))"
    try await judge.execute("CREATE TABLE \(identifier: table) (id int PRIMARY KEY)")
    let (folder, port) = try await judge.row(
      """
      SELECT trim('"' FROM current_setting('unix_socket_directories')), current_setting('port')
      """, as: (String, String).self)
    let (user, database) = try await judge.row(
      "SELECT current_user, current_database()", as: (String, String).self)
    let proxy = try CuttingProxy(target: folder + "/.s.PGSQL.\(port)")
    let configuration = ConnectionConfiguration(
      keywords: [
        "host": proxy.folder, "port": "\(CuttingProxy.port)", "user": user, "dbname": database,
        "sslmode": "disable", "gssencmode": "disable",
      ])

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
}
