import CLibPQ

extension Connection {
  /// All rows of a query, each decoded by its `Decodable` conformance: the properties that the type
  /// asks for are found by the names of the columns, and columns that it does not ask for are left
  /// aside. This is a convenience and several times slower than ``PostgresRow``, because every value
  /// is looked up by name and through existentials.
  ///
  /// Properties may have any ``PostgresDecodable`` type, be enums with raw values, optionals or arrays
  /// of these; a nested structure is refused.
  public func rows<Row: Decodable & Sendable>(
    _ query: Query, decoding: Row.Type, limit: Int = Connection.defaultRowLimit
  ) throws(PostgresError) -> [Row] {
    var layout = RowLayout([])
    var rows: [Row] = []
    try live().stream(
      query,
      first: { (result) throws(PostgresError) in
        layout = RowLayout(columns(of: result))
      }
    ) { (result, number) throws(PostgresError) in
      if number > limit { throw tooManyRows(limit) }
      rows.append(try decodeRow(result, number, layout, decoding: Row.self))
      return true
    }
    return rows
  }

  /// The one row of a query by its `Decodable` conformance; none or several are an error.
  public func row<Row: Decodable & Sendable>(
    _ query: Query, decoding: Row.Type
  ) throws(PostgresError) -> Row {
    try live().withResult(of: query) { (result) throws(PostgresError) in
      try checkRowCount(result, 1...1)
      return try decodeRow(result, 1, RowLayout(columns(of: result)), decoding: Row.self)
    }
  }
}

/// Decodes the first row of a result, and gives what goes wrong as an error of the connection.
private func decodeRow<Row: Decodable>(
  _ result: OpaquePointer, _ number: Int, _ layout: RowLayout, decoding: Row.Type
) throws(PostgresError) -> Row {
  do {
    return try Row(from: RowDecoder(result: result, number: number, layout: layout))
  } catch let error as PostgresError {
    throw error
  } catch let error as DecodingError {
    throw layout.explain(error, row: number)
  } catch {
    throw PostgresError(.decoding, "row \(number) cannot become \(Row.self): \(error)").with {
      $0.row = number
    }
  }
}

/// The columns of a result by name.
private final class RowLayout {
  let columns: [ColumnDescription]
  let places: [String: Int]

  init(_ columns: [ColumnDescription]) {
    self.columns = columns
    places = Dictionary(
      zip(columns.map(\.name), columns.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Puts the coding path of an error of `Decodable` into words: its first part is the column.
  func explain(_ error: DecodingError, row: Int) -> PostgresError {
    let (context, what): (DecodingError.Context, String) =
      switch error {
      case .keyNotFound(let key, let context):
        (context, "there is no \(key.stringValue) in it")
      case .valueNotFound(let type, let context): (context, "it has NULL where \(type) is expected")
      case .typeMismatch(let type, let context): (context, "it cannot become \(type)")
      case .dataCorrupted(let context): (context, "it does not fit")
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    let place = path.isEmpty ? "row \(row)" : "column \(path.joined(separator: ".")) of row \(row)"
    return PostgresError(
      .decoding, "\(place) cannot be decoded: \(what): \(context.debugDescription)"
    ).with {
      $0.report.column = path.first
      $0.row = row
    }
  }
}

/// A row as `Decodable` sees it: properties by the names of columns.
private struct RowDecoder: Decoder {
  let result: OpaquePointer
  let number: Int
  let layout: RowLayout
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RowContainer<Key>(row: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw noNames("an array") }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw noNames("a single value")
  }

  private func noNames(_ what: String) -> PostgresError {
    PostgresError(
      .usage,
      "a row becomes a structure whose properties are called as its columns, not \(what); use "
        + "rows(_:as:) for values and tuples")
  }

  func column(_ name: String) throws(PostgresError) -> Int {
    if let place = layout.places[name] { return place }
    throw PostgresError(
      .decoding,
      "the result has no column \(name); it has: "
        + layout.columns.map(\.name).joined(separator: ", ")
    ).with { $0.report.column = name }
  }

  func value<Value: PostgresDecodable>(
    _ column: Int, as: Value.Type
  ) throws(PostgresError) -> Value {
    try checkColumn(column, holds: Value.self, in: result)
    return try decodeCell(result, 0, column, number, as: Value.self)
  }
}

/// The properties of a row.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: RowDecoder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { row.layout.columns.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool { row.layout.places[key.stringValue] != nil }

  func decodeNil(forKey key: Key) throws -> Bool {
    PQgetisnull(row.result, 0, Int32(try row.column(key.stringValue))) != 0
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let column = try row.column(key.stringValue)
    if let type = type as? any PostgresDecodable.Type,
      let value = try row.value(column, as: type) as? Value
    {
      return value
    }
    let value = try row.value(column, as: PostgresValue.self)
    return try Value(from: ValueDecoder(value: value, codingPath: [key]))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    throw notNested(key)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    let value = try row.value(try row.column(key.stringValue), as: PostgresValue.self)
    return try ValueDecoder(value: value, codingPath: [key]).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { row }
  func superDecoder(forKey key: Key) throws -> any Decoder { row }

  private func notNested(_ key: Key) -> DecodingError {
    .dataCorrupted(.init(codingPath: [key], debugDescription: "A column holds no structure."))
  }
}
