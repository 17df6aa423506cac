/// A type whose arrays can be parameters. Every ``PostgresEncodable`` type is one; `UInt8` is one
/// by itself, because an array of bytes is a `bytea` and no array.
public protocol PostgresArrayEncodable: Sendable {
  /// The type that an array as a parameter is declared with.
  static var postgresArrayType: PostgresType { get }
  /// The name of the element's type, if it must be looked up.
  static var postgresElementName: Identifier? { get }
  /// The form in which an array as a parameter travels.
  static var postgresArrayFormat: PostgresFormat { get }
  /// Whether a binary COPY can write an array into a column of the type.
  static func canCopyArray(into type: PostgresType) -> Bool
  /// Appends an array.
  static func encode(
    array: [Self], into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure)
}

extension PostgresArrayEncodable {
  /// None.
  public static var postgresElementName: Identifier? { nil }
}

/// A type whose arrays can be decoded; see ``PostgresArrayEncodable``.
public protocol PostgresArrayDecodable: Sendable {
  /// Whether an array can be made from values of the type.
  static func canDecodeArray(_ type: PostgresType) -> Bool
  /// Makes an array.
  static func decodeArray(_ cell: PostgresCell) throws(DecodingFailure) -> [Self]
}

/// Arrays of one dimension. NULL elements need an optional element type.
extension Array: PostgresEncodable, PostgresArrayEncodable where Element: PostgresArrayEncodable {
  /// The array type of the element's type; left to the server where the element's is.
  public static var postgresType: PostgresType { Element.postgresArrayType }
  /// That of the array type of the element's type, if it must be looked up.
  public static var postgresTypeName: Identifier? { Element.postgresElementName?.ofArray }
  /// Binary, but text where the server is to infer the type.
  public static var postgresFormat: PostgresFormat { Element.postgresArrayFormat }
  /// Whether the elements fit the elements of the column.
  public static func canCopy(into type: PostgresType) -> Bool { Element.canCopyArray(into: type) }
  /// Appends the array.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    try Element.encode(array: self, into: &buffer, as: type)
  }
}

/// Arrays of one dimension. NULL elements need an optional element type.
extension Array: PostgresDecodable, PostgresArrayDecodable where Element: PostgresArrayDecodable {
  /// Whether the elements can be decoded.
  public static func canDecode(_ type: PostgresType) -> Bool { Element.canDecodeArray(type) }
  /// Reads the array.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Self {
    try Element.decodeArray(cell)
  }
}

extension UInt8: PostgresArrayEncodable, PostgresArrayDecodable {
  /// `bytea`.
  public static var postgresArrayType: PostgresType { .bytea }
  /// Binary.
  public static var postgresArrayFormat: PostgresFormat { .binary }
  /// `bytea`.
  public static func canCopyArray(into type: PostgresType) -> Bool { type == .bytea }
  /// Appends the bytes.
  public static func encode(
    array: [UInt8], into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    array.withUnsafeBytes { buffer.append(bytes: $0) }
  }
  /// `bytea`.
  public static func canDecodeArray(_ type: PostgresType) -> Bool { type == .bytea }
  /// Copies the bytes.
  public static func decodeArray(_ cell: PostgresCell) throws(DecodingFailure) -> [UInt8] {
    cell.withUnsafeBytes { [UInt8]($0) }
  }
}

extension PostgresEncodable {
  /// The array type of this type, or unspecified.
  public static var postgresArrayType: PostgresType { postgresType.array ?? .unspecified }

  /// The name of this type.
  public static var postgresElementName: Identifier? { postgresTypeName }

  /// Binary where the array type is known or looked up, else the text of an array literal.
  public static var postgresArrayFormat: PostgresFormat {
    postgresType.array == nil && postgresTypeName == nil ? .text : .binary
  }

  /// Whether this type fits the elements. Array types of the database pass here; their elements are
  /// looked at in every array.
  public static func canCopyArray(into type: PostgresType) -> Bool {
    type.element.map { canCopy(into: $0) } ?? type.isUserDefined
  }

  /// Appends the binary form of an array type, or the literal of an unspecified one.
  public static func encode(
    array: [Self], into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    guard let element = type.element ?? buffer.catalogue?[type]?.element else {
      if type != .unspecified {
        throw EncodingFailure("is an array, but its server type \(type) is none that is known")
      }
      return try encodeLiteral(array, into: &buffer)
    }
    let base = buffer.catalogue?.base(of: element) ?? element
    if type.isUserDefined, !canCopy(into: base) {
      throw EncodingFailure("is an array of \(Self.self), and the server's is one of \(base)")
    }
    buffer.append(Int32(array.isEmpty ? 0 : 1))
    buffer.append(Int32(array.contains { $0.isNull } ? 1 : 0))
    buffer.append(element.oid)
    if array.isEmpty { return }
    guard let count = Int32(exactly: array.count) else {
      throw EncodingFailure("has more than 2,147,483,647 elements; send it in parts")
    }
    buffer.append(count)
    buffer.append(Int32(1))  // PostgreSQL's arrays start at 1.
    for value in array { try buffer.appendWithLength(value, as: base) }
  }

