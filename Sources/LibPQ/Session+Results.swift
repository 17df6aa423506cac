import CLibPQ

/// What the server says after a statement that it has carried out.
public struct CommandResult: Hashable, Sendable {
  /// The command tag, such as `INSERT 0 3` or `CREATE TABLE`.
  public let tag: String
  /// The rows that were inserted, updated, deleted, selected, moved or copied; 0 for others.
  public let rowsAffected: Int

  init(result: OpaquePointer) {
    tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
    rowsAffected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
  }
}

extension Session {
  /// Carries out a query and gives what the server says at its end, without its rows.
  func execute(_ query: Query) throws(PostgresError) -> CommandResult {
    try observed(.query, query) { (notes) throws(PostgresError) in
      let outcome = try withFreshPlan(query) { () throws(PostgresError) in try executeOnce(query) }
      noteCommand(outcome.tag)
      notes.rows = outcome.rowsAffected
      return outcome
    }
  }

  private func executeOnce(_ query: Query) throws(PostgresError) -> CommandResult {
    try send(query)
    let (result, failure) = try collect(query)
    guard let result else {
      try finish(failure, of: query)
      throw PostgresError(.connection, "the server gave no result").with {
        $0.queryLabel = query.shownLabel
      }
    }
    defer { PQclear(result) }
    let command = CommandResult(result: result)
    try finish(failure, of: query)
    return command
  }

  /// Lends the whole result of a query that gives rows.
  @usableFromInline
  func withResult<Value>(
    of query: Query, _ body: (OpaquePointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    try observed(.query, query) { (notes) throws(PostgresError) in
      try withUnobservedResult(of: query) { (result) throws(PostgresError) in
        notes.rows = Int(PQntuples(result))
        return try body(result)
      }
    }
  }

  private func withUnobservedResult<Value>(
    of query: Query, _ body: (OpaquePointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    let result = try withFreshPlan(query) { () throws(PostgresError) in
      try send(query)
      let (result, failure) = try collect(query)
      do throws(PostgresError) {
        try finish(failure, of: query)
      } catch {
        if let result { PQclear(result) }
        throw error
      }
      return result
    }
    defer { if let result { PQclear(result) } }
    guard let result, PQresultStatus(result) == PGRES_TUPLES_OK else {
      if let result { noteCommand(CommandResult(result: result).tag) }
      throw withoutRows(query)
    }
    do throws(PostgresError) {
      return try body(result)
    } catch {
      throw error.labelled(query)
    }
  }

  /// The error of a statement without rows where rows are wanted.
  func withoutRows(_ query: Query) -> PostgresError {
    PostgresError(.usage, "the statement gives no rows; use execute for it, or add RETURNING")
      .labelled(query)
  }

  /// Ends a COPY that stands where none can, and gives the error.
  func abandonCopy() -> PostgresError {
    abandon(
      PostgresError(.usage, "the statement is a COPY; use copyIn, copyBinary or copyOut"))
  }

  /// Receives all results of a query; keeps the last good one and the first error.
  private func collect(
    _ query: Query
  ) throws(PostgresError) -> (result: OpaquePointer?, failure: PostgresError?) {
    var kept: OpaquePointer?
    var failure: PostgresError?
    do throws(PostgresError) {
      while let result = try nextResult() {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
          if let kept { PQclear(kept) }
          kept = result
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
          PQclear(result)
          throw abandonCopy()
        default:
          if failure == nil { failure = error(of: result) }
          PQclear(result)
        }
      }
    } catch {
      if let kept { PQclear(kept) }
      try finish(error, of: query)
      throw error
    }
    return (kept, failure)
  }

  /// Receives the rows of a query one by one and lends each to the closure, which says whether it
  /// wants more; if not, the query is stopped on the server. An error of the closure stops it too.
  /// The columns are looked at once, in the first row or in a result that has none.
  @usableFromInline
  func stream(
    _ query: Query, first: (_ result: OpaquePointer) throws(PostgresError) -> Void = { _ in },
    _ body: (_ result: OpaquePointer, _ number: Int) throws(PostgresError) -> Bool
  ) throws(PostgresError) {
    try observed(.query, query) { (notes) throws(PostgresError) in
      notes.rows = try withFreshPlan(query) { () throws(PostgresError) in
        try streamOnce(query, first: first, body)
      }
    }
  }

  /// Does the work of ``stream(_:first:_:)`` without a second try, and returns the number of rows.
  @discardableResult
  func streamOnce(
    _ query: Query, cached: Bool = true,
    first: (_ result: OpaquePointer) throws(PostgresError) -> Void = { _ in },
    _ body: (_ result: OpaquePointer, _ number: Int) throws(PostgresError) -> Bool
  ) throws(PostgresError) -> Int {
    try send(query, singleRows: true, cached: cached)
    var failure: PostgresError?
    var gaveRows = false
    var number = 0
    do throws(PostgresError) {
      while let result = try nextResult() {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_SINGLE_TUPLE:
          gaveRows = true
          number += 1
          if number == 1 { try look(at: result, query, first) }
          if try !lend(result, number, query, body) { return number }
        case PGRES_TUPLES_OK:
          gaveRows = true
          if number == 0 { try look(at: result, query, first) }
        case PGRES_COMMAND_OK: noteCommand(CommandResult(result: result).tag)
        case PGRES_EMPTY_QUERY: break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw abandonCopy().labelled(query)
        default: failure = failure ?? error(of: result)
        }
      }
    } catch {
      if !isBusy { throw error }
      failure = error
    }
    try finish(failure, of: query)
    if !gaveRows { throw withoutRows(query) }
    return number
  }

  /// Looks at the columns before the first row; if they do not fit, abandons the query.
  private func look(
    at result: OpaquePointer, _ query: Query, _ first: (OpaquePointer) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    do throws(PostgresError) {
      try first(result)
    } catch {
      throw abandon(error.labelled(query))
    }
  }

  /// Lends one row; where the closure wants no more, abandons the query.
  private func lend(
    _ result: OpaquePointer, _ number: Int, _ query: Query,
    _ body: (OpaquePointer, Int) throws(PostgresError) -> Bool
  ) throws(PostgresError) -> Bool {
    do throws(PostgresError) {
      if try body(result, number) { return true }
    } catch {
      throw abandon(error.labelled(query))
    }
    let outcome = abandon(PostgresError(.usage, "the program wants no more rows"))
    if outcome.poisonsConnection { throw outcome }
    return false
  }
}
