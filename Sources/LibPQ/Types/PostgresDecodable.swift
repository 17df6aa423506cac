/// A Swift type that a value of a query's result can become.
///
/// Enums and structures with raw values conform by saying so: raw values are decoded first, so a
/// server enum (or a checked text column) arrives as a Swift enum:
/// `enum Side: String, PostgresDecodable { case left, right }`.
public protocol PostgresDecodable: PostgresArrayDecodable, Sendable {
  /// Whether values of a server type can become this type. It is asked once a result, before the
  /// first row, so that a wrong column is found even if it holds only NULL.
  static func canDecode(_ type: PostgresType) -> Bool

  /// Makes a value from its binary form, which is never NULL.
  static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Self

  /// What NULL becomes; types other than optionals refuse it.
  static func decodeNull() throws(DecodingFailure) -> Self
}

extension PostgresDecodable {
  /// Refuses NULL.
  public static func decodeNull() throws(DecodingFailure) -> Self {
    throw DecodingFailure("is NULL; ask for an optional \(Self.self)?, or exclude NULL in the SQL")
  }
}

extension Optional: PostgresDecodable, PostgresArrayDecodable where Wrapped: PostgresDecodable {
  /// Whether the wrapped type can be decoded from it.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    Wrapped.canDecode(type)
  }

  /// Decodes the wrapped type.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Self {
    .some(try Wrapped.decode(cell))
  }

  /// NULL becomes nil.
  @inlinable public static func decodeNull() throws(DecodingFailure) -> Self { .none }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  /// Any type that the raw value decodes from: for texts enums of the server, text, and domains over
  /// it.
  public static func canDecode(_ type: PostgresType) -> Bool { RawValue.canDecode(type) }

  /// Finds the value of the raw value.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Self {
    let raw = try RawValue.decode(cell)
    guard let value = Self(rawValue: raw) else {
      throw DecodingFailure("is not one of the cases of \(Self.self)", value: "\(raw)")
    }
    return value
  }
}

/// Why one value cannot be decoded. The connection adds column, row and query to it.
public struct DecodingFailure: Error, Sendable {
  /// The rest of a sentence that starts with the column: `is NULL`.
  public let reason: String
  /// The value, if it can be shown to the developer.
  public let value: String?

  /// Gives the rest of a sentence that starts with the column's name, and the offending value,
  /// which appears only in debug descriptions.
  public init(_ reason: String, value: String? = nil) {
    self.reason = reason
    self.value = value
  }

  @usableFromInline
  static func wrongLength(_ count: Int, for type: Any.Type) -> DecodingFailure {
    DecodingFailure("has \(count) bytes, which no \(type) has")
  }
}

/// One value of a result in binary form, valid while it is decoded.
public struct PostgresCell: ~Escapable {
  @usableFromInline let start: UnsafeRawPointer
  /// The number of bytes.
  public let count: Int
  /// The type of the value; for domains the type under them.
  public let type: PostgresType

  @_lifetime(immortal)
  @inlinable
  init(start: UnsafeRawPointer, count: Int, type: PostgresType) {
    self.start = start
    self.count = count
    self.type = type
  }

  /// The bytes of the value. The pointer is valid only inside the closure.
  @inlinable
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The integer that the network-order bytes at an offset form; the caller has checked the count.
  @inlinable
  func integer<Value: FixedWidthInteger>(at offset: Int = 0, as: Value.Type = Value.self) -> Value {
    Value(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