  /// `{"a","b",NULL}`, each element quoted.
  private static func encodeLiteral(
    _ array: [Self], into buffer: inout EncodingBuffer
  ) throws(EncodingFailure) {
    if postgresFormat != .text {
      throw EncodingFailure("is an array of \(Self.self), which has no array type; nest no arrays")
    }
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    buffer.append(UInt8(ascii: "{"))
    var text = EncodingBuffer(capacity: 64)
    for (index, value) in array.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      if value.isNull {
        buffer.append(utf8: "NULL")
        continue
      }
      text.truncate(to: 0)
      try value.encode(into: &text, as: postgresType)
      buffer.append(quote)
      for byte in text.bytes {
        if byte == quote || byte == backslash { buffer.append(backslash) }
        buffer.append(byte)
      }
      buffer.append(quote)
    }
    buffer.append(UInt8(ascii: "}"))
  }
}

extension EncodingBuffer {
  /// Appends a value after its length, or the length -1 for NULL: the form of array elements and
  /// of the columns of a binary COPY.
  @inlinable
  mutating func appendWithLength<Value: PostgresEncodable>(
    _ value: Value, as type: PostgresType
  ) throws(EncodingFailure) {
    if value.isNull { return append(Int32(-1)) }
    let start = count
    append(Int32(0))
    try value.encode(into: &self, as: type)
    guard let length = Int32(exactly: count - start - 4) else {
      throw EncodingFailure("has more than 2,147,483,647 bytes; PostgreSQL's limit is 1 GB")
    }
    overwrite(length, at: start)
  }
}

extension PostgresDecodable {
  /// Whether this type can be decoded from the elements. User-defined array types pass here; their
  /// elements are looked at when the first array arrives.
  public static func canDecodeArray(_ type: PostgresType) -> Bool {
    type.element.map { canDecode($0) } ?? type.isUserDefined
  }

  /// Reads a binary array of no or one dimension.
  public static func decodeArray(_ cell: PostgresCell) throws(DecodingFailure) -> [Self] {
    var reader = try ArrayReader(cell)
    if reader.isEmpty { return [] }
    if !canDecode(reader.element) { reader.element = reader.element.base }
    if !canDecode(reader.element) { throw reader.unfit(for: Self.self) }
    var result: [Self] = []
    result.reserveCapacity(reader.left)
    while reader.left > 0 {
      if let bytes = try reader.next(of: cell) {
        result.append(try decode(PostgresCell(bytes, of: cell, reader.element)))
      } else {
        result.append(try decodeNull())
      }
    }
    return result
  }
}

/// Goes through the elements of a binary array of no or one dimension.
struct ArrayReader {
  /// The type of the elements.
  var element: PostgresType
  /// How many elements are still to come.
  private(set) var left = 0
  private var offset = 20

  var isEmpty: Bool { left == 0 }

  private static let malformed = DecodingFailure("is no well-formed array")

  init(_ cell: PostgresCell) throws(DecodingFailure) {
    guard cell.count >= 12 else { throw Self.malformed }
    let dimensions: Int32 = cell.integer()
    element = PostgresType(oid: cell.integer(at: 8))
    if dimensions == 0 { return }
    guard dimensions == 1 else {
      throw DecodingFailure(
        "has \(dimensions) dimensions; only arrays of one are decoded; unnest it in the SQL")
    }
    guard cell.count >= 20 else { throw Self.malformed }
    left = Int(cell.integer(at: 12, as: Int32.self))
    // An element has at least its length.
    guard left >= 0, left <= (cell.count - offset) / 4 else { throw Self.malformed }
  }

  /// Where the bytes of the next element lie, or nil for NULL.
  mutating func next(of cell: PostgresCell) throws(DecodingFailure) -> Range<Int>? {
    guard cell.count - offset >= 4 else { throw Self.malformed }
    let length = Int(cell.integer(at: offset, as: Int32.self))
    offset += 4
    left -= 1
    if length < 0 { return nil }
    guard cell.count - offset >= length else { throw Self.malformed }
    defer { offset += length }
    return offset..<offset + length
  }

  func unfit(for type: Any.Type) -> DecodingFailure {
    DecodingFailure(
      "is an array of \(element), which cannot become \(type)"
        + (element.isUserDefined
          ? "; if it is a domain, call learnTypes with its name before the query, or cast it to an "
            + "array of the base type of the domain" : ""))
  }
}

extension PostgresCell {
  /// A value within a value, for as long as that lives.
  @_lifetime(copy outer)
  init(_ bytes: Range<Int>, of outer: PostgresCell, _ type: PostgresType) {
    self.init(start: outer.start + bytes.lowerBound, count: bytes.count, type: type)
  }
}
