import CLibPQ
import Synchronization

extension Session {
  /// Why a statement is being stopped.
  enum Cause {
    /// The task was cancelled.
    case cancelled
    /// The deadline passed.
    case deadline
    /// The pool that the connection belongs to is closing.
    case recalled
    /// The program left the loop over its rows.
    case abandoned
  }

  /// A stop that the server was asked for.
  struct Interruption {
    let cause: Cause
    /// When the connection is cut off if the server has not answered.
    let patienceEnds: ContinuousClock.Instant
    /// The newest request, and when another one follows.
    private(set) var request: CancelRequest
    private var nextRequest = ContinuousClock.now + Interruption.repetition

    /// How long the server has for an answer before it is asked again: a request that comes while it
    /// still reads a long statement strikes nothing.
    private static let repetition = Duration.seconds(1)

    init(_ cause: Cause, of connection: OpaquePointer?, patience: Duration) {
      self.cause = cause
      patienceEnds = .now + patience
      request = CancelRequest(to: connection)
    }

    /// Asks once more if it is time to.
    mutating func repeatRequest(to connection: OpaquePointer?) {
      let now = ContinuousClock.now
      if now < nextRequest || !request.isFinished { return }
      nextRequest = now + Self.repetition
      request = CancelRequest(to: connection)
    }

    /// What the program is told of a statement that was stopped.
    func error(from report: PostgresError) -> PostgresError {
      switch cause {
      case .cancelled:
        report.with {
          $0.kind = .cancelled
          $0.message = "the query was stopped because its task was cancelled"
        }
      case .deadline: report.stoppedByDeadline
      case .recalled:
        report.with {
          $0.kind = .cancelled
          $0.message = "the query was stopped because its pool is closing"
        }
      case .abandoned: report
      }
    }
  }

  /// Looks for a reason to stop the statement under way, and asks the server to; once it was asked,
  /// cuts the connection off if its patience is at an end.
  func lookForInterruption() throws(PostgresError) {
    if let interruption {
      if ContinuousClock.now < interruption.patienceEnds {
        self.interruption?.repeatRequest(to: connection)
        return
      }
      let message = "the server did not stop a query within \(cancelGrace) of being asked to"
      close()
      self.interruption = nil
      throw PostgresError(.connection, "\(message); the connection was closed")
    }
    if !isShielded, Task.isCancelled {
      interrupt(.cancelled)
    } else if !isShielded, recall?.isRequested == true {
      interrupt(.recalled)
    } else if let stoppingMoment, ContinuousClock.now >= stoppingMoment {
      interrupt(.deadline)
    }
  }

  /// Looks for a reason to stop where the program sends on and on to a server that takes everything
  /// at once, which leaves no wait to look in; throws if there is one.
  func lookBetweenPieces() throws(PostgresError) {
    try lookForInterruption()
    if let interruption {
      throw interruption.error(from: PostgresError(.cancelled, "the sending was stopped"))
    }
  }

  /// Asks the server to stop the statement under way.
  func interrupt(_ cause: Cause) {
    interruption = Interruption(cause, of: connection, patience: cancelGrace)
  }

  /// Waits until the request to stop has reached the server, and makes a round trip, so that it
  /// cannot strike the next statement. Returns an error if the connection is of no use any more.
  func settle(_ interruption: Interruption) -> PostgresError? {
    defer { self.interruption = nil }
    while !interruption.request.isFinished {
      if ContinuousClock.now > interruption.patienceEnds {
        close()
        return PostgresError(
          .connection,
          "the request to stop a query did not reach the server within \(cancelGrace); the "
            + "connection was closed")
      }
      _ = clibpq_wait(-1, 0, 1)
    }
    guard let connection, PQstatus(connection) == CONNECTION_OK else { return nil }
    guard PQsendQuery(connection, "") != 0 else {
      return connectionError("the connection was lost")
    }
    // While the interruption is noted, the wait for the answer ends with its patience.
    if let failure = drain(), failure.poisonsConnection { return failure }
    return nil
  }
}

extension PostgresError {
  /// What the program is told of a statement that was stopped because of its deadline.
  var stoppedByDeadline: PostgresError {
    with {
      $0.kind = .deadlineExceeded
      $0.message = "the query was stopped because its deadline passed"
    }
  }
}

/// Somebody's wish, told from any thread, that a connection does no more work.
final class Recall: Sendable {
  private let requested = Atomic(false)

  var isRequested: Bool { requested.load(ordering: .relaxed) }

  func request() {
    requested.store(true, ordering: .relaxed)
  }
}

/// A request to stop what a connection is doing, under way on a thread of its own: libpq opens a
/// second connection for it and blocks.
final class CancelRequest: Sendable {
  private let finished = Atomic(false)

  var isFinished: Bool { finished.load(ordering: .acquiring) }

  init(to connection: OpaquePointer?) {
    if LibraryFeature.encryptedCancel.isAvailable {
      finish(clibpq_create_cancel(connection)) { cancel in clibpq_finish_cancel(cancel) }
      return
    }
    finish(connection.flatMap { PQgetCancel($0) }.map { UnsafeMutableRawPointer($0) }) { cancel in
      var message = [CChar](repeating: 0, count: 256)
      PQcancel(OpaquePointer(cancel), &message, Int32(message.count))
      PQfreeCancel(OpaquePointer(cancel))
    }
  }

  /// Sends the request on a thread of its own and frees it.
  private func finish(
    _ handle: UnsafeMutableRawPointer?,
    _ send: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    guard let handle else {
      finished.store(true, ordering: .releasing)
      return
    }
    // The handle is libpq's copy of the address and key: it is used by that thread alone.
    nonisolated(unsafe) let cancel = handle
    do {
      try startThread(stackSize: 1 << 20) { [self] in
        send(cancel)
        finished.store(true, ordering: .releasing)
      }
    } catch {
      // No thread is left, so this one waits.
      send(cancel)
      finished.store(true, ordering: .releasing)
    }
  }
}
