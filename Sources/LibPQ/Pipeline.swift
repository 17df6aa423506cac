import CLibPQ

/// What a statement of a pipeline will have given once the pipeline has run.
public final class PipelineResult<Value> {
  @usableFromInline var outcome: Result<Value, PostgresError>?

  @usableFromInline
  init() {}

  /// The value; an error if the statement failed, was not reached, or is still under way.
  @inlinable
  public func get() throws(PostgresError) -> Value {
    if let outcome { return try outcome.get() }
    throw notYetAnswered
  }

  @usableFromInline var notYetAnswered: PostgresError {
    PostgresError(
      .usage, "the pipeline is still under way; its results can be read once its closure has ended")
  }
}

/// Statements that are sent without waiting for the answers to those before, which saves a round
/// trip each. Unless a transaction is open, all of a pipeline is one transaction; after the first
/// statement that fails the rest are not carried out.
public struct Pipeline: ~Copyable {
  @usableFromInline let session: Session

  /// Adds a statement whose rows, if any, are dropped.
  @discardableResult
  public mutating func execute(
    _ query: consuming Query
  ) throws(PostgresError) -> PipelineResult<CommandResult> {
    let pending = PipelineResult<CommandResult>()
    try session.enqueue(query) { answer, _ in
      pending.outcome = answer.map { CommandResult(result: $0) }
    }
    return pending
  }

  /// Adds a query of any number of rows, which all are held in memory.
  @inlinable
  public mutating func rows<each Value: PostgresDecodable>(
    _ query: consuming Query, as: (repeat each Value).Type = (repeat each Value).self
  ) throws(PostgresError) -> PipelineResult<[(repeat each Value)]> {
    let pending = PipelineResult<[(repeat each Value)]>()
    try session.enqueue(query) { answer, labelled in
      do throws(PostgresError) {
        let result = try answer.get()
        try checkColumns(result, as: (repeat each Value).self)
        var rows: [(repeat each Value)] = []
        for row in 0..<PQntuples(result) {
          rows.append(try decodeTuple(result, row, Int(row) + 1, as: (repeat each Value).self))
        }
        pending.outcome = .success(rows)
      } catch {
        pending.outcome = .failure(labelled(error))
      }
    }
    return pending
  }

  /// Adds a query of one row and one column.
  @inlinable
  public mutating func value<Value: PostgresDecodable>(
    _ query: consuming Query, as: Value.Type = Value.self
  ) throws(PostgresError) -> PipelineResult<Value> {
    let pending = PipelineResult<Value>()
    try session.enqueue(query) { answer, labelled in
      do throws(PostgresError) {
        let result = try answer.get()
        try checkRowCount(result, 1...1)
        try checkColumns(result, as: Value.self)
        pending.outcome = .success(try decodeCell(result, 0, 0, 1, as: Value.self))
      } catch {
        pending.outcome = .failure(labelled(error))
      }
    }
    return pending
  }
}

extension Connection {
  /// Sends the statements that the closure adds without waiting in between, then waits for all
  /// answers. Throws the error of the first statement that failed; what the others gave is in their
  /// results. If the closure throws, what it added before is still carried out: put a transaction
  /// around it to take it back. A COPY is refused.
  ///
  ///     let total = try connection.pipeline { pipeline in
  ///       for page in pages { try pipeline.execute("INSERT INTO pages VALUES (\(page))") }
  ///       return try pipeline.value("SELECT count(*) FROM pages", as: Int.self)
  ///     }.get()
  @discardableResult
  public func pipeline<Outcome>(
    _ body: (inout Pipeline) throws -> Outcome
  ) throws -> Outcome {
    let session = try live()
    return try session.observed(.pipeline, nil) { _ in try run(session, body) }
  }

  private func run<Outcome>(
    _ session: Session, _ body: (inout Pipeline) throws -> Outcome
  ) throws -> Outcome {
    try session.enterPipeline()
    var pipeline = Pipeline(session: session)
    let outcome: Outcome
    do {
      outcome = try body(&pipeline)
    } catch {
      // The error of the closure is the one to report.
      _ = session.leavePipeline()
      throw error
    }
    if let failure = session.leavePipeline() { throw failure }
    return outcome
  }
}

/// Takes the answer to a statement of a pipeline, and what adds the statement's label to an error
/// that arises in reading it. It holds nothing of the statement itself, which the pipeline keeps.
@usableFromInline
typealias PipelineReceiver = (
  _ answer: Result<OpaquePointer, PostgresError>, _ labelled: (PostgresError) -> PostgresError
) -> Void

/// A statement of a pipeline whose answer is awaited.
struct PipelineEntry {
  let query: Query
  let receive: PipelineReceiver
}
