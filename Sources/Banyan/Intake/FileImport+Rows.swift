import Exchange
import LibPQ
import Quantities

extension FileImport {
  /// Checks every row and copies the good ones to where they belong; returns how many were staged.
  ///
  /// A connection copies into one table at a time. Rows for another wait in memory; when there are
  /// many, the copy ends and goes on there. It ends too when many bad rows have piled up, or when a
  /// month appears that nothing is known of yet. The text of rows that are staged while others are
  /// not is kept as far as it fits: they are likely to be duplicates.
  func copyRows(
    from reader: CSVReader, _ validator: RowValidator, through router: inout FactRouter,
    into result: inout BatchResult, keeping rawRows: inout [Int: String],
    on connection: isolated Connection
  ) throws -> Int {
    let batch = result.batch ?? 0
    let columns = validator.columns + ["line_number"]
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
          try withExtendedLifetime(row) {
            try write(row.values, of: row.line, batch: isDirect ? batch : nil, to: &writer)
          }
        }
        while !atEnd, unplaced == nil, !waiting.isFull, !router.holdsEnoughSums,
          rejections.count < Self.rejectionBuffer
        {
          guard let record = try reader.next() else {
            atEnd = true
            return
          }
          guard validator.concerns(record) else { continue }
          result.read += 1
          if result.read % ImportProgress.step == 0 {
            try Task.checkCancellation()
            progress(.advanced(rows: result.read, bytes: reader.bytesRead))
          }
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
      try router.laySumsAside(on: connection)
      if let row = unplaced {
        unplaced = nil
        // Its texts live no longer than it does.
        try withExtendedLifetime(row) {
          try router.openMonth(of: row.values, on: connection)
          destination = router.route(row.values) ?? .staging
          waiting.append(row.values, of: row.line, for: destination)
        }
      } else if atEnd || waiting.isFull {
        destination = waiting.fullest ?? destination
      }
    }
    return staged
  }

  /// Writes a row in the order of the validator's columns, with the batch if it goes straight into the
  /// table.
  private func write(
    _ values: [StagedValue], of line: Int, batch: Int64?, to writer: inout BinaryCopyWriter
  ) throws {
    try writer.row { row in
      for value in values {
        switch value {
        case .null: try row.appendNull()
        case .bytes(let bytes): try row.appendText(utf8: bytes)
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
  func keepRawRows(
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
      let reader = try source.reader(for: mapping)
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
}
