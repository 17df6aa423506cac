import LibPQ
import Quantities
import Testing

/// Every type goes to the server and back, and the server's own text of it is compared.
@Suite struct TypeTests {
  /// Sends a value, and returns what comes back together with the server's text of it.
  private func roundTrip<Value: PostgresEncodable & PostgresDecodable>(
    _ value: Value, _ connection: isolated Connection
  ) throws -> (Value, String) {
    try connection.row(
      "SELECT value, value::text FROM (SELECT \(value) AS value) AS sent", as: (Value, String).self)
  }

  @Test func scalars() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      for number in [Int16.min, -1, 0, 1, .max] {
        #expect(try roundTrip(number, connection) == (number, "\(number)"))
      }
      for number in [Int32.min, -1, 0, 1, .max] {
        #expect(try roundTrip(number, connection) == (number, "\(number)"))
      }
      for number in [Int64.min, -1, 0, 1, .max] {
        #expect(try roundTrip(number, connection) == (number, "\(number)"))
      }
      #expect(try roundTrip(true, connection) == (true, "true"))
      #expect(try roundTrip(false, connection) == (false, "false"))
      for number in [0, -1.5, 1e300, .infinity, -.infinity, Double.leastNonzeroMagnitude] {
        #expect(try roundTrip(number, connection).0 == number)
      }
      #expect(try roundTrip(Double.nan, connection).0.isNaN)
      #expect(try roundTrip(Float(0.1), connection).0 == 0.1)
      for bytes: [UInt8] in [[], [0, 1, 255], Array(repeating: 7, count: 100_000)] {
        #expect(try roundTrip(bytes, connection).0 == bytes)
      }
      for text in ["", "plain", "支行 🌳 é", #"quote ' " \ "#, String(repeating: "x", count: 70_000)] {
        #expect(try connection.value("SELECT \(text)::text", as: String.self) == text)
      }
      #expect(try connection.value("SELECT \(Int?.none)", as: Int?.self) == nil)
      #expect(try connection.value("SELECT \(Int?.some(3))", as: Int?.self) == 3)
      #expect(try connection.value("SELECT \(String?.none)::text", as: String?.self) == nil)
      // Narrow integers widen.
      #expect(try connection.value("SELECT 7::smallint", as: Int.self) == 7)
      #expect(try connection.value("SELECT -7", as: Int64.self) == -7)
    }
  }

  @Test func numericIsExact() async throws {
    let texts = [
      "0", "0.00", "1", "-1", "10000", "9999", "0.0001", "0.00010", "0.00001",
      "123456789.123456789",
      "-99999999999999999999999999999999999.999", "100000000000000000000000000000000000000",
      "170141183460469231731687303715884105727", "-0.5", "12.30", "1000000", "0.1", "5000.05",
      "0.00000000000000000000000000000000000001", "12345678901234567890123456789012345.678",
    ]
    try await connect().withConnection { (connection: isolated Connection) throws in
      for text in texts {
        let number = try #require(ExactDecimal(text))
        let (back, serverText) = try roundTrip(number, connection)
        #expect(serverText == text)
        #expect(back.coefficient == number.coefficient && back.scale == number.scale)
      }
      for _ in 0..<2_000 {
        let digits = Int.random(in: 1...37)
        let limit = (0..<digits).reduce(Int128(1)) { product, _ in product * 10 }
        let number = ExactDecimal(
          coefficient: Int128.random(in: -limit...limit), scale: Int.random(in: 0...45))
        let (back, serverText) = try roundTrip(number, connection)
        #expect(back.coefficient == number.coefficient && back.scale == number.scale)
        #expect(ExactDecimal(serverText)?.coefficient == number.coefficient)
      }
      let tiny = ExactDecimal(coefficient: 7, scale: 16_383)
      #expect(try roundTrip(tiny, connection).0.coefficient == 7)
      #expect(try connection.value("SELECT 5::bigint", as: ExactDecimal.self) == ExactDecimal(5))
      for text: Query in ["'NaN'", "'Infinity'", "'-Infinity'", "1e40", "1.5e38"] {
        let error = #expect(throws: PostgresError.self) {
          try connection.value("SELECT \(query: text)::numeric * 2", as: ExactDecimal.self)
        }
        #expect(error?.kind == .decoding)
      }
    }
  }

  @Test func datesAndTimestamps() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      for text in [
        "2000-01-01", "1993-12-31", "2024-02-29", "1900-03-01", "9999-12-31", "0001-01-01",
      ] {
        let day = try #require(CivilDate(text))
        #expect(try roundTrip(day, connection) == (day, text))
      }
      let early = try #require(CivilDate(year: -4711, month: 2, day: 29) ?? CivilDate("0001-01-01"))
      #expect(try roundTrip(early, connection).0 == early)
      let infinite = #expect(throws: PostgresError.self) {
        try connection.value("SELECT 'infinity'::date", as: CivilDate.self)
      }
      #expect(infinite?.message.contains("infinity") == true)

      let moment = try connection.value(
        "SELECT '1999-12-31 23:59:59.000001+00'::timestamptz", as: Timestamp.self)
      #expect(moment.microsecondsSince2000 == -999_999)
      #expect(moment.description == "1999-12-31T23:59:59.000001Z")
      #expect(try roundTrip(moment, connection).1 == "1999-12-31 23:59:59.000001+00")
      for edge in [Timestamp.infinity, .negativeInfinity] {
        #expect(try roundTrip(edge, connection) == (edge, edge.description))
      }
      let plain = try connection.value("SELECT '2024-02-29 12:30'::timestamp", as: Timestamp.self)
      #expect(plain.description == "2024-02-29T12:30:00Z")
      #expect(
        Timestamp(try #require(CivilDate("2024-02-29")), microsecondsOfDay: 45_000_000_000) == plain
      )
      let now = try connection.value("SELECT clock_timestamp()", as: Timestamp.self)
      #expect(abs(now.microsecondsSince2000 - Timestamp.now.microsecondsSince2000) < 60_000_000)
    }
  }

  @Test func identifiersAndJSON() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      let text = "01234567-89ab-cdef-0123-456789abcdef"
      let identifier = try #require(PostgresUUID(text))
      #expect(try roundTrip(identifier, connection) == (identifier, text))
      #expect(PostgresUUID("01234567-89ab-cdef-0123-456789abcdeg") == nil)
      #expect(PostgresUUID.random().description.dropFirst(14).first == "4")
      let json: JSONText = #"{"a": [1, "x"]}"#
      #expect(try connection.value("SELECT \(json)::jsonb", as: JSONText.self) == json)
      #expect(try connection.value("SELECT \(json)::json", as: String.self) == json.text)
    }
  }

  @Test func arrays() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      #expect(try roundTrip([3, 1, 2], connection).0 == [3, 1, 2])
      #expect(try roundTrip([Int](), connection).0.isEmpty)
      #expect(try roundTrip([1, nil, 3] as [Int32?], connection).0 == [1, nil, 3])
      let decimals = ["1.50", "-0.01"].compactMap { ExactDecimal($0) }
      #expect(try roundTrip(decimals, connection) == (decimals, "{1.50,-0.01}"))
      let texts = ["a", "", "NULL", #"quo"te\"#, "{x,y}", "支行"]
      #expect(try connection.value("SELECT \(texts)::text[]", as: [String].self) == texts)
      let optional: [String?] = ["a", nil]
      #expect(try connection.value("SELECT \(optional)::text[]", as: [String?].self) == optional)
      let null = #expect(throws: PostgresError.self) {
        try connection.value("SELECT ARRAY['a', NULL]", as: [String].self)
      }
      #expect(null?.kind == .decoding)
      let pairs = try connection.rows(
        "SELECT * FROM unnest(\([1, 2]), \(["x", "y"])::text[]) ORDER BY 1",
        as: (Int, String).self)
      #expect(pairs.map(\.1) == ["x", "y"])
      #expect(throws: PostgresError.self) {
        try connection.value("SELECT ARRAY[[1, 2], [3, 4]]", as: [Int].self)
      }
    }
  }

  @Test func timesAndIntervals() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      for text in ["00:00:00", "23:59:59.999999", "24:00:00", "12:30:00.5"] {
        let time = try connection.value("SELECT \(text)::time", as: TimeOfDay.self)
        #expect(try roundTrip(time, connection) == (time, text))
      }
      #expect(TimeOfDay(microseconds: 45_000_000_001)?.description == "12:30:00.000001")
      #expect(TimeOfDay(microseconds: 86_400_000_001) == nil)
      let interval = try connection.value(
        "SELECT '1 year 2 mons -3 days 04:05:06.7'::interval", as: Interval.self)
      #expect(interval == Interval(months: 14, days: -3, microseconds: 14_706_700_000))
      #expect(try roundTrip(interval, connection).1 == "1 year 2 mons -3 days +04:05:06.7")
      #expect(interval.description == "P14M-3DT14706.700000S")
      #expect(Interval().description == "PT0S")
    }
  }

  @Test func ranges() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      let from = try #require(CivilDate("2024-01-01"))
      let until = try #require(CivilDate("2024-02-01"))
      let month = PostgresRange(from: from, until: until)
      #expect(try roundTrip(month, connection) == (month, "[2024-01-01,2024-02-01)"))
      #expect(month.description == "[2024-01-01,2024-02-01)")
      let open = PostgresRange<CivilDate>(from: from, until: nil)
      #expect(try roundTrip(open, connection) == (open, "[2024-01-01,)"))
      #expect(try roundTrip(PostgresRange<Int>.empty, connection) == (.empty, "empty"))
      let amounts = PostgresRange<ExactDecimal>.between(
        lower: .excluding(ExactDecimal(1)), upper: .including(ExactDecimal(2)))
      #expect(try roundTrip(amounts, connection) == (amounts, "(1,2]"))
      let several = try connection.value(
        "SELECT ARRAY['[1,5)'::int8range, 'empty']", as: [PostgresRange<Int>].self)
      #expect(several == [PostgresRange(from: 1, until: 5), .empty])
    }
  }

  @Test func enumArrays() async throws {
    enum Side: String, PostgresEncodable, PostgresDecodable { case debit, credit }
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.executeScript(
        unsafeSQL: "CREATE TYPE pg_temp.side AS ENUM ('debit', 'credit')")
      let sides = try connection.value(
        "SELECT \([Side.credit, .debit])::pg_temp.side[]", as: [Side].self)
      #expect(sides == [.credit, .debit])
      let composite = #expect(throws: PostgresError.self) {
        try connection.value("SELECT row(1, 'x')::pg_catalog.record", as: String.self)
      }
      #expect(composite?.kind == .decoding)
      let money = #expect(throws: PostgresError.self) {
        try connection.value("SELECT 1::money", as: ExactDecimal.self)
      }
      #expect(money?.message.contains("money") == true)
    }
  }
}
