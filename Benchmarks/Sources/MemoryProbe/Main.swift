import LibPQ
import ProcessMemory
import Quantities
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Work whose memory is measured, in a process of its own, so that nothing else counts:
/// `banyan-memory-probe stream|stalled-copy CONNINFO COUNT` prints the most megabytes that were
/// resident at once. Foundation stays out of it: it alone takes 20 MB.
@main
struct Main {
  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let count = Int(arguments[3]) else {
      fail("usage: banyan-memory-probe stream|stalled-copy CONNINFO COUNT")
    }
    let configuration = ConnectionConfiguration(conninfo: arguments[2])
    do {
      let rows =
        arguments[1] == "stream"
        ? try await stream(configuration) : try await stalledCopy(configuration, count)
      if rows != count { fail("\(rows) rows went and not \(count)") }
    } catch {
      fail("\(error)")
    }
    guard let peak = PeakMemory.megabytes() else {
      fail("/proc/self/status does not say the memory")
    }
    print(peak)
  }

  private static func fail(_ message: String) -> Never {
    let line = Array("banyan-memory-probe: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
  }

  /// Decodes every sale of a stream and keeps none.
  private static func stream(_ configuration: ConnectionConfiguration) async throws -> Int {
    let connection = try await Connection.connect(configuration)
    var rows = 0
    for try await _ in connection.stream(
      "SELECT id, name, amount, booked_at, is_cleared FROM sale",
      as: (Int64, String, ExactDecimal, Timestamp, Bool).self)
    { rows += 1 }
    await connection.close()
    return rows
  }

  /// Copies while the gate is locked, and opens it once no row has gone for half a second.
  private static func stalledCopy(
    _ configuration: ConnectionConfiguration, _ count: Int
  ) async throws -> Int {
    let blocker = try await Connection.connect(configuration)
    let writer = try await Connection.connect(configuration)
    try await blocker.execute("BEGIN")
    try await blocker.execute("LOCK TABLE gate IN ACCESS EXCLUSIVE MODE")
    let written = Atomic(0)
    let text = String(repeating: "x", count: 86)
    let copying = Task {
      try await writer.copyBinary(into: "filled", columns: ["id", "filler"]) { rows in
        for id in 0..<count {
          try rows.row(id, text)
          written.store(id, ordering: .relaxed)
        }
      }
    }
    var last = -1
    var unchanged = 0
    while unchanged < 10 {
      try await Task.sleep(for: .milliseconds(50))
      let now = written.load(ordering: .relaxed)
      unchanged = now == last && now > 0 ? unchanged + 1 : 0
      last = now
    }
    if last > count / 2 { fail("the COPY did not stall; \(last) rows had gone") }
    try await blocker.execute("COMMIT")
    let rows = try await copying.value
    await writer.close()
    await blocker.close()
    return rows
  }
}
