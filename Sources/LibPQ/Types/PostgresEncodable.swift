/// A Swift type that can be a parameter of a query or a column of a binary COPY.
///
/// Enums and structures with raw values conform by saying so. Texts travel as such, and the server
/// casts them to its enum type or domain; where it cannot tell which is meant, name the type:
///
///     enum Side: String, PostgresEncodable, PostgresDecodable {
///       case left, right
///       static let postgresTypeName: Identifier? = "side"
///     }
public protocol PostgresEncodable: PostgresArrayEncodable {
  /// The type that a parameter is declared with; ``PostgresType/unspecified`` lets the server infer
  /// it from where the parameter stands.
  static var postgresType: PostgresType { get }

  /// The name of the type where it was made by CREATE TYPE or CREATE DOMAIN: its object id differs
  /// between databases, and the connection looks it up with the first use. Without a name, as for
  /// most types, ``postgresType`` says all.
  static var postgresTypeName: Identifier? { get }

  /// The form in which a parameter travels. Types without a server type of their own go as text.
  static var postgresFormat: PostgresFormat { get }

  /// Whether a binary COPY can write this type into a column of the server type. There the server
  /// casts nothing.
  static func canCopy(into type: PostgresType) -> Bool

  /// Whether the value is NULL.
  var isNull: Bool { get }

  /// Appends the value: in the form of ``postgresFormat`` for a parameter (whose `type` is
  /// ``postgresType``), in the binary form of `type` for a column of COPY.
  func encode(into buffer: inout EncodingBuffer, as type: PostgresType) throws(EncodingFailure)
}

extension PostgresEncodable {
  /// None.
  @inlinable public static var postgresTypeName: Identifier? { nil }
  /// Binary.
  @inlinable public static var postgresFormat: PostgresFormat { .binary }
  /// Only a column of the very type.
  @inlinable public static func canCopy(into type: PostgresType) -> Bool { type == postgresType }
  /// Never.
  @inlinable public var isNull: Bool { false }
}

extension Optional: PostgresEncodable, PostgresArrayEncodable where Wrapped: PostgresEncodable {
  /// The wrapped type's.
  @inlinable public static var postgresType: PostgresType { Wrapped.postgresType }
  /// The wrapped type's.
  @inlinable public static var postgresTypeName: Identifier? { Wrapped.postgresTypeName }
  /// The wrapped type's.
  @inlinable public static var postgresFormat: PostgresFormat { Wrapped.postgresFormat }
  /// As the wrapped type.
  @inlinable public static func canCopy(into type: PostgresType) -> Bool {
    Wrapped.canCopy(into: type)
  }
  /// Whether there is no value.
  @inlinable public var isNull: Bool {
    switch self {
    case .none: true
    case .some(let value): value.isNull
    }
  }
  /// Appends the wrapped value; the caller has seen that there is one.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    if let self { try self.encode(into: &buffer, as: type) }
  }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  /// The raw value's; for texts left to the server.
  public static var postgresType: PostgresType { RawValue.postgresType }
  /// The raw value's.
  public static var postgresFormat: PostgresFormat { RawValue.postgresFormat }
  /// As the raw value.
  public static func canCopy(into type: PostgresType) -> Bool { RawValue.canCopy(into: type) }
  /// Appends the raw value.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    try rawValue.encode(into: &buffer, as: type)
  }
}

/// Why one value cannot be sent.
public struct EncodingFailure: Error, Sendable {
  /// The rest of a sentence that starts with the parameter or column: `holds a zero byte, …`.
  public let reason: String

  /// Gives the rest of a sentence that starts with the parameter or column.
  public init(_ reason: String) {
    self.reason = reason
  }
}
