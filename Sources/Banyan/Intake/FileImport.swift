import Exchange
import LibPQ
import Quantities

/// Takes one file in: passes over it once for its digest, once for its rows, and leaves either the
/// whole batch or nothing of it.
struct FileImport {
  /// How many rejections are held in memory before they are written.
  static let rejectionBuffer = 20_000
  /// How many rejections come back with the result, for the screen.
  static let shownRejections = 10

  /// Path of the file inside the imported folder, as batches name it.
  let name: String
  let path: String
  let mapping: Mapping
  /// Currency of the bank's books.
  let currency: Currency
  /// What the import was told.
  var options = ImportOptions()
  /// The branch and month that the rows must be about.
  let scope: ImportScope
  /// What the batch is checked for as a whole.
  var checks: [DataCheck] = []
  /// Submission that the file is part of.
  var submission: Int64?
  /// Called every few thousand rows.
  var progress: ImportObserver = { _ in }

  var dataset: Dataset { mapping.dataset }

  /// Imports the file. A file that is refused as a whole is recorded as a failed batch and comes
  /// back as one; only a failure of the database, and a wish to stop, is thrown.
  func run(on connection: isolated Connection) throws -> BatchResult {
    let source: SourceFile
    do {
      source = try SourceFile(path: path)
    } catch let problem as FileProblem {
      return BatchResult(
        fileName: name, dataset: dataset.name, batch: nil, outcome: .failed(problem.description))
    }
    progress(.began(file: name, bytes: source.byteCount))
    do {
      var result = try connection.transaction { connection in
        try load(source, on: connection)
      }
      // The numbers of a trial are given to other batches later.
      if options.isTrial, case .loaded = result.outcome { result.batch = nil }
      return result
    } catch let error as PostgresError where error.poisonsConnection || error.kind == .cancelled {
      throw error
    } catch let error as CancellationError {
      throw error
    } catch let kept as KeptOut {
      guard options.isTrial else { return try record(kept, of: source, on: connection) }
      var result = kept.result
      result.batch = nil
      return result
    } catch {
      return try recordFailure(
        sentence(for: error, on: connection), of: source, on: connection)
    }
  }

  // MARK: - One batch

  private func load(_ source: SourceFile, on connection: isolated Connection) throws -> BatchResult
  {
    // Imports of one dataset take turns: each must see the numbers that the other brings.
    try connection.execute(
      "select pg_advisory_xact_lock(hashtextextended('import of ' || \(dataset.name), 0))")
    if let earlier = try earlierBatch(of: source, on: connection) { return earlier }
    if let former = options.replaces {
      let approval = try connection.value(
        "select bank.await_replacement(\(former), \(dataset.name), \(source.digest), \(name))",
        as: Int64?.self)
      if let approval {
        return BatchResult(
          fileName: name, dataset: dataset.name, batch: nil, outcome: .waiting(approval))
      }
    }
    let templateWarning =
      source.kind == .zip ? try TemplateOrigin(workbook: path)?.warning(for: dataset) : nil
    let reader = try source.reader(for: mapping)
    var result = BatchResult(
      fileName: name, dataset: dataset.name, batch: nil, outcome: .loaded, sheet: reader.sheetName)
    let batch = try insertBatch(
      of: source, layout: FileLayout(of: source, mapping, reader), sheet: reader.sheetName,
      on: connection)
    result.batch = batch
    if let former = options.replaces {
      result.replaced = try connection.value(
        "select bank.replace_batch(\(former), \(batch))", as: Int.self)
    }
    try takeRows(of: source, from: reader, into: &result, on: connection)
    if let templateWarning { result.warnings.insert(templateWarning, at: 0) }
    result.firstRejections = try Rejection.of(
      batch: batch, limit: Self.shownRejections, on: connection)
    if let limit = options.rejectionLimit, result.rejected > limit {
      let rejected =
        result.rejected == 1 ? "1 row was rejected" : "\(result.rejected) rows were rejected"
      let wanted = limit == 0 ? "all or nothing was wanted" : "at most \(limit) are let pass"
      throw try KeptOut(
        result, reason: "\(rejected), and \(wanted); nothing of the file is loaded", on: connection)
    }
    try pass(checks, &result, on: connection)
    return result
  }

