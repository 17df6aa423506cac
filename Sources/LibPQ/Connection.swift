import CLibPQ

/// A connection to a PostgreSQL server, on a thread of its own.
///
/// Its methods do not suspend. From outside, each call is one hop to the connection's thread; work
/// of several statements runs without hops inside a closure or function that is isolated to it:
///
///     let connection = try await Connection.connect(configuration)
///     let total = try await connection.withConnection { connection in
///       try connection.execute("INSERT INTO visits (page) VALUES (\(page))")
///       return try connection.value("SELECT count(*) FROM visits", as: Int.self)
///     }
///
/// Cancelling the task stops the statement on the server, and the connection can be used again.
public actor Connection {
  nonisolated let thread: ConnectionThread
  private nonisolated let recallRequest = Recall()
  @usableFromInline var session: Session?

  /// The thread of the connection.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private init() throws(PostgresError) {
    thread = try ConnectionThread()
  }

  deinit {
    thread.stop()
  }

  /// Connects to a server, or throws an error of the kind ``PostgresError/Kind/connection`` that
  /// says why not.
  public static func connect(
    _ configuration: ConnectionConfiguration
  ) async throws(PostgresError) -> Connection {
    let connection = try Connection()
    try await connection.open(configuration)
    return connection
  }

  private func open(_ configuration: ConnectionConfiguration) throws(PostgresError) {
    session = try Session.opened(configuration)
    session?.recall = recallRequest
  }

  /// Stops the statement under way, from any thread, and lets no further one begin; what must be
  /// undone still is.
  nonisolated func recall() {
    recallRequest.request()
  }

  /// Ends the connection. Closing it again does nothing.
  public func close() {
    session?.close()
  }

  /// Runs several statements on the connection without leaving its thread.
  @discardableResult
  public func withConnection<Result>(
    _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    try body(self)
  }

  /// Runs a closure whose statements must all end before a time has passed; the one under way then
  /// is stopped and throws an error of the kind ``PostgresError/Kind/deadlineExceeded``. A nested
  /// deadline can only be earlier.
  ///
  /// The server is told of a deadline a second or more away, as its `statement_timeout`, unless the
  /// session has one of its own: then it stops the statement even if the network is down. If it does
  /// not stop, it is asked to by a request on another connection; and if that does not help within
  /// ``ConnectionConfiguration/cancelGrace``, the connection is closed.
  @discardableResult
  public func withDeadline<Result>(
    after duration: Duration, _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    let session = try live()
    let outer = session.deadline
    let own = ContinuousClock.now + duration
    session.deadline = outer.map { min($0, own) } ?? own
    defer { session.deadline = outer }
    return try body(self)
  }

  /// The session, or an error if the connection was never opened.
  @usableFromInline
  func live() throws(PostgresError) -> Session {
    if let session { return session }
    throw PostgresError(.usage, "the connection is closed; open a new one")
  }

  /// The version of the server as a number: 150018 is 15.18; 0 once the connection is closed.
  public var serverVersion: Int { session?.connection.map { Int(PQserverVersion($0)) } ?? 0 }

  /// The process of the server that serves this connection, as `pg_stat_activity` shows it; 0 once
  /// the connection is closed.
  public var serverProcessID: Int32 { session?.connection.map { PQbackendPID($0) } ?? 0 }

  /// Whether the connection can be used: it is neither closed nor known to be lost.
  public var isUsable: Bool { session?.connection.map { PQstatus($0) == CONNECTION_OK } ?? false }
}

extension Session {
  /// Connects, waiting on the socket, so that cancellation and the time limit are noticed.
  static func opened(_ configuration: ConnectionConfiguration) throws(PostgresError) -> Session {
    guard let observation = Observation(configuration.observers) else {
      return try opened(configuration, nil)
    }
    return try observation.around(.connect, nil) { (_) throws(PostgresError) in
      try opened(configuration, observation)
    }
  }

  private static func opened(
    _ configuration: ConnectionConfiguration, _ observation: Observation?
  ) throws(PostgresError) -> Session {
    for feature in LibraryFeature.allCases where configuration.requiredFeatures.contains(feature) {
      try feature.require()
    }
    try configuration.checkConnectionString()
    var keywords = configuration.keywords
    keywords.append(("client_encoding", "UTF8"))
    keywords.append(("fallback_application_name", configuration.applicationName))
    guard let connection = startConnecting(keywords) else {
      throw PostgresError(.connection, "there is no memory for a connection")
    }
    let session = Session(connection: connection, configuration)
    session.catalogue.takeThread()
    try session.finishConnecting(within: configuration.connectTimeout)
    observation?.server = ObservedServer(connection: connection)
    session.observation = observation
    try session.prepareSettings()
    return session
  }

  private static func startConnecting(
    _ keywords: [(name: String, value: String)]
  ) -> OpaquePointer? {
    // libpq reads both lists of C texts while it starts and keeps copies.
    let names = keywords.map { Array($0.name.utf8CString) }
    let values = keywords.map { Array($0.value.utf8CString) }
    let arena = names.flatMap { $0 } + values.flatMap { $0 }
    return arena.withUnsafeBufferPointer { arena in
      var offset = 0
      func pointer(_ text: [CChar]) -> UnsafePointer<CChar>? {
        defer { offset += text.count }
        return arena.baseAddress.map { $0 + offset }
      }
      let namePointers = names.map(pointer) + [nil]
      let valuePointers = values.map(pointer) + [nil]
      return PQconnectStartParams(namePointers, valuePointers, 1)
    }
  }

  private func finishConnecting(within timeout: Duration) throws(PostgresError) {
    let limit = ContinuousClock.now + timeout
    // Only the verbose text of a refusal holds the server's code.
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      if state == PGRES_POLLING_FAILED || PQstatus(connection) == CONNECTION_BAD {
        let failure = ConnectingFailure(verbose: trimmed(PQerrorMessage(connection)))
        throw connectingError(failure.reason).with {
          $0.report.sqlState = failure.sqlState
          $0.report.severity = failure.severity
          $0.report.hint = failure.hint
          // The server asks for a password and there is none: it will ask again.
          $0.isLastingRefusal = PQconnectionNeedsPassword(connection) != 0
        }
      }
      let events = state == PGRES_POLLING_READING ? clibpq_readable : clibpq_writable
      while clibpq_wait(PQsocket(connection), Int32(events), Self.tickMilliseconds) == 0 {
        if Task.isCancelled {
          throw PostgresError(.cancelled, "connecting was stopped because its task was cancelled")
        }
        if ContinuousClock.now > limit {
          throw connectingError("no answer within \(timeout); check host, port and network")
        }
      }
      state = PQconnectPoll(connection)
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
    if PQsetnonblocking(connection, 1) != 0 { throw connectionError("cannot prepare the socket") }
  }

  private func connectingError(_ reason: String) -> PostgresError {
    PostgresError(.connection, "cannot connect to PostgreSQL: \(reason)")
  }

  /// Makes the settings of the session what the configuration says.
  func prepareSettings() throws(PostgresError) {
    var all = settings
    all["TimeZone"] = "UTC"
    all["DateStyle"] = "ISO"
    let sorted = all.sorted { $0.key < $1.key }
    let query: Query = """
      SELECT set_config(name, value, false)
      FROM unnest(\(sorted.map(\.key))::text[], \(sorted.map(\.value))::text[])
        AS setting (name, value)
      """
    _ = try execute(query.labelled("settings of the session"))
  }
}
