import Exchange
import LibPQ
import Quantities

/// A batch that was read and judged to its end, and is not to be in the tables: what is kept of it while
/// its transaction is rolled back.
struct KeptOut: Error {
  var result: BatchResult
  let reason: String
  let rejectedRows: RejectedRowSpool

  /// Takes the quarantine of the batch out of the transaction.
  init(_ result: BatchResult, reason: String, on connection: isolated Connection) throws {
    self.result = result
    self.reason = reason
    rejectedRows = try RejectedRowSpool(of: result.batch ?? 0, on: connection)
    self.result.outcome = .keptOut(reason)
    self.result.keptOut = result.loaded
    self.result.loaded = 0
    self.result.replaced = 0
    self.result.restatedMonths = []
    self.result.grownTables = []
  }
}

extension FileImport {
  /// Puts the batch on record, with counts that are still zero.
  func insertBatch(
    of source: SourceFile, layout: FileLayout, sheet: String?, on connection: isolated Connection
  ) throws -> Int64 {
    try connection.value(
      """
      insert into bank.batch
        (dataset, file_name, content_digest, mapping_name, mapping_digest, state, branch_id, month,
         sheet_name, layout, submission_id, replaces_id)
      values (\(dataset.name), \(name), \(source.digest), \(mapping.name), \(mapping.digest), 'loaded',
        \(scope.branch?.key), \(scope.month?.firstDay), \(sheet), \(layout.json)::text::jsonb, \(submission),
        \(options.replaces))
      returning batch_id
      """, as: Int64.self)
  }

  /// Records a batch that was kept out, with its number, its quarantine and what its checks have found.
  func record(
    _ kept: KeptOut, of source: SourceFile, on connection: isolated Connection
  ) throws -> BatchResult {
    let result = kept.result
    let batch = result.batch ?? 0
    let layout = try FileLayout(of: source, mapping, source.reader(for: mapping))
    try connection.transaction { connection in
      try connection.execute(
        """
        insert into bank.batch
          (batch_id, dataset, file_name, content_digest, mapping_name, mapping_digest, state, branch_id, month,
           sheet_name, layout, submission_id, rows_read, rows_rejected, rows_unchanged, rows_kept_out, failure)
        overriding system value
        values (\(batch), \(dataset.name), \(name), \(source.digest), \(mapping.name), \(mapping.digest),
          'kept_out', \(scope.branch?.key), \(scope.month?.firstDay), \(result.sheet),
          \(layout.json)::text::jsonb, \(submission), \(result.read), \(result.rejected),
          \(result.unchanged), \(result.keptOut), \(kept.reason))
        """)
      try kept.rejectedRows.restore(on: connection)
      try CheckFinding.record(result.findings, of: batch, on: connection)
    }
    return result
  }

  /// Records a file that could not be used; in a trial it is only told.
  func recordFailure(
    _ reason: String, of source: SourceFile, on connection: isolated Connection
  ) throws -> BatchResult {
    var result = BatchResult(
      fileName: name, dataset: dataset.name, batch: nil, outcome: .failed(reason))
    if options.isTrial { return result }
    result.batch = try connection.value(
      """
      insert into bank.batch
        (dataset, file_name, content_digest, mapping_name, mapping_digest, state, branch_id, month, submission_id, failure)
      values (\(dataset.name), \(name), \(source.digest), \(mapping.name), \(mapping.digest), 'failed',
        \(scope.branch?.key), \(scope.month?.firstDay), \(submission), \(reason))
      returning batch_id
      """, as: Int64.self)
    return result
  }

  func sentence(for error: any Error, on connection: isolated Connection) -> String {
    if let error = error as? PostgresError,
      let refusal = ConstraintSentence(error, on: connection)
    {
      return "the database refused the file, so nothing of it is loaded: \(refusal.text)"
    }
    if let error = error as? PostgresError, error.sqlState == .insufficientPrivilege {
      return
        "this login may not add all rows of the file, so nothing of it is loaded: \(error.message); leave out what belongs to other units, or let a loader of the whole bank import it"
    }
    return switch error {
    case let error as BanyanError: error.description
    case let error as FileProblem: error.description
    case let error as PostgresError:
      "the database refused the file, so nothing of it is loaded: \(error.message)"
        + (error.detail.map { " (\($0))" } ?? "") + (error.hint.map { "; \($0)" } ?? "")
    default: "\(error)"
    }
  }
}
