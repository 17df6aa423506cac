import LibPQ
import Quantities

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

  /// How many looks by the primary key the staged rows may take, one for each row and day; where there
  /// are more, the months are read instead.
  private static let probeLimit = 50_000

  let dataset: Dataset
  let batch: Int64
  /// Whether rows that repeat a row before them, value by value, are fine.
  let allowsRepeats: Bool
  /// Header of the file's column that identifies a row, for messages.
  let keyHeader: String?

  /// Creates the empty staging tables, which live as long as the transaction.
  func createStaging(on connection: isolated Connection) throws {
    // A trial of several files is one transaction, and each of them stages its own rows.
    try connection.execute("select bank.drop_incoming()")
    let columns = dataset.stagingColumns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    try connection.execute(
      Query(
        unsafeSQL:
          "create temporary table incoming (line_number bigint not null, \(columns)) on commit drop"
      ))
    if dataset.filing?.rollUp != nil {
      try connection.execute(
        "create temporary table incoming_account_month (like bank.account_month) on commit drop")
    }
  }

  /// Completes the months that rows were copied into, then sorts out the staged rows and inserts what
  /// is new of them.
  func accept(
    staged: Int, router: inout FactRouter, on connection: isolated Connection
  ) throws -> Counts {
    for month in router.freshMonths {
      try connection.execute("select bank.complete_month(\(dataset.table), \(month.firstDay))")
    }
    try router.writeSums(of: batch, on: connection)
    var counts = Counts()
    var unsettled: Int { staged - counts.rejected - counts.unchanged }
    if unsettled > 0 {
      try connection.execute("analyze incoming")
      if router.directRows > 0 {
        try settleRepeats(of: unsettled, in: router.months, &counts, on: connection)
      }
    }
    if unsettled > 0 {
      if dataset.isCompared { try settleRepeats(&counts, on: connection) }
      if let comparison = dataset.comparison {
        try connection.execute(Query(unsafeSQL: "select \(comparison)()"))
      }
      if dataset.isCompared, !dataset.isConfidential,
        dataset.filing == nil || !router.areAllFresh
      {
        try settleKnown(.otherBatches, of: unsettled, &counts, on: connection)
      }
      if let preparation = dataset.preparation {
        try connection.execute(Query(unsafeSQL: "select \(preparation)()"))
      }
      counts.loaded = try insert(&counts, on: connection)
      if let completion = dataset.completion {
        try connection.execute("select \(query: Query(unsafeSQL: completion))(\(batch))")
      }
    }
    counts.loaded += router.directRows
    return counts
  }

  /// The tables of which the planner should learn that they have grown. Of facts only the months:
  /// fresh ones are known to it already, and to count all months again would take longer with each.
  func grownTables(_ router: FactRouter) -> Set<String> {
    guard let filing = dataset.filing else { return [dataset.table] }
    return Set(router.oldTables + (filing.rollUp == nil ? [] : ["account_month"]))
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
          join incoming as i on \(dataset.sameKey("i", "repeated").joined(separator: " and "))
          join incoming as f on f.line_number = repeated.first_line
          where i.line_number > repeated.first_line
          """))
    try settleRepeatsFound(&counts, on: connection)
  }

  private func settleRepeatsFound(
    _ counts: inout Counts, on connection: isolated Connection
  ) throws {
    counts.unchanged += try settle(
      where: allowsRepeats ? "same" : "false", code: .duplicateInFile,
      reason:
        "'this \(dataset.singular) stands in line ' || s.other_line || ' of the file already; keep one'",
      counts: &counts, on: connection)
  }

  private typealias Days = (first: CivilDate, last: CivilDate)

  /// Which rows on record the staged ones are compared with.
  private enum Record {
    /// Those that this file has copied into its months.
    case ownBatch(Days, sameDay: Bool)
    case otherBatches
  }

  /// Rows whose key this file has copied into its months. Nearly all repeats have the same day, and the
  /// primary key finds these at once.
  private func settleRepeats(
    of rows: Int, in months: [Month], _ counts: inout Counts, on connection: isolated Connection
  ) throws {
    guard let first = months.first, let last = months.last else { return }
    let days = (first: first.firstDay, last: last.lastDay)
    let before = counts.rejected + counts.unchanged
    try settleKnown(.ownBatch(days, sameDay: true), of: rows, &counts, on: connection)
    let left = rows - (counts.rejected + counts.unchanged - before)
    if left > 0 {
      // The planner must know how few are left, or it reads the months for them.
      try connection.execute("analyze incoming")
      try settleKnown(.ownBatch(days, sameDay: false), of: left, &counts, on: connection)
    }
  }

  private func isProbed(_ rows: Int, _ days: Days) -> Bool {
    rows * (days.first.days(until: days.last) + 1) <= Self.probeLimit
  }

  /// Rows whose key is on record: with the same values they are unchanged, with others refused. One
  /// that this very file has brought is a repeat.
  private func settleKnown(
    _ record: Record, of rows: Int, _ counts: inout Counts, on connection: isolated Connection
  ) throws {
    var conditions = dataset.sameKey("t", "i")
    if dataset.isSuperseded {
      conditions.append("t.superseded_at is null")
    }
    var days: Days?
    var isSameDay = false
    var staged = "incoming as i"
    switch record {
    case .ownBatch(let own, let sameDay):
      conditions.append("t.batch_id = \(batch)")
      isSameDay = sameDay
      days = own
    case .otherBatches: days = try stagedDays(on: connection)
    }
    if let day = dataset.searchDay, let days {
      // Only the months of this file are searched, so that other partitions are not even opened.
      conditions += ["t.\(day) >= date '\(days.first)'", "t.\(day) <= date '\(days.last)'"]
      if isSameDay {
        conditions.append("t.\(day) = i.\(day)")
      } else if isProbed(rows, days) {
        // The primary key finds a few rows day by day, whatever else the months hold.
        staged +=
          " cross join generate_series(0, \(days.first.days(until: days.last))) as d (number)"
        conditions.append("t.\(day) = date '\(days.first)' + d.number")
      }
    }
    let recorded = dataset.stagingColumns.map { column in
      column.onRecord ?? "t.\(column.name)" + (column.tableType == nil ? "" : "::text")
    }
    try connection.execute(
      Query(
        unsafeSQL: """
          create temporary table settled on commit drop as
          select i.line_number, t.line_number as other_line, t.batch_id as other_batch,
            (\(recorded.joined(separator: ", "))) is not distinct from (\(list(dataset.stagingColumns, "i"))) as same
          from \(staged)
          join bank.\(dataset.table) as t on \(conditions.joined(separator: " and "))
          """))
    switch record {
    case .ownBatch: try settleRepeatsFound(&counts, on: connection)
    case .otherBatches:
      counts.unchanged += try settle(
        where: "same", code: .duplicateOnRecord,
        reason: """
          'this \(dataset.singular) is on record with other values'
          || coalesce(' (batch ' || s.other_batch || coalesce(', line ' || s.other_line, '') || ')', '')
          || '; \(dataset.correction.map { "send a correction as \($0)" } ?? "a correction is not taken as a new row")'
          """,
        counts: &counts, on: connection)
    }
  }

  /// The first day of the staged rows' first month and the last day of their last.
  private func stagedDays(
    on connection: isolated Connection
  ) throws -> Days? {
    guard let day = dataset.searchDay else { return nil }
    let range = try connection.row(
      Query(
        unsafeSQL: """
          select date_trunc('month', min(\(day)))::date,
            (date_trunc('month', max(\(day))) + interval '1 month')::date - 1 from incoming
          """), as: (CivilDate?, CivilDate?).self)
    guard let first = range.0, let last = range.1 else { return nil }
    return (first, last)
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
    if let placement = placement {
      let staged = try connection.value("select count(*) from incoming", as: Int.self)
      let placed = try connection.value(
        "select \(query: placement)", as: Int.self)
      let refused = try connection.value(
        """
        select count(*) from incoming as i where exists (
          select 1 from bank.rejected_row as r
          where r.batch_id = \(batch) and r.line_number = i.line_number)
        """, as: Int.self)
      counts.rejected += refused
      counts.unchanged += staged - placed - refused
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

  /// The call that places the staged rows in its own way.
  private var placement: Query? {
    if let orders = dataset.orders {
      return
        "bank.place_incoming_orders(\(batch), \(orders.verb)::text::regproc, \(orders.column))"
    }
    return dataset.placement.map { "\(query: Query(unsafeSQL: $0))(\(batch))" }
  }

  private func list(_ columns: [StagingColumn], _ alias: String?) -> String {
    columns.map { (alias.map { "\($0)." } ?? "") + $0.name }.joined(separator: ", ")
  }
}
