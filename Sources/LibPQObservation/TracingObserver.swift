public import LibPQ
public import Tracing

/// Makes a span of each operation with swift-distributed-tracing. The span of a transaction is the
/// parent of those of its queries; others belong to the span that the task is in.
///
/// Names and attributes follow OpenTelemetry's conventions for databases; values of parameters and
/// rows are not among them.
public struct TracingObserver: OperationObserver {
  private let tracer: any Tracer

  /// Whether the SQL text goes with the span.
  public var includesText = true

  /// Makes spans with a tracer, by default the one of the program.
  public init(tracer: any Tracer = InstrumentationSystem.tracer) {
    self.tracer = tracer
  }

  /// Starts a span.
  public func started(
    _ operation: ObservedOperation, within outer: (any Span)?
  ) -> any Span {
    let name = operation.label ?? operation.kind.rawValue
    if let outer { return tracer.startSpan(name, context: outer.context, ofKind: .client) }
    return tracer.startSpan(name, ofKind: .client)
  }

  /// Ends the span.
  public func ended(
    _ operation: ObservedOperation, _ outcome: ObservedOutcome, _ span: any Span
  ) {
    span.updateAttributes { attributes in
      attributes["db.system.name"] = "postgresql"
      attributes["db.operation.name"] = operation.kind.rawValue
      if let label = operation.label { attributes["db.query.summary"] = label }
      if includesText, let text = operation.text { attributes["db.query.text"] = text }
      if let rows = outcome.rows { attributes["db.response.returned_rows"] = rows }
      if let attempts = outcome.attempts { attributes["db.transaction.attempts"] = attempts }
      if let server = operation.server {
        attributes["db.namespace"] = server.database
        attributes["server.address"] = server.host
        attributes["server.port"] = server.port
      }
      if let sqlState = outcome.sqlState {
        attributes["db.response.status_code"] = sqlState.rawValue
        attributes["error.type"] = sqlState.rawValue
      }
    }
    if let description = outcome.errorDescription {
      // The description only: an error's own text may hold values.
      span.addEvent(
        SpanEvent(name: "exception", attributes: ["exception.message": "\(description)"]))
      span.setStatus(SpanStatus(code: .error, message: description))
    }
    span.end()
  }
}
