import Quantities

/// A value whose type only the server knows: what a report with columns of its own choice decodes.
public enum PostgresValue: Hashable, Sendable {
  /// NULL.
  case null
  /// `boolean`.
  case bool(Bool)
  /// `bigint`, `integer`, `smallint` and `oid`.
  case integer(Int64)
  /// `double precision` and `real`.
  case double(Double)
  /// `numeric`.
  case decimal(ExactDecimal)
  /// Texts, enums, `xml`, and everything whose binary form is text.
  case text(String)
  /// `bytea`.
  case bytes([UInt8])
  /// `date`.
  case date(CivilDate)
  /// `timestamp with time zone`, and `timestamp` read as UTC.
  case timestamp(Timestamp)
  /// `uuid`.
  case uuid(PostgresUUID)
  /// `json` and `jsonb`.
  case json(JSONText)
  /// An array of one dimension of these.
  case array([PostgresValue])
  /// `void`.
  case void
}

extension PostgresValue: PostgresDecodable {
  /// Every type that one of the cases names.
  public static func canDecode(_ type: PostgresType) -> Bool {
    switch type {
    case .bool, .int2, .int4, .int8, .oid, .float4, .float8, .numeric, .bytea, .date, .timestamp,
      .timestamptz, .uuid, .json, .jsonb, .void:
      true
    default: type.isTextual || type.element != nil
    }
  }

  /// Decodes by the type of the cell.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresValue {
    switch cell.type {
    case .bool: .bool(try Bool.decode(cell))
    case .int2, .int4, .int8: .integer(try Int64.decode(cell))
    case .oid: .integer(Int64(try UInt32.decode(cell)))
    case .float4, .float8: .double(try Double.decode(cell))
    case .numeric: .decimal(try ExactDecimal.decode(cell))
    case .bytea: .bytes(try [UInt8].decode(cell))
    case .date: .date(try CivilDate.decode(cell))
    case .timestamp, .timestamptz: .timestamp(try Timestamp.decode(cell))
    case .uuid: .uuid(try PostgresUUID.decode(cell))
    case .json, .jsonb: .json(try JSONText.decode(cell))
    case .void: .void
    default:
      if cell.type.element != nil {
        .array(try PostgresValue.decodeArray(cell))
      } else {
        .text(try String.decode(cell))
      }
    }
  }

  /// ``null``.
  public static func decodeNull() throws(DecodingFailure) -> PostgresValue { .null }
}

extension PostgresValue: CustomStringConvertible {
  /// The value as plain text; empty for NULL, arrays in braces as the server writes them.
  public var description: String {
    switch self {
    case .null, .void: ""
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .double(let value): String(value)
    case .decimal(let value): String(describing: value)
    case .text(let value): value
    case .bytes(let value):
      "\\x" + value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    case .date(let value): value.description
    case .timestamp(let value): value.description
    case .uuid(let value): value.description
    case .json(let value): value.text
    case .array(let values):
      "{" + values.map { $0 == .null ? "NULL" : $0.description }.joined(separator: ",") + "}"
    }
  }
}
