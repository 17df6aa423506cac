import LibPQ
import Testing

@Suite struct RowStreamTests {
  @Test func rowsArriveInOrder() async throws {
    let connection = try await connect()
    for count in [0, 1, 511, 512, 513, 5_000] {
      var numbers: [Int] = []
      let rows = connection.stream(
        "SELECT n, 'row ' || n FROM generate_series(1, \(count)) AS n", as: (Int, String).self)
      for try await (number, text) in rows {
        #expect(text == "row \(number)")
        numbers.append(number)
      }
      #expect(numbers == Array(0..<count).map { $0 + 1 })
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func leavingTheLoopFreesTheConnection() async throws {
    let connection = try await connect()
    for round in 1...20 {
      var seen = 0
      for try await number in connection.stream(
        "SELECT generate_series(1, 100000000)", as: Int.self, batchSize: 10)
      {
        seen = number
        if number == round { break }
      }
      #expect(seen == round)
      #expect(try await connection.value("SELECT \(round)", as: Int.self) == round)
    }
  }

  @Test func otherQueriesWaitTheirTurn() async throws {
    let connection = try await connect()
    var iterator = connection.stream(
      "SELECT generate_series(1, 5000)", as: Int.self
    ).makeAsyncIterator()
    #expect(try await iterator.next() == 1)
    let error = await #expect(throws: PostgresError.self) {
      try await connection.execute("SELECT 1")
    }
    #expect(error?.kind == .usage)
    var count = 1
    while try await iterator.next() != nil { count += 1 }
    #expect(count == 5_000)
    #expect(try await iterator.next() == nil)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func errorsOnTheWayAreThrown() async throws {
    let connection = try await connect()
    let server = await #expect(throws: PostgresError.self) {
      for try await _ in connection.stream(
        "SELECT 1000 / (n - 900) FROM generate_series(1, 5000) AS n", as: Int.self)
      {}
    }
    #expect(server?.sqlState?.conditionName == "division_by_zero")
    let null = await #expect(throws: PostgresError.self) {
      for try await _ in connection.stream(
        "SELECT nullif(n, 700) AS n FROM generate_series(1, 5000) AS n", as: Int.self)
      {}
    }
    #expect(null?.row == 700)
    let type = await #expect(throws: PostgresError.self) {
      for try await _ in connection.stream("SELECT 'x'", as: Int.self) {}
    }
    #expect(type?.kind == .decoding)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aStreamCanBeCancelled() async throws {
    let connection = try await connect()
    let process = await connection.serverProcessID
    let reader = Task {
      for try await _ in connection.stream(
        "SELECT n, pg_sleep(0.01)::text FROM generate_series(1, 1000000) AS n",
        as: (Int, String).self)
      {}
    }
    try await waitUntilRunning("pg_sleep", of: process)
    reader.cancel()
    let error = await #expect(throws: PostgresError.self) { try await reader.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func whatGivesNoRowsIsRefused() async throws {
    let connection = try await connect()
    for statement in ["COPY pg_class TO STDOUT", "COPY pg_class FROM STDIN", "RESET search_path"] {
      let error = await #expect(throws: PostgresError.self) {
        for try await _ in connection.stream(Query(unsafeSQL: statement), as: Int.self) {}
      }
      #expect(error?.kind == .usage)
      #expect(error?.queryLabel == statement)
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }
}
