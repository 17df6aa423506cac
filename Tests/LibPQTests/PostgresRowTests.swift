import LibPQ
import Quantities
import Testing

/// Rows that become structures, their columns found by name.
@Suite struct PostgresRowTests {
  private struct Page: PostgresRow, Equatable {
    var id: Int
    var title: String?
    var score: ExactDecimal
    static let shape = RowShape(Page.init, "id", "title", "score")
  }

  private static let query: Query = """
    SELECT n * 0.5 AS score, n AS id, CASE WHEN n % 2 = 0 THEN 'page ' || n END AS title
    FROM generate_series(1, 5) AS n
    ORDER BY n
    """

  private static let pages = (1...5).map { n in
    Page(
      id: n, title: n % 2 == 0 ? "page \(n)" : nil,
      score: ExactDecimal(coefficient: Int128(5 * n), scale: 1))
  }

  @Test func rowsBecomeStructures() async throws {
    let connection = try await connect()
    #expect(try await connection.rows(Self.query, as: Page.self) == Self.pages)
    let inferred: [Page] = try await connection.rows(Self.query)
    #expect(inferred == Self.pages)
    let one: Query = "SELECT 7 AS id, 'x' AS title, 1.5 AS score"
    let seven = Page(id: 7, title: "x", score: ExactDecimal(coefficient: 15, scale: 1))
    #expect(try await connection.row(one, as: Page.self) == seven)
    #expect(try await connection.optionalRow(one, as: Page.self) == seven)
    let none: Query = "\(query: one) WHERE false"
    #expect(try await connection.optionalRow(none, as: Page.self) == nil)
    #expect(try await connection.rows(none, as: Page.self).isEmpty)
    let noRow = await #expect(throws: PostgresError.self) {
      try await connection.row(none, as: Page.self)
    }
    #expect(noRow?.kind == .usage)
    let many = await #expect(throws: PostgresError.self) {
      try await connection.optionalRow(Self.query, as: Page.self)
    }
    #expect(many?.kind == .usage)
  }

  @Test func everyWayGivesTheSameRows() async throws {
    let connection = try await connect()
    let (each, piped, copied) = try await connection.withConnection { connection in
      var each: [Page] = []
      try connection.forEachRow(Self.query, as: Page.self) { each.append($0) }
      let piped = try connection.pipeline { try $0.rows(Self.query, as: Page.self) }.get()
      var copied: [Page] = []
      try connection.copyBinary(from: Self.query, as: Page.self) { copied.append($0) }
      return (each, piped, copied)
    }
    #expect(each == Self.pages)
    #expect(piped == Self.pages)
    #expect(copied == Self.pages)
    var streamed: [Page] = []
    for try await page in connection.stream(Self.query, as: Page.self, batchSize: 2) {
      streamed.append(page)
    }
    #expect(streamed == Self.pages)
  }

  @Test func theLimitProtectsMemory() async throws {
    let connection = try await connect()
    let query: Query =
      "SELECT n AS id, 'x' AS title, 1.5 AS score FROM generate_series(1, 1000000) n"
    let error = await #expect(throws: PostgresError.self) {
      try await connection.rows(query, as: Page.self, limit: 1_000)
    }
    #expect(error?.message.contains("more than 1000 rows") == true)
    var seen = 0
    for try await page in connection.stream(query, as: Page.self) {
      seen = page.id
      if seen == 700 { break }
    }
    #expect(seen == 700)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aShapeCanBeOfAnyFunction() async throws {
    struct Total: PostgresRow {
      let text: String
      static var shape: some RowDecoding<Total> {
        RowShape({ (count: Int, name: String) in Total(text: "\(count) \(name)") }, "count", "name")
      }
    }
    let connection = try await connect()
    #expect(
      try await connection.row("SELECT 'x' AS name, 3 AS count", as: Total.self).text == "3 x")
  }

  @Test func columnsThatDoNotFitAreNamed() async throws {
    let connection = try await connect()
    let wrong: [(query: Query, column: String, words: String)] = [
      ("SELECT 1 AS id, 'x' AS title", "score", "has no column score, which Page needs"),
      ("SELECT 1 AS id, 'x' AS title, 1.5 AS score, 2 AS rank", "rank", "Page does not take"),
      ("SELECT 1 AS id, 2 AS id, 'x' AS title, 1.5 AS score", "id", "2 columns named id"),
      ("SELECT 'y' AS id, 'x' AS title, 1.5 AS score", "id", "cannot become Int"),
    ]
    for (query, column, words) in wrong {
      // An empty result has the same columns.
      for query in [query, "\(query: query) WHERE false"] {
        let labelled = query.labelled("pages of the day")
        let attempts: [@Sendable (isolated Connection) throws -> Void] = [
          { _ = try $0.rows(labelled, as: Page.self) },
          { _ = try $0.optionalRow(labelled, as: Page.self) },
          { try $0.forEachRow(labelled, as: Page.self) { _ in } },
          { try $0.copyBinary(from: labelled, as: Page.self) { _ in } },
          { _ = try $0.pipeline { try $0.rows(labelled, as: Page.self) }.get() },
        ]
        for attempt in attempts {
          let error = await #expect(throws: PostgresError.self) {
            try await connection.withConnection(attempt)
          }
          #expect(error?.kind == .decoding)
          #expect(error?.column == column)
          #expect(error?.queryLabel == "pages of the day")
          #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        }
        let error = await #expect(throws: PostgresError.self) {
          for try await _ in connection.stream(labelled, as: Page.self) {}
        }
        #expect(error?.column == column && error?.queryLabel == "pages of the day")
      }
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aValueThatDoesNotFitIsNamed() async throws {
    let connection = try await connect()
    let query = Query(
      """
      SELECT nullif(n, 3) AS id, 'x' AS title, CASE n WHEN 4 THEN 'NaN' ELSE 1.5 END AS score
      FROM generate_series(1, 5) AS n
      """
    ).labelled("pages of the day")
    let attempts: [@Sendable (isolated Connection) throws -> Void] = [
      { _ = try $0.rows(query, as: Page.self) },
      { try $0.forEachRow(query, as: Page.self) { _ in } },
      { try $0.copyBinary(from: query, as: Page.self) { _ in } },
      { _ = try $0.pipeline { try $0.rows(query, as: Page.self) }.get() },
    ]
    for attempt in attempts {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.withConnection(attempt)
      }
      #expect(error?.kind == .decoding)
      #expect(error?.column == "id" && error?.row == 3)
      #expect(error?.queryLabel == "pages of the day")
      #expect(error?.description.contains("id, of row 3 cannot become Int: it is NULL") == true)
    }
    let error = await #expect(throws: PostgresError.self) {
      for try await _ in connection.stream(query, as: Page.self, batchSize: 2) {}
    }
    #expect(error?.column == "id" && error?.row == 3)
  }
}
