import CLibPQ

extension Connection {
  /// The most rows that ``rows(_:as:limit:)`` holds in memory unless told otherwise.
  public static let defaultRowLimit = 100_000

  /// Carries out a statement; rows that it gives are dropped.
  @discardableResult
  public func execute(_ query: Query) throws(PostgresError) -> CommandResult {
    try live().execute(query)
  }

  /// Carries out a text of several statements, such as a migration. It is not checked or quoted in
  /// any way; it must be the program's own. Unless the text says otherwise, all of it is one
  /// transaction. A COPY from or to the client is refused.
  public func executeScript(unsafeSQL text: String) throws(PostgresError) {
    let session = try live()
    let query = Query(unsafeSQL: text)
    try session.observed(.script, query) { (_) throws(PostgresError) in
      try session.send(script: text)
      let failure = session.drain()
      session.statements.forgetAll()
      session.catalogue.forgetAll()
      try session.finish(failure, of: query)
    }
  }

  /// All rows of a query as tuples: `try rows("SELECT id, name FROM pages", as: (Int, String).self)`.
  /// More rows than the limit are an error; ``forEachRow(_:as:_:)`` has none.
  @inlinable
  public func rows<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type = (repeat each Value).self,
    limit: Int = Connection.defaultRowLimit
  ) throws(PostgresError) -> [(repeat each Value)] {
    var rows: [(repeat each Value)] = []
    try live().stream(
      query,
      first: { (result) throws(PostgresError) in
        try checkColumns(result, as: (repeat each Value).self)
      }
    ) { (result, number) throws(PostgresError) in
      if number > limit { throw tooManyRows(limit) }
      rows.append(try decodeTuple(result, 0, number, as: (repeat each Value).self))
      return true
    }
    return rows
  }

  /// All rows of a query, each made into a value by the closure.
  public func rows<Value>(
    _ query: Query, limit: Int = Connection.defaultRowLimit,
    _ make: (borrowing RowView) throws -> Value
  ) throws -> [Value] {
    var rows: [Value] = []
    try forEachRow(query) { row in
      if row.number > limit { throw tooManyRows(limit) }
      rows.append(try make(row))
    }
    return rows
  }

  /// The one row of a query; none or several are an error.
  @inlinable
  public func row<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type = (repeat each Value).self
  ) throws(PostgresError) -> (repeat each Value) {
    try live().withResult(of: query) { (result) throws(PostgresError) in
      try checkRowCount(result, 1...1)
      try checkColumns(result, as: (repeat each Value).self)
      return try decodeTuple(result, 0, 1, as: (repeat each Value).self)
    }
  }

  /// The one row of a query, or nil if there is none; several are an error.
  @inlinable
  public func optionalRow<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type = (repeat each Value).self
  ) throws(PostgresError) -> (repeat each Value)? {
    let rows: [(repeat each Value)] = try optionalRowInArray(query)
    return rows.first
  }

  @inlinable
  func optionalRowInArray<each Value: PostgresDecodable>(
    _ query: Query
  ) throws(PostgresError) -> [(repeat each Value)] {
    var rows: [(repeat each Value)] = []
    try live().withResult(of: query) { (result) throws(PostgresError) in
      try checkRowCount(result, 0...1)
      try checkColumns(result, as: (repeat each Value).self)
      if PQntuples(result) == 0 { return }
      rows.append(try decodeTuple(result, 0, 1, as: (repeat each Value).self))
    }
    return rows
  }

  /// The value of a query of one row and one column.
  @inlinable
  public func value<Value: PostgresDecodable>(
    _ query: Query, as: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    try row(query, as: Value.self)
  }

  /// Lends every row of a query to a closure as it arrives, in memory that does not grow with their
  /// number. An error of the closure stops the query on the server and is passed on; inside a
  /// transaction this may fail the transaction, as any stopped statement does.
  public func forEachRow(
    _ query: Query, _ body: (borrowing RowView) throws -> Void
  ) throws {
    var thrown: (any Error)?
    try live().stream(query) { (result, number) throws(PostgresError) in
      do {
        try body(RowView(result: result, row: 0, number: number))
        return true
      } catch {
        thrown = labelled(error, query)
        return false
      }
    }
    if let thrown { throw thrown }
  }

  /// Decodes every row of a query into a tuple as it arrives and hands it to a closure; see
  /// ``forEachRow(_:_:)``.
  @inlinable
  public func forEachRow<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type,
    _ body: (repeat each Value) throws -> Void
  ) throws {
    var thrown: (any Error)?
    try live().stream(
      query,
      first: { (result) throws(PostgresError) in
        try checkColumns(result, as: (repeat each Value).self)
      }
    ) { (result, number) throws(PostgresError) in
      let row = try decodeTuple(result, 0, number, as: (repeat each Value).self)
      do {
        try body(repeat each row)
        return true
      } catch {
        thrown = error
        return false
      }
    }
    if let thrown { throw thrown }
  }

  /// The columns that a query would give, found by the server without carrying it out; none if it
  /// gives no rows.
  public func describe(_ query: Query) throws(PostgresError) -> [ColumnDescription] {
    let columns = try live().describe(query)
    if columns.isEmpty { return [] }
    let names = try rows(
      """
      SELECT format_type(oid, modifier)
      FROM unnest(\(columns.map(\.type.oid)), \(columns.map(\.modifier)))
        WITH ORDINALITY AS described (oid, modifier, place)
      ORDER BY place
      """, as: String.self)
    return zip(columns, names).map { column, name in
      ColumnDescription(name: column.name, type: column.type, typeName: name)
    }
  }
}

@usableFromInline
func tooManyRows(_ limit: Int) -> PostgresError {
  PostgresError(
    .usage,
    "the query gives more than \(limit) rows, the limit for holding them in memory; raise the "
      + "limit, narrow the query, or use forEachRow")
}

@usableFromInline
func checkRowCount(_ result: OpaquePointer, _ range: ClosedRange<Int>) throws(PostgresError) {
  let count = Int(PQntuples(result))
  if range.contains(count) { return }
  let wanted = range.lowerBound == 1 ? "exactly one" : "at most one"
  throw PostgresError(.usage, "the query gave \(count) rows where \(wanted) was expected")
}

/// Adds the query to an error of decoding that arose in the program's closure.
func labelled(_ error: any Error, _ query: Query) -> any Error {
  guard let error = error as? PostgresError, error.queryLabel == nil else { return error }
  return error.labelled(query)
}

extension Session {
  /// A column as libpq describes it.
  struct Column {
    let name: String
    let type: PostgresType
    let modifier: Int32
  }

  /// Lets the server analyse a query, and reads the columns of its result.
  func describe(_ query: Query) throws(PostgresError) -> [Column] {
    try query.check()
    let query = try resolved(query)
    try prepare(query, as: "")
    try started(PQsendDescribePrepared(try begin(), ""))
    var columns: [Column] = []
    var failure: PostgresError?
    do {
      while let result = try nextResult() {
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = error(of: result) }
        for index in 0..<PQnfields(result) {
          columns.append(
            Column(
              name: name(of: Int(index), in: result),
              type: PostgresType(oid: PQftype(result, index)), modifier: PQfmod(result, index)))
        }
      }
    } catch {
      failure = error
    }
    try finish(failure, of: query)
    return columns
  }
}
