import CLibPQ

extension Session {
  /// Sends a query as the statement cache decides; a statement that is to be prepared costs one
  /// round trip more, once.
  func send(_ query: Query, singleRows: Bool = false, cached: Bool = true) throws(PostgresError) {
    try query.check()
    try tellServerOfDeadline()
    let query = try resolved(query)
    var decision = cached ? statements.use(query) : .plain
    if case .prepare(let name) = decision {
      try deallocateAbandoned()
      try prepare(query, as: name)
      statements.notePrepared(query, as: name)
      decision = .prepared(name)
    }
    let connection = try begin()
    let sent = scratch.withParameters(of: query) { count, types, values, lengths, formats in
      if case .prepared(let name) = decision {
        return PQsendQueryPrepared(
          connection, name, count, values, lengths, formats, PostgresFormat.binary.rawValue)
      }
      return PQsendQueryParams(
        connection, query.text, count, types, values, lengths, formats,
        PostgresFormat.binary.rawValue)
    }
    try started(sent)
    gaveSingleRows = singleRows
    if singleRows, PQsetSingleRowMode(connection) == 0 {
      throw abandon(connectionError("the rows cannot be asked for one by one"))
    }
  }

  /// Lets the server parse and plan a query under a name; the empty name is the unnamed statement.
  func prepare(_ query: Query, as name: String) throws(PostgresError) {
    let types = query.parameters.map(\.type.oid)
    try started(PQsendPrepare(try begin(), name, query.text, Int32(types.count), types))
    try finish(drain(), of: query)
  }

  /// Tells the server to forget statements that the cache gave up, as far as it still knows them.
  func deallocateAbandoned() throws(PostgresError) {
    guard let connection, !statements.abandonedNames.isEmpty,
      PQtransactionStatus(connection) != PQTRANS_INERROR
    else { return }
    let names = statements.takeAbandonedNames()
    if LibraryFeature.closingStatements.isAvailable {
      // Closing a statement that the server does not know is no error.
      for name in names {
        try started(clibpq_send_close_prepared(try begin(), name))
        try finish(drain(), of: Query(unsafeSQL: "DEALLOCATE \(name)"))
      }
      return
    }
    var known: [String] = []
    // A statement that the server does not know would be an error, and fail the transaction.
    let query: Query =
      "SELECT name FROM pg_catalog.pg_prepared_statements WHERE name = any(\(names)::text[])"
    try streamOnce(query, cached: false) { (result, _) throws(PostgresError) in
      known.append(try decodeCell(result, 0, 0, 1, as: String.self))
      return true
    }
    if known.isEmpty { return }
    let script = known.map { "DEALLOCATE \($0)" }.joined(separator: "; ")
    try started(PQsendQuery(try begin(), script))
    try finish(drain(), of: Query(unsafeSQL: script))
  }

  /// Runs a query, and once more if what it rested on is out of date: its prepared plan, because
  /// definitions have changed or somebody has deallocated it; or what is known of its types, because
  /// another session made them anew. Inside a transaction the error stands, because it has failed
  /// the transaction.
  func withFreshPlan<Value>(
    _ query: Query, _ body: () throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    do throws(PostgresError) {
      return try body()
    } catch {
      guard forgetWhatIsStale(error, query) else { throw error }
      guard connection != nil, PQtransactionStatus(connection) == PQTRANS_IDLE else { throw error }
      return try body()
    }
  }

  /// Forgets what an error says is out of date; false if it says nothing of the kind.
  @discardableResult
  func forgetWhatIsStale(_ error: PostgresError, _ query: Query) -> Bool {
    if error.saysPlanIsStale {
      if error.sqlState == .undefinedStatement { statements.forgetAll() }
    } else if error.saysTypesAreStale, query.parameters.contains(where: { $0.named != nil }) {
      catalogue.forgetAll()
    } else {
      return false
    }
    statements.forget(query)
    return true
  }

  /// Looks at what a statement did, and gives up all prepared statements if it may have changed
  /// what they rest on.
  func noteCommand(_ tag: String) {
    noteListening(tag)
    // Nearly every statement is told by its first letter.
    guard let letter = tag.utf8.first, "ACDR".utf8.contains(letter) else { return }
    switch tag.split(separator: " ", maxSplits: 1)[0] {
    case "ALTER", "DROP":
      hasChangedDefinitions = true
      statements.forgetAll()
      catalogue.forgetAll()
    case "DISCARD":
      statements.forgetAll()
      catalogue.forgetAll()
    case "DEALLOCATE": if tag == "DEALLOCATE ALL" { statements.forgetAll() }
    case "CREATE": hasChangedDefinitions = true
    case "ROLLBACK":
      // It takes definitions back.
      catalogue.forgetAll()
      if hasChangedDefinitions { statements.forgetAll() }
    default: break
    }
    if PQtransactionStatus(connection) == PQTRANS_IDLE { hasChangedDefinitions = false }
  }
}

extension Session {
  /// Notes that the session listens, so that it can be undone when another task gets it.
  func noteListening(_ tag: String) {
    if tag == "LISTEN" { hasListened = true }
  }
}

extension PostgresError {
  /// Whether the server did not know a type that it was told of by number, or knew another form of
  /// it than the value had. Of errors with a context only those count that come of reading a
  /// parameter; others arose in a function, which may already have done something.
  fileprivate var saysTypesAreStale: Bool {
    guard [.undefinedObject, .datatypeMismatch, .internalError].contains(sqlState) else {
      return false
    }
    let readers = ["getTypeInputInfo", "getTypeBinaryInputInfo", "record_recv", "array_recv"]
    return context == nil || report.function.map { readers.contains($0) } ?? false
  }

  /// Whether the server refused a prepared statement because of its age. With a context, the plan
  /// was one inside a function, which may already have done something.
  fileprivate var saysPlanIsStale: Bool {
    context == nil
      && (sqlState == .undefinedStatement
        || (sqlState == .featureNotSupported && report.function == "RevalidateCachedQuery"))
  }
}
