import LibPQ
import Quantities
import Testing

/// The code of the articles about money and COPY; see ``ArticleTests``.
@Suite struct DataSnippets {
  @Test func countsMoney() async throws {
    let connection = try await connect()
    // snippet: money
    let price = ExactDecimal(coefficient: 10, scale: 2)  // 0.10
    let sum = try await connection.value("SELECT \(price) + 0.20", as: ExactDecimal.self)
    // end
    #expect(sum == ExactDecimal("0.30"))
  }

  @Test func refusesWhatIsNoNumber() async throws {
    let connection = try await connect()
    // snippet: nan
    do {
      _ = try await connection.value("SELECT 'NaN'::numeric AS rate", as: ExactDecimal.self)
    } catch {
      print(error)  // … row 1 cannot become ExactDecimal: it is NaN …
    }
    // end
  }

  @Test func copiesIn() async throws {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: "CREATE TEMP TABLE pages (id bigint, name text, price numeric)")
    // snippet: copying-in
    let rows = try await connection.withConnection { connection in
      try connection.copyBinary(into: "pages", columns: ["id", "name", "price"]) { writer in
        for id in 1...1000 {
          try writer.row(Int64(id), "page \(id)", ExactDecimal(coefficient: Int128(id), scale: 2))
        }
      }
    }
    // end
    #expect(rows == 1000)
    // snippet: copying-out
    let total = try await connection.withConnection { connection in
      var total = ExactDecimal.zero
      try connection.copyBinary(
        from: "SELECT name, price FROM pages", as: (String, ExactDecimal).self
      ) { _, price in
        total = try total + price
      }
      return total
    }
    // end
    #expect(total == ExactDecimal("5005.00"))
  }

  @Test func copiesText() async throws {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: "CREATE TEMP TABLE pages (id bigint, name text)")
    // snippet: copying-text
    do {
      try await connection.withConnection { connection in
        try connection.copyIn("COPY pages FROM STDIN (FORMAT csv)") { writer in
          try writer.write("1,home\n2,prices\nthree,contact\n")
        }
      }
    } catch let error as PostgresError {
      print(error.copyLine ?? 0, error.copyColumn ?? "")  // 3 id
    }
    // end
    #expect(try await connection.value("SELECT count(*) FROM pages", as: Int.self) == 0)
  }
}
