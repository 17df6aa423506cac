import LibPQ
import Testing

/// The code of the articles about connecting and asking; see ``ArticleTests``.
@Suite struct ConnectingSnippets {
  @Test func connects() async throws {
    let text = try await testConninfo()
    // snippet: connecting
    let configuration = ConnectionConfiguration(conninfo: text)
    let connection = try await Connection.connect(configuration)
    let version = try await connection.value("SHOW server_version", as: String.self)
    await connection.close()
    // end
    #expect(!version.isEmpty)
  }

  @Test func asks() async throws {
    let connection = try await connect()
    // snippet: asking
    let pages: [(String, Int)] = try await connection.withConnection { connection in
      try connection.execute("CREATE TEMP TABLE visits (page text, seconds int)")
      for (page, seconds) in [("home", 3), ("prices", 40), ("home", 12)] {
        try connection.execute("INSERT INTO visits VALUES (\(page), \(seconds))")
      }
      return try connection.rows(
        "SELECT page, sum(seconds) FROM visits GROUP BY page ORDER BY page",
        as: (String, Int).self)
    }
    // end
    #expect(pages.map(\.0) == ["home", "prices"] && pages.map(\.1) == [15, 40])
  }

  @Test func composes() async throws {
    let connection = try await connect()
    let (wanted, least) = (["home"], 10)
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TEMP TABLE visits (page text, seconds int);
        INSERT INTO visits VALUES ('home', 3), ('home', 12), ('prices', 40);
        """)
    // snippet: composing
    let condition: Query = "seconds >= \(least) AND page = any(\(wanted))"
    let column = "seconds"
    let total = try await connection.value(
      "SELECT sum(\(identifier: column)) FROM visits WHERE \(query: condition)", as: Int.self)
    // end
    #expect(total == 12)
  }

  @Test func streams() async throws {
    let connection = try await connect()
    // snippet: streaming
    var sum = 0
    let numbers = connection.stream("SELECT n FROM generate_series(1, 10000) AS n", as: Int.self)
    for try await number in numbers { sum += number }
    // end
    #expect(sum == 50_005_000)
  }

  @Test func pipelines() async throws {
    let connection = try await connect()
    let pages = ["home", "prices", "contact"]
    // snippet: pipelining
    let count = try await connection.withConnection { connection in
      try connection.execute("CREATE TEMP TABLE pages (name text)")
      return try connection.pipeline { pipeline in
        for page in pages { try pipeline.execute("INSERT INTO pages VALUES (\(page))") }
        return try pipeline.value("SELECT count(*) FROM pages", as: Int.self)
      }.get()
    }
    // end
    #expect(count == 3)
  }

  @Test func listens() async throws {
    let configuration = try await testConfiguration()
    let sender = try await connect()
    // snippet: listening
    var payloads: [String] = []
    for await event in Connection.notifications(on: ["page_changed"], configuration) {
      switch event {
      case .connected:
        // Whatever was sent before did not arrive: look in the tables now.
        try await sender.execute("SELECT pg_notify('page_changed', 'home')")
      case .notification(let message): payloads.append(message.payload)
      case .lost: break  // It is being made again; `connected` comes next.
      }
      if !payloads.isEmpty { break }
    }
    // end
    #expect(payloads == ["home"])
  }
}
