// Integers decode from their own server type and from narrower ones, never from wider ones. As
// parameters they are declared with their own type; Int is bigint.

@inlinable
func decodeInteger<Value: FixedWidthInteger & SignedInteger>(
  _ cell: PostgresCell, as: Value.Type
) throws(DecodingFailure) -> Value {
  switch (cell.count, MemoryLayout<Value>.size) {
  case (8, 8): return Value(truncatingIfNeeded: cell.integer(as: Int64.self))
  case (4, 4...): return Value(truncatingIfNeeded: cell.integer(as: Int32.self))
  case (2, 2...): return Value(truncatingIfNeeded: cell.integer(as: Int16.self))
  default: throw .wrongLength(cell.count, for: Value.self)
  }
}

extension Int16: PostgresEncodable, PostgresDecodable {
  /// `smallint`.
  @inlinable public static var postgresType: PostgresType { .int2 }
  /// `smallint`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .int2 }
  /// Reads two bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Int16 {
    try decodeInteger(cell, as: Int16.self)
  }
  /// Appends two bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(self)
  }
}

extension Int32: PostgresEncodable, PostgresDecodable {
  /// `integer`.
  @inlinable public static var postgresType: PostgresType { .int4 }
  /// `integer` and `smallint`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type == .int4 || type == .int2
  }
  /// Reads two or four bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Int32 {
    try decodeInteger(cell, as: Int32.self)
  }
  /// Appends four bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(self)
  }
}

extension Int64: PostgresEncodable, PostgresDecodable {
  /// `bigint`.
  @inlinable public static var postgresType: PostgresType { .int8 }
  /// `bigint`, `integer` and `smallint`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type == .int8 || type == .int4 || type == .int2
  }
  /// Reads two, four or eight bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Int64 {
    try decodeInteger(cell, as: Int64.self)
  }
  /// Appends eight bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(self)
  }
}

extension Int: PostgresEncodable, PostgresDecodable {
  /// `bigint`.
  @inlinable public static var postgresType: PostgresType { .int8 }
  /// `bigint`, `integer` and `smallint`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    Int64.canDecode(type)
  }
  /// Reads two, four or eight bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Int {
    try decodeInteger(cell, as: Int.self)
  }
  /// Appends eight bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(Int64(self))
  }
}

extension UInt32: PostgresEncodable, PostgresDecodable {
  /// `oid`, the server's only unsigned integer.
  @inlinable public static var postgresType: PostgresType { .oid }
  /// `oid`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .oid }
  /// Reads four bytes.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> UInt32 {
    if cell.count != 4 { throw .wrongLength(cell.count, for: UInt32.self) }
    return cell.integer()
  }
  /// Appends four bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(self)
  }
}
