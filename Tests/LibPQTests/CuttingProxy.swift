import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A Unix socket between a client and the server that passes so many bytes and then cuts both
/// connections, as a broken network does, or stalls.
final class CuttingProxy: Sendable {
  enum Direction: Sendable { case toServer, toClient }

  /// The folder of the socket, for `host`, and the number in its name, for `port`.
  let folder: String
  static let port = 5432

  private let target: String
  private let listener: Int32
  private let stalled = Atomic(false)
  /// Bytes that may still pass; nil passes all.
  private let allowance = Mutex<(direction: Direction, bytes: Int)?>(nil)

  /// Listens in a new folder, for a server whose socket has this path.
  init(target: String) throws {
    self.target = target
    folder = NSTemporaryDirectory() + "cut-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    listener = Self.newSocket()
    let path = folder + "/.s.PGSQL.\(Self.port)"
    let bound = Self.withAddress(path) { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 16) == 0 else {
      throw TestSupportError("the proxy cannot listen at \(path): error \(errno)")
    }
    Thread.detachNewThread { [listener, weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else { return }
        self.serve(client)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Cuts after so many bytes more in one direction; nil never cuts.
  func cut(after bytes: Int?, _ direction: Direction) {
    allowance.withLock { $0 = bytes.map { (direction, $0) } }
  }

  /// Lets nothing pass from here on, in either direction and without closing anything, until it is
  /// told otherwise: a server that hangs.
  func stall(_ isStalled: Bool) {
    stalled.store(isStalled, ordering: .releasing)
  }

  private func serve(_ client: Int32) {
    let server = Self.newSocket()
    guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
      close(client)
      close(server)
      return
    }
    Thread.detachNewThread { [self] in
      var ends = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      var isOpen = true
      while isOpen, poll(&ends, 2, 50) >= 0 {
        if stalled.load(ordering: .acquiring) {
          usleep(2_000)
          continue
        }
        if isOpen, ends[0].revents != 0 { isOpen = pass(from: client, to: server, .toServer) }
        if isOpen, ends[1].revents != 0 { isOpen = pass(from: server, to: client, .toClient) }
      }
      close(client)
      close(server)
    }
  }

  /// Passes on what has come; false if the connection is to be cut.
  private func pass(from source: Int32, to sink: Int32, _ direction: Direction) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(source, &buffer, buffer.count)
    if count <= 0 { return false }
    let passing = take(count, direction)
    let sent = passing == 0 || send(sink, buffer, passing, Int32(MSG_NOSIGNAL)) == passing
    return sent && passing == count
  }

  private func take(_ count: Int, _ direction: Direction) -> Int {
    allowance.withLock { allowance in
      guard let limit = allowance, limit.direction == direction else { return count }
      let passing = min(count, limit.bytes)
      allowance = (direction, limit.bytes - passing)
      return passing
    }
  }

  private static func newSocket() -> Int32 {
    #if canImport(Glibc)
      socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.prefix(room.count - 1).enumerated() { room[index] = byte }
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
