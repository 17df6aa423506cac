import CompensationEngine
import Exchange
import Quantities

extension PersonStatement {
  /// The columns of the statement as data: every figure with all its digits.
  static let columns = [
    Column("month"), Column("run", .integer), Column("person"), Column("section"),
    Column("number", .integer), Column("code"), Column("title"), Column("basis_total", .amount),
    Column("basis_divisor", .amount), Column("rate"), Column("target", .amount),
    Column("due_on", .date), Column("amount", .amount), Column("currency"),
  ]

  /// The statement as rows of data. The section says what each is: a `line` of pay, one that is `shown` only, a
  /// `correction`, a `total`, an `attainment` against its target, an `instalment` of what the month defers, an
  /// amount `released`, `forfeited` or `outstanding` of all that was deferred, or `carried` to the next month.
  func rows() throws -> [[Cell]] {
    var rows = lines.map { line in
      row(
        line.isCorrection ? "correction" : line.isPaid ? "line" : "shown", number: line.number,
        line.component, line.title, basis: line.shownBasis, rate: line.rate, amount: line.amount)
    }
    for (code, amount) in [("earned", earned), ("deferred", deferred), ("payable", payable)] {
      rows.append(row("total", code, "", amount: amount))
    }
    for attainment in attainments {
      rows.append(
        row(
          "attainment", attainment.metric, attainment.span.rawValue, basis: attainment.actual,
          target: attainment.target.total, amount: try attainment.share()))
    }
    for (index, instalment) in instalments.enumerated() {
      rows.append(
        row(
          "instalment", number: index + 1, "", "", dueOn: instalment.dueOn,
          amount: instalment.amount))
    }
    if !released.isZero { rows.append(row("released", "", "", amount: released)) }
    if !forfeited.isZero { rows.append(row("forfeited", "", "", amount: forfeited)) }
    for later in outstanding {
      rows.append(row("outstanding", "", "", dueOn: later.dueOn, amount: later.amount))
    }
    for (component, amount) in carried {
      rows.append(row("carried", component, "", amount: amount))
    }
    return rows
  }

  private func row(
    _ section: String, number: Int? = nil, _ code: String, _ title: String,
    basis: MetricValue? = nil, rate: String = "", target: ExactDecimal? = nil,
    dueOn: CivilDate? = nil, amount: ExactDecimal
  ) -> [Cell] {
    func text(_ text: String) -> Cell { text.isEmpty ? .null : .text(text) }
    return [
      .text(month.description), .integer(Int64(run)), .text(person), .text(section),
      number.map { .integer(Int64($0)) } ?? .null, text(code), text(title),
      basis.map { .decimal($0.total) } ?? .null, basis.map { .decimal($0.divisor) } ?? .null,
      text(rate), target.map { .decimal($0) } ?? .null, dueOn.map { .date($0) } ?? .null,
      .decimal(amount), .text(currency.code),
    ]
  }

  /// Writes the statement as a workbook: a sheet for the person and the figures, and one for each table of
  /// the letter.
  func writeWorkbook(in language: Language, to sink: OutputSink) throws {
    let letter = try letter(in: language)
    let workbook = try WorkbookWriter(to: sink)
    let head = WorkbookTableWriter(
      columns: [
        Column("item", title: language.word(.fact)), Column("value", title: language.word(.value)),
      ], sheet: letter.title, notes: TableNotes(), language: language, in: workbook)
    let stamp = [letter.stamp].compactMap(\.self).map { ("", $0) }
    for (name, value) in [("", letter.subtitle)] + stamp
      + letter.facts.map({ ($0.name, $0.value) }) + letter.figures.map({ ($0.title, $0.text) })
    {
      try head.write([.text(name), .text(value)])
    }
    for case .text(let title, let paragraphs) in letter.blocks {
      for paragraph in paragraphs { try head.write([.text(title), .text(paragraph)]) }
    }
    try head.finish()
    for block in letter.blocks {
      switch block {
      case .table(let title, let columns, let rows, _):
        try write(columns, rows, sheet: title, language, in: workbook)
      case .gauges(let title, let gauges, _):
        try write(gauges, sheet: title, language, in: workbook)
      case .split, .text: break
      }
    }
    try workbook.finish()
  }

  /// A table of the letter as a sheet: totals become formulas, and small print a column of its own.
  private func write(
    _ columns: [Column], _ rows: [Letter.Row], sheet: String, _ language: Language,
    in workbook: WorkbookWriter
  ) throws {
    let total = rows.first(where: \.isTotal)
    var layout = columns
    var hasFormula = false
    for (index, column) in columns.enumerated() where column.kind == .amount {
      // A line that is only shown is not part of the total, which is no sum of the column then.
      guard case .decimal(let amount)? = total?.cells[index] else { continue }
      let sum = try rows.filter { !$0.isTotal }.reduce(ExactDecimal.zero) { sum, row in
        if case .decimal(let part) = row.cells[index] { try sum + part } else { sum }
      }
      guard sum == amount else { continue }
      hasFormula = true
      layout[index] = Column(column.name, column.kind, title: column.title, isSummed: true)
    }
    let hasNotes = rows.contains { !$0.notes.isEmpty }
    if hasNotes { layout.append(Column("how", title: language == .en ? "How" : "计算过程")) }
    let writer = WorkbookTableWriter(
      columns: layout, sheet: sheet, notes: TableNotes(), language: language, in: workbook)
    for row in rows where !row.isTotal || !hasFormula {
      try writer.write(
        row.cells + (hasNotes ? [.text(row.notes.joined(separator: "; "))] : []))
    }
    try writer.finish()
  }

  /// What was reached, with a chart of the percentages.
  private func write(
    _ gauges: [Letter.Gauge], sheet: String, _ language: Language, in workbook: WorkbookWriter
  ) throws {
    let writer = WorkbookTableWriter(
      columns: [
        Column("what", title: sheet), Column("detail", title: language.word(.description)),
        Column("percent", .amount, title: "%"),
      ], sheet: sheet,
      notes: TableNotes(title: sheet, chart: Chart(.bar, category: 0, values: [2])),
      language: language, in: workbook)
    for gauge in gauges {
      try writer.write([
        .text(gauge.title), .text(gauge.detail),
        .decimal(try gauge.attained * ExactDecimal(100)),
      ])
    }
    try writer.finish()
  }
}
