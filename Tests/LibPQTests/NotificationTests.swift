import LibPQ
import Testing

@Suite struct NotificationTests {
  @Test func messagesReachAnIdleConnection() async throws {
    let listener = try await connect()
    let sender = try await connect()
    let channel = "Weird \"channel\" \(UInt32.random(in: 0 ... .max))"
    var messages = try await listener.listen(to: [channel]).makeAsyncIterator()
    for round in 1...50 {
      try await sender.execute("SELECT pg_notify(\(channel), \("round \(round)"))")
      let message = try await messages.next()
      #expect(message?.channel == channel)
      #expect(message?.payload == "round \(round)")
      #expect(message?.senderProcessID == (await sender.serverProcessID))
    }
    // The connection works beside listening, also for its own messages.
    #expect(try await listener.value("SELECT 1", as: Int.self) == 1)
    try await listener.execute("SELECT pg_notify(\(channel), 'own')")
    #expect(try await messages.next()?.payload == "own")
  }

  @Test func aLostConnectionEndsTheStreamWithAnError() async throws {
    let listener = try await connect()
    let other = try await connect()
    let messages = try await listener.listen(to: ["somewhere"])
    let process = await listener.serverProcessID
    try await other.execute("SELECT pg_terminate_backend(\(process))")
    let error = await #expect(throws: PostgresError.self) {
      for try await _ in messages {}
    }
    #expect(error?.kind == .connection)
  }

  @Test func leavingTheStreamStopsListening() async throws {
    let connection = try await connect()
    do {
      let messages = try await connection.listen(to: ["short"])
      _ = messages
    }
    var channels = ["short"]
    let limit = ContinuousClock.now + .seconds(600)
    while !channels.isEmpty, ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(10))
      channels = try await connection.rows("SELECT pg_listening_channels()", as: String.self)
    }
    #expect(channels.isEmpty)
  }

  @Test func theListeningEventsTellOfLossAndReturn() async throws {
    let sender = try await connect()
    let channel = "events_\(UInt32.random(in: 0 ... .max))"
    var events = Connection.notifications(
      on: [channel], try await testConfiguration(applicationName: channel)
    ).makeAsyncIterator()
    for _ in 1...3 {
      guard case .connected = await events.next() else {
        Issue.record("expected a connection")
        return
      }
      try await sender.execute("SELECT pg_notify(\(channel), 'hello')")
      guard case .notification(let message) = await events.next() else {
        Issue.record("expected a message")
        return
      }
      #expect(message.payload == "hello")
      try await sender.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \(channel)
        """)
      guard case .lost(let error) = await events.next() else {
        Issue.record("expected a loss")
        return
      }
      #expect(error.kind == .connection)
    }
  }

  @Test func aSlowReaderIsToldThatMessagesAreMissing() async throws {
    let connection = try await connect()
    let sender = try await connect()
    let channel = "slow_\(UInt32.random(in: 0 ... .max))"
    let messages = try await connection.listen(to: [channel], limit: 3)
    // Of one transaction, they arrive all at once.
    try await sender.execute(
      "SELECT pg_notify(\(channel), number::text) FROM generate_series(1, 1000) AS sent (number)")
    // They arrive with the next statement at the latest.
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
    var read: [String] = []
    let failure = await #expect(throws: PostgresError.self) {
      for try await message in messages { read.append(message.payload) }
    }
    #expect(read == (1...1000).map(String.init).prefix(read.count).map { $0 })
    #expect(read.count >= 3 && read.count < 1000)
    #expect(failure?.message.contains("raise the limit") == true)
    #expect(failure?.poisonsConnection == false)
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
  }

  @Test func theEventsTellOfMissingMessagesAndGoOn() async throws {
    let sender = try await connect()
    let channel = "flood_\(UInt32.random(in: 0 ... .max))"
    var events = Connection.notifications(
      on: [channel], try await testConfiguration(), limit: 2
    ).makeAsyncIterator()
    guard case .connected = await events.next() else {
      Issue.record("expected a connection")
      return
    }
    // Of one transaction, they arrive all at once.
    try await sender.execute(
      "SELECT pg_notify(\(channel), number::text) FROM generate_series(1, 1000) AS sent (number)")
    var read: [String] = []
    while case .notification(let message) = await events.next() { read.append(message.payload) }
    // What comes first is there; that the rest is missing was told, which ended the loop.
    #expect(read == (1...1000).map(String.init).prefix(read.count).map { $0 })
    #expect(read.count < 1000)
    guard case .connected = await events.next() else {
      Issue.record("expected a new connection")
      return
    }
  }

  @Test func namesThatTheServerWouldCutAreRefused() async throws {
    let connection = try await connect()
    let longest = String(repeating: "é", count: 31) + "x"
    var messages = try await connection.listen(to: [longest]).makeAsyncIterator()
    try await connection.execute("SELECT pg_notify(\(longest), 'heard')")
    #expect(try await messages.next()?.payload == "heard")
    let error = await #expect(throws: PostgresError.self) {
      try await connection.listen(to: [longest + "y"])
    }
    #expect(error?.kind == .usage)
    #expect(error?.description.contains("63") == true)
  }

  @Test func listeningInATransactionIsRefused() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.transaction { try $0.listen(to: ["somewhere"]) }
    }
    #expect(error?.kind == .usage)
    #expect(try await connection.rows("SELECT pg_listening_channels()", as: String.self).isEmpty)
  }
}
