import CLibPQ

extension Connection {
  /// Carries out a `COPY … FROM STDIN` with the bytes that the closure writes, in the format that
  /// the statement names, and returns the number of rows. If the closure throws, the COPY is broken
  /// off, nothing of it remains, and the error is passed on.
  @discardableResult
  public func copyIn(
    _ query: Query, _ body: (inout CopyWriter) throws -> Void
  ) throws -> Int {
    let session = try live()
    return try session.observed(.copyIn, query) { notes in
      try session.startCopy(query, expecting: PGRES_COPY_IN)
      var writer = CopyWriter(session: session)
      do {
        try body(&writer)
        try writer.flush()
      } catch {
        return try session.endCopy(query, failing: error)
      }
      let rows = try session.endCopy(query, failing: nil)
      notes.rows = rows
      return rows
    }
  }

  /// Copies rows into a table in binary form, the fastest way in, and returns their number. Each
  /// value must have the type of its column exactly: `Int64` for bigint, `ExactDecimal` for
  /// numeric, `String` for texts and enums. If the closure throws, nothing remains of the COPY.
  ///
  ///     try connection.copyBinary(into: "pages", columns: ["id", "name"]) { writer in
  ///       for page in pages { try writer.row(page.id, page.name) }
  ///     }
  ///
  /// - Parameter freezing: Whether the rows are written as if they had stood there for long, which
  ///   saves their first readers and VACUUM work. The table must have been made, or truncated, in
  ///   the same transaction.
  @discardableResult
  public func copyBinary(
    into table: Identifier, columns: [String], freezing: Bool = false,
    _ body: (inout BinaryCopyWriter) throws -> Void
  ) throws -> Int {
    let session = try live()
    if columns.isEmpty { throw PostgresError(.usage, "a COPY needs at least one column") }
    var list: Query = "\(identifier: columns[0])"
    for column in columns.dropFirst() { list = "\(query: list), \(identifier: column)" }
    let types = try describe("SELECT \(query: list) FROM \(identifier: table)")
    let options: Query = freezing ? "(FORMAT binary, FREEZE)" : "(FORMAT binary)"
    let query: Query = "COPY \(identifier: table) (\(query: list)) FROM STDIN \(query: options)"
    let userDefined = types.map(\.type).filter(\.isUserDefined)
    // Another session may have altered them since they were learnt.
    if !userDefined.isEmpty { session.catalogue.forgetAll() }
    try session.learn(userDefined)
    return try session.observed(.copyIn, query) { notes in
      try session.startCopy(query, expecting: PGRES_COPY_IN)
      var writer = BinaryCopyWriter(session: session, columns: types)
      do {
        try body(&writer)
        try writer.end()
      } catch {
        return try session.endCopy(query, failing: error)
      }
      let rows = try session.endCopy(query, failing: nil)
      notes.rows = rows
      return rows
    }
  }

  /// Carries out a `COPY … TO STDOUT` and lends each piece that arrives, a row in the format that
  /// the statement names; the pointer is valid only inside the closure. Returns the number of rows.
  /// An error of the closure stops the COPY on the server and is passed on.
  @discardableResult
  public func copyOut(
    _ query: Query, _ chunk: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    let session = try live()
    return try session.observed(.copyOut, query) { notes in
      let rows = try receive(session, query, chunk)
      notes.rows = rows
      return rows
    }
  }

  private func receive(
    _ session: Session, _ query: Query, _ chunk: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    try session.startCopy(query, expecting: PGRES_COPY_OUT)
    var thrown: (any Error)?
    do {
      while try session.withCopyData({ bytes in
        do { try chunk(bytes) } catch { thrown = labelled(error, query) }
      }) {
        if let thrown {
          let outcome = session.abandon(PostgresError(.usage, "the program wants no more rows"))
          throw outcome.poisonsConnection ? outcome : thrown
        }
      }
    } catch let error as PostgresError where session.isBusy {
      try session.finish(error, of: query)
    }
    return try session.endCopyOut(query)
  }
}

extension Session {
  /// Receives what follows the last piece of a COPY from the server.
  func endCopyOut(_ query: Query) throws(PostgresError) -> Int {
    var rows = 0
    var failure: PostgresError?
    do {
      while let result = try nextResult() {
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_COMMAND_OK {
          rows = CommandResult(result: result).rowsAffected
        } else if PQresultStatus(result) != PGRES_COPY_OUT {
          failure = failure ?? error(of: result)
        }
      }
    } catch {
      failure = error
    }
    try finish(failure, of: query)
    return rows
  }
}
