import LibPQ
import Quantities
import Synchronization
import Testing

// snippet: row
struct Page: PostgresRow {
  var id: Int
  var title: String?
  var score: ExactDecimal
  static let shape = RowShape(Page.init, "id", "title", "score")
}
// end

/// The code of the articles about rows, the pool and observers; see ``ArticleTests``.
@Suite struct RowAndPoolSnippets {
  @Test func readsStructures() async throws {
    let connection = try await connect()
    // snippet: rows
    let pages = try await connection.rows(
      "SELECT 1.5 AS score, 'home' AS title, 7 AS id", as: Page.self)
    // end
    #expect(pages.map(\.id) == [7])
  }

  @Test func readsDecodable() async throws {
    let connection = try await connect()
    // snippet: decodable
    struct Visit: Decodable {
      var page: String
      var seconds: [Int]
    }
    let visits = try await connection.rows(
      "SELECT 'home' AS page, array[3, 12] AS seconds", decoding: Visit.self)
    // end
    #expect(visits.map(\.seconds) == [[3, 12]])
  }

  @Test func lends() async throws {
    let configuration = try await testConfiguration()
    // snippet: pool
    var options = PoolOptions(minimum: 1, maximum: 4)
    options.acquireTimeout = .seconds(5)
    let pool = ConnectionPool(configuration, options)
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...20 {
        group.addTask {
          try await pool.withConnection { connection in
            try connection.value("SELECT \(number) * 2", as: Int.self)
          }
        }
      }
      return try await group.reduce(0, +)
    }
    await pool.shutDown()
    // end
    #expect(sums == 420)
  }

  @Test func observes() async throws {
    let names = Mutex<[String]>([])
    var configuration = try await testConfiguration()
    // snippet: slow-queries
    configuration.observers = [
      SlowQueryObserver(threshold: .milliseconds(50)) { query in
        names.withLock { $0.append(query.description) }
      }
    ]
    let connection = try await Connection.connect(configuration)
    try await connection.execute("SELECT pg_sleep(0.2)")
    // end
    #expect(names.withLock { $0.contains { $0.contains("pg_sleep") } })
  }
}
