import LibPQ
import Testing

@Suite struct StatementCacheTests {
  private static let prepared: Query =
    "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql"

  @Test func theFifthUsePrepares() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      for round in 1...4 {
        #expect(try connection.value("SELECT \(round) + 1", as: Int.self) == round + 1)
      }
      #expect(try connection.value(Self.prepared, as: Int.self) == 0)
      for round in 5...20 {
        #expect(try connection.value("SELECT \(round) + 1", as: Int.self) == round + 1)
      }
      #expect(try connection.value(Self.prepared, as: Int.self) == 1)
      // The same text with another type of parameter is another statement.
      for round in 1...5 {
        let half: Double = try connection.value("SELECT \(Double(round)) + 1")
        #expect(half == Double(round) + 1)
      }
      #expect(try connection.value(Self.prepared, as: Int.self) == 2)
    }
  }

  @Test func theLeastRecentlyUsedMakesRoom() async throws {
    let connection = try await connect { $0.preparedStatements = .onUse(1, limit: 3) }
    try await connection.withConnection { connection in
      for number in 1...10 {
        try connection.execute(Query(unsafeSQL: "SELECT \(number)"))
        try connection.execute("SELECT 'kept'")
      }
      let texts = try connection.rows(
        "SELECT statement FROM pg_prepared_statements WHERE NOT from_sql ORDER BY 1",
        as: String.self)
      #expect(texts.count <= 3)
      #expect(texts.contains("SELECT 'kept'"))
    }
  }

  @Test func nothingIsPreparedWhenItIsOff() async throws {
    let connection = try await connect { $0.preparedStatements = .off }
    try await connection.withConnection { connection in
      for _ in 1...10 { try connection.execute("SELECT 'off'") }
      #expect(try connection.value(Self.prepared, as: Int.self) == 0)
    }
  }

  @Test func aMigrationElsewhereDoesNotBreakAQuery() async throws {
    let table = "migrated_\(UInt32.random(in: 0 ... .max))"
    let connection = try await connect()
    let other = try await connect()
    try await other.execute("CREATE TABLE \(identifier: table) (id int)")
    try await other.execute("INSERT INTO \(identifier: table) VALUES (1)")
    for _ in 1...6 {
      #expect(
        try await connection.rows("SELECT * FROM \(identifier: table)", as: Int.self) == [1])
    }
    try await other.execute("ALTER TABLE \(identifier: table) ADD name text DEFAULT 'x'")
    let rows = try await connection.rows(
      "SELECT * FROM \(identifier: table)", as: (Int, String).self)
    #expect(rows.map(\.1) == ["x"])
    try await other.execute("DROP TABLE \(identifier: table)")
  }

  @Test func aMigrationHereDoesNotBreakAQuery() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.execute("CREATE TEMP TABLE changing (id int)")
      try connection.execute("INSERT INTO changing VALUES (1)")
      for _ in 1...6 { _ = try connection.rows("SELECT * FROM changing", as: Int.self) }
      try connection.transaction { connection in
        try connection.execute("ALTER TABLE changing ADD name text DEFAULT 'x'")
        let row = try connection.row("SELECT * FROM changing", as: (Int, String).self)
        #expect(row.1 == "x")
      }
      for _ in 1...6 { _ = try connection.row("SELECT * FROM changing", as: (Int, String).self) }
      try connection.execute("DISCARD ALL")
      for _ in 1...6 { #expect(try connection.value("SELECT 7", as: Int.self) == 7) }
      try connection.executeScript(unsafeSQL: "DEALLOCATE ALL")
      #expect(try connection.value("SELECT 7", as: Int.self) == 7)
    }
  }

  @Test func aStatementThatCannotBePreparedSaysWhy() async throws {
    let connection = try await connect { $0.preparedStatements = .onUse(1, limit: 8) }
    for _ in 1...3 {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute("SELECT nonsense FROM nowhere")
      }
      #expect(error?.sqlState == .undefinedTable)
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func definitionsThatARollbackTakesBackDoNotBreakAQuery() async throws {
    struct TakenBack: Error {}
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.execute("CREATE TEMP TABLE changing (id int)")
      try connection.execute("INSERT INTO changing VALUES (7)")
      let count: Query = "SELECT count(*) FROM changing WHERE id = \("7")"
      #expect(throws: TakenBack.self) {
        try connection.transaction { connection in
          try connection.execute("ALTER TABLE changing ALTER id TYPE text")
          // Prepared with a text as the type of its parameter.
          for _ in 1...6 { #expect(try connection.value(count, as: Int.self) == 1) }
          throw TakenBack()
        }
      }
      #expect(try connection.value(count, as: Int.self) == 1)
    }
  }

  @Test func theSearchPathDecidesAnew() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.executeScript(
        unsafeSQL: """
          CREATE SCHEMA path_one CREATE TABLE facts (id int);
          CREATE SCHEMA path_two CREATE TABLE facts (id text);
          INSERT INTO path_one.facts VALUES (1);
          INSERT INTO path_two.facts VALUES ('two');
          SET search_path = path_one;
          """)
      let query: Query = "SELECT id::text FROM facts"
      for _ in 1...8 { #expect(try connection.value(query, as: String.self) == "1") }
      try connection.execute("SET search_path = path_two")
      for _ in 1...8 { #expect(try connection.value(query, as: String.self) == "two") }
      // A temporary table comes before the others, and goes again.
      try connection.execute("CREATE TEMP TABLE facts AS SELECT 3.5::numeric AS id")
      for _ in 1...8 { #expect(try connection.value(query, as: String.self) == "3.5") }
      try connection.execute("DISCARD TEMP")
      for _ in 1...8 { #expect(try connection.value(query, as: String.self) == "two") }
      try connection.executeScript(
        unsafeSQL: "RESET search_path; DROP SCHEMA path_one, path_two CASCADE")
    }
  }
}
