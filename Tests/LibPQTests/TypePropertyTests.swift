import LibPQ
import Quantities
import Testing

/// Every type on its boundaries and on random values: what goes out in binary is, by the server's
/// own word, what its own cast makes of the text; and what comes back is what went out.
@Suite struct TypePropertyTests {
  private static let count = 400

  /// Compares values, in an array and each by itself, with the server's cast of their texts.
  private func compare<Value: PostgresEncodable & PostgresDecodable & Equatable>(
    _ type: String, _ values: [Value], _ text: (Value) -> String
  ) async throws {
    let texts = values.map(text)
    let connection = try await connect()
    try await connection.withConnection { (connection: isolated Connection) throws in
      let cast = Query(unsafeSQL: type)
      let rows = try connection.rows(
        """
        SELECT value::text, text::\(query: cast)::text, value, text::\(query: cast)
        FROM unnest(\(values)::\(query: cast)[], \(texts)::text[]) AS sent (value, text)
        """, as: (String, String, Value, Value).self)
      #expect(rows.count == values.count)
      for (row, value) in zip(rows, values) {
        #expect(row.0 == row.1, "\(type): the server reads \(value) otherwise than its text")
        #expect(row.2 == value, "\(type): comes back as \(row.2)")
        #expect(row.3 == value, "\(type): the server's cast comes as \(row.3)")
      }
      // The other way of sending each: as a parameter of its own, binary and as text.
      for (value, text) in zip(values, texts).prefix(60) {
        let row = try connection.row(
          "SELECT \(value)::\(query: cast)::text, \(text)::\(query: cast)::text, \(value)::\(query: cast)",
          as: (String, String, Value).self)
        #expect(row.0 == row.1 && row.2 == value)
      }
      #expect(
        try connection.value("SELECT \(Value?.none)::\(query: cast)", as: Value?.self) == nil)
      let optional = values.prefix(5).map { Optional($0) } + [nil]
      #expect(
        try connection.value("SELECT \(optional)::\(query: cast)[]", as: [Value?].self) == optional)
    }
  }

  private func random<Value>(
    _ seed: UInt64, _ edges: [Value], _ make: (inout SeededRandom) -> Value
  ) -> [Value] {
    var numbers = SeededRandom(seed: seed)
    return edges + (0..<Self.count).map { _ in make(&numbers) }
  }

  @Test func numbers() async throws {
    try await compare("boolean", [true, false]) { "\($0)" }
    try await compare(
      "smallint", random(1, [Int16.min, -1, 0, 1, .max]) { $0.integer() }
    ) { "\($0)" }
    try await compare(
      "integer", random(2, [Int32.min, -1, 0, 1, .max]) { $0.integer() }
    ) { "\($0)" }
    try await compare(
      "bigint", random(3, [Int64.min, -1, 0, 1, .max]) { $0.integer() }
    ) { "\($0)" }
    try await compare("bigint", random(4, [Int.min, .max]) { $0.integer() }) { "\($0)" }
    try await compare("oid", random(5, [UInt32.min, .max]) { $0.integer() }) { "\($0)" }
    let doubles: [Double] = [
      0, 1, -1, .pi, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      .infinity, -.infinity, 0.1, 1e22, 1e23,
    ]
    try await compare(
      "double precision",
      random(6, doubles) { numbers in
        let value = Double(bitPattern: numbers.next())
        return value.isNaN ? 0.5 : value
      }
    ) { "\($0)" }
    let floats: [Float] = [
      0, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity,
    ]
    try await compare(
      "real",
      random(7, floats) { numbers in
        let value = Float(bitPattern: numbers.integer())
        return value.isNaN ? 0.5 : value
      }
    ) { "\($0)" }
  }

  @Test func decimals() async throws {
    let edges = [Int128.min, .max, 0, 1, -1, 9_999, 10_000, 10_001, 99_999_999, 100_000_000]
    let scales = [0, 1, 3, 4, 5, 8, 20, 38, 39, 200, 16_383]
    let boundaries = edges.flatMap { coefficient in
      scales.map { ExactDecimal(coefficient: coefficient, scale: $0) }
    }
    let values = random(8, boundaries) { numbers in
      let wide = Int128(truncatingIfNeeded: numbers.next()) << 64 | Int128(numbers.next())
      return ExactDecimal(
        coefficient: wide >> Int128(Int.random(in: 0..<128, using: &numbers)),
        scale: Int.random(in: 0...45, using: &numbers))
    }
    try await compare("numeric", values) { String(describing: $0) }
    let special: [PostgresNumeric] = [
      .notANumber, .infinity, .negativeInfinity, .finite(ExactDecimal(coefficient: -15, scale: 1)),
    ]
    try await compare("numeric", special) { "\($0)" }
    let connection = try await connect()
    for text in ["1e38", "1e131071", "-1e39", "0.\(String(repeating: "1", count: 39))"] {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.value("SELECT \(text)::numeric * 2", as: ExactDecimal.self)
      }
      #expect(error?.kind == .decoding)
      #expect(error?.message.contains("38 digits") == true)
    }
  }

  /// A date as the server writes it, years before the first as BC.
  private func serverText(_ day: CivilDate) -> String {
    let (year, month, dayOfMonth) = day.components
    let shown = year > 0 ? year : 1 - year
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
    }
    return "\(padded(shown, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + (year > 0 ? "" : " BC")
  }

  private var days: [CivilDate] {
    // 29 February of leap years of every kind, 4713 BC, 1 BC and AD 1, the last day of the server.
    let edges = [
      (2024, 2, 29), (2000, 2, 29), (1900, 2, 28), (0, 2, 29), (-4, 2, 29), (0, 12, 31), (1, 1, 1),
      (-4712, 1, 1), (9999, 12, 31), (10_000, 1, 1), (1969, 12, 31), (1999, 12, 31), (2000, 1, 1),
    ].compactMap { CivilDate(year: $0, month: $1, day: $2) }
    return random(9, edges) { numbers in
      CivilDate(daysSinceEpoch: Int32.random(in: -2_440_588...3_000_000, using: &numbers))
    }
  }

  @Test func datesAndTimes() async throws {
    try await compare("date", days, serverText)
    try await compare("date", [PostgresDate.infinity, .negativeInfinity, .day(days[0])]) { date in
      if case .day(let day) = date { serverText(day) } else { "\(date)" }
    }
    let clock = TimeOfDay(microseconds: 86_399_999_999)
    let moments = days.compactMap { Timestamp($0) } + [.infinity, .negativeInfinity]
    let text: (Timestamp) -> String = { moment in
      guard let (date, rest) = moment.civil, let time = TimeOfDay(microseconds: rest) else {
        return "\(moment)"
      }
      let day = serverText(date).split(separator: " ")
      return "\(day[0]) \(time)+00" + (day.count > 1 ? " BC" : "")
    }
    let some = random(10, moments) { numbers in
      Timestamp(
        microsecondsSince2000: Int64.random(
          in: -200_000_000_000_000_000...9_000_000_000_000_000_000, using: &numbers))
    }
    try await compare("timestamptz", some, text)
    try await compare("timestamp", some) { text($0).replacing("+00", with: "") }
    let times =
      random(11, [0, 1, 86_400_000_000, 43_200_000_000]) { numbers in
        Int64.random(in: 0...86_400_000_000, using: &numbers)
      }.compactMap { TimeOfDay(microseconds: $0) } + [clock].compactMap { $0 }
    try await compare("time", times) { "\($0)" }
    let zoned = times.enumerated().compactMap { index, time in
      ZonedTimeOfDay(time, secondsAheadOfUTC: Int32(index * 331 % 115_199 - 57_599))
    }
    try await compare("timetz", zoned) { "\($0)" }
    let spans = random(12, [Interval(), Interval(months: -1, days: 40, microseconds: -1)]) {
      Interval(
        months: $0.integer(Int32.self) / 16, days: $0.integer(Int32.self) / 16,
        // The server itself reads the seconds of an interval's text as binary floating point.
        microseconds: $0.integer(Int64.self) / 1_000_000)
    }
    try await compare("interval", spans) { "\($0)" }
  }

  @Test func textsAndBytes() async throws {
    let alphabet = Array("aZ09 \"'\\{},()[]\n\t\r%$&é支行🌳\u{1F468}\u{200D}\u{1F469}nullNULL;--")
    let texts = random(13, ["", " ", "NULL", "\\N", "''", "{}", "\\\\", "a\u{0301}"]) { numbers in
      String(
        (0..<Int.random(in: 0...40, using: &numbers)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)]
        })
    }
    try await compare("text", texts) { $0 }
    try await compare("varchar", texts) { $0 }
    try await compare("bpchar", texts) { $0 }
    try await compare("name", texts.filter { $0.utf8.count < 64 }) { $0 }
    let hex = Array("0123456789abcdef")
    let bytes = random(14, [[UInt8](), Array(0...255)]) { numbers in
      (0..<Int.random(in: 0...50, using: &numbers)).map { _ in numbers.integer(UInt8.self) }
    }
    let connection = try await connect()
    for value in bytes.prefix(100) {
      let text = "\\x" + value.map { "\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])" }.joined()
      let row = try await connection.row(
        "SELECT \(value)::text, \(text)::bytea, \(value)", as: (String, [UInt8], [UInt8]).self)
      #expect(row.0 == text && row.1 == value && row.2 == value)
    }
    try await compare(
      "uuid",
      random(15, [PostgresUUID(bits: 0), PostgresUUID(bits: .max)]) { numbers in
        PostgresUUID(bits: UInt128(numbers.next()) << 64 | UInt128(numbers.next()))
      }
    ) { "\($0)" }
    let json = ["null", "[]", #"{"a": [1, "x\"y", null, 1.50]}"#, #""支行""#, "1e400"]
    try await compare("jsonb", json.dropLast().map { JSONText($0) }) { $0.text }
    for text in json {
      let row = try await connection.row(
        "SELECT \(JSONText(text))::json, \(text)::json::text", as: (JSONText, String).self)
      #expect(row.0.text == text && row.1 == text)
    }
  }

  private func range<Bound: Comparable>(
    _ one: Bound, _ other: Bound, _ numbers: inout SeededRandom
  ) -> PostgresRange<Bound> {
    if one == other { return .empty }
    let lower = min(one, other)
    let upper = max(one, other)
    // The form in which the server keeps ranges of whole values.
    return switch Int.random(in: 0..<4, using: &numbers) {
    case 0: PostgresRange(from: nil, until: upper)
    case 1: PostgresRange(from: lower, until: nil)
    default: PostgresRange(from: lower, until: upper)
    }
  }

  @Test func rangesAndMultiranges() async throws {
    let everything = PostgresRange<Int>(from: nil, until: nil)
    let integers = random(16, [.empty, everything]) { numbers in
      range(numbers.integer(Int.self), numbers.integer(Int.self), &numbers)
    }
    try await compare("int8range", integers) { "\($0)" }
    try await compare(
      "int4range",
      random(17, [PostgresRange<Int32>.empty]) { numbers in
        range(numbers.integer(Int32.self), numbers.integer(Int32.self), &numbers)
      }
    ) { "\($0)" }
    let modern = days.filter { (1...9999).contains($0.components.year) }
    try await compare(
      "daterange",
      random(18, [PostgresRange<CivilDate>.empty]) { numbers in
        range(
          modern[Int.random(in: 0..<modern.count, using: &numbers)],
          modern[Int.random(in: 0..<modern.count, using: &numbers)], &numbers)
      }
    ) { "\($0)" }
    let tenth = ExactDecimal(coefficient: 1, scale: 1)
    let decimals: [PostgresRange<ExactDecimal>] = [
      .between(lower: .excluding(tenth), upper: .including(ExactDecimal(2))),
      .between(lower: .including(tenth), upper: .including(tenth)), .empty,
      .between(lower: .unbounded, upper: .excluding(tenth)),
    ]
    try await compare("numrange", decimals) { "\($0)" }
    let moment = try #require(Timestamp(modern[0]))
    try await compare(
      "tstzrange",
      [PostgresRange(from: moment, until: .infinity), PostgresRange(from: nil, until: moment)]
    ) { "\($0)" }
    let several: [PostgresMultirange<Int>] = [
      [], [everything], [PostgresRange(from: 1, until: 5), PostgresRange(from: 7, until: nil)],
    ]
    try await compare("int8multirange", several) { "\($0)" }
    let dates: [PostgresMultirange<CivilDate>] = [
      [], [PostgresRange(from: modern[0], until: nil)],
    ]
    try await compare("datemultirange", dates) { "\($0)" }
    try await compare("nummultirange", [[decimals[0]], []] as [PostgresMultirange<ExactDecimal>]) {
      "\($0)"
    }
  }

  @Test func theNumbersOfTypesAreTheServers() async throws {
    let connection = try await connect()
    let rows = try await connection.rows(
      """
      SELECT oid, format_type(oid, NULL), typarray,
        -- Arrays of records are filed among the pseudo-types.
        CASE WHEN typcategory = 'A' OR oid = 'record[]'::regtype THEN typelem END
      FROM pg_type
      WHERE oid < 16384 AND typnamespace = 'pg_catalog'::regnamespace
      """, as: (UInt32, String, UInt32, UInt32?).self)
    var known = 0
    for (oid, name, array, element) in rows {
      let type = PostgresType(oid: oid)
      if let ours = type.array { #expect(ours.oid == array, "\(name)") }
      if let ours = type.element { #expect(ours.oid == element, "\(name)") }
      if type.description.hasPrefix("type with oid") { continue }
      #expect(type.description == name)
      known += 1
    }
    #expect(known > 60)
  }

  @Test func moneyIsRefusedWithItsReason() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT 1::money AS price", as: ExactDecimal.self)
    }
    #expect(error?.column == "price")
    #expect(error?.message.contains("locale; cast it: …::numeric") == true)
    let grid = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT ARRAY[[1, 2], [3, 4]] AS grid", as: [Int].self)
    }
    #expect(grid?.message.contains("2 dimensions") == true && grid?.column == "grid")
  }
}
