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
  /// `time without time zone`.
  case time(TimeOfDay)
  /// `time with time zone`.
  case zonedTime(ZonedTimeOfDay)
  /// `interval`.
  case interval(Interval)
  /// `uuid`.
  case uuid(PostgresUUID)
  /// `json` and `jsonb`.
  case json(JSONText)
  /// `int4range` and `int8range`.
  case integerRange(PostgresRange<Int64>)
  /// `numrange`.
  case decimalRange(PostgresRange<ExactDecimal>)
  /// `daterange`.
  case dateRange(PostgresRange<CivilDate>)
  /// `tstzrange`, and `tsrange` read as UTC.
  case timestampRange(PostgresRange<Timestamp>)
  /// The ranges of a multirange.
  case multirange([PostgresValue])
  /// An array of one dimension of these.
  case array([PostgresValue])
  /// The fields of a record, or of a composite type that the connection has learnt.
  case composite([PostgresValue])
  /// `void`.
  case void
}

extension PostgresValue: PostgresDecodable {
  /// Every type that one of the cases names.
  public static func canDecode(_ type: PostgresType) -> Bool {
    switch type {
    case .bool, .int2, .int4, .int8, .oid, .float4, .float8, .numeric, .bytea, .date, .timestamp,
      .timestamptz, .time, .timetz, .interval, .uuid, .json, .jsonb, .void, .record, .int4range,
      .int8range, .numrange, .daterange, .tsrange, .tstzrange:
      true
    default:
      type.isTextual || type.element.map { canDecode($0) } ?? (type.rangeOfMultirange != nil)
    }
  }

  /// Decodes by the type of the cell.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresValue {
    try decode(cell, depth: 0)
  }

  /// How deep records and arrays may lie within each other, far deeper than anybody nests them:
  /// bytes that nest on and on are not to overflow the stack.
  private static let deepest = 64

  private static func decode(
    _ cell: PostgresCell, depth: Int
  ) throws(DecodingFailure) -> PostgresValue {
    switch cell.type {
    case .bool: .bool(try Bool.decode(cell))
    case .int2, .int4, .int8: .integer(try Int64.decode(cell))
    case .oid: .integer(Int64(try UInt32.decode(cell)))
    case .float4, .float8: .double(try Double.decode(cell))
    case .numeric: .decimal(try ExactDecimal.decode(cell))
    case .bytea: .bytes(try [UInt8].decode(cell))
    case .date: .date(try CivilDate.decode(cell))
    case .timestamp, .timestamptz: .timestamp(try Timestamp.decode(cell))
    case .time: .time(try TimeOfDay.decode(cell))
    case .timetz: .zonedTime(try ZonedTimeOfDay.decode(cell))
    case .interval: .interval(try Interval.decode(cell))
    case .uuid: .uuid(try PostgresUUID.decode(cell))
    case .json, .jsonb: .json(try JSONText.decode(cell))
    case .void: .void
    case .int4range: .integerRange(try PostgresRange<Int32>.decode(cell).widened)
    case .int8range: .integerRange(try PostgresRange<Int64>.decode(cell))
    case .numrange: .decimalRange(try PostgresRange<ExactDecimal>.decode(cell))
    case .daterange: .dateRange(try PostgresRange<CivilDate>.decode(cell))
    case .tsrange, .tstzrange: .timestampRange(try PostgresRange<Timestamp>.decode(cell))
    default: try decodeNested(cell, depth: depth + 1)
    }
  }

  /// Decodes what holds values of another type, a type of the database, or a text.
  private static func decodeNested(
    _ cell: PostgresCell, depth: Int
  ) throws(DecodingFailure) -> PostgresValue {
    if depth > deepest {
      throw DecodingFailure("nests records and arrays more than \(deepest) deep")
    }
    if cell.type == .record { return .composite(try fields(of: cell, depth)) }
    if cell.type.element != nil { return .array(try elements(of: cell, depth)) }
    if let range = cell.type.rangeOfMultirange { return .multirange(try ranges(range, of: cell)) }
    guard cell.type.isUserDefined, let entry = TypeCatalogue.ofThisThread?[cell.type] else {
      return .text(try String.decode(cell))
    }
    if !entry.attributes.isEmpty { return .composite(try fields(of: cell, depth)) }
    if entry.element != nil { return .array(try elements(of: cell, depth)) }
    if entry.base == cell.type { return .text(try String.decode(cell)) }
    let base = PostgresCell(start: cell.start, count: cell.count, type: entry.base)
    return try decode(base, depth: depth)
  }

  private static func elements(
    of cell: PostgresCell, _ depth: Int
  ) throws(DecodingFailure) -> [PostgresValue] {
    var reader = try ArrayReader(cell)
    if !reader.isEmpty, !canDecode(reader.element) { throw reader.unfit(for: Self.self) }
    var elements: [PostgresValue] = []
    elements.reserveCapacity(reader.left)
    while reader.left > 0 {
      if let bytes = try reader.next(of: cell) {
        elements.append(try decode(PostgresCell(bytes, of: cell, reader.element), depth: depth))
      } else {
        elements.append(.null)
      }
    }
    return elements
  }

  private static func fields(
    of cell: PostgresCell, _ depth: Int
  ) throws(DecodingFailure) -> [PostgresValue] {
    var reader = try CompositeReader(cell)
    var fields: [PostgresValue] = []
    for number in 0..<reader.count {
      let (type, bytes) = try reader.next(of: cell)
      if !canDecode(type) {
        throw DecodingFailure("has a field \(number + 1) of \(type), for which there is no case")
      }
      if let bytes {
        fields.append(try decode(PostgresCell(bytes, of: cell, type), depth: depth))
      } else {
        fields.append(.null)
      }
    }
    return fields
  }

  private static func ranges(
    _ type: PostgresType, of cell: PostgresCell
  ) throws(DecodingFailure) -> [PostgresValue] {
    var reader = try MultirangeReader(cell)
    var ranges: [PostgresValue] = []
    while let bytes = try reader.next(of: cell) {
      ranges.append(try decode(PostgresCell(bytes, of: cell, type)))
    }
    return ranges
  }

  /// ``null``.
  public static func decodeNull() throws(DecodingFailure) -> PostgresValue { .null }
}

extension PostgresValue: CustomStringConvertible {
  /// The value as plain text; empty for NULL, arrays in braces and fields in parentheses, without
  /// the quotes that the server puts where a comma or a brace stands in a value.
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
    case .time(let value): value.description
    case .zonedTime(let value): value.description
    case .interval(let value): value.description
    case .uuid(let value): value.description
    case .json(let value): value.text
    case .integerRange(let value): value.description
    case .decimalRange(let value): value.description
    case .dateRange(let value): value.description
    case .timestampRange(let value): value.description
    case .multirange(let values): "{" + values.map(\.description).joined(separator: ",") + "}"
    case .array(let values):
      "{" + values.map { $0 == .null ? "NULL" : $0.description }.joined(separator: ",") + "}"
    case .composite(let values): "(" + values.map(\.description).joined(separator: ",") + ")"
    }
  }
}

extension PostgresRange<Int32> {
  /// The same range of `bigint`.
  fileprivate var widened: PostgresRange<Int64> {
    func widened(_ end: End) -> PostgresRange<Int64>.End {
      switch end {
      case .unbounded: .unbounded
      case .including(let value): .including(Int64(value))
      case .excluding(let value): .excluding(Int64(value))
      }
    }
    guard case .between(let lower, let upper) = self else { return .empty }
    return .between(lower: widened(lower), upper: widened(upper))
  }
}
