import LibPQ
import Testing

@Suite struct PipelineTests {
  @Test func aPipelineFollowsRowsThatCameOneByOne() async throws {
    let connection = try await connect()
    try await connection.withConnection { (connection: isolated Connection) throws in
      for _ in 1...3 {
        var sum = 0
        try connection.forEachRow("SELECT generate_series(1, 10)", as: Int.self) { sum += $0 }
        let numbers = try connection.pipeline { pipeline in
          try pipeline.rows("SELECT generate_series(1, 10)", as: Int.self)
        }.get()
        #expect(sum == 55 && numbers == Array(1...10))
      }
    }
  }

  @Test func resultsComeInOrder() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.execute("CREATE TEMP TABLE numbers (n int)")
      let results = try connection.pipeline { pipeline in
        var results: [PipelineResult<Int>] = []
        for number in 1...1_000 {
          try pipeline.execute("INSERT INTO numbers VALUES (\(number))")
          results.append(try pipeline.value("SELECT count(*) FROM numbers", as: Int.self))
        }
        return results
      }
      #expect(try results.map { try $0.get() } == Array(1...1_000))
      let (rows, command) = try connection.pipeline { pipeline in
        (
          try pipeline.rows("SELECT n, 'x' || n FROM numbers ORDER BY n", as: (Int, String).self),
          try pipeline.execute("DELETE FROM numbers WHERE n > 990")
        )
      }
      #expect(try rows.get().map(\.1).last == "x1000")
      #expect(try command.get().rowsAffected == 10)
      #expect(try connection.pipeline { _ in 7 } == 7)
    }
  }

  @Test func theFirstErrorEndsThePipelineAndNothingStays() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      try connection.execute("CREATE TEMP TABLE numbers (n int PRIMARY KEY)")
      var late: PipelineResult<Int>?
      var early: Result<Int?, any Error>?
      let error = #expect(throws: PostgresError.self) {
        try connection.pipeline { pipeline in
          try pipeline.execute("INSERT INTO numbers VALUES (1)")
          try pipeline.execute("INSERT INTO numbers VALUES (1)")
          late = try pipeline.value("SELECT 1", as: Int.self)
          early = Result { try late?.get() }
        }
      }
      #expect(throws: PostgresError.self) { try early?.get() }
      #expect(error?.sqlState == .uniqueViolation)
      #expect(error?.queryLabel == "INSERT INTO numbers VALUES (1)")
      let notReached = #expect(throws: PostgresError.self) { try late?.get() }
      #expect(notReached?.message.contains("not carried out") == true)
      #expect(try connection.value("SELECT count(*) FROM numbers", as: Int.self) == 0)
    }
  }

  @Test func fullBuffersOnBothSidesDoNotBlock() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      // Much more goes out, and comes back, than all buffers between the two sides hold.
      let text = String(repeating: "x", count: 200_000)
      let results = try connection.withDeadline(after: .seconds(600)) { connection in
        try connection.pipeline { pipeline in
          try (1...200).map { _ in try pipeline.value("SELECT \(text)::text", as: String.self) }
        }
      }
      for result in results { #expect(try result.get() == text) }
    }
  }

  @Test func preparedStatementsServeInPipelinesToo() async throws {
    try await connect().withConnection { (connection: isolated Connection) throws in
      for _ in 1...3 {
        let results = try connection.pipeline { pipeline in
          try (1...20).map { try pipeline.value("SELECT \($0) * 2", as: Int.self) }
        }
        #expect(try results.map { try $0.get() } == (1...20).map { $0 * 2 })
      }
      #expect(
        try connection.value(
          "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql", as: Int.self) == 1)
      // One that cannot be prepared is an error each time, and leaves nothing behind.
      for _ in 1...10 {
        #expect(throws: PostgresError.self) {
          try connection.pipeline { try $0.execute("SELECT nonsense") }
        }
      }
      #expect(try connection.value("SELECT 1", as: Int.self) == 1)
    }
  }

  @Test func whatCannotBeInAPipelineIsRefused() async throws {
    let connection = try await connect()
    try await connection.withConnection { (connection: isolated Connection) throws in
      let copy = #expect(throws: PostgresError.self) {
        try connection.pipeline { try $0.execute(" copy pg_class TO STDOUT") }
      }
      #expect(copy?.kind == .usage)
      let nested = #expect(throws: PostgresError.self) {
        try connection.pipeline { _ in try connection.execute("SELECT 1") }
      }
      #expect(nested?.kind == .usage)
      #expect(try connection.value("SELECT 1", as: Int.self) == 1)
    }
    let process = await connection.serverProcessID
    let task = Task {
      try await connection.withConnection { connection in
        try connection.pipeline { try $0.execute("SELECT pg_sleep(3600)") }
        return 0
      }
    }
    try await waitUntilRunning("pg_sleep", of: process)
    task.cancel()
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aLostConnectionEndsAPipeline() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withConnection { connection in
        try connection.pipeline { pipeline in
          try pipeline.execute("SELECT 1")
          try pipeline.execute("SELECT pg_terminate_backend(pg_backend_pid())")
          for _ in 1...500 { try pipeline.execute("SELECT 2") }
        }
        return 0
      }
    }
    #expect(error?.poisonsConnection == true)
    #expect(await !connection.isUsable)
  }

  @Test func aPipelineMayFollowRowsThatCameOneByOne() async throws {
    let connection = try await connect()
    let sizes = try await connection.withConnection { connection in
      let single = try connection.rows("SELECT generate_series(1, 3)", as: Int.self)
      let piped = try connection.pipeline { pipeline in
        try pipeline.rows("SELECT generate_series(1, 4)", as: Int.self)
      }
      return [single.count, try piped.get().count]
    }
    #expect(sizes == [3, 4])
    #expect(await connection.isUsable)
  }
}
