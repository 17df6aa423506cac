/// Tells of queries, scripts and pipelines that took long.
///
///     configuration.observers = [SlowQueryObserver { print("\($0)") }]
public struct SlowQueryObserver: OperationObserver {
  /// From which duration on a query is slow, unless told otherwise.
  public static let defaultThreshold = Duration.seconds(1)

  private let threshold: Duration
  private let report: @Sendable (SlowQuery) -> Void

  /// Calls the closure with each query that took as long as the threshold, or longer.
  public init(
    threshold: Duration = SlowQueryObserver.defaultThreshold,
    _ report: @escaping @Sendable (SlowQuery) -> Void
  ) {
    self.threshold = threshold
    self.report = report
  }

  /// Nothing happens at the start.
  public func started(_ operation: ObservedOperation, within outer: Void?) {}

  /// Reports the query if it was slow.
  public func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {
    if let slow = SlowQuery(operation, outcome, threshold: threshold) { report(slow) }
  }
}

/// A query that took long.
public struct SlowQuery: Sendable, CustomStringConvertible {
  /// The query.
  public let operation: ObservedOperation
  /// How it ended.
  public let outcome: ObservedOutcome

  /// Nil unless the operation is one that can be slow, and was.
  public init?(
    _ operation: ObservedOperation, _ outcome: ObservedOutcome, threshold: Duration
  ) {
    // How long transactions, COPYs and waits take says nothing of a statement.
    guard [.query, .script, .pipeline].contains(operation.kind), outcome.duration >= threshold
    else {
      return nil
    }
    self.operation = operation
    self.outcome = outcome
  }

  /// One sentence without values.
  public var description: String {
    var text =
      "slow \(operation.kind.rawValue): “\(operation.name)” took "
      + outcome.duration.rounded
    if let rows = outcome.rows { text += " for \(rows) \(rows == 1 ? "row" : "rows")" }
    if let error = outcome.errorDescription { text += " and failed: \(error)" }
    return text
  }
}
