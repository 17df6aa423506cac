import LibPQ
import Testing

@Suite struct QueryTests {
  @Test func valuesAreParametersAndNamesAreQuoted() {
    let name = "x'; DROP TABLE accounts; --"
    let query: Query = "SELECT * FROM \(identifier: "pay", "run\"s") WHERE name = \(name)"
    #expect(query.text == #"SELECT * FROM "pay"."run""s" WHERE name = $1"#)
  }

  @Test func nestedQueriesAreRenumbered() async throws {
    let inner: Query = "é = \("é") AND \(7) = 7"
    let outer: Query = "SELECT \(1) WHERE '\(query: inner)' = \(2) OR \(query: "\(3)")"
    #expect(outer.text == "SELECT $1 WHERE 'é = $2 AND $3 = 7' = $4 OR $5")
    let connection = try await connect()
    let condition: Query = "number % \(3) = \(1) AND label <> \("none")"
    let rows = try await connection.rows(
      """
      SELECT number FROM generate_series(\(1), \(10)) AS number, (SELECT 'some'::text AS label) l
      WHERE \(query: condition) AND number > \(1) ORDER BY 1
      """, as: Int.self)
    #expect(rows == [4, 7, 10])
  }

  @Test func injectionStaysAValue() async throws {
    let connection = try await connect()
    let hostile = "'; SELECT 1; -- \\ \" $1 {}"
    #expect(try await connection.value("SELECT \(hostile)::text", as: String.self) == hostile)
    let named = try await connection.describe("SELECT 1 AS \(identifier: hostile)")
    #expect(named.map(\.name) == [hostile])
  }

  @Test func aZeroByteIsRefusedBeforeItIsSent() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.execute("SELECT \("a\0b")::text")
    }
    #expect(error?.kind == .encoding)
    #expect(error?.message.contains("parameter 1") == true)
  }

  @Test func theServerInfersTheTypeOfTexts() async throws {
    let connection = try await connect()
    try await connection.withConnection { connection in
      try connection.executeScript(
        unsafeSQL: """
          CREATE TYPE pg_temp.side AS ENUM ('debit', 'credit');
          CREATE TEMP TABLE entries (side pg_temp.side, day date, amount numeric(8, 2));
          """)
      try connection.execute(
        "INSERT INTO entries VALUES (\("debit"), \("2024-02-29"), \("12.5"))")
      let found = try connection.row(
        "SELECT side, day::text, amount::text FROM entries WHERE side = \(Side.debit)",
        as: (Side, String, String).self)
      #expect(found.0 == .debit && found.1 == "2024-02-29" && found.2 == "12.50")
      let several = try connection.value(
        "SELECT count(*) FROM entries WHERE side = any(\([Side.debit, .credit]))", as: Int.self)
      #expect(several == 1)
      // A case that Swift does not know is a clear error.
      try connection.executeScript(unsafeSQL: "ALTER TYPE pg_temp.side ADD VALUE 'neither'")
      let unknown = #expect(throws: PostgresError.self) {
        try connection.value("SELECT 'neither'::pg_temp.side", as: Side.self)
      }
      #expect(unknown?.kind == .decoding)
    }
  }

  enum Side: String, PostgresEncodable, PostgresDecodable { case debit, credit }

  @Test func describeNamesColumnsAndTypes() async throws {
    let connection = try await connect()
    let columns = try await connection.describe(
      "SELECT 1::bigint AS id, 2::numeric(18, 2) AS amount, \("x")::varchar(20) AS name")
    #expect(columns.map(\.name) == ["id", "amount", "name"])
    #expect(columns.map(\.type) == [.int8, .numeric, .varchar])
    #expect(columns.map(\.typeName) == ["bigint", "numeric(18,2)", "character varying(20)"])
    #expect(try await connection.describe("CREATE TEMP TABLE t (a int)").isEmpty)
    #expect(try await connection.value("SELECT to_regclass('t')::text", as: String?.self) == nil)
  }

  @Test func aZeroByteInTheSQLIsRefusedToo() async throws {
    let connection = try await connect()
    for query in [Query(unsafeSQL: "SELECT 1 \0 + nonsense"), "SELECT 1 \0 + \(2)"] {
      let error = await #expect(throws: PostgresError.self) { try await connection.execute(query) }
      #expect(error?.kind == .encoding)
      #expect(error?.message.contains("zero byte") == true)
      let piped = await #expect(throws: PostgresError.self) {
        try await connection.withConnection { connection in
          try connection.pipeline { try $0.execute(query) }
          return 0
        }
      }
      #expect(piped?.kind == .encoding)
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }
}
