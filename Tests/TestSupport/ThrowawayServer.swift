import Foundation
import PrivateServer
import Synchronization

/// A private server of a test process, in a temporary folder that ends with the process.
///
/// A small shell process watches: it reads from a pipe that only this process holds open, so it
/// wakes when this process ends, however it ends, then ends the server and removes the folder.
struct ThrowawayServer: Sendable {
  let server: PrivateServer

  /// Starts a server.
  ///
  /// - Parameter prepare: Fills the new folder before the start, and gives settings that replace
  ///   those of a server for tests.
  static func start(
    prepare: (_ folder: String) throws -> [String: String] = { _ in [:] }
  ) throws -> ThrowawayServer {
    var template = Array("/tmp/banyan-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("No temporary folder could be made in /tmp: \(systemReason(errno))")
    }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // The server's user must pass through the folder when root runs the tests.
    chmod(folder, geteuid() == 0 ? 0o711 : 0o700)
    let settings = try prepare(folder)
    let server = PrivateServer(folder: folder, purpose: .tests, settings: settings)
    try watch(server)
    try server.start()
    return ThrowawayServer(server: server)
  }

  /// The watcher's text: wait for the end of input, end the server at once, remove its folder and what it
  /// has in memory.
  private static let watcher = """
    trap '' HUP INT TERM
    read -r line
    process=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    if [ -n "$process" ]; then
      kill -QUIT "$process" 2>/dev/null
      tries=0
      while kill -0 "$process" 2>/dev/null && [ "$tries" -lt 100 ]; do
        tries=$((tries + 1)); sleep 0.1
      done
    fi
    memory=$(readlink "$1/\(MemoryTablespace.link)")
    rm -rf -- "$1" ${memory:+"$memory"}
    """

  private static func watch(_ server: PrivateServer) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw TestSupportError("No pipe could be made: \(systemReason(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
    let run = ProgramRun(
      program: "/bin/sh", arguments: ["-c", watcher, "sh", server.folder],
      environment: ["PATH": "/usr/bin:/bin"], timeLimit: 0)
    let process = try run.spawn(descriptors: [ends[0], nothing, nothing], newGroup: true)
    close(ends[0])
    close(nothing)
    Ending.shared.remember(watcher: process, pipe: ends[1])
  }
}

/// At a proper exit, wakes the watchers and waits until they have tidied up.
private final class Ending: Sendable {
  static let shared = Ending()
  private let watchers = Mutex<[(process: pid_t, pipe: Int32)]>([])

  private init() {
    atexit {
      let watchers = Ending.shared.watchers.withLock { $0 }
      // All first: a server that started in the wrong moment may hold the pipe of another open.
      for (_, pipe) in watchers { close(pipe) }
      for (process, _) in watchers {
        var status: Int32 = 0
        waitpid(process, &status, 0)
      }
    }
  }

  func remember(watcher: pid_t, pipe: Int32) {
    watchers.withLock { $0.append((watcher, pipe)) }
  }
}
