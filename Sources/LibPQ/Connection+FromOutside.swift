// The methods whose closures run isolated to the connection come twice: for callers on the
// connection, whose closures may change what they capture, and here for callers elsewhere, whose
// closures cross over to the connection's thread and must therefore be safe to send. So do those
// that give one tuple, which Swift lets cross over only inside an array.

extension Connection {
  /// Runs several statements on the connection without leaving its thread.
  @discardableResult
  public nonisolated func withConnection<Result: Sendable>(
    _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    try await run(body)
  }

  private func run<Result: Sendable>(
    _ body: @Sendable (isolated Connection) throws -> Result
  ) throws -> Result {
    try body(self)
  }

  /// Runs a closure whose statements must all end before a time has passed; see the method of the
  /// same name for callers on the connection.
  @discardableResult
  public nonisolated func withDeadline<Result: Sendable>(
    after duration: Duration, _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    try await withConnection { connection in
      try connection.withDeadline(after: duration, body)
    }
  }

  /// Runs a closure as one transaction; see the method of the same name for callers on the
  /// connection.
  @discardableResult
  public nonisolated func transaction<Result: Sendable>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false, deferrable: Bool = false,
    retry: RetryPolicy = .none, _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    try await withConnection { connection in
      try connection.transaction(
        isolation: isolation, readOnly: readOnly, deferrable: deferrable, retry: retry, body)
    }
  }

  /// The one row of a query; none or several are an error.
  @inlinable
  public nonisolated func row<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type = (repeat each Value).self
  ) async throws(PostgresError) -> (repeat each Value) {
    let rows: [(repeat each Value)] = try await rowInArray(query)
    return rows[0]
  }

  /// The one row of a query, or nil if there is none; several are an error.
  @inlinable
  public nonisolated func optionalRow<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type = (repeat each Value).self
  ) async throws(PostgresError) -> (repeat each Value)? {
    let rows: [(repeat each Value)] = try await optionalRowInArray(query)
    return rows.first
  }

  @inlinable
  func rowInArray<each Value: PostgresDecodable>(
    _ query: Query
  ) throws(PostgresError) -> [(repeat each Value)] {
    [try row(query, as: (repeat each Value).self)]
  }
}
