/// Writes a table of GitHub's Markdown.
public final class MarkdownWriter: TabularWriter {
  private let sink: OutputSink

  /// Begins with the header and the rule that tells the alignment.
  public init(columns: [Column], to sink: OutputSink) throws(FileProblem) {
    self.sink = sink
    try writeLine(columns.map { Self.escaped($0.name) })
    try writeLine(columns.map { $0.alignment == .right ? "---:" : "---" })
  }

  /// Writes one line.
  public func write(_ row: [Cell]) throws(FileProblem) {
    try writeLine(row.map { Self.escaped($0.plainText) })
  }

  /// Closes the sink.
  public func finish() throws(FileProblem) { try sink.close() }

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
