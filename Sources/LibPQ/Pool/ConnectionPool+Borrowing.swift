extension ConnectionPool {
  /// Borrows a connection for a closure that runs isolated to it, without a hop between its
  /// statements, and gives back what the closure returns.
  ///
  /// An error of the closure is passed on; the connection comes back clean all the same.
  ///
  /// - Throws: Besides the closure's errors, one of the kind ``PostgresError/Kind/pool`` if no
  ///   connection came free in time, and at once the server's own if it refuses connections for
  ///   good.
  @discardableResult
  public nonisolated func withConnection<Result: Sendable>(
    _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    let loan = try await observedBorrow()
    let (outcome, isReusable) = await loan.connection.serve(body, reset: options.reset)
    await giveBack(loan, isReusable: isReusable)
    return try outcome.get()
  }

  /// Borrows a connection for a closure that runs as one transaction; see
  /// ``Connection/transaction(isolation:readOnly:deferrable:retry:_:)``.
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

  /// Borrows a connection for a closure that may suspend, such as a loop over a stream. It is not
  /// isolated to the connection, so each of its calls is a hop. The connection must not be used
  /// after the closure has ended.
  ///
  ///     try await pool.lend { connection in
  ///       for try await (id, name) in connection.stream("SELECT …", as: (Int, String).self) { … }
  ///     }
  @discardableResult
  public nonisolated func lend<Result: Sendable>(
    _ body: @Sendable (Connection) async throws -> Result
  ) async throws -> Result {
    let loan = try await observedBorrow()
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(try await body(loan.connection))
    } catch {
      outcome = .failure(error)
    }
    let isReusable = await loan.connection.tidyUp(after: outcome, reset: options.reset)
    await giveBack(loan, isReusable: isReusable)
    return try outcome.get()
  }

  /// Waits for a connection, and tells observers of it.
  private nonisolated func observedBorrow() async throws -> Loan {
    guard let observation = Observation(configuration.observers) else { return try await borrow() }
    let running = observation.start(.acquire)
    do {
      let loan = try await borrow()
      observation.end(running, Observation.Notes(), nil)
      return loan
    } catch {
      observation.end(running, Observation.Notes(), error)
      throw error
    }
  }
}
