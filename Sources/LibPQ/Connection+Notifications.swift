import CLibPQ

/// A message that another session sent with NOTIFY.
public struct PostgresNotification: Hashable, Sendable {
  /// The channel that it was sent on.
  public let channel: String
  /// The text that came with it; empty if none did.
  public let payload: String
  /// The server process of the session that sent it.
  public let senderProcessID: Int32
}

/// What becomes of listening; see ``Connection/notifications(on:_:)``.
public enum ListeningEvent: Sendable {
  /// The server listens from here on. What was sent before, or since the connection was lost, did
  /// not arrive: look in the tables for what it may have been about.
  case connected
  /// A message.
  case notification(PostgresNotification)
  /// The connection was lost or could not be made; it is being made again.
  case lost(PostgresError)
}

extension Connection {
  /// The most messages that wait for the reader of a stream unless told otherwise.
  public static let defaultMessageLimit = 10_000

  /// Listens on channels, for as long as the returned stream lives and the connection lasts; the
  /// stream throws when the connection is lost. Messages arrive while the connection is idle, and
  /// after each statement. They are kept until they are read; when as many wait as the limit says and
  /// one more comes, the stream gives those that wait and then throws, since some would be missing.
  ///
  /// - Throws: An error of the kind ``PostgresError/Kind/usage`` for a name of more than 63 bytes,
  ///   which PostgreSQL would cut, and inside a transaction, whose rollback would end the listening.
  public func listen(
    to channels: [String], limit: Int = Connection.defaultMessageLimit
  ) throws(PostgresError) -> AsyncThrowingStream<PostgresNotification, any Error> {
    let session = try live()
    try session.checkListening(to: channels)
    for channel in channels { _ = try session.execute("LISTEN \(identifier: channel)") }
    let (stream, continuation) = AsyncThrowingStream<PostgresNotification, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(max(1, limit)))
    let number = session.listeners.add(channels, continuation)
    continuation.onTermination = { [weak self] _ in
      guard let self else { return }
      Task { await self.endListening(number) }
    }
    watchWhenIdle()
    return stream
  }

  private func endListening(_ number: Int) {
    guard let session else { return }
    for channel in session.listeners.remove(number) where isUsable {
      // A failure here means a lost connection, which its next user sees.
      _ = try? session.execute("UNLISTEN \(identifier: channel)")
    }
  }

  /// Lets the thread look at the socket while it has nothing else to do.
  private func watchWhenIdle() {
    thread.watch(
      ConnectionThread.Watch(
        beforeSleep: { [weak self] in
          self?.assumeIsolated { $0.session?.deliverNotifications() } ?? -1
        },
        onReadable: { [weak self] in
          self?.assumeIsolated { $0.session?.readWhileIdle() }
        }))
  }

  /// Listens on channels over a connection of its own, which is made again whenever it is lost. The
  /// stream never ends by itself; it says when it listens and when it does not, so that a reader
  /// knows that it may have missed something: also when more messages wait than the limit says.
  /// Listening starts with the first event asked for. Ending the loop closes the connection.
  public static func notifications(
    on channels: [String], _ configuration: ConnectionConfiguration,
    limit: Int = Connection.defaultMessageLimit
  ) -> AsyncStream<ListeningEvent> {
    let listening = Listening(channels, configuration, limit: limit)
    return AsyncStream { await listening.next() }
  }
}

