import LibPQ
import Synchronization
import TestSupport
import Testing

/// The pool on a real server that refuses, hangs, or is left.
@Suite struct PoolTroubleTests {
  @Test func anUnknownDatabaseIsToldAtOnce() async throws {
    var configuration = try await testConfiguration()
    let database = try await TestServer.emptyDatabase()
    configuration = ConnectionConfiguration(
      conninfo: database.conninfo + " dbname=no_such_database")
    let pool = ConnectionPool(configuration, PoolOptions(minimum: 2, maximum: 4))
    let start = ContinuousClock.now
    for _ in 1...3 {
      let error = await #expect(throws: PostgresError.self) {
        try await pool.withConnection { try $0.execute("SELECT 1") }
      }
      #expect(error?.sqlState == .invalidCatalogName)
      #expect(error?.isLastingRefusal == true)
      #expect(error?.description.contains("no_such_database") == true)
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(await pool.status.lastConnectError?.sqlState == .invalidCatalogName)
    await pool.shutDown()
  }

  @Test func aWrongPasswordIsToldAtOnce() async throws {
    let ground = try await AuthenticationGround.shared.value
    for password in [AuthenticationGround.wrongPassword, ""] {
      let pool = ConnectionPool(
        ConnectionConfiguration(keywords: ground.keywords(["password": password])))
      let start = ContinuousClock.now
      let error = await #expect(throws: PostgresError.self) {
        try await pool.withConnection { try $0.execute("SELECT 1") }
      }
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(error?.isLastingRefusal == true)
      #expect(error?.kind == .connection)
      await pool.shutDown()
    }
  }

  @Test func anUnreachableServerIsNamedWhenTheWaitEnds() async throws {
    var options = PoolOptions(maximum: 2)
    options.acquireTimeout = .seconds(3)
    let pool = ConnectionPool(
      ConnectionConfiguration(conninfo: "host=/nowhere dbname=none"), options)
    // On a machine that is busy, the first attempt may not have failed yet when the wait ends.
    while await pool.status.counts.failedToOpen == 0 {
      _ = try? await pool.withConnection { try $0.execute("SELECT 1") }
    }
    let error = await #expect(throws: PostgresError.self) {
      try await pool.withConnection { try $0.execute("SELECT 1") }
    }
    #expect(error?.kind == .pool)
    #expect(error?.cause?.kind == .connection)
    #expect(error?.description.contains("/nowhere") == true)
    #expect(error?.isLastingRefusal == false)
    #expect(await pool.status.counts.failedToOpen >= 1)
    await pool.shutDown()
  }

  @Test func anExhaustedPoolSaysWhoHoldsIt() async throws {
    var options = PoolOptions(maximum: 1)
    options.acquireTimeout = .seconds(3)
    options.maximumWaiters = 1
    let pool = ConnectionPool(try await testConfiguration(), options)
    // On a machine that is busy, making the connection may take longer than the limit.
    while (try? await pool.withConnection { try $0.execute("SELECT 1") }) == nil {}
    try await pool.lend { _ in
      let waiting = Task { try await pool.withConnection { try $0.execute("SELECT 1") } }
      while await pool.status.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
      let tooMany = await #expect(throws: PostgresError.self) {
        try await pool.withConnection { try $0.execute("SELECT 1") }
      }
      #expect(tooMany?.description.contains("no more than 1 waiting") == true)
      let error = await #expect(throws: PostgresError.self) { try await waiting.value }
      #expect(error?.kind == .pool)
      #expect(error?.cause == nil)
      #expect(error?.poolStatus?.borrowed == 1)
      #expect(error?.description.contains("1 of 1 connections borrowed") == true)
    }
    // After that the pool serves again.
    try await pool.withConnection { try $0.execute("SELECT 1") }
    await pool.shutDown()
  }

  @Test func aCancelledWaiterLeavesTheQueue() async throws {
    let pool = ConnectionPool(try await testConfiguration(), PoolOptions(maximum: 1))
    try await pool.lend { _ in
      let waiting = Task { try await pool.withConnection { try $0.execute("SELECT 1") } }
      while await pool.status.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
      waiting.cancel()
      let error = await #expect(throws: PostgresError.self) { try await waiting.value }
      #expect(error?.kind == .cancelled)
      #expect(await pool.status.waiting == 0)
    }
    // One that is cancelled before it asks does not even wait.
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await pool.withConnection { try $0.execute("SELECT 1") }
    }
    await #expect(throws: PostgresError.self) { try await late.value }
    #expect(await pool.status.borrowed == 0)
    await pool.shutDown()
  }

  @Test func theHooksPrepareAndCleanConnections() async throws {
    var options = PoolOptions(maximum: 1)
    options.configure = { try $0.execute("CREATE TEMP TABLE configured (n int)") }
    options.reset = { try $0.execute("TRUNCATE configured") }
    let pool = ConnectionPool(try await testConfiguration(), options)
    try await pool.withConnection { try $0.execute("INSERT INTO configured VALUES (1)") }
    let count = try await pool.withConnection { connection in
      try connection.value("SELECT count(*) FROM configured", as: Int.self)
    }
    #expect(count == 0)
    // A borrower whose task is cancelled is no hindrance.
    let task = Task {
      try await pool.withConnection { connection in
        try connection.execute("INSERT INTO configured VALUES (2)")
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    try await task.value
    let again = try await pool.withConnection { connection in
      try connection.value("SELECT count(*) FROM configured", as: Int.self)
    }
    #expect(again == 0)
    #expect(await pool.status.counts.opened == 1)
    // When cleaning fails, the connection is replaced.
    try await pool.withConnection { try $0.execute("DROP TABLE configured") }
    let fresh = try await pool.withConnection { connection in
      try connection.value("SELECT count(*) FROM configured", as: Int.self)
    }
    #expect(fresh == 0)
    #expect(await pool.status.counts.opened == 2)
    await pool.shutDown()
  }

  @Test func aHookThatRefusesIsToldAtOnce() async throws {
    var options = PoolOptions(maximum: 1)
    options.configure = { try $0.execute("SELECT * FROM no_such_table") }
    let pool = ConnectionPool(try await testConfiguration(), options)
    let error = await #expect(throws: PostgresError.self) {
      try await pool.withConnection { try $0.execute("SELECT 1") }
    }
    #expect(error?.sqlState == .undefinedTable)
    struct Reason: Error {}
    options.configure = { _ in throw Reason() }
    let other = ConnectionPool(try await testConfiguration(), options)
    let own = await #expect(throws: PostgresError.self) {
      try await other.withConnection { try $0.execute("SELECT 1") }
    }
    #expect(own?.description.contains("Reason") == true)
    await pool.shutDown()
    await other.shutDown()
  }

  @Test func aSessionCanBeResetThoroughly() async throws {
    var options = PoolOptions(maximum: 1)
    options.reset = { try $0.resetSession() }
    var configuration = try await testConfiguration()
    configuration.settings = ["search_path": "pg_catalog"]
    let pool = ConnectionPool(configuration, options)
    try await pool.withConnection { connection in
      for _ in 1...6 { _ = try connection.value("SELECT 1", as: Int.self) }
      try connection.execute("SET TimeZone = 'Asia/Shanghai'")
      try connection.execute("SET search_path = 'public'")
      try connection.execute("SELECT pg_advisory_lock(4711)")
      try connection.execute("CREATE TEMP TABLE left_over (n int)")
    }
    try await pool.withConnection { connection in
      #expect(try connection.value("SHOW TimeZone", as: String.self) == "UTC")
      #expect(try connection.value("SHOW search_path", as: String.self) == "pg_catalog")
      #expect(
        try connection.value(
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
          as: Int.self) == 0)
      #expect(
        try connection.value("SELECT to_regclass('pg_temp.left_over')::text", as: String?.self)
          == nil)
      for _ in 1...6 { _ = try connection.value("SELECT 1", as: Int.self) }
    }
    #expect(await pool.status.counts.opened == 1)
    await pool.shutDown()
  }

  @Test func shuttingDownWaitsForItsBorrowers() async throws {
    let pool = ConnectionPool(try await testConfiguration(), PoolOptions(maximum: 2))
    let holds = Mutex(false)
    let borrower = Task {
      try await pool.withConnection { connection in
        holds.withLock { $0 = true }
        try connection.execute("SELECT pg_sleep(0.5)")
        return try connection.value("SELECT 'done'", as: String.self)
      }
    }
    while !holds.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    #expect(await pool.shutDown(waitingAtMost: .seconds(60)) == 0)
    #expect(try await borrower.value == "done")
    #expect(await pool.status.total == 0)
    #expect(await pool.status.isShutDown)
  }

  @Test func shuttingDownStopsWhoTakesTooLong() async throws {
    let pool = ConnectionPool(try await testConfiguration(), PoolOptions(maximum: 2))
    let process = Mutex<Int32>(0)
    let borrower = Task {
      try await pool.transaction { connection in
        process.withLock { $0 = connection.serverProcessID }
        try connection.execute("SELECT pg_sleep(60)")
      }
    }
    while process.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(await pool.shutDown(waitingAtMost: .milliseconds(200)) == 1)
    let error = await #expect(throws: PostgresError.self) { try await borrower.value }
    #expect(error?.kind == .cancelled)
    #expect(error?.description.contains("closing") == true)
    while await pool.status.total > 0 { try await Task.sleep(for: .milliseconds(1)) }
    // The server knows that it is over.
    let observer = try await connect()
    let ended = process.withLock { $0 }
    var count = 1
    for _ in 1...500 where count > 0 {
      count = try await observer.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(ended)", as: Int.self)
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(count == 0)
  }

  @Test func aPoolThatIsLeftClosesItsConnections() async throws {
    let name = "left_pool_\(UInt32.random(in: 0 ... .max))"
    do {
      let pool = ConnectionPool(
        try await testConfiguration(applicationName: name), PoolOptions(minimum: 2, maximum: 2))
      while await pool.status.idle < 2 { try await Task.sleep(for: .milliseconds(1)) }
    }
    let observer = try await connect()
    var count = 2
    for _ in 1...1_000 where count > 0 {
      count = try await observer.value(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = \(name)", as: Int.self)
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(count == 0)
  }

  @Test func aConnectionThatHangsIsReplacedWhenItsCheckHasTakenTooLong() async throws {
    let database = try await TestServer.emptyDatabase()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    var configuration = ConnectionConfiguration(
      conninfo: proxy.conninfo(insteadOf: database.conninfo))
    // What a statement may take to stop says nothing of a check.
    configuration.cancelGrace = .seconds(3_600)
    var options = PoolOptions(maximum: 1)
    options.checkAfterIdle = .zero
    options.checkTimeout = .milliseconds(200)
    options.acquireTimeout = .seconds(60)
    let pool = ConnectionPool(configuration, options)
    try await pool.withConnection { try $0.execute("SELECT 1") }
    proxy.arm(.stall(.toClient))
    try await pool.withConnection { try $0.execute("SELECT 1") }
    #expect(await pool.status.counts.discarded == 1)
    #expect(await pool.status.counts.opened == 2)
    await pool.shutDown()
    await database.drop()
  }
}
