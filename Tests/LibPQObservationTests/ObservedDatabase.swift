import LibPQ
import TestSupport

/// The database that the tests of this module share.
private let shared = Task { try await TestServer.emptyDatabase() }

/// A connection that some observers look at.
func connect(observedBy observers: any OperationObserver...) async throws -> Connection {
  var configuration = ConnectionConfiguration(conninfo: try await shared.value.conninfo)
  configuration.observers = observers
  return try await Connection.connect(configuration)
}

/// A pool that an observer looks at.
func makePool(observedBy observer: any OperationObserver) async throws -> ConnectionPool {
  var configuration = ConnectionConfiguration(conninfo: try await shared.value.conninfo)
  configuration.observers = [observer]
  return ConnectionPool(configuration, PoolOptions(maximum: 1))
}
