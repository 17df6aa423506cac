import LibPQ

/// The last part of an import, set-based in the database: which of the staged rows are duplicates,
/// which are on record already, and the insertion of the rest.
///
/// The staged rows stand in the temporary table `incoming`, one a good line of the file.
struct Acceptance {
  /// How many rows went where.
  struct Counts {
    var loaded = 0
    var rejected = 0
    var unchanged = 0
  }

  let dataset: Dataset
  let batch: Int64
  /// Whether rows that repeat a row before them, value by value, are fine.
  let allowsRepeats: Bool
  /// Header of the file's column that identifies a row, for messages.
  let keyHeader: String?

  /// Creates the empty staging table, which lives as long as the transaction.
  func createStaging(on connection: isolated Connection) throws {
    let columns = dataset.stagingColumns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    try connection.execute(
      Query(
        unsafeSQL:
          "create temporary table incoming (line_number bigint not null, \(columns)) on commit drop"
      ))
  }

  /// Sorts the staged rows out and inserts what is new.
  func accept(on connection: isolated Connection) throws -> Counts {
    var counts = Counts()
    try connection.execute("analyze incoming")
    try settleRepeats(&counts, on: connection)
    if let comparison = dataset.comparison {
      try connection.execute(Query(unsafeSQL: "select \(comparison)()"))
    }
    try settleKnown(&counts, on: connection)
    if let preparation = dataset.preparation {
      try connection.execute(Query(unsafeSQL: "select \(preparation)()"))
    }
    counts.loaded = try insert(&counts, on: connection)
    if let completion = dataset.completion {
      try connection.execute(Query(unsafeSQL: "select \(completion)()"))
    }
    return counts
  }

  // MARK: - Steps

  /// Rows whose key stands in the file before: the first one counts.
  private func settleRepeats(_ counts: inout Counts, on connection: isolated Connection) throws {
    let key = dataset.key.joined(separator: ", ")
    try connection.execute(
      Query(
        unsafeSQL: """
          create temporary table settled on commit drop as
          select i.line_number, f.line_number as other_line, null::bigint as other_batch,
            (\(list(dataset.stagingColumns, "i"))) is not distinct from (\(list(dataset.stagingColumns, "f"))) as same
          from (
            select \(key), min(line_number) as first_line
            from incoming group by \(key) having count(*) > 1
          ) as repeated
          join incoming as i using (\(key))
          join incoming as f on f.line_number = repeated.first_line
          where i.line_number > repeated.first_line
          """))
    let repeats = allowsRepeats ? "same" : "false"
    counts.unchanged += try settle(
      where: repeats, code: .duplicateInFile,
      reason:
        "'this \(dataset.singular) stands in line ' || s.other_line || ' of the file already; keep one'",
      counts: &counts, on: connection)
  }

  /// Rows whose key is on record: with the same values they are unchanged, with others refused.
  private func settleKnown(_ counts: inout Counts, on connection: isolated Connection) throws {
    let match = dataset.key.map { "t.\($0) = i.\($0)" }.joined(separator: " and ")
    let recorded = dataset.stagingColumns.map { column in
      column.onRecord ?? "t.\(column.name)" + (column.tableType == nil ? "" : "::text")
    }
    // Only the days of this file are searched, so that other partitions are not even opened.
    let days = try dataset.searchDay.flatMap { day -> String? in
      let range = try connection.row(
        Query(unsafeSQL: "select min(\(day))::text, max(\(day))::text from incoming"),
        as: (String?, String?).self)
      guard let first = range.0, let last = range.1 else { return nil }
      return
        " and t.\(day) >= date_trunc('month', date '\(first)') and t.\(day) < date_trunc('month', date '\(last)') + interval '1 month'"
    }
    let superseded = ["employee_tier", "assignment"].contains(dataset.table)
    try connection.execute(
      Query(
        unsafeSQL: """
          create temporary table settled on commit drop as
          select i.line_number, t.line_number as other_line, t.batch_id as other_batch,
            (\(recorded.joined(separator: ", "))) is not distinct from (\(list(dataset.stagingColumns, "i"))) as same
          from incoming as i
          join bank.\(dataset.table) as t on \(match)\(superseded ? " and t.superseded_at is null" : "")\(days ?? "")
          """))
    counts.unchanged += try settle(
      where: "same", code: .duplicateOnRecord,
      reason: """
        'this \(dataset.singular) is on record with other values'
        || coalesce(' (batch ' || s.other_batch || coalesce(', line ' || s.other_line, '') || ')', '')
        || '; a correction is not taken as a new row'
        """,
      counts: &counts, on: connection)
  }

  /// Takes the settled rows out of the staging table: those where `condition` holds are unchanged,
  /// the others are rejected. Returns how many are unchanged.
  private func settle(
    where condition: String, code: RejectionCode, reason: String, counts: inout Counts,
    on connection: isolated Connection
  ) throws -> Int {
    let keyColumn = dataset.stagingColumns.first {
      $0.name == dataset.key.last && $0.type == "text"
    }
    let value = keyColumn.map { "i.\($0.name)" } ?? "null"
    let rejected = try connection.execute(
      """
      insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
      select \(batch), s.line_number, 1, \(code.rawValue), \(keyHeader)::text,
        \(query: Query(unsafeSQL: value)), \(query: Query(unsafeSQL: reason))
      from settled as s join incoming as i using (line_number)
      where not (\(query: Query(unsafeSQL: condition)))
      """
    ).rowsAffected
    let removed = try connection.execute(
      "delete from incoming as i using settled as s where s.line_number = i.line_number"
    ).rowsAffected
    try connection.execute("drop table settled")
    counts.rejected += rejected
    return removed - rejected
  }

  private func insert(_ counts: inout Counts, on connection: isolated Connection) throws -> Int {
    if let placement = dataset.placement {
      let staged = try connection.value("select count(*) from incoming", as: Int.self)
      let placed = try connection.value(
        "select \(query: Query(unsafeSQL: placement))(\(batch))", as: Int.self)
      counts.rejected += staged - placed
      return placed
    }
    let own = dataset.tableColumns
    let values = own.map { "\($0.name)\($0.tableType.map { "::\($0)" } ?? "")" }
    return try connection.execute(
      """
      insert into \(identifier: "bank", dataset.table)
        (\(query: Query(unsafeSQL: list(own, nil))), batch_id, line_number)
      select \(query: Query(unsafeSQL: values.joined(separator: ", "))), \(batch), line_number
      from incoming
      """
    ).rowsAffected
  }

  private func list(_ columns: [StagingColumn], _ alias: String?) -> String {
    columns.map { (alias.map { "\($0)." } ?? "") + $0.name }.joined(separator: ", ")
  }
}
