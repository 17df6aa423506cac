import CLibPQ

/// What a transaction sees of those that run beside it.
public enum IsolationLevel: String, Sendable {
  /// Each statement sees what was committed before it began.
  case readCommitted = "READ COMMITTED"
  /// All statements see what was committed before the first began.
  case repeatableRead = "REPEATABLE READ"
  /// As if transactions ran one after the other; some must be run again.
  case serializable = "SERIALIZABLE"
}

/// Whether and how often a transaction is run again after a serialization failure or a deadlock,
/// the only errors after which that is safe and of use.
public struct RetryPolicy: Hashable, Sendable {
  /// How often the transaction runs at most; 1 is never again.
  public let maximumAttempts: Int
  /// The longest wait before the second attempt; it doubles with each further one.
  public let firstWait: Duration

  /// The longest wait before any attempt.
  static let longestWait = Duration.seconds(2)

  /// Never again.
  public static let none = RetryPolicy(maximumAttempts: 1, firstWait: .zero)

  /// Up to so many attempts, each after a random wait within a growing limit.
  public static func serialization(
    maximumAttempts: Int = 5, firstWait: Duration = .milliseconds(20)
  ) -> RetryPolicy {
    RetryPolicy(maximumAttempts: max(1, maximumAttempts), firstWait: firstWait)
  }

  /// A random time within the limit for an attempt; the second attempt is number 2.
  func wait(before attempt: Int) -> Duration {
    let limit = min(firstWait * (1 << min(attempt - 2, 16)), Self.longestWait)
    return limit * Double.random(in: 0...1)
  }
}

extension Connection {
  /// Runs a closure as one transaction: commits when it returns, rolls back and passes the error on
  /// when it throws. Inside another transaction it is a savepoint, and the level, mode and retry of
  /// the outer one count.
  ///
  /// With a retry policy the closure may run several times, so it should do nothing but work on the
  /// database. A connection that is lost during COMMIT throws an error whose
  /// ``PostgresError/commitInDoubt`` is true; that is never retried.
  ///
  /// - Parameters:
  ///   - isolation: the level, or nil for the server's default.
  ///   - readOnly: whether the server refuses every change.
  ///   - deferrable: whether a serializable read-only transaction waits for a moment from which on
  ///     it cannot fail.
  @discardableResult
  public func transaction<Result>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false, deferrable: Bool = false,
    retry: RetryPolicy = .none, _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    let session = try live()
    if session.transactionDepth > 0 { return try savepoint(session, body) }
    var begin = "BEGIN"
    if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
    if readOnly { begin += " READ ONLY" }
    if deferrable { begin += " DEFERRABLE" }
    return try session.observed(.transaction, nil) { notes in
      var attempt = 1
      while true {
        notes.attempts = attempt
        do {
          return try attemptTransaction(session, Query(unsafeSQL: begin), body)
        } catch let error as PostgresError
          where error.isRetryable && attempt < retry.maximumAttempts
        {
          attempt += 1
          try session.pause(for: retry.wait(before: attempt))
        }
      }
    }
  }

  private func attemptTransaction<Result>(
    _ session: Session, _ begin: Query, _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    if let connection = session.connection, PQtransactionStatus(connection) == PQTRANS_INTRANS {
      throw PostgresError(
        .usage, "a transaction was begun by a statement; use transaction for both, or end it first")
    }
    _ = try session.execute(begin)
    session.transactionDepth = 1
    defer { session.transactionDepth = 0 }
    let result: Result
    do {
      result = try body(self)
    } catch {
      session.undo("ROLLBACK")
      throw error
    }
    try session.commit()
    return result
  }

  private func savepoint<Result>(
    _ session: Session, _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    let name = "libpq_\(session.transactionDepth)"
    _ = try session.execute(Query(unsafeSQL: "SAVEPOINT \(name)"))
    session.transactionDepth += 1
    defer { session.transactionDepth -= 1 }
    do {
      let result = try body(self)
      if let connection = session.connection, PQtransactionStatus(connection) == PQTRANS_INERROR {
        throw Session.swallowedError
      }
      _ = try session.execute(Query(unsafeSQL: "RELEASE SAVEPOINT \(name)"))
      return result
    } catch {
      session.undo("ROLLBACK TO SAVEPOINT \(name)")
      session.undo("RELEASE SAVEPOINT \(name)")
      throw error
    }
  }

  /// How deep the present statement lies in transactions: 0 outside, 1 inside one, more inside
  /// savepoints.
  public var transactionDepth: Int { session?.transactionDepth ?? 0 }
}

extension Session {
  /// Commits, and tells a commit from its opposites.
  func commit() throws(PostgresError) {
    if let connection, PQtransactionStatus(connection) == PQTRANS_IDLE {
      throw PostgresError(
        .transaction,
        "the transaction was ended by a statement in it, so what became of it is not known here; "
          + "leave COMMIT and ROLLBACK to the end of the closure")
    }
    let outcome: CommandResult
    do {
      outcome = try execute("COMMIT")
    } catch {
      if error.poisonsConnection { throw error.with { $0.commitInDoubt = true } }
      undo("ROLLBACK")
      throw error
    }
    if outcome.tag == "ROLLBACK" { throw Self.swallowedError }
  }

  /// The error of a transaction, or one nested in another, in which a statement failed in silence.
  static var swallowedError: PostgresError {
    PostgresError(
      .transaction,
      "the transaction was rolled back, because a statement in it had failed and its error was "
        + "not passed on; let the error leave the closure, or nest a transaction around it")
  }

  /// Takes a transaction or savepoint back, whether the task is cancelled or not. If that fails the
  /// connection is lost or unclear, and is closed; the error that led here is the one to report.
  func undo(_ statement: String) {
    guard let connection, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
    let (shielded, outer) = (isShielded, deadline)
    isShielded = true
    deadline = .now + cancelGrace
    defer { (isShielded, deadline) = (shielded, outer) }
    do {
      _ = try execute(Query(unsafeSQL: statement))
    } catch {
      close()
    }
  }

  /// Waits, unless the task is cancelled.
  func pause(for duration: Duration) throws(PostgresError) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      if Task.isCancelled {
        throw PostgresError(
          .cancelled, "the task was cancelled before the transaction was tried again")
      }
      let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
      _ = clibpq_wait(-1, 0, Int32(max(1, min(left, Double(Self.tickMilliseconds)))))
    }
  }
}