/// One listening on channels, with a new connection whenever one was lost.
private actor Listening {
  private typealias Messages = AsyncThrowingStream<PostgresNotification, any Error>
  private let channels: [String]
  private let configuration: ConnectionConfiguration
  private let limit: Int
  private var connection: Connection?
  private var messages: Messages?
  private var failedAttempts = 0

  init(_ channels: [String], _ configuration: ConnectionConfiguration, limit: Int) {
    self.channels = channels
    self.configuration = configuration
    self.limit = limit
  }

  /// The next event; nil once the task is cancelled.
  func next() async -> ListeningEvent? {
    do {
      if let messages {
        var iterator = messages.makeAsyncIterator()
        if let message = try await iterator.next() { return .notification(message) }
        // The stream of a connection that was closed ends; that of a cancelled task, too.
        try Task.checkCancellation()
        throw PostgresError(.connection, "the connection that listened was closed")
      }
      if failedAttempts > 0 {
        try await Task.sleep(for: RetryPolicy.reconnecting.wait(before: failedAttempts + 1))
      }
      let connection = try await Connection.connect(configuration)
      self.connection = connection
      messages = try await connection.listen(to: channels, limit: limit)
      failedAttempts = 0
      return .connected
    } catch {
      await connection?.close()
      connection = nil
      messages = nil
      failedAttempts += 1
      guard let error = error as? PostgresError, error.kind != .cancelled else { return nil }
      return .lost(error)
    }
  }
}

extension RetryPolicy {
  /// The waits between attempts to connect again.
  fileprivate static let reconnecting = RetryPolicy.serialization(firstWait: .milliseconds(100))
}

/// The streams that messages are handed to.
struct Listeners {
  typealias Continuation = AsyncThrowingStream<PostgresNotification, any Error>.Continuation

  private var entries: [Int: (channels: Set<String>, continuation: Continuation)] = [:]
  private var lastNumber = 0

  var isEmpty: Bool { entries.isEmpty }

  mutating func add(_ channels: [String], _ continuation: Continuation) -> Int {
    lastNumber += 1
    entries[lastNumber] = (Set(channels), continuation)
    return lastNumber
  }

  /// Removes a stream and gives the channels that no other one listens on.
  mutating func remove(_ number: Int) -> Set<String> {
    guard let gone = entries.removeValue(forKey: number) else { return [] }
    return entries.values.reduce(gone.channels) { $0.subtracting($1.channels) }
  }

  func deliver(_ notification: PostgresNotification) {
    for entry in entries.values where entry.channels.contains(notification.channel) {
      if case .dropped = entry.continuation.yield(notification) {
        entry.continuation.finish(
          throwing: PostgresError(
            .usage,
            "messages on \(notification.channel) come faster than they are read, and more than the "
              + "limit wait; read the stream faster, raise the limit, or look in the tables again"))
      }
    }
  }

  mutating func finish(throwing error: PostgresError?) {
    let continuations = entries.values.map(\.continuation)
    entries = [:]
    for continuation in continuations { continuation.finish(throwing: error) }
  }
}

extension Session {
  /// The most bytes of a name; the server cuts longer ones.
  private static let longestName = 63

  /// Throws where listening would stay without messages and without an error.
  func checkListening(to channels: [String]) throws(PostgresError) {
    if [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(connection)) {
      throw PostgresError(
        .usage,
        "listening cannot begin inside a transaction, which may be rolled back; end it first")
    }
    if let long = channels.first(where: { $0.utf8.count > Self.longestName }) {
      throw PostgresError(
        .usage,
        "the name of the channel \(long) has more than \(Self.longestName) bytes, and PostgreSQL "
          + "would cut it; shorten it")
    }
  }

  /// Hands over the messages that have come, and gives the socket to watch; -1 for none.
  func deliverNotifications() -> Int32 {
    guard let connection, !listeners.isEmpty else { return -1 }
    while let message = PQnotifies(connection) {
      listeners.deliver(
        PostgresNotification(
          channel: String(cString: message.pointee.relname),
          payload: message.pointee.extra.map { String(cString: $0) } ?? "",
          senderProcessID: message.pointee.be_pid))
      PQfreemem(message)
    }
    if PQstatus(connection) != CONNECTION_OK {
      listeners.finish(throwing: connectionError("the connection was lost"))
      return -1
    }
    // The rows of an open stream wait in the socket for their reader.
    return isBusy ? -1 : PQsocket(connection)
  }

  /// Reads what the server sends by itself; a failure shows in the status.
  func readWhileIdle() {
    if let connection, !isBusy { PQconsumeInput(connection) }
  }
}
