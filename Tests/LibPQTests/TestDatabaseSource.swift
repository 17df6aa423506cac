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
  return configuration
}

/// A new connection to the shared database of the tests.
func connect(
  _ change: (inout ConnectionConfiguration) -> Void = { _ in }
) async throws -> Connection {
  var configuration = try await testConfiguration()
  change(&configuration)
  return try await Connection.connect(configuration)
}
