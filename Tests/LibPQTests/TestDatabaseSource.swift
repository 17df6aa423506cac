import LibPQ
import TestSupport

/// The database that the tests of this module share; what they make there is temporary, or has a
/// name of its own.
private let shared = Task { try await TestServer.emptyDatabase() }

/// The connection string of the shared database of the tests.
func testConninfo() async throws -> String { try await shared.value.conninfo }

/// How to connect to the shared database of the tests.
func testConfiguration(applicationName: String = "LibPQ") async throws -> ConnectionConfiguration {
  var configuration = ConnectionConfiguration(conninfo: try await shared.value.conninfo)
  configuration.applicationName = applicationName
  configuration.connectTimeout = .seconds(600)
  return configuration
}

/// Waits until the server is at work on a statement of a session, which may take its time to get there.
func waitUntilRunning(_ statement: String, of process: Int32) async throws {
  let observer = try await connect()
  let pattern = "%\(statement)%"
  let limit = ContinuousClock.now + .seconds(600)
  while try await observer.value(
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE pid = \(process) AND state = 'active' AND query LIKE \(pattern)
    """, as: Int.self) == 0
  {
    guard ContinuousClock.now < limit else {
      throw TestSupportError("The session \(process) does not get to \(statement).")
    }
    try await Task.sleep(for: .milliseconds(5))
  }
  await observer.close()
}

/// A new connection to the shared database of the tests.
func connect(
  _ change: (inout ConnectionConfiguration) -> Void = { _ in }
) async throws -> Connection {
  var configuration = try await testConfiguration()
  change(&configuration)
  return try await Connection.connect(configuration)
}
