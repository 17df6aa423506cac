public import LibPQ
public import Logging

/// Writes what connections do to a log of swift-log: each operation at one level, failures at a
/// higher one, slow queries as warnings. No values of parameters or rows get into the log.
///
///     configuration.observers = [LoggingObserver(Logger(label: "database"))]
public struct LoggingObserver: OperationObserver {
  private let logger: Logger

  /// The level of operations that end well.
  public var level = Logger.Level.debug
  /// The level of operations that end with an error.
  public var failureLevel = Logger.Level.notice
  /// From which duration on a query is logged as a warning; nil for never.
  public var slowQueryThreshold: Duration? = SlowQueryObserver.defaultThreshold
  /// Whether the SQL text goes with the entry; values are never part of it.
  public var includesText = true

  /// Writes to a logger.
  public init(_ logger: Logger) {
    self.logger = logger
  }

  /// Nothing is logged at the start.
  public func started(_ operation: ObservedOperation, within outer: Void?) {}

  /// Logs the operation.
  public func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {
    if let slowQueryThreshold,
      let slow = SlowQuery(operation, outcome, threshold: slowQueryThreshold)
    {
      logger.log(
        level: max(.warning, outcome.error == nil ? level : failureLevel),
        "\(slow.description)", metadata: metadata(operation, outcome))
    } else if let error = outcome.errorDescription {
      logger.log(
        level: failureLevel, "\(operation.kind.rawValue) failed: \(error)",
        metadata: metadata(operation, outcome))
    } else {
      logger.log(
        level: level, "\(operation.kind.rawValue): \(operation.name)",
        metadata: metadata(operation, outcome))
    }
  }

  private func metadata(
    _ operation: ObservedOperation, _ outcome: ObservedOutcome
  ) -> Logger.Metadata {
    var metadata: Logger.Metadata = [
      "db.operation": "\(operation.kind.rawValue)",
      "db.duration_ms": .string(outcome.duration.milliseconds),
    ]
    if let label = operation.label { metadata["db.label"] = "\(label)" }
    if includesText, let text = operation.text { metadata["db.text"] = "\(text)" }
    if let rows = outcome.rows { metadata["db.rows"] = "\(rows)" }
    if let attempts = outcome.attempts, attempts > 1 { metadata["db.attempts"] = "\(attempts)" }
    if let sqlState = outcome.sqlState { metadata["db.sqlstate"] = "\(sqlState.rawValue)" }
    if let server = operation.server {
      metadata["db.name"] = "\(server.database)"
      metadata["db.process"] = "\(server.processID)"
    }
    return metadata
  }
}

extension Duration {
  /// Milliseconds with three places behind the point.
  fileprivate var milliseconds: String {
    let microseconds = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    let places = String(1_000 + microseconds % 1_000).dropFirst()
    return "\(microseconds / 1_000).\(places)"
  }
}
