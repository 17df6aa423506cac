import LibPQ
import Quantities
import Testing

/// Rows by their `Decodable` conformance.
@Suite struct DecodableRowTests {
  private enum Side: String, Decodable { case debit, credit }
  private enum Rank: Int, Decodable { case low = 1, high }

  private struct Movement: Decodable, Equatable {
    var id: Int
    var amount: ExactDecimal
    var day: CivilDate
    var seen: Timestamp?
    var side: Side
    var rank: Rank
    var sides: [Side]
    var marks: [Int?]
    var ratio: Double
    var isDone: Bool
    enum CodingKeys: String, CodingKey {
      case id, amount, day, seen, side, rank, sides, marks, ratio
      case isDone = "is_done"
    }
  }

  private static let query: Query = """
    SELECT n AS id, n * 1.50 AS amount, '2024-02-29'::date AS day, NULL::timestamptz AS seen,
      'credit'::text AS side, 2 AS rank, ARRAY['debit', 'credit'] AS sides, ARRAY[1, NULL] AS marks,
      0.5::float8 AS ratio, true AS is_done, 'not asked for' AS other
    FROM generate_series(1, 3) AS n
    ORDER BY n
    """

  @Test func rowsBecomeDecodableStructures() async throws {
    let connection = try await connect()
    let rows = try await connection.rows(Self.query, decoding: Movement.self)
    #expect(rows.map(\.id) == [1, 2, 3])
    let day = try #require(CivilDate("2024-02-29"))
    #expect(
      rows[1]
        == Movement(
          id: 2, amount: ExactDecimal(coefficient: 300, scale: 2), day: day, seen: nil,
          side: .credit, rank: .high, sides: [.debit, .credit], marks: [1, nil], ratio: 0.5,
          isDone: true))
    let one = try await connection.row("\(query: Self.query) LIMIT 1", decoding: Movement.self)
    #expect(one == rows[0])
  }

  @Test func errorsNameTheColumn() async throws {
    struct Small: Decodable { var name: String, sides: [Side] }
    let connection = try await connect()
    let wrong: [(query: Query, column: String, words: String)] = [
      ("SELECT 'x' AS name", "sides", "no column sides; it has: name"),
      ("SELECT NULL::text AS name, ARRAY['debit'] AS sides", "name", "is NULL"),
      ("SELECT 5 AS name, ARRAY['debit'] AS sides", "name", "cannot become String"),
      ("SELECT 'x' AS name, ARRAY['debit', 'odd'] AS sides", "sides", "sides.[1] of row 1"),
      ("SELECT 'x' AS name, 5 AS sides", "sides", "another type"),
    ]
    for (query, column, words) in wrong {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.rows(query.labelled("small ones"), decoding: Small.self)
      }
      #expect(error?.kind == .decoding)
      #expect(error?.column == column)
      #expect(error?.queryLabel == "small ones")
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }
}
