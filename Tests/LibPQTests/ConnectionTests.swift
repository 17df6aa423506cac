import LibPQ
import Synchronization
import Testing

@Suite struct ConnectionTests {
  @Test func aConnectionSpeaksUTF8AndUTC() async throws {
    let connection = try await connect { $0.settings = ["search_path": "pg_catalog"] }
    #expect(await connection.serverVersion >= 130_000)
    let settings = try await connection.rows(
      """
      SELECT name, setting FROM pg_settings
      WHERE name IN ('TimeZone', 'client_encoding', 'search_path', 'application_name')
      ORDER BY name COLLATE "C"
      """, as: (String, String).self)
    #expect(
      settings.map { $0.0 } == ["TimeZone", "application_name", "client_encoding", "search_path"])
    #expect(settings.map { $0.1 } == ["UTC", "LibPQ", "UTF8", "pg_catalog"])
    await connection.close()
    #expect(await !connection.isUsable)
    let error = await #expect(throws: PostgresError.self) {
      try await connection.execute("SELECT 1")
    }
    #expect(error?.kind == .usage)
  }

  @Test func aFailureToConnectSaysWhy() async throws {
    let error = await #expect(throws: PostgresError.self) {
      try await connect { $0 = ConnectionConfiguration(conninfo: "host=/nowhere dbname=none") }
    }
    #expect(error?.kind == .connection)
    #expect(error?.poisonsConnection == true)
    #expect(error?.description.contains("/nowhere") == true)

    let unknown = await #expect(throws: PostgresError.self) {
      try await connect { $0 = ConnectionConfiguration(conninfo: "no such string") }
    }
    #expect(unknown?.kind == .connection)
  }

  @Test func noticesReachTheHandler() async throws {
    let notices = Mutex<[String]>([])
    let connection = try await connect {
      $0.noticeHandler = { notice in
        notices.withLock { $0.append("\(notice.severity ?? "") \(notice.message)") }
      }
    }
    try await connection.executeScript(
      unsafeSQL: "DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$")
    #expect(notices.withLock { $0 } == ["NOTICE one", "WARNING two"])
  }

  @Test func serverErrorsCarryTheirFields() async throws {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TEMP TABLE accounts (
          code text CONSTRAINT accounts_pkey PRIMARY KEY,
          balance numeric CONSTRAINT balance_not_negative CHECK (balance >= 0));
        INSERT INTO accounts VALUES ('A-1', 1);
        """)
    let error = await #expect(throws: PostgresError.self) {
      try await connection.execute(
        Query("INSERT INTO accounts VALUES (\("A-1"), 2)").labelled("open account"))
    }
    #expect(error?.sqlState == .uniqueViolation)
    #expect(error?.sqlState?.conditionName == "unique_violation")
    #expect(error?.constraint == "accounts_pkey")
    #expect(error?.table == "accounts")
    #expect(error?.detail?.contains("A-1") == true)
    #expect(error?.queryLabel == "open account")
    #expect(error?.kind == .server)
    #expect(error?.poisonsConnection == false)
    #expect(error?.description.contains("A-1") == false)
    #expect(error?.description.contains("accounts_pkey") == true)
    #expect(error?.debugDescription.contains("A-1") == true)

    let value = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT \("secret")::integer", as: Int.self)
    }
    #expect(value?.message.contains("secret") == true)
    #expect(value?.description.contains("secret") == false)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func scriptsSayTheLineOfAnError() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.executeScript(
        unsafeSQL: "CREATE TEMP TABLE first (a int);\n\nCREATE TABEL second (a int);\n")
    }
    #expect(error?.queryLine == 3)
    // All of a script is one transaction.
    #expect(
      try await connection.value("SELECT to_regclass('first')::text", as: String?.self) == nil)
    await #expect(throws: PostgresError.self) {
      try await connection.executeScript(unsafeSQL: "COPY pg_class FROM STDIN; SELECT 1")
    }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func aQueryInsideALoopIsRefused() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withConnection { connection in
        try connection.forEachRow("SELECT generate_series(1, 10)") { _ in
          try connection.execute("SELECT 1")
        }
      }
    }
    #expect(error?.kind == .usage)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func theConnectionSeesThatItWasTerminated() async throws {
    let victim = try await connect()
    let other = try await connect()
    let process = await victim.serverProcessID
    #expect(try await other.value("SELECT pg_terminate_backend(\(process), 5000)", as: Bool.self))
    let error = await #expect(throws: PostgresError.self) {
      try await victim.execute("SELECT 1")
    }
    #expect(error?.poisonsConnection == true)
    #expect(await !victim.isUsable)
  }

  @Test func descriptionsWithholdValuesInEveryLanguage() async throws {
    let connection = try await connect()
    for quoted in [
      "\u{AB} secret \u{BB}", "\u{BB}secret\u{AB}", "\u{201E}secret\u{201C}",
      "\u{300C}secret\u{300D}",
    ] {
      let error = await #expect(throws: PostgresError.self) {
        let raise = "DO $$ BEGIN RAISE 'falsch: \(quoted) hier' USING ERRCODE = '22P02'; END $$"
        try await connection.execute(Query(unsafeSQL: raise).labelled("raise"))
      }
      #expect(error?.message.contains("secret") == true)
      #expect(error?.description.contains("secret") == false)
      #expect(error?.description.contains("falsch: (value withheld) hier") == true)
    }
  }

  @Test func aMalformedConnectionStringIsNotQuoted() async throws {
    for text in ["host=/nowhere password=my secret", "postgresql://me@h/d?secret", "hots=x"] {
      let error = await #expect(throws: PostgresError.self) {
        try await connect { $0 = ConnectionConfiguration(conninfo: text) }
      }
      #expect(error?.kind == .connection)
      #expect(error?.description.contains("secret") == false)
      #expect(error?.isLastingRefusal == true)
      #expect(text != "hots=x" || error?.description.contains("hots") == true)
    }
  }
}
