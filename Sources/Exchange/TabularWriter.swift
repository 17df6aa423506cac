/// Writes a table row by row in one format. Rows have as many cells as there are columns.
public protocol TabularWriter: AnyObject {
  /// Writes the next row, or holds it for a moment.
  func write(_ row: [Cell]) throws(FileProblem)
  /// Writes what is still held and closes the sink. Without it the output is not complete.
  func finish() throws(FileProblem)
}

/// The formats in which every table can be had.
public enum OutputFormat: String, CaseIterable, Hashable, Sendable {
  /// Aligned columns for people.
  case table
  /// Comma-separated values (RFC 4180, with LF).
  case csv
  /// Tab-separated values, quoted as in CSV.
  case tsv
  /// One JSON array of objects.
  case json
  /// One JSON object a line.
  case jsonl
  /// A Markdown table.
  case md
  /// A page for a browser that needs nothing else.
  case html
  /// A workbook of Excel.
  case xlsx

  /// A writer of this format, which begins with the header where the format has one.
  /// Those for people show titles and totals, those for programs stable names and nothing else.
  public func writer(
    columns: [Column], to sink: OutputSink, style: TableStyle = TableStyle(),
    notes: TableNotes = TableNotes()
  ) throws(FileProblem) -> any TabularWriter {
    switch self {
    case .table: AlignedTableWriter(columns: columns, to: sink, style: style)
    case .csv: try DelimitedWriter(columns: columns, to: sink)
    case .tsv: try DelimitedWriter(columns: columns, dialect: .tsv, to: sink)
    case .json: JSONWriter(columns: columns, layout: .array, to: sink)
    case .jsonl: JSONWriter(columns: columns, layout: .lines, to: sink)
    case .md: try MarkdownWriter(columns: columns, to: sink, language: style.language)
    case .html:
      try HTMLTableWriter(
        columns: columns,
        page: HTMLPage(
          title: notes.title.isEmpty ? "Banyan" : notes.title, language: style.language, to: sink),
        notes: notes)
    case .xlsx:
      try WorkbookTableWriter(
        columns: columns, notes: notes, language: style.language, to: sink)
    }
  }
}
