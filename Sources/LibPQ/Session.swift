import CLibPQ

/// The dialogue with the server over one libpq connection, in one place: sending, waiting,
/// collecting, and stopping. It belongs to the actor ``Connection`` and never leaves its thread.
///
/// libpq runs in its non-blocking mode. Whenever it would wait, the session sleeps in `poll` on the
/// socket, and looks with each wait whether the task was cancelled or a deadline passed; so both
/// are noticed at one place, and only while a statement is under way.
@usableFromInline
final class Session {
  /// libpq's connection; nil once it is closed.
  var connection: OpaquePointer?
  /// Whether a statement is under way; another one cannot start before it ends.
  var isBusy = false
  /// The moment at which statements are to be stopped.
  var deadline: ContinuousClock.Instant?
  /// The deadline that the server was told of, if any, and whether it is being told.
  var serverTimeout: ServerTimeout?
  var isTellingServer = false
  /// Whether cancellation is left aside, as while a transaction is rolled back.
  var isShielded = false
  /// The stopping of the present statement, once it was asked for.
  var interruption: Interruption?
  /// The stream whose rows are under way, and how many of them have come.
  var openStream: StreamState?
  var streamedRows = 0
  /// Whether the last statement gave its rows one by one, which libpq forgets only at the next one
  /// outside a pipeline.
  var gaveSingleRows = false
  /// The pipeline under way.
  var pipeline = PipelineState()
  /// The streams that messages of other sessions are handed to.
  var listeners = Listeners()
  /// Whether this session may have told the server to LISTEN since that was last undone.
  var hasListened = false
  /// Tells the observers, if there are any, of what is done.
  var observation: Observation?
  /// What they were told of the start of the open stream.
  var observedStream: Observation.Running?
  /// Says whether somebody wants the connection back.
  var recall: Recall?
  /// How deep transactions are nested: 0 outside, 1 in a transaction, more in savepoints.
  var transactionDepth = 0
  /// Whether the open transaction may have changed definitions, which its rollback takes back.
  var hasChangedDefinitions = false
  /// How long the server may take to stop a statement before the connection is cut off.
  var cancelGrace: Duration
  /// The settings that the session began with.
  let settings: [String: String]
  private let notices: Unmanaged<NoticeReceiver>
  var scratch = ParameterScratch()
  var statements: StatementCache
  let catalogue = TypeCatalogue()

  /// How long a wait lasts before the session looks for cancellation: short against what people
  /// notice, long against what a processor does.
  static let tickMilliseconds: Int32 = 10

  init(connection: OpaquePointer, _ configuration: ConnectionConfiguration) {
    self.connection = connection
    cancelGrace = configuration.cancelGrace
    settings = configuration.settings
    statements = StatementCache(configuration.preparedStatements)
    let receiver = NoticeReceiver(configuration.noticeHandler)
    notices = .passRetained(receiver)
    receiver.receive(from: connection)
  }

  deinit {
    close()
    notices.release()
  }

  func close() {
    guard let connection else { return }
    self.connection = nil
    PQfinish(connection)
    listeners.finish(throwing: nil)
  }

  /// The open connection, or an error that says that there is none.
  func open() throws(PostgresError) -> OpaquePointer {
    if let connection { return connection }
    throw PostgresError(.usage, "the connection is closed; open a new one")
  }

  /// An error with libpq's own message, for what the server did not say.
  func connectionError(_ what: String) -> PostgresError {
    let message = connection.map { trimmed(PQerrorMessage($0)) } ?? ""
    return PostgresError(.connection, message.isEmpty ? what : "\(what): \(message)")
  }

  // MARK: Sending

  /// Sends statements as one text.
  func send(script: String) throws(PostgresError) {
    try checkText(script)
    try tellServerOfDeadline()
    let connection = try begin()
    try started(PQsendQuery(connection, script))
  }

  /// Checks that a statement can start, and notes that one has.
  func begin() throws(PostgresError) -> OpaquePointer {
    endLeftStream()
    let connection = try open()
    if isBusy {
      throw PostgresError(
        .usage,
        "a query is still under way on this connection; end its loop or COPY first, or collect "
          + "its rows")
    }
    if !isShielded {
      if Task.isCancelled {
        throw PostgresError(.cancelled, "the task was cancelled before the query was sent")
      }
      if recall?.isRequested == true {
        throw PostgresError(.cancelled, "the pool is closing and runs no further query")
      }
    }
    if let deadline, ContinuousClock.now >= deadline {
      throw PostgresError(.deadlineExceeded, "the deadline passed before the query was sent")
    }
    isBusy = true
    return connection
  }

  /// Sees what was sent off to the server.
  func started(_ sent: Int32) throws(PostgresError) {
    if sent == 0 {
      isBusy = false
      throw connectionError("the query cannot be sent")
    }
    do throws(PostgresError) {
      try flush()
    } catch {
      isBusy = false
      interruption = nil
      throw error
    }
  }

