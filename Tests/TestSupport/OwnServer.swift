import Foundation
import PrivateServer

/// A server with settings of its own, for tests that the shared one cannot serve: over TCP, with
/// passwords, certificates or TLS. It ends with the test process at the latest.
public struct OwnServer: Sendable {
  private let server: PrivateServer
  /// The port on which it listens at 127.0.0.1.
  public let port: Int
  /// How its superuser reaches the database `bank` over the Unix socket, which trusts.
  public let conninfo: String

  /// Starts a server that listens on a free port of 127.0.0.1.
  ///
  /// - Parameters:
  ///   - files: Names and texts of files that only the server's user may read.
  ///   - settings: Gives settings of postgresql.conf, knowing the folder of the files.
  public static func start(
    files: [String: String],
    settings: @escaping @Sendable (_ files: String) -> [String: String]
  ) async throws -> OwnServer {
    try await onOwnThread {
      // Another program may take the port that was free a moment ago: then another is tried.
      for _ in 0..<4 {
        if let server = try? start(at: freePort(), files: files, settings: settings) {
          return server
        }
      }
      return try start(at: freePort(), files: files, settings: settings)
    }
  }

  private static func start(
    at port: Int, files: [String: String], settings: (_ files: String) -> [String: String]
  ) throws -> OwnServer {
    let server = try ThrowawayServer.start { folder in
      let place = folder + "/files"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      try giveToServer(place, mode: 0o700)
      for (name, text) in files {
        try Data(text.utf8).write(to: URL(filePath: place + "/" + name))
        try giveToServer(place + "/" + name, mode: 0o600)
      }
      return settings(place).merging(
        ["listen_addresses": "127.0.0.1", "port": String(port)],
        uniquingKeysWith: { mine, _ in mine })
    }.server
    return OwnServer(server: server, port: port, conninfo: server.conninfo + " port='\(port)'")
  }

  /// A relay to its Unix socket, which can break connections.
  public func proxy() throws -> FaultyProxy {
    try FaultyProxy(to: server.socketFolder, port: port)
  }

  /// A database of it, which is to be made by ``make(_:from:)``.
  public func database(_ name: String) -> TestDatabase {
    let conninfo = "\(server.conninfo(database: name)) port='\(port)'"
    return TestDatabase(name: name, conninfo: conninfo, url: conninfo)
  }

  /// Makes a database as a copy of another.
  public func make(_ name: String, from template: String) async throws -> TestDatabase {
    // A sequence that is copied after its last entry in the log would go back in a crash; not after a checkpoint.
    try await psql(
      "create database \(name) template \(template);\ncheckpoint;",
      at: database("postgres").conninfo)
    return database(name)
  }

  /// Stops it.
  public func stop() async throws {
    let server = self.server
    _ = try await onOwnThread { try server.stop() }
  }

  /// Root runs servers as `postgres`, who must own the files that nobody else may read.
  private static func giveToServer(_ path: String, mode: mode_t) throws {
    if geteuid() == 0 {
      guard let user = getpwnam("postgres"),
        chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0
      else { throw TestSupportError("The file \(path) cannot be given to the user postgres.") }
    }
    chmod(path, mode)
  }

  private static func freePort() throws -> Int {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
      }
    }
    guard found else { throw TestSupportError("No port is free on 127.0.0.1.") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
