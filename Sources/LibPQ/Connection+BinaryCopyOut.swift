import CLibPQ

extension Connection {
  /// Carries out a query as a binary COPY and hands every row to a closure as a tuple: the fastest
  /// way out for many rows, in memory that does not grow with their number. COPY takes no
  /// parameters, so the query must have none. Returns the number of rows; an error of the closure
  /// stops the COPY on the server and is passed on.
  ///
  ///     try connection.copyBinary(from: "SELECT id, name FROM pages", as: (Int, String).self) {
  ///       id, name in …
  ///     }
  @discardableResult
  @inlinable
  public func copyBinary<each Value: PostgresDecodable>(
    from query: Query, as: (repeat each Value).Type, _ body: (repeat each Value) throws -> Void
  ) throws -> Int {
    let copy = try startBinaryCopy(from: query)
    try copy.check(as: (repeat each Value).self)
    var rows = BinaryCopyRows(columns: copy.columns)
    return try copyOut(copy.statement) { bytes in
      rows.begin(bytes)
      while try rows.advance() {
        var column = 0
        func next<Cell: PostgresDecodable>(_ type: Cell.Type) throws(PostgresError) -> Cell {
          defer { column += 1 }
          return try rows.value(column, as: type)
        }
        let row = (repeat try next((each Value).self))
        try body(repeat each row)
      }
    }
  }

  @usableFromInline
  func startBinaryCopy(from query: Query) throws(PostgresError) -> BinaryCopyOut {
    if !query.parameters.isEmpty {
      throw PostgresError(
        .usage, "a query of a COPY cannot have parameters; use forEachRow, or a temporary view"
      ).with { $0.queryLabel = query.shownLabel }
    }
    // On a line of its own, because the query may end with a comment.
    var statement: Query = "COPY (\(query: query)\n) TO STDOUT (FORMAT binary)"
    statement.label = query.shownLabel
    return BinaryCopyOut(statement: statement, columns: try describe(query))
  }
}

/// A binary COPY from the server that is about to start.
@usableFromInline
struct BinaryCopyOut {
  @usableFromInline let statement: Query
  @usableFromInline let columns: [ColumnDescription]

  /// Throws unless the columns are those of a tuple.
  @usableFromInline
  func check<each Value: PostgresDecodable>(
    as: (repeat each Value).Type
  ) throws(PostgresError) {
    var place = 0
    for type in repeat (each Value).self {
      if place < columns.count, !type.canDecode(columns[place].type) {
        throw wrongType(columns[place], at: place, type).labelled(statement)
      }
      place += 1
    }
    if place != columns.count {
      throw PostgresError(
        .decoding, "the result has \(columns.count) columns and the program asks for \(place)"
      ).with { $0.queryLabel = statement.label }
    }
  }
}

/// Finds the rows and values in the pieces of a binary COPY. The server sends every row in a piece
/// of its own, with the header before the first and a trailer after the last.
@usableFromInline
struct BinaryCopyRows {
  @usableFromInline let columns: [ColumnDescription]
  @usableFromInline var piece = UnsafeRawBufferPointer(start: nil, count: 0)
  private var offset = 0
  private var sawHeader = false
  private var number = 0
  @usableFromInline let types: [PostgresType]
  /// Where each value of the present row lies; a count of -1 is NULL.
  @usableFromInline var places: [(start: Int, count: Int)]

  @usableFromInline
  init(columns: [ColumnDescription]) {
    self.columns = columns
    types = columns.map(\.type)
    places = Array(repeating: (0, -1), count: columns.count)
  }

  /// Takes the next piece, which stays valid until the one after it.
  @usableFromInline
  mutating func begin(_ bytes: UnsafeRawBufferPointer) {
    piece = bytes
    offset = 0
  }

  /// Goes to the next row of the piece; false at its end.
  @usableFromInline
  mutating func advance() throws(PostgresError) -> Bool {
    if !sawHeader {
      // Eleven bytes of signature, four of flags, and the length of an extension.
      guard piece.count >= 19 else { throw malformed }
      let extensionLength = Int(try integer(at: 15, as: Int32.self))
      guard extensionLength >= 0, extensionLength <= piece.count - 19 else { throw malformed }
      sawHeader = true
      offset = 19 + extensionLength
    }
    if offset == piece.count { return false }
    let count = Int(try integer(at: offset, as: Int16.self))
    offset += 2
    if count == -1 { return false }
    guard count == places.count else { throw malformed }
    number += 1
    for place in places.indices {
      let length = Int(try integer(at: offset, as: Int32.self))
      offset += 4
      guard length <= piece.count - offset else { throw malformed }
      places[place] = (offset, max(length, -1))
      offset += max(length, 0)
    }
    return true
  }

  /// Decodes a value of the present row.
  @inlinable
  func value<Value: PostgresDecodable>(
    _ column: Int, as: Value.Type
  ) throws(PostgresError) -> Value {
    let place = places[column]
    do throws(DecodingFailure) {
      guard place.count >= 0, let base = piece.baseAddress else { return try Value.decodeNull() }
      return try Value.decode(
        PostgresCell(start: base + place.start, count: place.count, type: types[column]))
    } catch {
      throw failure(error, column, Value.self)
    }
  }

  @usableFromInline
  func failure(_ failure: DecodingFailure, _ column: Int, _ type: Any.Type) -> PostgresError {
    let name = columns[column].name
    return PostgresError(
      .decoding,
      "column \(column + 1), \(name), of row \(number) cannot become \(type): it "
        + failure.reason
    ).with {
      $0.report.column = name
      $0.report.detail = failure.value
      $0.row = number
    }
  }

  private func integer<Value: FixedWidthInteger>(
    at offset: Int, as: Value.Type
  ) throws(PostgresError) -> Value {
    guard piece.count - offset >= MemoryLayout<Value>.size else { throw malformed }
    return Value(bigEndian: piece.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  private var malformed: PostgresError {
    PostgresError(.decoding, "the server sent a binary COPY that is not well-formed")
  }
}
