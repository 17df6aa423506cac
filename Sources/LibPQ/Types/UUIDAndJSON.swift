/// A universally unique identifier: `uuid`.
public struct PostgresUUID: Hashable, Sendable, LosslessStringConvertible {
  /// The sixteen bytes as one number, the first byte highest.
  public let bits: UInt128

  /// Takes the sixteen bytes as one number, the first byte highest.
  @inlinable public init(bits: UInt128) {
    self.bits = bits
  }

  /// A random identifier (version 4).
  public static func random() -> PostgresUUID {
    let version: UInt128 = 0x4 << 76
    let variant: UInt128 = 0x8 << 60
    let random = UInt128.random(in: 0 ... .max)
    return PostgresUUID(bits: random & ~(0xF << 76) & ~(0xC << 60) | version | variant)
  }

  /// Parses `01234567-89ab-cdef-0123-456789abcdef`, in either case; nil for any other form.
  public init?(_ text: String) {
    let utf8 = Array(text.utf8)
    guard utf8.count == 36 else { return nil }
    var bits: UInt128 = 0
    for (index, byte) in utf8.enumerated() {
      if [8, 13, 18, 23].contains(index) {
        guard byte == UInt8(ascii: "-") else { return nil }
      } else {
        guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
        bits = bits << 4 | UInt128(digit)
      }
    }
    self.bits = bits
  }

  /// The usual form, in small letters.
  public var description: String {
    let digits = String(bits, radix: 16)
    let padded = Array(String(repeating: "0", count: 32 - digits.count) + digits)
    return [padded[0..<8], padded[8..<12], padded[12..<16], padded[16..<20], padded[20..<32]]
      .map { String($0) }.joined(separator: "-")
  }
}

extension PostgresUUID: Codable {
  /// Reads the usual form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let identifier = PostgresUUID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "The text is no UUID.")
    }
    self = identifier
  }

  /// Writes the usual form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension PostgresUUID: PostgresEncodable, PostgresDecodable {
  /// `uuid`.
  @inlinable public static var postgresType: PostgresType { .uuid }
  /// `uuid`.
  @inlinable public static func canDecode(_ type: PostgresType) -> Bool { type == .uuid }
  /// Reads sixteen bytes.
  @inlinable public static func decode(
    _ cell: PostgresCell
  ) throws(DecodingFailure) -> PostgresUUID {
    if cell.count != 16 { throw .wrongLength(cell.count, for: PostgresUUID.self) }
    return PostgresUUID(bits: cell.integer())
  }
  /// Appends sixteen bytes.
  @inlinable public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    buffer.append(bits)
  }
}

/// The text of a JSON value: `json` and `jsonb`. Reading the structure is left to a JSON library.
public struct JSONText: Hashable, Codable, Sendable, ExpressibleByStringLiteral {
  /// The JSON.
  public var text: String

  /// Wraps the text of a JSON value; the server checks it.
  public init(_ text: String) {
    self.text = text
  }

  /// Wraps a literal.
  public init(stringLiteral text: String) {
    self.init(text)
  }
}

extension JSONText: PostgresEncodable, PostgresDecodable {
  /// Left to the server: `json` or `jsonb`.
  public static var postgresType: PostgresType { .unspecified }
  /// Text.
  public static var postgresFormat: PostgresFormat { .text }
  /// `json` and `jsonb`.
  public static func canCopy(into type: PostgresType) -> Bool { type == .json || type == .jsonb }
  /// `json` and `jsonb`.
  public static func canDecode(_ type: PostgresType) -> Bool { type == .json || type == .jsonb }
  /// Reads the text.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> JSONText {
    JSONText(try String.decode(cell))
  }
  /// Appends the text.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    try text.encode(into: &buffer, as: type)
  }
}
