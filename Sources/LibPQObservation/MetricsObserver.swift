public import CoreMetrics
public import LibPQ

/// Measures what connections do with swift-metrics.
///
/// - `db.client.operation.duration`: a timer by `operation` and `outcome` (`success` or `failure`).
/// - `db.client.operation.failures`: a counter by `operation` and `sqlstate` (`none` for errors that
///   arose on this side).
/// - `db.client.rows`: a counter by `operation` of rows received, changed or copied.
/// - `db.client.transaction.retries`: a counter of transactions that were run again.
public struct MetricsObserver: OperationObserver {
  private let factory: any MetricsFactory
  private let successes: [ObservedOperation.Kind: Timer]
  private let failures: [ObservedOperation.Kind: Timer]
  private let rows: [ObservedOperation.Kind: Counter]
  private let retries: Counter

  /// Reports to a factory of metrics, by default the one of the program.
  public init(factory: any MetricsFactory = MetricsSystem.factory) {
    self.factory = factory
    func timers(_ outcome: String) -> [ObservedOperation.Kind: Timer] {
      Self.all { kind in
        Timer(
          label: "db.client.operation.duration",
          dimensions: [("operation", kind.rawValue), ("outcome", outcome)], factory: factory)
      }
    }
    successes = timers("success")
    failures = timers("failure")
    rows = Self.all { kind in
      Counter(
        label: "db.client.rows", dimensions: [("operation", kind.rawValue)], factory: factory)
    }
    retries = Counter(label: "db.client.transaction.retries", factory: factory)
  }

  private static func all<Metric>(
    _ make: (ObservedOperation.Kind) -> Metric
  ) -> [ObservedOperation.Kind: Metric] {
    Dictionary(uniqueKeysWithValues: ObservedOperation.Kind.allCases.map { ($0, make($0)) })
  }

  /// Nothing is measured at the start.
  public func started(_ operation: ObservedOperation, within outer: Void?) {}

  /// Measures the operation.
  public func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {
    let timers = outcome.error == nil ? successes : failures
    timers[operation.kind]?.recordNanoseconds(outcome.duration.nanoseconds)
    if let count = outcome.rows, count > 0 { rows[operation.kind]?.increment(by: count) }
    if let attempts = outcome.attempts, attempts > 1 { retries.increment(by: attempts - 1) }
    if outcome.error != nil {
      Counter(
        label: "db.client.operation.failures",
        dimensions: [
          ("operation", operation.kind.rawValue),
          ("sqlstate", outcome.sqlState?.rawValue ?? "none"),
        ], factory: factory
      ).increment()
    }
  }

  /// Reports what a pool holds as meters; call it from time to time, as a task of its own may:
  ///
  /// - `db.client.connection.count` by `pool` and `state` (`idle`, `used`, `connecting`).
  /// - `db.client.connection.max` and `db.client.connection.pending_requests` by `pool`.
  public func report(_ status: PoolStatus, pool name: String) {
    func meter(_ label: String, _ value: Int, state: String? = nil) {
      let dimensions = [("pool", name)] + (state.map { [("state", $0)] } ?? [])
      Meter(label: label, dimensions: dimensions, factory: factory).set(value)
    }
    meter("db.client.connection.count", status.idle, state: "idle")
    meter("db.client.connection.count", status.borrowed, state: "used")
    meter("db.client.connection.count", status.connecting, state: "connecting")
    meter("db.client.connection.max", status.maximum)
    meter("db.client.connection.pending_requests", status.waiting)
  }
}

extension Duration {
  fileprivate var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
