import CLibPQ

// The queries whose rows become structures; those for tuples stand beside the connection's queries.

extension Connection {
  /// All rows of a query, each made into a value of the type. More rows than the limit are an error;
  /// ``forEachRow(_:as:_:)`` has none.
  @inlinable
  public func rows<Row: PostgresRow>(
    _ query: Query, as: Row.Type = Row.self, limit: Int = Connection.defaultRowLimit
  ) throws(PostgresError) -> [Row] {
    let shape = Row.shape
    var places = ColumnPlaces()
    var rows: [Row] = []
    try live().stream(
      query,
      first: { (result) throws(PostgresError) in
        places = try shape.places(in: columns(of: result))
      }
    ) { (result, number) throws(PostgresError) in
      if number > limit { throw tooManyRows(limit) }
      rows.append(
        try shape.decode(RowView(result: result, row: 0, number: number), at: places))
      return true
    }
    return rows
  }

  /// The one row of a query; none or several are an error.
  @inlinable
  public func row<Row: PostgresRow>(
    _ query: Query, as type: Row.Type = Row.self
  ) throws(PostgresError) -> Row {
    try live().withResult(of: query) { (result) throws(PostgresError) in
      try checkRowCount(result, 1...1)
      return try decodeRow(result, as: type)
    }
  }

  /// The one row of a query, or nil if there is none; several are an error.
  @inlinable
  public func optionalRow<Row: PostgresRow>(
    _ query: Query, as type: Row.Type = Row.self
  ) throws(PostgresError) -> Row? {
    try live().withResult(of: query) { (result) throws(PostgresError) in
      try checkRowCount(result, 0...1)
      if PQntuples(result) == 0 {
        _ = try type.shape.places(in: columns(of: result))
        return nil
      }
      return try decodeRow(result, as: type)
    }
  }

  /// Makes every row of a query into a value as it arrives and hands it to a closure; see
  /// ``forEachRow(_:_:)``.
  @inlinable
  public func forEachRow<Row: PostgresRow>(
    _ query: Query, as: Row.Type, _ body: (Row) throws -> Void
  ) throws {
    let shape = Row.shape
    var places = ColumnPlaces()
    var thrown: (any Error)?
    try live().stream(
      query,
      first: { (result) throws(PostgresError) in
        places = try shape.places(in: columns(of: result))
      }
    ) { (result, number) throws(PostgresError) in
      let row = try shape.decode(RowView(result: result, row: 0, number: number), at: places)
      do {
        try body(row)
        return true
      } catch {
        thrown = error
        return false
      }
    }
    if let thrown { throw thrown }
  }

  /// The rows of a query as an asynchronous sequence of values; see ``RowStream``.
  @inlinable
  public nonisolated func stream<Row: PostgresRow>(
    _ query: Query, as: Row.Type, batchSize: Int = Connection.defaultBatchSize
  ) -> RowStream<Row> {
    RowStream(self, query, batchSize: max(1, batchSize)) { (result) throws(PostgresError) in
      let shape = Row.shape
      let places = try shape.places(in: columns(of: result))
      return { (result, number, batch) throws(PostgresError) in
        batch.append(
          try shape.decode(RowView(result: result, row: 0, number: number), at: places))
      }
    }
  }

  /// Carries out a query as a binary COPY and hands every row to a closure; see
  /// ``copyBinary(from:as:_:)`` for tuples.
  @discardableResult
  @inlinable
  public func copyBinary<Row: PostgresRow>(
    from query: Query, as: Row.Type, _ body: (Row) throws -> Void
  ) throws -> Int {
    let copy = try startBinaryCopy(from: query)
    let shape = Row.shape
    let places = try copy.places(of: shape)
    var rows = BinaryCopyRows(columns: copy.columns)
    return try copyOut(copy.statement) { bytes in
      rows.begin(bytes)
      while try rows.advance() { try body(try shape.decode(rows, at: places)) }
    }
  }
}

extension Pipeline {
  /// Adds a query of any number of rows, which all are held in memory as values of the type.
  @inlinable
  public mutating func rows<Row: PostgresRow>(
    _ query: consuming Query, as: Row.Type = Row.self
  ) throws(PostgresError) -> PipelineResult<[Row]> {
    let pending = PipelineResult<[Row]>()
    try session.enqueue(query) { answer, labelled in
      do throws(PostgresError) {
        let result = try answer.get()
        let shape = Row.shape
        let places = try shape.places(in: columns(of: result))
        var rows: [Row] = []
        for row in 0..<PQntuples(result) {
          let view = RowView(result: result, row: row, number: Int(row) + 1)
          rows.append(try shape.decode(view, at: places))
        }
        pending.outcome = .success(rows)
      } catch {
        pending.outcome = .failure(labelled(error))
      }
    }
    return pending
  }
}

extension BinaryCopyOut {
  /// Finds the columns of a shape; an error has the label of the query.
  @usableFromInline
  func places<Shape: RowDecoding>(of shape: Shape) throws(PostgresError) -> ColumnPlaces {
    do throws(PostgresError) {
      return try shape.places(in: columns)
    } catch {
      throw error.labelled(statement)
    }
  }
}

/// Makes a value of the first row of a result.
@inlinable
func decodeRow<Row: PostgresRow>(
  _ result: OpaquePointer, as: Row.Type
) throws(PostgresError) -> Row {
  let shape = Row.shape
  let places = try shape.places(in: columns(of: result))
  return try shape.decode(RowView(result: result, row: 0, number: 1), at: places)
}

/// The columns of a result, their types by the names that this side knows.
@usableFromInline
func columns(of result: OpaquePointer) -> [ColumnDescription] {
  (0..<PQnfields(result)).map { index in
    let type = PostgresType(oid: PQftype(result, index))
    return ColumnDescription(
      name: name(of: Int(index), in: result), type: type, typeName: type.description)
  }
}
