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
  /// Listens on channels, for as long as the returned stream lives and the connection lasts; the
  /// stream throws when the connection is lost. Messages arrive while the connection is idle, and
  /// after each statement. They are kept until they are read.
  public func listen(
    to channels: [String]
  ) throws(PostgresError) -> AsyncThrowingStream<PostgresNotification, any Error> {
    let session = try live()
    for channel in channels { _ = try session.execute("LISTEN \(identifier: channel)") }
    let (stream, continuation) = AsyncThrowingStream<PostgresNotification, any Error>.makeStream()
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
  /// knows that it may have missed something. Ending the loop closes the connection.
  public static func notifications(
    on channels: [String], _ configuration: ConnectionConfiguration
  ) -> AsyncStream<ListeningEvent> {
    let (stream, continuation) = AsyncStream<ListeningEvent>.makeStream()
    let task = Task {
      var attempt = 1
      while !Task.isCancelled {
        do {
          let connection = try await connect(configuration)
          let messages = try await connection.listen(to: channels)
          continuation.yield(.connected)
          attempt = 1
          for try await message in messages { continuation.yield(.notification(message)) }
          await connection.close()
        } catch let error as PostgresError where error.kind != .cancelled {
          continuation.yield(.lost(error))
        } catch {
          break
        }
        attempt += 1
        try? await Task.sleep(for: RetryPolicy.reconnecting.wait(before: attempt))
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
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
      entry.continuation.yield(notification)
    }
  }

  mutating func finish(throwing error: PostgresError?) {
    let continuations = entries.values.map(\.continuation)
    entries = [:]
    for continuation in continuations { continuation.finish(throwing: error) }
  }
}

extension Session {
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
