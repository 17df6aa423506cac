import CLibPQ

/// Tells observers of the operations of one connection, or of one wait for a pool. A connection
/// without observers has none of these, so that they cost it one look at an empty reference.
final class Observation {
  /// What operations note of themselves while they run.
  struct Notes {
    var rows: Int?
    var attempts: Int?
  }

  /// An operation under way.
  struct Running {
    fileprivate var operation: ObservedOperation
    fileprivate let tokens: [any Sendable]
    fileprivate let start: ContinuousClock.Instant
  }

  private let observers: [any OperationObserver]
  /// Where the connection leads, once it is made.
  var server: ObservedServer?
  /// The tokens of operations that others are part of, the innermost last.
  private var outer: [[any Sendable]] = []
  /// Whether an observer is being told something; what it does itself is not observed.
  private var isTelling = false

  /// Nil if there are no observers.
  init?(_ observers: [any OperationObserver]) {
    if observers.isEmpty { return nil }
    self.observers = observers
  }

  /// Tells of a start; nil if it comes from an observer itself.
  func start(_ kind: ObservedOperation.Kind, _ query: Query? = nil) -> Running? {
    if isTelling { return nil }
    isTelling = true
    defer { isTelling = false }
    let operation = ObservedOperation(kind, query, on: server)
    var tokens: [any Sendable] = []
    tokens.reserveCapacity(observers.count)
    for (index, observer) in observers.enumerated() {
      tokens.append(observer.start(operation, within: outer.last?[index]))
    }
    return Running(operation: operation, tokens: tokens, start: .now)
  }

  /// Tells of an end.
  func end(_ running: Running?, _ notes: Notes, _ error: (any Error)?) {
    guard var running else { return }
    let outcome = ObservedOutcome(
      duration: running.start.duration(to: .now), rows: notes.rows, attempts: notes.attempts,
      error: error)
    running.operation.server = running.operation.server ?? server
    isTelling = true
    defer { isTelling = false }
    for (observer, token) in zip(observers, running.tokens) {
      observer.end(running.operation, outcome, token)
    }
  }

  /// Tells of the start and the end of what a closure does; operations in it are part of it.
  func around<Value, Failure: Error>(
    _ kind: ObservedOperation.Kind, _ query: Query?,
    _ body: (inout Notes) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    var notes = Notes()
    let running = start(kind, query)
    if let running { outer.append(running.tokens) }
    func leave(_ error: (any Error)?) {
      if running != nil { outer.removeLast() }
      end(running, notes, error)
    }
    do throws(Failure) {
      let value = try body(&notes)
      leave(nil)
      return value
    } catch {
      leave(error)
      throw error
    }
  }
}

extension OperationObserver {
  fileprivate func start(
    _ operation: ObservedOperation, within outer: (any Sendable)?
  ) -> any Sendable {
    started(operation, within: outer as? Token)
  }

  fileprivate func end(
    _ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: any Sendable
  ) {
    if let token = token as? Token { ended(operation, outcome, token) }
  }
}

extension Session {
  /// Tells observers, if there are any, of what a closure does.
  @inline(__always)
  func observed<Value, Failure: Error>(
    _ kind: ObservedOperation.Kind, _ query: Query?,
    _ body: (inout Observation.Notes) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard let observation else {
      var notes = Observation.Notes()
      return try body(&notes)
    }
    return try observation.around(kind, query, body)
  }

  /// Tells observers of the end of the stream that is open, if there is one.
  func endStreamObservation(_ error: PostgresError? = nil) {
    guard let running = observedStream else { return }
    observedStream = nil
    observation?.end(running, Observation.Notes(rows: streamedRows), error)
  }
}

extension ObservedServer {
  /// What libpq knows of a connection that is made.
  init(connection: OpaquePointer) {
    func text(_ value: UnsafePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    host = text(PQhost(connection))
    port = text(PQport(connection))
    database = text(PQdb(connection))
    user = text(PQuser(connection))
    processID = PQbackendPID(connection)
  }
}
