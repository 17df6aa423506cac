import Foundation
import Synchronization

/// A relay between libpq and a server's Unix socket, itself a Unix socket, that breaks or stalls the
/// stream at a chosen byte.
///
/// Connections pass untouched until ``arm(_:after:)``, which concerns the newest connection only;
/// so requests to cancel, which come on connections of their own, always pass.
public final class FaultyProxy: Sendable {
  /// Which way bytes go.
  public enum Direction: Sendable, CaseIterable {
    /// What the client sends.
    case toServer
    /// What the server sends.
    case toClient
  }

  /// What becomes of a connection.
  public enum Fault: Sendable, Equatable {
    /// Both sides lose the connection as soon as the byte has passed.
    case cut(Direction)
    /// Nothing more passes in this direction. When the client gives up, what it had sent is still
    /// delivered, late, as a network may; then the server loses the connection.
    case stall(Direction)
  }

  private struct State {
    var fault: Fault?
    var limit = 0
    var armed = -1
    var connections = 0
    var relayed: [Direction: Int] = [:]
    var isClosed = false

    mutating func arm(_ connection: Int, _ fault: Fault?, _ limit: Int) {
      armed = connection
      self.fault = fault
      self.limit = limit
      relayed = [:]
    }
  }

  private let state = Mutex(State())
  private let place: TemporaryFolder
  private let listener: Int32
  private let target: String

  /// How libpq reaches a database through the proxy instead of directly.
  public func conninfo(insteadOf direct: String) -> String {
    // The last word counts; and it is not the server's user who answers here.
    direct + " host='\(place.path)' port='5432' requirepeer=''"
  }

  /// Listens for clients of the server whose socket lies in a folder.
  public init(to socketFolder: String, port: Int = 5432) throws {
    place = try TemporaryFolder()
    target = "\(socketFolder)/.s.PGSQL.\(port)"
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = try withSocketAddress("\(place.path)/.s.PGSQL.5432") { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 16) == 0 else {
      throw TestSupportError("The proxy cannot listen in \(place.path): error \(errno).")
    }
    Thread.detachNewThread { [self] in acceptClients() }
  }

  /// Stops listening; connections under way end.
  public func close() {
    state.withLock { $0.isClosed = true }
  }

  /// Counts from now on the bytes of the newest connection, and breaks it after so many in the
  /// fault's direction. Without a fault it only counts.
  public func arm(_ fault: Fault?, after limit: Int = 0) {
    state.withLock { $0.arm($0.connections, fault, limit) }
  }

  /// The same for the connection that will come next, from its first byte.
  public func armNext(_ fault: Fault?, after limit: Int = 0) {
    state.withLock { $0.arm($0.connections + 1, fault, limit) }
  }

  /// Lets everything pass again that a stall held back.
  public func release() {
    state.withLock { $0.fault = nil }
  }

  /// How many bytes have passed in a direction since the proxy was armed.
  public func relayed(_ direction: Direction) -> Int {
    state.withLock { $0.relayed[direction] ?? 0 }
  }

  private func acceptClients() {
    defer { Foundation.close(listener) }
    while !state.withLock({ $0.isClosed }) {
      guard isReady(listener, milliseconds: 50) else { continue }
      let client = accept(listener, nil, nil)
      if client < 0 { continue }
      let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let connected = try? withSocketAddress(target) { connect(server, $0, $1) }
      guard connected == 0 else {
        Foundation.close(client)
        Foundation.close(server)
        continue
      }
      let number = state.withLock { state in
        state.connections += 1
        return state.connections
      }
      Thread.detachNewThread { [self] in
        relay(number, client: client, server: server)
        Foundation.close(client)
        Foundation.close(server)
      }
    }
  }

  /// What may happen next to a connection in a direction.
  private enum Allowance {
    case bytes(Int)
    case nothing
    case end
  }

  private func allowance(_ number: Int, _ direction: Direction) -> Allowance {
    state.withLock { state in
      if state.isClosed { return .end }
      guard number == state.armed, let fault = state.fault else { return .bytes(1 << 16) }
      let left = max(0, state.limit - state.relayed[direction, default: 0])
      switch fault {
      case .cut(direction): return left == 0 ? .end : .bytes(left)
      case .stall(direction): return left == 0 ? .nothing : .bytes(left)
      default: return .bytes(1 << 16)
      }
    }
  }

  private func relay(_ number: Int, client: Int32, server: Int32) {
    while true {
      var entries: [pollfd] = []
      for (direction, socket) in [(Direction.toServer, client), (.toClient, server)] {
        switch allowance(number, direction) {
        case .end: return
        case .nothing: entries.append(pollfd(fd: socket, events: 0, revents: 0))
        case .bytes: entries.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
        }
      }
      if poll(&entries, 2, 5) <= 0 { continue }
      if entries[0].events == 0, entries[0].revents != 0 {
        // The client has given up on a stalled stream: the network delivers late.
        while pass(client, server, atMost: 1 << 16, counting: { _ in }) > 0 {}
        return
      }
      if entries[1].events == 0, entries[1].revents != 0 { return }
      for (direction, index) in [(Direction.toServer, 0), (.toClient, 1)]
      where entries[index].revents != 0 {
        guard case .bytes(let count) = allowance(number, direction) else { break }
        let (from, to) = direction == .toServer ? (client, server) : (server, client)
        let passed = pass(from, to, atMost: min(count, 1 << 16)) { count in
          // Counted before they are sent: whoever receives them may arm the proxy at once.
          state.withLock { state in
            if number == state.armed { state.relayed[direction, default: 0] += count }
          }
        }
        if passed <= 0 { return }
        if case .end = allowance(number, direction) { return }
      }
    }
  }

  /// Reads once and writes all of it; 0 or less at the end of the stream.
  private func pass(
    _ from: Int32, _ to: Int32, atMost count: Int, counting: (Int) -> Void
  ) -> Int {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = recv(from, &bytes, count, 0)
    if received <= 0 { return received }
    counting(received)
    var sent = 0
    while sent < received {
      let written = bytes.withUnsafeBytes {
        send(to, $0.baseAddress.map { $0 + sent }, received - sent, Int32(MSG_NOSIGNAL))
      }
      if written <= 0 { return -1 }
      sent += written
    }
    return received
  }

  private func isReady(_ socket: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }
}

/// Lends the address of a Unix socket.
private func withSocketAddress(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) throws -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
    throw TestSupportError("The path \(path) is too long for a socket.")
  }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}
