// Whatever bytes a server sends as a value, a decoder gives a value or a failure; it never traps.
// The first byte chooses the server's type, the rest is the value.

import Quantities

@testable import LibPQ

private let types: [PostgresType] = [
  .bool, .bytea, .int2, .int4, .int8, .text, .json, .jsonb, .float4, .float8, .date, .time,
  .timestamp, .timestamptz, .interval, .numeric, .uuid, .int4range, .numrange, .tstzrange,
  .daterange, .int8range, .oid,
  // Of no type that is known, and arrays: numeric, text, bigint, daterange, timestamptz.
  PostgresType(oid: 50_000), PostgresType(oid: 1_231), PostgresType(oid: 1_009),
  PostgresType(oid: 1_016), PostgresType(oid: 3_913), PostgresType(oid: 1_185),
  // Times with zones, records, and multiranges: int8, date, num.
  PostgresType(oid: 1_266), PostgresType(oid: 2_249), PostgresType(oid: 4_536),
  PostgresType(oid: 4_535), PostgresType(oid: 4_532),
]

/// A composite value with fields of several kinds.
private struct Place: PostgresComposite {
  var name: String?
  var number: Int?
  var amount: ExactDecimal
  static let fields = CompositeFields(
    Place.init, ("name", \.name), ("number", \.number), ("amount", \.amount))
}

private func feed<Value: PostgresDecodable>(
  _ type: PostgresType, to: Value.Type, _ bytes: UnsafeRawBufferPointer
) {
  guard Value.canDecode(type), let start = bytes.baseAddress else { return }
  guard
    let value = try? Value.decode(PostgresCell(start: start, count: bytes.count, type: type))
  else { return }
  // What was decoded can also be shown.
  _ = String(describing: value)
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let type = types[Int(start[0]) % types.count]
  let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  feed(type, to: PostgresValue.self, bytes)
  feed(type, to: Bool.self, bytes)
  feed(type, to: Int16.self, bytes)
  feed(type, to: Int32.self, bytes)
  feed(type, to: Int.self, bytes)
  feed(type, to: Double.self, bytes)
  feed(type, to: Float.self, bytes)
  feed(type, to: String.self, bytes)
  feed(type, to: ExactDecimal.self, bytes)
  feed(type, to: CivilDate.self, bytes)
  feed(type, to: Timestamp.self, bytes)
  feed(type, to: TimeOfDay.self, bytes)
  feed(type, to: Interval.self, bytes)
  feed(type, to: PostgresUUID.self, bytes)
  feed(type, to: PostgresRange<ExactDecimal>.self, bytes)
  feed(type, to: PostgresRange<CivilDate>.self, bytes)
  feed(type, to: PostgresRange<Timestamp>.self, bytes)
  feed(type, to: [ExactDecimal].self, bytes)
  feed(type, to: [String?].self, bytes)
  feed(type, to: [Int].self, bytes)
  feed(type, to: [PostgresRange<CivilDate>].self, bytes)
  feed(type, to: PostgresMultirange<Int>.self, bytes)
  feed(type, to: PostgresMultirange<CivilDate>.self, bytes)
  feed(type, to: PostgresNumeric.self, bytes)
  feed(type, to: PostgresDate.self, bytes)
  feed(type, to: ZonedTimeOfDay.self, bytes)
  feed(type, to: Place.self, bytes)
  feed(type, to: [Place].self, bytes)
  return 0
}