  /// Reads the rows, settles them and writes the counts.
  private func takeRows(
    of source: SourceFile, from reader: CSVReader, into result: inout BatchResult,
    on connection: isolated Connection
  ) throws {
    let batch = result.batch ?? 0
    let validator = try RowValidator(
      mapping: mapping, header: reader.header, isWorkbook: source.kind == .zip,
      keys: KeyTables(for: dataset, on: connection), currency: currency, scope: scope)
    let acceptance = Acceptance(
      dataset: dataset, batch: batch, allowsRepeats: mapping.allowsRepeats,
      keyHeader: keyHeader(in: reader.header))
    try acceptance.createStaging(on: connection)
    var router = FactRouter(
      dataset: dataset, columns: validator.columns, fileSize: source.byteCount,
      amountDigits: currency.minorUnitDigits,
      copiesDirectly: try !connection.isUnderPolicies(Identifier("bank", dataset.table)))
    var rawRows: [Int: String] = [:]
    let staged = try copyRows(
      from: reader, validator, through: &router, into: &result, keeping: &rawRows, on: connection)
    if source.hasChanged {
      throw BanyanError.data(
        "the file was written to while it was read; import it again once it is complete")
    }
    progress(.settling(rows: result.read))
    let counts = try acceptance.accept(staged: staged, router: &router, on: connection)
    result.loaded = counts.loaded
    result.grownTables = acceptance.grownTables(router)
    result.rejected += counts.rejected
    result.unchanged = counts.unchanged
    if counts.rejected > 0 {
      try keepRawRows(of: batch, source, known: rawRows, on: connection)
    }
    result.restatedMonths = try connection.value(
      """
      select bank.finish_batch(\(batch), \(result.read), \(result.loaded), \(result.rejected), \(result.unchanged))
      """, as: [CivilDate].self
    ).map(\.month)
    result.warnings = try connection.rows(
      """
      select distinct w.warning from bank.coverage_entry as e cross join unnest(e.warnings) as w (warning)
      where e.batch_id = \(batch) order by 1 limit 100
      """, as: String.self)
  }

  /// The result of a file whose bytes are on record already; nil if there are none, or if some of its
  /// rows were rejected for want of what has come since: they get another chance.
  private func earlierBatch(
    of source: SourceFile, on connection: isolated Connection
  ) throws -> BatchResult? {
    let earlier = try connection.optionalRow(
      """
      select b.batch_id, b.rows_read, b.rows_rejected,
        exists (
          select from bank.rejected_row as r
          where r.batch_id = b.batch_id and r.code like 'IMP-04%')
        and exists (
          select from bank.batch as later
          where later.batch_id > b.batch_id and later.state = 'loaded' and later.rows_loaded > 0
            and later.dataset = any (\(dataset.datasetsReferredTo))),
        (select n.batch_id from bank.batch as n where n.replaces_id = b.batch_id)
      from bank.batch as b
      where b.dataset = \(dataset.name) and b.content_digest = \(source.digest)
        and b.mapping_digest = \(mapping.digest) and b.state in ('loaded', 'replaced')
        and (b.branch_id, b.month) is not distinct from (\(scope.branch?.key)::integer, \(scope.month?.firstDay)::date)
      order by b.batch_id desc limit 1
      """, as: (Int64, Int, Int, Bool, Int64?).self)
    guard let (batch, rows, rejected, deservesAnotherChance, successor) = earlier else {
      return nil
    }
    if let successor {
      if options.replaces != nil { return nil }
      return BatchResult(
        fileName: name, dataset: dataset.name, batch: batch, outcome: .replaced(by: successor))
    }
    if deservesAnotherChance { return nil }
    return BatchResult(
      fileName: name, dataset: dataset.name, batch: batch, outcome: .unchanged, read: rows,
      unchanged: rows, rejectedBefore: rejected)
  }

  private func keyHeader(in header: [String]) -> String? {
    guard let key = dataset.key.last,
      let column = mapping.columns.first(where: { $0.target.name == key }),
      case .column(let headers) = column.source
    else { return nil }
    return headers.first(where: header.contains)
  }
}
