import CLibPQ

/// One row of a result where libpq holds it. It is lent to a closure and cannot leave it; values
/// decoded from it can.
public struct RowView: ~Copyable, ~Escapable {
  @usableFromInline let result: OpaquePointer
  @usableFromInline let row: Int32
  /// The number of the row in the whole result; the first is 1.
  public let number: Int

  @_lifetime(immortal)
  @usableFromInline
  init(result: OpaquePointer, row: Int32, number: Int) {
    self.result = result
    self.row = row
    self.number = number
  }

  /// The number of columns.
  @inlinable public var columnCount: Int { Int(PQnfields(result)) }

  /// The name of a column, counted from 0.
  public func columnName(_ column: Int) -> String { name(of: column, in: result) }

  /// The type of a column, counted from 0.
  public func columnType(_ column: Int) -> PostgresType {
    PostgresType(oid: PQftype(result, Int32(column)))
  }

  /// The place of the first column of a name, counted from 0; nil if there is none.
  public func column(named name: String) -> Int? {
    (0..<columnCount).first { columnName($0) == name }
  }

  /// Whether a value is NULL.
  @inlinable public func isNull(_ column: Int) -> Bool {
    PQgetisnull(result, row, Int32(column)) != 0
  }

  /// Decodes a value by the place of its column, counted from 0.
  @inlinable
  public func decode<Value: PostgresDecodable>(
    _ column: Int, as: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    try checkColumn(column, holds: Value.self, in: result)
    return try decodeCell(result, row, column, number, as: Value.self)
  }

  /// Decodes a value by the name of its column. Looking the name up costs more than a place.
  public func decode<Value: PostgresDecodable>(
    _ name: String, as: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard let column = column(named: name) else {
      let names = (0..<columnCount).map { columnName($0) }.joined(separator: ", ")
      throw PostgresError(.decoding, "the result has no column \(name); it has: \(names)")
    }
    return try decode(column, as: Value.self)
  }

  /// The value in a column, counted from 0.
  @inlinable
  public subscript<Value: PostgresDecodable>(_ column: Int) -> Value {
    get throws(PostgresError) { try decode(column) }
  }

  /// The value in a column by its name.
  public subscript<Value: PostgresDecodable>(_ name: String) -> Value {
    get throws(PostgresError) { try decode(name) }
  }

  /// Lends the bytes of a value's binary form; nil for NULL. For texts they are UTF-8.
  @inlinable
  public func withUnsafeBytes<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    if isNull(column) { return try body(nil) }
    let count = Int(PQgetlength(result, row, Int32(column)))
    return try body(
      UnsafeRawBufferPointer(start: PQgetvalue(result, row, Int32(column)), count: count))
  }
}

/// The columns of a result, for programs that learn them at run time.
public struct ColumnDescription: Hashable, Sendable {
  /// The name, or the alias.
  public let name: String
  /// The type; for domains the type under them.
  public let type: PostgresType
  /// The type as SQL writes it, such as `numeric(18,2)` or `character varying(20)`.
  public let typeName: String
}

func name(of column: Int, in result: OpaquePointer) -> String {
  PQfname(result, Int32(column)).map { String(cString: $0) } ?? "\(column)"
}

/// Throws unless the column exists and its type can become the Swift type.
@inlinable
func checkColumn<Value: PostgresDecodable>(
  _ column: Int, holds type: Value.Type, in result: OpaquePointer
) throws(PostgresError) {
  if column < 0 || column >= Int(PQnfields(result)) {
    throw missingColumn(column, in: result)
  }
  if !Value.canDecode(PostgresType(oid: PQftype(result, Int32(column)))) {
    throw wrongType(column, type, in: result)
  }
}

@usableFromInline
func missingColumn(_ column: Int, in result: OpaquePointer) -> PostgresError {
  PostgresError(
    .decoding,
    "the result has \(PQnfields(result)) columns and none at place \(column), counted from 0")
}

@usableFromInline
func wrongType(_ column: Int, _ type: Any.Type, in result: OpaquePointer) -> PostgresError {
  let serverType = PostgresType(oid: PQftype(result, Int32(column)))
  return wrongType(
    ColumnDescription(
      name: name(of: column, in: result), type: serverType, typeName: serverType.description),
    at: column, type)
}

/// The error of a column whose type cannot become the Swift type.
func wrongType(_ column: ColumnDescription, at place: Int, _ type: Any.Type) -> PostgresError {
  let advice =
    column.type == .money
    ? "money is refused, because its decimals depend on the server's locale; cast it: …::numeric"
    : "ask for another type or cast it in the SQL"
  return PostgresError(
    .decoding,
    "column \(place + 1), \(column.name), has the type \(column.typeName), which cannot become "
      + "\(type); \(advice)"
  ).with { $0.report.column = column.name }
}

@usableFromInline
func decodingError(
  _ failure: DecodingFailure, column: Int, type: Any.Type, row: Int, in result: OpaquePointer
) -> PostgresError {
  let name = name(of: column, in: result)
  return PostgresError(
    .decoding,
    "column \(column + 1), \(name), of row \(row) cannot become \(type): it \(failure.reason)"
  ).with {
    $0.report.column = name
    $0.report.detail = failure.value
    $0.row = row
  }
}

/// Decodes a value whose column was checked.
@inlinable
func decodeCell<Value: PostgresDecodable>(
  _ result: OpaquePointer, _ row: Int32, _ column: Int, _ number: Int, as: Value.Type
) throws(PostgresError) -> Value {
  let place = Int32(truncatingIfNeeded: column)
  do {
    let count = PQgetlength(result, row, place)
    // An empty value and NULL both have no bytes; only then is there something to ask.
    if count == 0, PQgetisnull(result, row, place) != 0 { return try Value.decodeNull() }
    guard let start = PQgetvalue(result, row, place) else { return try Value.decodeNull() }
    return try Value.decode(
      PostgresCell(
        start: start, count: Int(count), type: PostgresType(oid: PQftype(result, place))))
  } catch {
    throw decodingError(error, column: column, type: Value.self, row: number, in: result)
  }
}

/// Throws unless a result has exactly the columns of a tuple, each of a type that fits.
@inlinable
func checkColumns<each Value: PostgresDecodable>(
  _ result: OpaquePointer, as: (repeat each Value).Type
) throws(PostgresError) {
  var column = 0
  for type in repeat (each Value).self {
    try checkColumn(column, holds: type, in: result)
    column += 1
  }
  if column != Int(PQnfields(result)) { throw wrongColumnCount(column, in: result) }
}

@usableFromInline
func wrongColumnCount(_ count: Int, in result: OpaquePointer) -> PostgresError {
  PostgresError(
    .decoding, "the result has \(PQnfields(result)) columns and the program asks for \(count)")
}

/// Decodes a row into a tuple; the columns were checked.
@inlinable
func decodeTuple<each Value: PostgresDecodable>(
  _ result: OpaquePointer, _ row: Int32, _ number: Int, as: (repeat each Value).Type
) throws(PostgresError) -> (repeat each Value) {
  var column = -1
  func next<Cell: PostgresDecodable>(_ type: Cell.Type) throws(PostgresError) -> Cell {
    column += 1
    return try decodeCell(result, row, column, number, as: type)
  }
  return (repeat try next((each Value).self))
}
