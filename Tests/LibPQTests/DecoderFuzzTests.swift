import Quantities
import Testing

@testable import LibPQ

/// A composite value with fields of several kinds.
private struct Place: PostgresComposite {
  var name: String?
  var number: Int?
  var amount: ExactDecimal
  static let fields = CompositeFields(
    Place.init, ("name", \.name), ("number", \.number), ("amount", \.amount))
}

/// Whatever bytes a server sends, a decoder gives a value or a failure; it never traps.
@Suite struct DecoderFuzzTests {
  private func feed<Value: PostgresDecodable>(
    _ type: PostgresType, to: Value.Type, _ bytes: [UInt8]
  ) {
    guard Value.canDecode(type) else { return }
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      _ = try? Value.decode(PostgresCell(start: start, count: bytes.count, type: type))
    }
  }

  private static let types: [PostgresType] = [
    .bool, .bytea, .int2, .int4, .int8, .text, .json, .jsonb, .float4, .float8, .date, .time,
    .timestamp, .timestamptz, .interval, .numeric, .uuid, .int4range, .numrange, .tstzrange,
    .daterange, .int8range, .oid, PostgresType(oid: 50_000), PostgresType(oid: 1_231),
    PostgresType(oid: 1_009), PostgresType(oid: 1_016), PostgresType(oid: 3_913),
    // Times with zones, records, and multiranges: int8, date, num.
    PostgresType(oid: 1_266), PostgresType(oid: 2_249), PostgresType(oid: 4_536),
    PostgresType(oid: 4_535), PostgresType(oid: 4_532),
  ]

  @Test func noBytesTrapADecoder() {
    // Numbers that real values hold make the way past the first checks.
    let likely: [UInt8] = [0, 0, 0, 1, 2, 4, 8, 0x10, 0x40, 0x7F, 0x80, 0xC0, 0xFF, 0xFF]
    var random = SystemRandomNumberGenerator()
    for round in 0..<60_000 {
      let count = Int.random(in: 1...48, using: &random)
      var bytes = (0..<count).map { _ in
        Bool.random(using: &random)
          ? likely[Int.random(in: 0..<likely.count, using: &random)]
          : UInt8.random(in: 0...255, using: &random)
      }
      if round % 3 == 0, count >= 12 {
        // The header of an array of one dimension with a known element type.
        bytes.replaceSubrange(0..<12, with: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x06, 0xA4])
      }
      let type = Self.types[round % Self.types.count]
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
      feed(type, to: [ExactDecimal].self, bytes)
      feed(type, to: [String?].self, bytes)
      feed(type, to: [PostgresRange<CivilDate>].self, bytes)
      feed(type, to: PostgresMultirange<Int>.self, bytes)
      feed(type, to: PostgresMultirange<CivilDate>.self, bytes)
      feed(type, to: PostgresNumeric.self, bytes)
      feed(type, to: PostgresDate.self, bytes)
      feed(type, to: ZonedTimeOfDay.self, bytes)
      feed(type, to: Place.self, bytes)
      feed(type, to: [Place].self, bytes)
    }
  }

  @Test func descriptionsOfExtremesDoNotTrap() {
    for microseconds in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] {
      #expect(!Timestamp(microsecondsSince2000: microseconds).description.isEmpty)
      #expect(!Interval(months: .min, days: .max, microseconds: microseconds).description.isEmpty)
    }
  }
}
