import Exchange
import LibPQ
import Quantities

extension FileImport {
  /// Checks the rows that the batch has brought; what fails a check that is an error keeps it out.
  func pass(
    _ checks: [DataCheck], _ result: inout BatchResult, on connection: isolated Connection
  ) throws {
    let own = checks.filter { $0.dataset.name == dataset.name }
    guard let batch = result.batch, result.loaded > 0, !own.isEmpty else { return }
    let rows = try CheckedRows(of: batch, dataset, on: connection)
    result.findings = try own.map { try rows.finding(of: $0, on: connection) }
    if let failed = result.findings.first(where: { !$0.hasPassed && $0.severity == .error }) {
      throw try KeptOut(
        result,
        reason:
          "the check “\(failed.title)” failed: \(failed.sentence); nothing of the file is loaded",
        on: connection)
    }
    try CheckFinding.record(result.findings, of: batch, on: connection)
  }
}

extension CheckFinding {
  /// What the checks have found in a batch, in their order.
  ///
  /// - Throws: ``BanyanError`` if there is no such batch.
  public static func listing(
    of batch: Int64, in language: RejectionLanguage, on connection: isolated Connection
  ) throws -> Listing {
    try Rejection.requireBatch(batch, on: connection)
    let found = try Listing(
      [
        Column("check", .integer), Column("title"), Column("kind"), Column("severity"),
        Column("passed"), Column("rows", .integer), Column("against", .integer),
        Column("finding"),
      ],
      """
      select check_number::bigint, title, kind, severity::text, case when has_passed then 'yes' else 'no' end,
        rows_checked, rows_against, finding
      from bank.batch_check where batch_id = \(batch) order by check_number
      """, on: connection)
    return Listing(
      columns: found.columns,
      rows: found.rows.map { row in
        guard case .text(let sentence) = row.last else { return row }
        return row.dropLast() + [.text(language.sentence(ofCheck: sentence))]
      })
  }

  /// Puts what was found in a batch on record.
  static func record(
    _ findings: [CheckFinding], of batch: Int64, on connection: isolated Connection
  ) throws {
    for (index, finding) in findings.enumerated() {
      try connection.execute(
        """
        insert into bank.batch_check (batch_id, check_number, title, kind, severity, has_passed, rows_checked,
          rows_against, sample_lines, finding)
        values (\(batch), \(Int32(index + 1)), \(finding.title), \(finding.kind),
          \(finding.severity.rawValue)::text::bank.check_severity, \(finding.hasPassed), \(finding.rowsChecked),
          \(finding.rowsAgainst), \(finding.sampleLines.map(Int64.init))::bigint[], \(finding.sentence))
        """)
    }
  }
}

/// The rows that a batch has brought, as checks see them.
private struct CheckedRows {
  static let sampleSize = 5

  private let batch: Int64
  private let dataset: Dataset
  /// What a row on record, as `t`, must be to be one of them.
  private let condition: String

  init(of batch: Int64, _ dataset: Dataset, on connection: isolated Connection) throws {
    self.batch = batch
    self.dataset = dataset
    var condition = "t.batch_id = \(batch)"
    if dataset.isSuperseded { condition += " and t.superseded_at is null" }
    if let day = dataset.searchDay {
      let (first, last) = try connection.row(
        """
        select min(month), (max(month) + interval '1 month')::date from bank.batch_part where batch_id = \(batch)
        """, as: (CivilDate?, CivilDate?).self)
      if let first, let last {
        condition += " and t.\(day) >= date '\(first)' and t.\(day) < date '\(last)'"
      }
    }
    self.condition = condition
  }

  func finding(of check: DataCheck, on connection: isolated Connection) throws -> CheckFinding {
    let rows = "bank.\(dataset.table) as t where \(condition)\(restriction(to: check.branches))"
    switch check.kind {
    case .notNull(let column):
      return try count(
        check, rows, against: "t.\(column) is null", "have no \(column)", on: connection)
    case .range(let column, let from, let to):
      let parts = [
        from.map { "t.\(column) < \($0.literal)" }, to.map { "t.\(column) > \($0.literal)" },
      ].compactMap(\.self)
      let ends = [from.map { "from \($0.words)" }, to.map { "to \($0.words)" }]
        .compactMap(\.self).joined(separator: " ")
      return try count(
        check, rows, against: parts.joined(separator: " or "),
        "have a value of \(column) that is not \(ends)", on: connection)
    case .refersTo(let column, let table, let key):
      return try count(
        check, rows,
        against:
          "t.\(column) is not null and not exists (select from bank.\(table) as o where o.\(key) = t.\(column))",
        "name in \(column) what is no \(key) on record", on: connection)
    case .outliers(let column, let deviations):
      return try count(
        check, rows,
        against: """
          abs(t.\(column) - (select avg(t.\(column)) from \(rows)))
            > \(deviations) * (select stddev_pop(t.\(column)) from \(rows))
          """,
        "have a value of \(column) more than \(deviations) standard deviations from the mean",
        on: connection)
    case .sumEquals(let sum, let other, let value, let within):
      return try compare(check, rows, sum, other, value, within, on: connection)
    case .lastPeriod(let column, let percent):
      return try compareWithLastPeriod(check, column, percent, on: connection)
    }
  }

