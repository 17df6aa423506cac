import Testing

@testable import LibPQ

/// The server's own time limit, which a deadline sets and takes back.
@Suite struct ServerTimeoutTests {
  private let show: Query = "SHOW statement_timeout"

  @Test func theServerIsToldOfADeadlineAndForgetsIt() async throws {
    let connection = try await connect()
    let query = show
    let (inside, later) = try await connection.withDeadline(after: .seconds(600)) { connection in
      let first = try connection.value(query, as: String.self)
      // A nearer one inside needs no telling: the server's is the net below.
      return try connection.withDeadline(after: .seconds(60)) { connection in
        (first, try connection.value(query, as: String.self))
      }
    }
    #expect(inside != "0")
    #expect(later == inside)
    #expect(try await connection.value(query, as: String.self) == "0")
    // A later deadline is not measured by an earlier one's limit.
    _ = try await connection.withDeadline(after: .seconds(2)) { try $0.execute("SELECT 1") }
    let next = try await connection.withDeadline(after: .seconds(600)) { connection in
      try connection.value(
        "SELECT setting::integer FROM pg_settings WHERE name = 'statement_timeout'", as: Int.self)
    }
    #expect(next > 100_000)
    #expect(try await connection.value(query, as: String.self) == "0")
  }

  @Test func theServerStopsTheStatementByItsOwnClock() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withDeadline(after: .milliseconds(1_100)) { connection in
        try connection.execute("SELECT pg_sleep(30)")
      }
    }
    #expect(error?.kind == .deadlineExceeded)
    #expect(error?.sqlState == .queryCanceled)
    #expect(try await connection.value(show, as: String.self) == "0")
  }

  @Test func aTransactionThatFailsLeavesNoLimitBehind() async throws {
    let connection = try await connect()
    await #expect(throws: PostgresError.self) {
      try await connection.transaction { connection in
        try connection.withDeadline(after: .seconds(60)) { try $0.execute("SELECT 1 / 0") }
      }
    }
    #expect(try await connection.value(show, as: String.self) == "0")
    // Nor does one that is begun inside and left failed.
    _ = try? await connection.withDeadline(after: .seconds(60)) { connection in
      try connection.execute("BEGIN")
      try connection.execute("SELECT 1 / 0")
    }
    try await connection.execute("ROLLBACK")
    #expect(try await connection.value(show, as: String.self) == "0")
  }

  @Test func aLimitOfTheSessionIsLeftAlone() async throws {
    let connection = try await connect { $0.settings = ["statement_timeout": "12min"] }
    let query = show
    let inside = try await connection.withDeadline(after: .seconds(60)) { connection in
      try connection.value(query, as: String.self)
    }
    #expect(inside == "12min")
    #expect(try await connection.value(query, as: String.self) == "12min")
    // So is one that the program sets inside.
    let other = try await connect()
    try await other.withDeadline(after: .seconds(60)) { connection in
      try connection.execute("SELECT 1")
      try connection.execute("SET statement_timeout = '7min'")
    }
    #expect(try await other.value(query, as: String.self) == "7min")
  }

  @Test func nearDeadlinesAndPoolersAreNotTold() async throws {
    let query = show
    let connection = try await connect()
    let near = try await connection.withDeadline(after: .milliseconds(900)) { connection in
      try? connection.value(query, as: String.self)
    }
    // On a machine that is busy the deadline may have passed.
    #expect(near == "0" || near == nil)
    let pooled = try await connect { $0.preparedStatements = .off }
    let inside = try await pooled.withDeadline(after: .seconds(60)) { connection in
      try connection.value(query, as: String.self)
    }
    #expect(inside == "0")
  }

  @Test func aMissingFeatureOfTheLibraryIsOneSentence() async throws {
    for feature in LibraryFeature.allCases {
      let isNew = LibraryFeature.libraryVersion / 10_000 >= feature.firstVersion
      #expect(feature.isAvailable == isNew)
      if isNew {
        let connection = try await connect { $0.requiredFeatures = [feature] }
        await connection.close()
      } else {
        let error = await #expect(throws: PostgresError.self) {
          try await connect { $0.requiredFeatures = [feature] }
        }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("needs libpq 17") == true)
      }
    }
  }

  @Test func deadlinesBeyondWhatTheServerCountsAreKeptHere() async throws {
    let connection = try await connect()
    let query = show
    for duration in [Duration.seconds(90 * 86_400), .seconds(Int64.max / 2)] {
      let inside = try await connection.withDeadline(after: duration) { connection in
        try connection.value(query, as: String.self)
      }
      #expect(inside == "0")
    }
  }
}
