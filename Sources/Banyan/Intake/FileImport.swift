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

  private var dataset: Dataset { mapping.dataset }

  /// Imports the file. A file that is refused as a whole is recorded as a failed batch and comes
  /// back as one; only a failure of the database is thrown.
  func run(on connection: isolated Connection) throws -> BatchResult {
    let source: SourceFile
    do {
      source = try SourceFile(path: path)
    } catch let problem as FileProblem {
      return BatchResult(
        fileName: name, dataset: dataset.name, batch: nil, outcome: .failed(problem.description))
    }
    do {
      return try connection.transaction { connection in
        try load(source, on: connection)
      }
    } catch let error as PostgresError where error.poisonsConnection {
      throw error
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

    let batch = try connection.value(
      """
      insert into bank.batch
        (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
      values (\(dataset.name), \(name), \(source.digest), \(mapping.name), \(mapping.digest), 'loaded')
      returning batch_id
      """, as: Int64.self)
    let reader = try reader(of: source)
    let validator = try RowValidator(
      mapping: mapping, header: reader.header, isWorkbook: source.kind == .zip,
      keys: KeyTables(for: dataset, on: connection), currency: currency)
    let acceptance = Acceptance(
      dataset: dataset, batch: batch, allowsRepeats: mapping.allowsRepeats,
      keyHeader: keyHeader(in: reader.header))
    try acceptance.createStaging(on: connection)

    var result = BatchResult(
      fileName: name, dataset: dataset.name, batch: batch, outcome: .loaded)
    var router = FactRouter(
      dataset: dataset, fileSize: source.byteCount, amountDigits: currency.minorUnitDigits,
      copiesDirectly: try !connection.isUnderPolicies(Identifier("bank", dataset.table)))
    var rawRows: [Int: String] = [:]
    let staged = try copyRows(
      from: reader, validator, through: &router, into: &result, keeping: &rawRows, on: connection)
    if source.hasChanged {
      throw BanyanError.data(
        "the file was written to while it was read; import it again once it is complete")
    }
    let counts = try acceptance.accept(staged: staged, router: &router, on: connection)
    result.loaded = counts.loaded
    result.grownTables = acceptance.grownTables(router)
    result.rejected += counts.rejected
    result.unchanged = counts.unchanged
    if counts.rejected > 0 {
      try keepRawRows(of: batch, source, known: rawRows, on: connection)
    }
    try connection.execute(
      """
      update bank.batch set rows_read = \(result.read), rows_loaded = \(result.loaded),
        rows_rejected = \(result.rejected), rows_unchanged = \(result.unchanged)
      where batch_id = \(batch)
      """)
    result.warnings = try connection.rows(
      """
      select distinct w.warning from bank.coverage_entry as e cross join unnest(e.warnings) as w (warning)
      where e.batch_id = \(batch) order by 1 limit 100
      """, as: String.self)
    result.firstRejections = try Rejection.of(
      batch: batch, limit: Self.shownRejections, on: connection)
    return result
  }

  private func reader(of source: SourceFile) throws(FileProblem) -> CSVReader {
    guard let layout = mapping.layout else {
      return try source.opened(
        dialect: mapping.dialect, encoding: mapping.encoding, sheet: mapping.sheet)
    }
    return try CSVReader(
      source.kind == .compressed ? DecompressingSource(path: path) : FileSource(path: path),
      layout: layout, encoding: mapping.encoding ?? source.detectedEncoding)
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
            and later.dataset = any (\(dataset.datasetsReferredTo)))
      from bank.batch as b
      where b.dataset = \(dataset.name) and b.content_digest = \(source.digest)
        and b.mapping_digest = \(mapping.digest) and b.state = 'loaded'
      order by b.batch_id desc limit 1
      """, as: (Int64, Int, Int, Bool).self)
    guard let (batch, rows, rejected, deservesAnotherChance) = earlier, !deservesAnotherChance
    else { return nil }
    return BatchResult(
      fileName: name, dataset: dataset.name, batch: batch, outcome: .unchanged, read: rows,
      unchanged: rows, rejectedBefore: rejected)
  }

  /// Checks every row and copies the good ones to where they belong; returns how many were staged.
  ///
  /// A connection copies into one table at a time. Rows for another wait in memory; when there are
  /// many, the copy ends and goes on there. It ends too when many bad rows have piled up, or when a
  /// month appears that nothing is known of yet. The text of rows that are staged while others are
  /// not is kept as far as it fits: they are likely to be duplicates.
  private func copyRows(
    from reader: CSVReader, _ validator: RowValidator, through router: inout FactRouter,
    into result: inout BatchResult, keeping rawRows: inout [Int: String],
    on connection: isolated Connection
  ) throws -> Int {
    let batch = result.batch ?? 0
    let columns = dataset.stagingColumns.map(\.name) + ["line_number"]
    var rejections: [Rejection] = []
    var values: [StagedValue] = []
    var waiting = WaitingRows()
    var unplaced: WaitingRows.Row?
    var destination = Destination.staging
    var staged = 0
    var atEnd = false
    while !atEnd || !waiting.isEmpty {
      let isDirect = destination != .staging
      let count = try connection.copyBinary(
        into: router.table(of: destination), columns: columns + (isDirect ? ["batch_id"] : []),
        freezing: router.isFresh(destination)
      ) { writer in
        for row in waiting.take(destination) {
          try write(row.values, of: row.line, batch: isDirect ? batch : nil, to: &writer)
        }
        while !atEnd, unplaced == nil, !waiting.isFull, !router.rollUp.isFull,
          rejections.count < Self.rejectionBuffer
        {
          guard let record = try reader.next() else {
            atEnd = true
            return
          }
          guard validator.concerns(record) else { continue }
          result.read += 1
          let reasons = rejections.count
          validator.validate(record, values: &values, rejections: &rejections)
          if rejections.count > reasons {
            result.rejected += 1
            continue
          }
          switch router.route(values) {
          case destination:
            try write(values, of: record.lineNumber, batch: isDirect ? batch : nil, to: &writer)
          case .some(let other):
            waiting.append(values, of: record.lineNumber, for: other)
            if other == .staging, rawRows.count < Self.rejectionBuffer {
              rawRows[record.lineNumber] =
                dataset.isConfidential ? "(withheld: it is confidential)" : record.rawText
            }
          case nil: unplaced = WaitingRows.Row(line: record.lineNumber, keeping: values)
          }
        }
      }
      if !isDirect { staged += count }
      try Rejection.write(rejections, batch: batch, on: connection)
      rejections.removeAll(keepingCapacity: true)
      if router.rollUp.isFull { try router.writeRollUp(on: connection) }
      if let row = unplaced {
        unplaced = nil
        try router.openMonth(of: row.values, on: connection)
        destination = router.route(row.values) ?? .staging
        waiting.append(row.values, of: row.line, for: destination)
      } else if atEnd || waiting.isFull {
        destination = waiting.fullest ?? destination
      }
    }
    return staged
  }

  /// Writes a row in the order of the staging columns, with the batch if it goes straight into the
  /// table.
  private func write(
    _ values: [StagedValue], of line: Int, batch: Int64?, to writer: inout BinaryCopyWriter
  ) throws {
    try writer.row { row in
      for value in values {
        switch value {
        case .null: try row.appendNull()
        case .bytes(let bytes): try row.appendText(utf8: bytes)
        case .text(let text): try row.append(text)
        case .decimal(let decimal): try row.append(decimal)
        case .integer(let integer): try row.append(integer)
        case .key(let key): try row.append(key)
        case .date(let date): try row.append(date)
        }
      }
      try row.append(Int64(line))
      if let batch { try row.append(batch) }
    }
  }

  /// Rows that the database rejected have no text yet. What is not known of it is read from the file
  /// once more.
  private func keepRawRows(
    of batch: Int64, _ source: SourceFile, known: [Int: String], on connection: isolated Connection
  ) throws {
    var lines: Set<Int> = []
    try connection.forEachRow(
      """
      select line_number from bank.rejected_row
      where batch_id = \(batch) and reason_number = 1 and raw_row is null
      """, as: Int.self
    ) { line in lines.insert(line) }
    var rows = known.filter { lines.remove($0.key) != nil }
    if !lines.isEmpty {
      let reader = try reader(of: source)
      while !lines.isEmpty, let record = try reader.next() {
        guard lines.remove(record.lineNumber) != nil else { continue }
        rows[record.lineNumber] =
          dataset.isConfidential ? "(withheld: it is confidential)" : record.rawText
        if rows.count == Self.rejectionBuffer {
          try keep(rows, of: batch, on: connection)
          rows.removeAll(keepingCapacity: true)
        }
      }
    }
    try keep(rows, of: batch, on: connection)
  }

  private func keep(
    _ rawRows: [Int: String], of batch: Int64, on connection: isolated Connection
  ) throws {
    let rows = rawRows.sorted { $0.key < $1.key }
    try connection.execute(
      """
      update bank.rejected_row as r set raw_row = kept.text
      from unnest(\(rows.map { Int64($0.key) })::bigint[], \(rows.map(\.value))::text[])
        as kept (line, text)
      where r.batch_id = \(batch) and r.line_number = kept.line and r.reason_number = 1
      """)
  }

  private func keyHeader(in header: [String]) -> String? {
    guard let key = dataset.key.last,
      let column = mapping.columns.first(where: { $0.target.name == key }),
      case .column(let headers) = column.source
    else { return nil }
    return headers.first(where: header.contains)
  }

  // MARK: - Failure

  private func recordFailure(
    _ reason: String, of source: SourceFile, on connection: isolated Connection
  ) throws -> BatchResult {
    let batch = try connection.value(
      """
      insert into bank.batch
        (dataset, file_name, content_digest, mapping_name, mapping_digest, state, failure)
      values (\(dataset.name), \(name), \(source.digest), \(mapping.name), \(mapping.digest), 'failed', \(reason))
      returning batch_id
      """, as: Int64.self)
    return BatchResult(
      fileName: name, dataset: dataset.name, batch: batch, outcome: .failed(reason))
  }

  private func sentence(for error: any Error, on connection: isolated Connection) -> String {
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