  /// The SQL that keeps to some branches and what is below them.
  private func restriction(to branches: [String]) -> String {
    guard !branches.isEmpty else { return "" }
    let codes = branches.map(literal).joined(separator: ", ")
    return """
       and t.branch_id in (
        select u.org_unit_id from bank.org_unit as b join bank.org_unit as u on u.path <@ b.path
        where b.code in (\(codes)))
      """
  }

  private func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

  private func count(
    _ check: DataCheck, _ rows: String, against: String, _ words: String,
    on connection: isolated Connection
  ) throws -> CheckFinding {
    let (checked, found, lines) = try connection.row(
      Query(
        unsafeSQL: """
          select count(*), count(*) filter (where \(against)),
            array(select t.line_number from \(rows) and (\(against)) order by 1 limit \(Self.sampleSize))
          from \(rows)
          """), as: (Int, Int, [Int64]).self)
    let shown = lines.map(String.init).joined(separator: ", ")
    let place =
      lines.isEmpty
      ? "" : " (\(lines.count == 1 ? "line" : "lines") \(shown)\(found > lines.count ? ", …" : ""))"
    return finding(
      check, passes: check.threshold.lets(pass: found, of: checked), checked, found, lines,
      "\(found) of \(checked) rows \(words)\(place), and \(check.threshold.words)")
  }

  private func compare(
    _ check: DataCheck, _ rows: String, _ sum: DataCheck.Sum, _ other: DataCheck.Sum?,
    _ value: ExactDecimal, _ within: ExactDecimal, on connection: isolated Connection
  ) throws -> CheckFinding {
    let right = other.map(expression) ?? "\(value)"
    let (checked, left, wanted, isOff) = try connection.row(
      Query(
        unsafeSQL: """
          select count(*), \(expression(sum))::text, (\(right))::text,
            abs(\(expression(sum)) - \(right)) > \(within)
          from \(rows)
          """), as: (Int, String, String, Bool).self)
    let others = other.map { "the sum of \(words($0)), \(wanted)," } ?? wanted
    return finding(
      check, passes: !isOff, checked, isOff ? 1 : 0, [],
      "the sum of \(words(sum)) is \(left), and \(others) is wanted"
        + (within == .zero ? "" : " within \(within)"))
  }

  private func expression(_ sum: DataCheck.Sum) -> String {
    let part = sum.words.map { "t.\($0.column)::text = \(literal($0.word))" }
    let filter = part.isEmpty ? "" : " filter (where \(part.joined(separator: " and ")))"
    return "coalesce(sum(t.\(sum.column))\(filter), 0)"
  }

  private func words(_ sum: DataCheck.Sum) -> String {
    sum.words.isEmpty
      ? sum.column
      : "\(sum.column) where \(sum.words.map { "\($0.column) is \($0.word)" }.joined(separator: ", "))"
  }

  /// Each branch and month that the batch has brought something to, as it stands now, with the month before.
  private func compareWithLastPeriod(
    _ check: DataCheck, _ column: String?, _ percent: ExactDecimal,
    on connection: isolated Connection
  ) throws -> CheckFinding {
    let day = dataset.monthDay ?? ""
    let measured = try connection.rows(
      Query(
        unsafeSQL: """
          with part as (
            select t.branch_id, t.month from bank.batch_part as t
            where t.batch_id = \(batch)\(restriction(to: check.branches))
          ), measured as (
            select t.branch_id, date_trunc('month', t.\(day)::timestamp)::date as month,
              \(column.map { "sum(t.\($0))" } ?? "count(*)::numeric") as value
            from bank.\(dataset.table) as t
            where t.branch_id in (select branch_id from part)
              and t.\(day) >= (select min(month) - interval '1 month' from part)
              and t.\(day) < (select max(month) + interval '1 month' from part)
            group by 1, 2
          )
          select u.code, p.month, coalesce(n.value, 0)::text, b.value::text,
            b.value is not null and abs(coalesce(n.value, 0) - b.value) * 100 > b.value * \(percent)
          from part as p
          join bank.org_unit as u on u.org_unit_id = p.branch_id
          left join measured as n on n.branch_id = p.branch_id and n.month = p.month
          left join measured as b on b.branch_id = p.branch_id and b.month = (p.month - interval '1 month')::date
          order by 1, 2
          """), as: (String, CivilDate, String, String?, Bool).self)
    let off = measured.filter(\.4)
    let what = column.map { "of \($0)" } ?? "rows"
    let shown = off.prefix(Self.sampleSize).map {
      "\($0.0) has \($0.2) \(what) in \($0.1.month) after \($0.3 ?? "none") in the month before"
    }
    return finding(
      check, passes: check.threshold.lets(pass: off.count, of: measured.count), measured.count,
      off.count, [],
      off.isEmpty
        ? "no branch is more than \(percent) % off the month before"
        : shown.joined(separator: ", ")
          + ", which is more than \(percent) % off, and \(check.threshold.words)")
  }

  private func finding(
    _ check: DataCheck, passes: Bool, _ checked: Int, _ against: Int, _ lines: [Int64],
    _ sentence: String
  ) -> CheckFinding {
    CheckFinding(
      title: check.title, kind: check.kind.name, severity: check.severity, hasPassed: passes,
      rowsChecked: checked, rowsAgainst: against, sampleLines: lines.map(Int.init),
      sentence: sentence)
  }
}