  /// Waits until libpq has handed everything to the system, reading meanwhile, so that a server
  /// that writes before it reads cannot block both sides.
  func flush() throws(PostgresError) {
    let connection = try open()
    while true {
      switch PQflush(connection) {
      case 0: return
      case 1:
        try wait(for: Int32(clibpq_readable | clibpq_writable))
        if PQconsumeInput(connection) == 0 { throw connectionError("the connection was lost") }
      default: throw connectionError("the connection was lost")
      }
    }
  }

  // MARK: Receiving

  /// Waits for the next result of the statement under way; nil at its end. The caller clears it.
  func nextResult() throws(PostgresError) -> OpaquePointer? {
    let connection = try open()
    while PQisBusy(connection) != 0 {
      try wait(for: Int32(clibpq_readable))
      // After a failure PQgetResult has the error as a result, with the server's last words.
      if PQconsumeInput(connection) == 0 { break }
    }
    return PQgetResult(connection)
  }

  /// Waits until the socket is ready, looking out for cancellation and deadlines.
  func wait(for events: Int32) throws(PostgresError) {
    let socket = PQsocket(connection)
    while true {
      let ready = clibpq_wait(socket, events, nextTick())
      if ready < 0 { throw connectionError("the connection was lost") }
      // Also when there is something to do: a server that never falls silent can be stopped, too.
      try lookForInterruption()
      if ready > 0 { return }
    }
  }

  private func nextTick() -> Int32 {
    guard let moment = stoppingMoment, interruption == nil else { return Self.tickMilliseconds }
    let left = ContinuousClock.now.duration(to: moment) / .milliseconds(1)
    return Int32(max(0, min(Double(Self.tickMilliseconds), left.rounded(.up))))
  }

  /// Reads and drops what is left of the statement under way, and returns the first error in it.
  func drain() -> PostgresError? {
    var first: PostgresError?
    do throws(PostgresError) {
      while let result = try nextResult() {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK: noteListening(CommandResult(result: result).tag)
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
          if first == nil { first = error(of: result) }
        case PGRES_COPY_IN:
          PQputCopyEnd(connection, "the client sends no rows")
          if first == nil { first = copyOutOfPlace }
        case PGRES_COPY_OUT:
          try dropCopyData()
          if first == nil { first = copyOutOfPlace }
        case PGRES_COPY_BOTH:
          close()
          return PostgresError(.usage, "replication is not spoken here; the connection was closed")
        default: break
        }
      }
    } catch {
      if first == nil { first = error }
    }
    return first
  }

  private var copyOutOfPlace: PostgresError {
    PostgresError(
      .usage,
      "a COPY from or to the client stands where none can; use copyIn, copyBinary or copyOut")
  }

  private func dropCopyData() throws(PostgresError) {
    while try withCopyData({ _ in }) {}
  }

  /// Waits for the next piece of a COPY from the server and lends it; false at the end.
  func withCopyData(
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(PostgresError) -> Bool {
    let connection = try open()
    while true {
      var data: UnsafeMutablePointer<CChar>?
      let count = PQgetCopyData(connection, &data, 1)
      switch count {
      case 1...:
        body(UnsafeRawBufferPointer(start: data, count: Int(count)))
        PQfreemem(data)
        return true
      case 0:
        try wait(for: Int32(clibpq_readable))
        if PQconsumeInput(connection) == 0 { throw connectionError("the connection was lost") }
      case -1: return false
      default: throw connectionError("the COPY failed")
      }
    }
  }

  // MARK: Ending

  /// Ends the statement under way after all its results: waits out a stop that was asked for and
  /// says whether the statement fell to it.
  func finish(_ failure: PostgresError? = nil, of query: Query) throws(PostgresError) {
    defer { isBusy = false }
    var failure = failure
    if let interruption {
      if let problem = settle(interruption) { failure = failure ?? problem }
      if let stopped = failure, stopped.sqlState == .queryCanceled {
        failure = interruption.error(from: stopped)
      }
    } else if let stopped = failure, isServerTimeout(stopped) {
      failure = stopped.stoppedByDeadline
    }
    if let failure {
      throw failure.with {
        $0.queryLabel = $0.queryLabel ?? query.shownLabel
        $0.queryText = $0.queryText ?? query.text
      }
    }
  }

  /// Stops the statement under way on the server, drops the rest of it, and returns the error that
  /// made the program stop.
  func abandon(_ cause: PostgresError) -> PostgresError {
    if connection != nil, interruption == nil { interrupt(.abandoned) }
    defer { isBusy = false }
    _ = drain()
    if let interruption, let problem = settle(interruption) { return problem }
    return cause
  }

  /// Makes an error of a failed result.
  func error(of result: OpaquePointer) -> PostgresError {
    let report = ServerReport(result: result)
    let lost = PQstatus(connection) == CONNECTION_BAD
    var fields = PostgresError.Fields(
      kind: report.sqlState == nil || lost ? .connection : .server, message: report.message)
    fields.report = report
    let fatal = report.severity == "FATAL" || report.severity == "PANIC"
    fields.poisonsConnection =
      lost || fatal || report.sqlState?.conditionClass == "08" || report.sqlState == nil
    return PostgresError(fields)
  }
}
