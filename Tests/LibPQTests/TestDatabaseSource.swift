import Foundation
import LibPQ

/// A connection to the test server, whose connection string the environment names.
func connect(
  _ change: (inout ConnectionConfiguration) -> Void = { _ in }
) async throws -> Connection {
  let conninfo = ProcessInfo.processInfo.environment["BANYAN_TEST_CONNINFO"] ?? ""
  var configuration = ConnectionConfiguration(conninfo: conninfo)
  change(&configuration)
  return try await Connection.connect(configuration)
}
