import LibPQ
import Quantities
import Testing

@Suite struct CopyTests {
  private func connectionWithTable() async throws -> Connection {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TEMP TABLE facts (
          id bigint PRIMARY KEY, name text, amount numeric, day date, seen timestamptz,
          done boolean, data jsonb, note varchar(5));
        """)
    return connection
  }

  private static let columns = ["id", "name", "amount", "day", "seen", "done", "data"]

  @Test func binaryRowsArriveAsTheyWere() async throws {
    let connection = try await connectionWithTable()
    let day = try #require(CivilDate("2024-02-29"))
    let seen = try #require(Timestamp(day))
    let copied = try await connection.copyBinary(into: "facts", columns: Self.columns) { writer in
      for id in 1...50_000 {
        try writer.row { row in
          try row.append(id)
          if id % 2 == 0 { try row.appendNull() } else { try row.append("name \(id)") }
          try row.append(ExactDecimal(coefficient: Int128(id), scale: 2))
          try row.append(day)
          try row.append(Optional(seen))
          try row.append(id % 3 == 0)
          try row.append(JSONText("[\(id)]"))
        }
      }
    }
    #expect(copied == 50_000)
    let sums = try await connection.row(
      """
      SELECT count(*), sum(amount), count(name), count(*) FILTER (WHERE done),
        sum((data ->> 0)::bigint), min(day), max(seen)
      FROM facts
      """, as: (Int, ExactDecimal, Int, Int, ExactDecimal, CivilDate, Timestamp).self)
    #expect(sums.0 == 50_000)
    #expect(sums.1 == ExactDecimal("12500250.00"))
    #expect(sums.2 == 25_000 && sums.3 == 16_666)
    #expect(sums.4 == ExactDecimal(1_250_025_000))
    #expect(sums.5 == day && sums.6 == seen)
  }

  @Test func aWrongTypeIsRefusedBeforeItIsSent() async throws {
    let connection = try await connectionWithTable()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "facts", columns: ["id", "amount"]) { writer in
        try writer.row(1, 2.5)
      }
    }
    #expect(error?.column == "amount")
    #expect(error?.message.contains("numeric") == true)
    let short = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "facts", columns: ["id", "name"]) { writer in
        try writer.row(1)
      }
    }
    #expect(short?.message.contains("only 1") == true)
    let missing = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "facts", columns: ["nonsense"]) { _ in }
    }
    #expect(missing?.sqlState?.conditionName == "undefined_column")
    #expect(try await connection.value("SELECT count(*) FROM facts", as: Int.self) == 0)
  }

  @Test func aRowThatThrowsLeavesNothing() async throws {
    struct Rejected: Error {}
    let connection = try await connectionWithTable()
    let copied = try await connection.copyBinary(into: "facts", columns: ["id", "name"]) { writer in
      for id in 1...100 {
        do {
          try writer.row { row in
            try row.append(id)
            if id % 10 == 0 { throw Rejected() }
            try row.appendText(utf8: Array("text \(id)".utf8).span)
          }
        } catch is Rejected {
          continue
        }
      }
    }
    #expect(copied == 90)
    await #expect(throws: Rejected.self) {
      try await connection.copyBinary(into: "facts", columns: ["id"]) { writer in
        try writer.row(1_000)
        throw Rejected()
      }
    }
    #expect(try await connection.value("SELECT count(*) FROM facts", as: Int.self) == 90)
    #expect(
      try await connection.value("SELECT name FROM facts WHERE id = 99", as: String.self)
        == "text 99")
  }

  @Test func errorsOfACopyHaveLineAndColumn() async throws {
    let connection = try await connectionWithTable()
    let text = await #expect(throws: PostgresError.self) {
      try await connection.copyIn("COPY facts (id, amount) FROM STDIN") { writer in
        try writer.write("1\t1.5\n2\ttwo\n3\t3\n")
      }
    }
    #expect(text?.copyLine == 2)
    #expect(text?.copyColumn == "amount")
    #expect(text?.description.contains("two") == false)
    let binary = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "facts", columns: ["id", "note"]) { writer in
        try writer.row(1, "short")
        try writer.row(2, "too long")
      }
    }
    #expect(binary?.sqlState?.conditionName == "string_data_right_truncation")
    #expect(binary?.copyLine == 2 && binary?.copyColumn == "note")
    #expect(binary?.description.contains("line 2 of the COPY, its column note") == true)
    #expect(try await connection.value("SELECT count(*) FROM facts", as: Int.self) == 0)
  }

  @Test func whatALineHoldsIsNotTakenForItsColumn() async throws {
    let connection = try await connectionWithTable()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.copyIn("COPY facts (id, amount) FROM STDIN") { writer in
        try writer.write("1\t1\n2\t2\t, column secret, line 77\n")
      }
    }
    #expect(error?.copyLine == 2)
    #expect(error?.copyColumn == nil)
    #expect(error?.description.contains("secret") == false)
  }

  @Test func textGoesInAndOut() async throws {
    let connection = try await connectionWithTable()
    let query: Query = "COPY facts (id, name) FROM STDIN (FORMAT csv)"
    let copied = try await connection.copyIn(query) { writer in
      for id in 1...20_000 { try writer.write("\(id),\"na\"\"me\"\n") }
      try writer.write(Array("99999,\(String(repeating: "x", count: 300_000))\n".utf8))
    }
    #expect(copied == 20_001)
    let (rows, bytes) = try await connection.withConnection { connection in
      var bytes = 0
      let rows = try connection.copyOut("COPY facts (id, name) TO STDOUT (FORMAT csv)") { chunk in
        bytes += chunk.count
      }
      return (rows, bytes)
    }
    #expect(rows == 20_001)
    #expect(bytes > 300_000)
  }

  @Test func aCopyOutCanStop() async throws {
    struct Enough: Error {}
    let connection = try await connect()
    try await connection.withConnection { (connection: isolated Connection) throws in
      #expect(throws: Enough.self) {
        try connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
          throw Enough()
        }
      }
      #expect(try connection.value("SELECT 1", as: Int.self) == 1)
      let wrong = #expect(throws: PostgresError.self) {
        try connection.copyOut("SELECT 1") { _ in }
      }
      #expect(wrong?.kind == .usage)
      let direction = #expect(throws: PostgresError.self) {
        try connection.copyIn("COPY (SELECT 1) TO STDOUT") { _ in }
      }
      #expect(direction?.kind == .usage)
      let copy = #expect(throws: PostgresError.self) {
        try connection.execute("COPY (SELECT 1) TO STDOUT")
      }
      #expect(copy?.kind == .usage)
      #expect(try connection.value("SELECT 1", as: Int.self) == 1)
    }
  }

  @Test func binaryRowsComeOutAsTuples() async throws {
    let connection = try await connect()
    try await connection.withConnection { connection in
      var sum = 0
      var nulls = 0
      let rows = try connection.copyBinary(
        from: "SELECT n, 'row ' || n, nullif(n, 7)::numeric FROM generate_series(1, 10000) AS n",
        as: (Int, String, ExactDecimal?).self
      ) { number, text, amount in
        #expect(text == "row \(number)")
        sum += number
        if amount == nil { nulls += 1 }
      }
      #expect(rows == 10_000 && sum == 50_005_000 && nulls == 1)
      let none = try connection.copyBinary(from: "SELECT 1 WHERE false", as: Int.self) { _ in }
      #expect(none == 0)
    }
    let null = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(
        from: "SELECT nullif(n, 3) AS n FROM generate_series(1, 5) n", as: Int.self
      ) { _ in }
    }
    #expect(null?.row == 3 && null?.column == "n" && null?.queryLabel != nil)
    let type = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(from: "SELECT 'x' AS n", as: Int.self) { _ in }
    }
    #expect(type?.column == "n")
    let parameter = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(from: "SELECT \(1)", as: Int.self) { _ in }
    }
    #expect(parameter?.kind == .usage)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aConnectionLostDuringACopyIsReported() async throws {
    let connection = try await connectionWithTable()
    let other = try await connect()
    let process = await connection.serverProcessID
    let killer = Task {
      try await waitUntilRunning("COPY", of: process)
      try await other.execute("SELECT pg_terminate_backend(\(process))")
    }
    let error = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "facts", columns: ["id"]) { writer in
        var id = 0
        while true {
          try writer.row(id)
          id += 1
        }
      }
    }
    try await killer.value
    #expect(error?.poisonsConnection == true)
    #expect(await !connection.isUsable)
  }
}
