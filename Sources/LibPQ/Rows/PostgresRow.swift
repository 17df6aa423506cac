import CLibPQ

/// A type that is made of one row, its columns found by name once a statement:
///
///     struct Page: PostgresRow {
///       var id: Int
///       var title: String?
///       static let shape = RowShape(Page.init, "id", "title")
///     }
///
///     let pages = try connection.rows("SELECT id, title FROM pages", as: Page.self)
///
/// Decoding costs about what a tuple does. A result must have exactly the columns of the shape, in
/// any order, each of a type that fits; this is checked before the first row.
public protocol PostgresRow: Sendable {
  /// The kind of the shape, which Swift infers.
  associatedtype Shape: RowDecoding where Shape.Row == Self

  /// How a row becomes a value of this type: an initializer and the column of each of its
  /// parameters.
  static var shape: Shape { get }
}

/// What can make values of rows whose columns it names; ``RowShape`` is the one that programs use.
public protocol RowDecoding<Row>: Sendable {
  /// What a row becomes.
  associatedtype Row: Sendable

  /// The names of the columns, in the order of the initializer.
  var columnNames: [String] { get }

  /// Finds the columns by name and checks that each has a type that fits, none is missing and none
  /// is left over.
  func places(in columns: [ColumnDescription]) throws(PostgresError) -> ColumnPlaces

  /// Makes a value of a row at the places that were found for its statement.
  func decode<Source: RowSource & ~Copyable & ~Escapable>(
    _ row: borrowing Source, at places: ColumnPlaces
  ) throws(PostgresError) -> Row
}

/// A row whose values can be decoded by their places: of a result, or of a binary COPY.
public protocol RowSource: ~Copyable, ~Escapable {
  /// Decodes the value at a place whose type was checked.
  func value<Value: PostgresDecodable>(
    at place: ColumnPlaces.Place, as: Value.Type
  ) throws(PostgresError) -> Value
}

/// Where a statement has the columns of a shape.
public struct ColumnPlaces: Sendable {
  /// One column of a result.
  public struct Place: Sendable {
    /// The number of the column; the first is 0.
    public let column: Int
    /// The type of the column; for domains the type under them.
    public let type: PostgresType

    @inlinable
    init(column: Int, type: PostgresType) {
      self.column = column
      self.type = type
    }
  }

  @usableFromInline var places: [Place] = []

  @usableFromInline
  init() {}
}

/// The name of a column that becomes a value of a Swift type: in a ``RowShape`` a plain literal.
public struct RowColumn<Value>: Sendable, ExpressibleByStringLiteral {
  /// The name, or the alias, as the result spells it.
  public let name: String

  /// Names a column.
  public init(_ name: String) {
    self.name = name
  }

  /// Names a column.
  public init(stringLiteral name: String) {
    self.init(name)
  }
}

/// An initializer, and for each of its parameters the column that it takes; see ``PostgresRow``.
/// Swift checks that there are as many names as parameters.
public struct RowShape<Row: Sendable, each Value: PostgresDecodable>: RowDecoding {
  @usableFromInline let make: @Sendable (repeat each Value) -> Row

  /// The names of the columns, in the order of the initializer.
  public let columnNames: [String]

  /// Joins an initializer, or any function that makes the value, and the names of the columns.
  @inlinable
  public init(
    _ make: @escaping @Sendable (repeat each Value) -> Row, _ column: repeat RowColumn<each Value>
  ) {
    self.make = make
    var names: [String] = []
    for one in repeat each column { names.append(one.name) }
    columnNames = names
  }

  /// Finds the columns by name and checks them.
  public func places(in columns: [ColumnDescription]) throws(PostgresError) -> ColumnPlaces {
    var found = ColumnPlaces()
    for type in repeat (each Value).self {
      let name = columnNames[found.places.count]
      let column = try place(of: name, in: columns)
      if !type.canDecode(columns[column].type) {
        throw wrongType(columns[column], at: column, type)
      }
      found.places.append(ColumnPlaces.Place(column: column, type: columns[column].type))
    }
    if let spare = columns.first(where: { !columnNames.contains($0.name) }) {
      throw shapeError(
        "the result has a column \(spare.name), which \(Row.self) does not take; leave it out of "
          + "the SELECT", spare.name)
    }
    return found
  }

  private func place(
    of name: String, in columns: [ColumnDescription]
  ) throws(PostgresError) -> Int {
    let found = columns.indices.filter { columns[$0].name == name }
    if found.count == 1 { return found[0] }
    if found.isEmpty {
      throw shapeError(
        "the result has no column \(name), which \(Row.self) needs; it has: "
          + columns.map(\.name).joined(separator: ", "), name)
    }
    throw shapeError(
      "the result has \(found.count) columns named \(name), and \(Row.self) takes one; name the "
        + "others differently with AS", name)
  }

  private func shapeError(_ message: String, _ column: String) -> PostgresError {
    PostgresError(.decoding, message).with { $0.report.column = column }
  }

  /// Decodes the values and hands them to the initializer.
  @inlinable
  public func decode<Source: RowSource & ~Copyable & ~Escapable>(
    _ row: borrowing Source, at places: ColumnPlaces
  ) throws(PostgresError) -> Row {
    var next = 0
    return make(
      repeat try row.value(at: places.places[advance(&next)], as: (each Value).self))
  }
}

/// The number, which is one more afterwards.
@inlinable
func advance(_ number: inout Int) -> Int {
  defer { number += 1 }
  return number
}

extension RowView: RowSource {
  /// Decodes the value at a place whose type was checked.
  @inlinable
  public func value<Value: PostgresDecodable>(
    at place: ColumnPlaces.Place, as: Value.Type
  ) throws(PostgresError) -> Value {
    let column = Int32(truncatingIfNeeded: place.column)
    do throws(DecodingFailure) {
      let count = PQgetlength(result, row, column)
      // An empty value and NULL both have no bytes; only then is there something to ask.
      if count == 0, PQgetisnull(result, row, column) != 0 { return try Value.decodeNull() }
      guard let start = PQgetvalue(result, row, column) else { return try Value.decodeNull() }
      return try Value.decode(PostgresCell(start: start, count: Int(count), type: place.type))
    } catch {
      throw decodingError(
        error, column: place.column, type: Value.self, row: number, in: result)
    }
  }
}

extension BinaryCopyRows: RowSource {
  @inlinable
  func value<Value: PostgresDecodable>(
    at place: ColumnPlaces.Place, as type: Value.Type
  ) throws(PostgresError) -> Value {
    try value(place.column, as: type)
  }
}
