import LibPQ
import Quantities
import Testing

@Suite struct RowTests {
  @Test func rowsBecomeTuples() async throws {
    let connection = try await connect()
    let rows = try await connection.rows(
      "SELECT n, 'row ' || n, n % 2 = 0, nullif(n, 2) FROM generate_series(1, 3) AS n ORDER BY n",
      as: (Int, String, Bool, Int32?).self)
    #expect(rows.map(\.0) == [1, 2, 3])
    #expect(rows.map(\.1) == ["row 1", "row 2", "row 3"])
    #expect(rows.map(\.2) == [false, true, false])
    #expect(rows.map(\.3) == [1, nil, 3])
  }

  @Test func rowsBecomeWhatTheClosureMakes() async throws {
    struct Page: Equatable { var id: Int, name: String? }
    let connection = try await connect()
    let pages = try await connection.withConnection { connection in
      try connection.rows("SELECT 1 AS id, NULL::text AS name UNION ALL SELECT 2, 'b' ORDER BY 1") {
        Page(id: try $0["id"], name: try $0[1])
      }
    }
    #expect(pages == [Page(id: 1, name: nil), Page(id: 2, name: "b")])
  }

  @Test func oneRowMeansOne() async throws {
    let connection = try await connect()
    #expect(try await connection.value("SELECT 42", as: Int.self) == 42)
    #expect(try await connection.optionalRow("SELECT 1 WHERE false", as: Int.self) == nil)
    let pair = try await connection.optionalRow("SELECT 1, 'x'", as: (Int, String).self)
    #expect(pair?.1 == "x")
    for query: Query in ["SELECT 1 WHERE false", "SELECT generate_series(1, 2)"] {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.value(query, as: Int.self)
      }
      #expect(error?.kind == .usage)
      #expect(error?.queryLabel == query.text)
    }
    let none = await #expect(throws: PostgresError.self) {
      try await connection.value("CREATE TEMP TABLE nothing ()", as: Int.self)
    }
    #expect(none?.message.contains("execute") == true)
  }

  @Test func theLimitProtectsMemory() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.rows("SELECT generate_series(1, 10000000)", as: Int.self, limit: 1_000)
    }
    #expect(error?.message.contains("1000") == true)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func forEachRowStreamsAndStops() async throws {
    struct Enough: Error {}
    let connection = try await connect()
    try await connection.withConnection { connection in
      var sum = 0
      try connection.forEachRow("SELECT n FROM generate_series(1, 100000) AS n", as: Int.self) {
        sum += $0
      }
      #expect(sum == 5_000_050_000)
      var seen = 0
      #expect(throws: Enough.self) {
        try connection.forEachRow("SELECT generate_series(1, 100000000)") { row in
          seen = try row[0]
          if row.number == 10 { throw Enough() }
        }
      }
      #expect(seen == 10)
      #expect(try connection.value("SELECT 'still here'", as: String.self) == "still here")
    }
  }

  @Test func aFailedDecodeSaysWhere() async throws {
    let connection = try await connect()
    let null = await #expect(throws: PostgresError.self) {
      try await connection.rows(
        Query("SELECT nullif(n, 3) AS amount FROM generate_series(1, 5) n").labelled("amounts"),
        as: Int.self)
    }
    #expect(null?.kind == .decoding)
    #expect(null?.column == "amount")
    #expect(null?.row == 3)
    #expect(null?.queryLabel == "amounts")
    #expect(null?.description.contains("NULL") == true)
    let type = await #expect(throws: PostgresError.self) {
      try await connection.rows("SELECT 1.5 AS rate", as: Double.self)
    }
    #expect(type?.message.contains("numeric") == true)
    let count = await #expect(throws: PostgresError.self) {
      try await connection.rows("SELECT 1, 2", as: Int.self)
    }
    #expect(count?.message.contains("2 columns") == true)
    let name = await #expect(throws: PostgresError.self) {
      try await connection.withConnection { connection in
        try connection.rows("SELECT 1 AS a, 2 AS b") { row in try row["c"] as Int }
      }
    }
    #expect(name?.message.contains("a, b") == true)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func reportsDecodeWhateverComes() async throws {
    let connection = try await connect()
    let cells = try await connection.withConnection { connection in
      try connection.rows(
        """
        SELECT NULL::int, true, 7::smallint, 1.50, 'x'::varchar, '2024-02-29'::date, '[1]'::jsonb,
          ARRAY[1, NULL]
        """
      ) { row in
        try (0..<row.columnCount).map { try row[$0] as PostgresValue }
      }
    }
    #expect(
      cells[0] == [
        .null, .bool(true), .integer(7), .decimal(ExactDecimal(coefficient: 150, scale: 2)),
        .text("x"), .date(try #require(CivilDate("2024-02-29"))), .json("[1]"),
        .array([.integer(1), .null]),
      ])
    #expect(cells[0][3].description == "1.50")
  }

  @Test func reportsDecodeWhatHoldsOtherValues() async throws {
    let connection = try await connect()
    // Every value with the text that the server itself makes of it.
    let expressions = [
      "time '12:30:00.5'", "time with time zone '12:30+08'", "interval '1 mon 2 days 03:00'",
      "int4range(1, 5)", "int8range(NULL, 7)", "numrange(1.5, 2.5, '[]')",
      "daterange('2024-02-28', '2024-03-01')", "'empty'::daterange",
      "int4multirange(int4range(1, 3), int4range(7, NULL))", "'{}'::nummultirange",
      "ROW(1, 'x', NULL, ROW(2.50, ARRAY['a', 'b']))", "ARRAY[ROW(1, true)]",
    ]
    for expression in expressions {
      let (value, text) = try await connection.row(
        Query(unsafeSQL: "SELECT value, value::text FROM (SELECT \(expression) AS value) AS one"),
        as: (PostgresValue, String).self)
      let plain = text.filter { !"\"\\".contains($0) }
      let shown = value.description
      // The server writes booleans as letters, and intervals and times in forms of its own.
      if expression.contains("true") || expression.contains("interval")
        || expression.contains("time ")
      {
        #expect(value != .text(shown), "\(expression)")
      } else {
        #expect(shown == plain, "\(expression)")
      }
    }
    #expect(
      try await connection.value("SELECT interval '1 mon'", as: PostgresValue.self)
        == .interval(Interval(months: 1)))
  }

  @Test func bytesOfATypeThatIsNoTextAreRefused() async throws {
    let connection = try await connect()
    let schema = "raw_\(UInt32.random(in: 0 ... .max))"
    try await connection.executeScript(
      unsafeSQL: """
        CREATE SCHEMA \(schema);
        SET search_path = \(schema);
        CREATE TYPE raw;
        CREATE FUNCTION raw_in(cstring) RETURNS raw LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
        CREATE FUNCTION raw_out(raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT
          AS 'byteaout';
        CREATE FUNCTION raw_send(raw) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT
          AS 'byteasend';
        CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, SEND = raw_send);
        """)
    let error = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT '\\xfffe'::raw AS raw", as: String.self)
    }
    #expect(error?.kind == .decoding && error?.column == "raw")
    #expect(error?.message.contains("is no text; cast it") == true)
    try await connection.executeScript(unsafeSQL: "DROP SCHEMA \(schema) CASCADE")
  }
}
