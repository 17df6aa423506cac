/// A Swift type for a composite type of the database, known by its name:
///
///     struct Address: PostgresComposite {
///       var street: String
///       var number: Int32?
///       static let postgresTypeName: Identifier? = "address"
///       static let fields = CompositeFields(
///         Address.init, ("street", \.street), ("number", \.number))
///     }
///
/// Values decode from columns of the type and from anonymous records, whose fields must come in the
/// order of ``fields``, because their binary form has no names. As parameters and in a binary COPY
/// the names are compared with the attributes of the type, and every value must have the type of
/// its attribute: `Int32` for integer, `Int64` for bigint.
public protocol PostgresComposite: PostgresEncodable, PostgresDecodable {
  /// The kind of the fields, which Swift infers.
  associatedtype Fields: CompositeCoding where Fields.Value == Self

  /// An initializer, and the name and property of each of its parameters.
  static var fields: Fields { get }
}

/// What takes values of composite types apart and puts them together; ``CompositeFields`` is the one
/// that programs use.
public protocol CompositeCoding<Value>: Sendable {
  /// The Swift type.
  associatedtype Value: Sendable
  /// Puts a value together.
  func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Value
  /// Appends the fields of a value as the attributes of a type.
  func encode(
    _ value: Value, into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure)
}

/// An initializer, and the name and property of each of its parameters; see ``PostgresComposite``.
public struct CompositeFields<
  Value: Sendable, each Field: PostgresEncodable & PostgresDecodable
>: CompositeCoding {
  private let make: @Sendable (repeat each Field) -> Value
  private let names: [String]
  private let properties: (repeat any KeyPath<Value, each Field> & Sendable)

  /// Joins an initializer with names and properties in the order of its parameters.
  public init(
    _ make: @escaping @Sendable (repeat each Field) -> Value,
    _ field: repeat (String, any KeyPath<Value, each Field> & Sendable)
  ) {
    self.make = make
    var names: [String] = []
    for (name, _) in repeat each field { names.append(name) }
    self.names = names
    properties = (repeat (each field).1)
  }

  /// Reads the count of fields, and of each its type and value.
  public func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Value {
    var reader = try CompositeReader(cell, names: names)
    if reader.count != names.count {
      throw DecodingFailure("has \(reader.count) fields where \(names.count) are expected")
    }
    return make(repeat try reader.next(of: cell, as: (each Field).self))
  }

  /// Compares the names with the attributes of the type, and appends the values.
  public func encode(
    _ value: Value, into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    guard let catalogue = buffer.catalogue, let attributes = catalogue[type]?.attributes,
      !attributes.isEmpty
    else { throw EncodingFailure("is a \(Value.self), but its server type is no composite one") }
    if attributes.map(\.name) != names {
      throw EncodingFailure(
        "is a \(Value.self) with the fields \(names.joined(separator: ", ")), but its server type "
          + "has \(attributes.map(\.name).joined(separator: ", "))")
    }
    buffer.append(Int32(attributes.count))
    var index = 0
    for property in repeat each properties {
      let (name, type) = attributes[index]
      try buffer.appendField(value[keyPath: property], named: name, as: type, catalogue)
      index += 1
    }
  }
}

extension EncodingBuffer {
  fileprivate mutating func appendField<Field: PostgresEncodable>(
    _ value: Field, named name: String, as type: PostgresType, _ catalogue: TypeCatalogue
  ) throws(EncodingFailure) {
    let base = catalogue.base(of: type)
    if !Field.canCopy(into: base) {
      throw EncodingFailure(
        "has a field \(name) of type \(base), which a \(Field.self) cannot be without a cast")
    }
    append(type.oid)
    do {
      try appendWithLength(value, as: base)
    } catch {
      throw EncodingFailure("has a field \(name) that \(error.reason)")
    }
  }
}

/// Goes through the fields of a composite value.
struct CompositeReader {
  /// How many fields the value says that it has.
  let count: Int
  private var offset = 4
  private var index = 0
  /// What the fields are called; none for a record, whose fields have numbers.
  private let names: [String]

  init(_ cell: PostgresCell, names: [String] = []) throws(DecodingFailure) {
    guard cell.count >= 4 else { throw Self.malformed }
    count = Int(cell.integer(as: Int32.self))
    // A field has at least its type and its length.
    guard count >= 0, count <= (cell.count - 4) / 8 else { throw Self.malformed }
    self.names = names
  }

  private static let malformed = DecodingFailure("is no well-formed composite value")

  /// The next field as one of a type of the program.
  mutating func next<Field: PostgresDecodable>(
    of cell: PostgresCell, as: Field.Type
  ) throws(DecodingFailure) -> Field {
    let name = index < names.count ? names[index] : String(index + 1)
    var (type, bytes) = try next(of: cell)
    if !Field.canDecode(type) { type = type.base }
    if !Field.canDecode(type) {
      throw DecodingFailure(
        "has a field \(name) of \(type), which cannot become \(Field.self)"
          + (type.isUserDefined
            ? "; if it is a domain, call learnTypes with its name before the query" : ""))
    }
    do {
      guard let bytes else { return try Field.decodeNull() }
      return try Field.decode(PostgresCell(bytes, of: cell, type))
    } catch {
      throw DecodingFailure("has a field \(name) that \(error.reason)", value: error.value)
    }
  }

  /// The type of the next field, and where its bytes lie, or nil for NULL.
  mutating func next(
    of cell: PostgresCell
  ) throws(DecodingFailure) -> (type: PostgresType, bytes: Range<Int>?) {
    guard cell.count - offset >= 8 else { throw Self.malformed }
    let type = PostgresType(oid: cell.integer(at: offset))
    let length = Int(cell.integer(at: offset + 4, as: Int32.self))
    offset += 8
    index += 1
    guard length <= cell.count - offset else { throw Self.malformed }
    if length < 0 { return (type, nil) }
    defer { offset += length }
    return (type, offset..<offset + length)
  }
}

extension PostgresComposite {
  /// Looked up by the name.
  public static var postgresType: PostgresType { .unspecified }
  /// Columns of types of the database, whose fields are looked at in every value, and records.
  public static func canDecode(_ type: PostgresType) -> Bool {
    type.isUserDefined || type == .record
  }
  /// Columns of types of the database, whose attributes are looked at in every value.
  public static func canCopy(into type: PostgresType) -> Bool { type.isUserDefined }
  /// Puts the value together.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Self {
    try fields.decode(cell)
  }
  /// Appends the fields.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    try Self.fields.encode(self, into: &buffer, as: type)
  }
}
