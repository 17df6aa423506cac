import LibPQ
import TestSupport

/// The database that the tests of this module share; what they make there is temporary, or has a
/// name of its own.
private let shared = Task { try await TestServer.emptyDatabase() }

/// A new connection to the shared database of the tests.
func connect(
  _ change: (inout ConnectionConfiguration) -> Void = { _ in }
) async throws -> Connection {
  var configuration = ConnectionConfiguration(conninfo: try await shared.value.conninfo)
  change(&configuration)
  return try await Connection.connect(configuration)
}
