/// Writes a table of GitHub's Markdown.
public final class MarkdownWriter: TabularWriter {
  private let sink: OutputSink
  private let columns: [Column]
  private let language: Language
  private var totals: ColumnTotals

  /// Begins with the header and the rule that tells the alignment.
  public init(
    columns: [Column], to sink: OutputSink, language: Language = .en
  ) throws(FileProblem) {
    self.sink = sink
    self.columns = columns
    self.language = language
    totals = ColumnTotals(columns)
    try writeLine(columns.map { Self.escaped($0.title) })
    try writeLine(columns.map { $0.alignment == .right ? "---:" : "---" })
  }

  /// Writes one line.
  public func write(_ row: [Cell]) throws(FileProblem) {
    totals.add(row)
    try writeLine(zip(columns, row).map { Self.escaped($0.shown($1)) })
  }

  /// Writes the totals and closes the sink.
  public func finish() throws(FileProblem) {
    if totals.isWanted {
      try writeLine(
        zip(columns, totals.row(language)).map { column, cell in
          cell == .null ? "" : "**\(Self.escaped(column.shown(cell)))**"
        })
    }
    try sink.close()
  }

  private func writeLine(_ texts: [String]) throws(FileProblem) {
    try sink.write("| " + texts.joined(separator: " | ") + " |\n")
  }

  /// A text that stays within its cell.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "|": result += "\\|"
      case "\n": result += "<br>"
      case "\r": break
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
