import LibPQ

extension Ground {
  /// Connects to a database of the server.
  func connection(to database: String) async throws -> Connection {
    try await Connection.connect(ConnectionConfiguration(conninfo: try url(of: database)))
  }

  /// Does work inside a new connection to a database, without leaving its thread, and returns what
  /// it gave and the seconds that it took. Connecting is not measured.
  func measure<Outcome: Sendable>(
    in database: String, _ work: @escaping @Sendable (isolated Connection) throws -> Outcome
  ) async throws -> (seconds: Double, outcome: Outcome) {
    let connection = try await connection(to: database)
    let measured = try await connection.withConnection { @Sendable connection in
      let clock = ContinuousClock()
      let start = clock.now
      let outcome = try work(connection)
      return (seconds: (clock.now - start) / .seconds(1), outcome: outcome)
    }
    await connection.close()
    return measured
  }
}
