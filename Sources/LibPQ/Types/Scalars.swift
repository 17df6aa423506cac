extension Bool: PostgresEncodable, PostgresDecodable {
  /// `boolean`.
  @inlinable public static var postgresType: PostgresType { .bool }
  /// `boolean`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .bool }
  /// Reads one byte.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Bool {
    if cell.count != 1 { throw .wrongLength(cell.count, for: Bool.self) }
    return cell.integer(as: UInt8.self) != 0
  }
  /// Appends one byte.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(UInt8(self ? 1 : 0))
  }
}

extension Float: PostgresEncodable, PostgresDecodable {
  /// `real`.
  @inlinable public static var postgresType: PostgresType { .float4 }
  /// `real`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .float4 }
  /// Reads four bytes; infinities and NaN arrive as Swift's.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Float {
    if cell.count != 4 { throw .wrongLength(cell.count, for: Float.self) }
    return Float(bitPattern: cell.integer())
  }
  /// Appends four bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(bitPattern)
  }
}

extension Double: PostgresEncodable, PostgresDecodable {
  /// `double precision`.
  @inlinable public static var postgresType: PostgresType { .float8 }
  /// `double precision` and `real`; never `numeric`, which is not binary floating point.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type == .float8 || type == .float4
  }
  /// Reads four or eight bytes; infinities and NaN arrive as Swift's.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> Double {
    switch cell.count {
    case 8: return Double(bitPattern: cell.integer())
    case 4: return Double(Float(bitPattern: cell.integer()))
    default: throw .wrongLength(cell.count, for: Double.self)
    }
  }
  /// Appends eight bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(bitPattern)
  }
}

extension String: PostgresEncodable, PostgresDecodable {
  /// Left to the server, so that a text can be a parameter of any type that it is the literal of:
  /// an enum, a domain, a path, a date.
  @inlinable public static var postgresType: PostgresType { .unspecified }
  /// Text.
  @inlinable public static var postgresFormat: PostgresFormat { .text }
  /// Every type whose binary form is text, and `jsonb`.
  @inlinable public static func canCopy(into type: PostgresType) -> Bool {
    type.isTextual || type == .jsonb
  }
  /// Every type whose binary form is text, and `jsonb`. Cast others in the SQL: `price::text`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool {
    type.isTextual || type == .jsonb
  }
  /// Reads UTF-8.
  @inlinable public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> String {
    // The binary form of jsonb is a version byte and the text.
    let skipped = cell.type == .jsonb ? 1 : 0
    if skipped == 1, cell.count == 0 || cell.integer(as: UInt8.self) != 1 {
      throw DecodingFailure("is jsonb in a form that is not known here; cast it: …::text")
    }
    let bytes = UnsafeRawBufferPointer(start: cell.start + skipped, count: cell.count - skipped)
    if cell.type.isUserDefined {
      if !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) { return text }
      throw DecodingFailure("has a type (oid \(cell.type.oid)) that is no text; cast it: …::text")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
  /// Appends the UTF-8.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    if type == .jsonb { buffer.append(UInt8(1)) }
    let start = buffer.count
    buffer.append(utf8: self)
    if buffer.holdsZeroByte(from: start) {
      throw EncodingFailure("holds a zero byte, which PostgreSQL's texts cannot; remove it")
    }
  }
}
