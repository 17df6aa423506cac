import CLibPQ

extension Connection {
  /// Runs a borrower's closure, then makes the connection ready for the next borrower, in one hop.
  func serve<Value: Sendable>(
    _ body: @Sendable (isolated Connection) throws -> Value,
    reset: (@Sendable (isolated Connection) throws -> Void)?
  ) -> (outcome: Result<Value, any Error>, isReusable: Bool) {
    let outcome = Result { try body(self) }
    return (outcome, tidyUp(after: outcome, reset: reset))
  }

  /// Makes the connection ready for the next borrower; false if that cannot be done, or the borrower
  /// met an error that makes the connection useless.
  func tidyUp<Value>(
    after outcome: Result<Value, any Error>,
    reset: (@Sendable (isolated Connection) throws -> Void)?
  ) -> Bool {
    guard let session, isUsable else { return false }
    if case .failure(let error as PostgresError) = outcome, error.poisonsConnection { return false }
    if reset == nil, session.isTidy { return true }
    return session.shielded { () -> Bool in
      guard session.tidyUp() else { return false }
      guard let reset else { return true }
      do {
        try reset(self)
      } catch { return false }
      // The hook may have left something itself.
      return session.tidyUp()
    }
  }

  /// Whether the server answers within a time; if not, the connection is closed.
  func givesSignOfLife(within limit: Duration) -> Bool {
    guard let session, isUsable else { return false }
    let grace = session.cancelGrace
    // There is nothing that the server could stop.
    session.cancelGrace = .zero
    defer { session.cancelGrace = grace }
    return session.shielded(within: limit) { session.givesSignOfLife() }
  }

  /// Brings the session back to where it began: open transactions are rolled back; settings,
  /// temporary tables, advisory locks, LISTENs and prepared statements of the session are dropped,
  /// and the settings of the configuration made again. For ``PoolOptions/reset``.
  public func resetSession() throws(PostgresError) {
    let session = try live()
    if session.transactionDepth > 0 {
      throw PostgresError(.usage, "a session cannot be reset inside a transaction; end it first")
    }
    if !session.tidyUp() {
      throw PostgresError(
        .connection, "the session cannot be brought back to its start; close the connection")
    }
    _ = try session.execute("DISCARD ALL")
    try session.prepareSettings()
  }
}

extension Session {
  /// Runs something that must be done whether the task is cancelled or not, within a time of its own.
  func shielded<Value>(
    within limit: Duration? = nil, _ body: () throws -> Value
  ) rethrows -> Value {
    let (outerShield, outerDeadline) = (isShielded, deadline)
    isShielded = true
    deadline = .now + (limit ?? cancelGrace)
    defer { (isShielded, deadline) = (outerShield, outerDeadline) }
    return try body()
  }

  /// Whether a borrower has left nothing that must be taken back.
  var isTidy: Bool {
    !isBusy && !hasListened && openStream == nil && interruption == nil
      && PQtransactionStatus(connection) == PQTRANS_IDLE
      && PQpipelineStatus(connection) == PQ_PIPELINE_OFF
  }

  /// Takes back what a borrower may have left: an open stream, a transaction, LISTENs. False if the
  /// connection cannot be used any more.
  func tidyUp() -> Bool {
    cutStream()
    guard let connection, !isBusy, interruption == nil,
      PQpipelineStatus(connection) == PQ_PIPELINE_OFF
    else { return false }
    switch PQtransactionStatus(connection) {
    case PQTRANS_IDLE: break
    case PQTRANS_INTRANS, PQTRANS_INERROR: undo("ROLLBACK")
    default: return false
    }
    if hasListened { stopListening() }
    return self.connection != nil && PQstatus(connection) == CONNECTION_OK && isTidy
  }

  private func stopListening() {
    listeners.finish(throwing: nil)
    do throws(PostgresError) {
      _ = try execute("UNLISTEN *")
      hasListened = false
    } catch {
      close()
    }
  }

  /// Whether the server answers an empty query.
  func givesSignOfLife() -> Bool {
    do throws(PostgresError) {
      try started(PQsendQuery(try begin(), ""))
      try finish(drain(), of: Query(unsafeSQL: ""))
      return true
    } catch {
      return false
    }
  }
}
