import CUTF8Proc
import Quantities

/// Writes aligned columns for people: a header, a rule, and one line a row, with commas between the
/// thousands of amounts. Chinese characters
/// count as the two columns that a terminal gives them. Control characters are shown by their
/// code, so that no value can command the terminal.
public final class AlignedTableWriter: TabularWriter {
  /// How many rows are held to find the widths; later rows that are wider push out their line.
  public static let measuredRows = 1_000

  private static let gap = "  "

  private let columns: [Column]
  private let sink: OutputSink
  private var widths: [Int]
  private var held: [[String]]? = []

  /// Begins with nothing written.
  public init(columns: [Column], to sink: OutputSink) {
    self.columns = columns
    self.sink = sink
    self.widths = columns.map { displayWidth(printable($0.name)) }
  }

  /// Holds the first rows; writes the later ones.
  public func write(_ row: [Cell]) throws(FileProblem) {
    let texts = zip(row, columns).map { cell, column in
      if case .decimal(let amount) = cell, column.kind == .amount { return amount.grouped }
      return printable(cell.plainText)
    }
    if held == nil {
      try writeLine(texts)
      return
    }
    for (index, text) in texts.enumerated() {
      widths[index] = max(widths[index], displayWidth(text))
    }
    held?.append(texts)
    if held?.count == Self.measuredRows { try release() }
  }

  /// Writes the rows held and closes the sink.
  public func finish() throws(FileProblem) {
    try release()
    try sink.close()
  }

  /// Writes the header and the rows held.
  private func release() throws(FileProblem) {
    guard let rows = held else { return }
    held = nil
    try writeLine(columns.map { printable($0.name) })
    try writeLine(widths.map { String(repeating: "-", count: $0) })
    for row in rows { try writeLine(row) }
  }

  private func writeLine(_ texts: [String]) throws(FileProblem) {
    var line = ""
    var blanks = 0
    for (index, text) in texts.enumerated() {
      if index > 0 { blanks += Self.gap.count }
      let rest = max(0, widths[index] - displayWidth(text))
      if columns[index].alignment == .right { blanks += rest }
      // Blanks are written only before something, so that no line ends in them.
      if !text.isEmpty {
        line += String(repeating: " ", count: blanks) + text
        blanks = 0
      } else if columns[index].alignment == .right {
        continue
      }
      if columns[index].alignment == .left { blanks += rest }
    }
    try sink.write(line + "\n")
  }
}

/// The columns that a text takes on a terminal.
public func displayWidth(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { width, scalar in
    width
      + (scalar.isASCII ? 1 : max(0, Int(utf8proc_charwidth(utf8proc_int32_t(scalar.value)))))
  }
}

/// A text with its control characters shown by their code.
private func printable(_ text: String) -> String {
  if !text.unicodeScalars.contains(where: isControl) { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    switch scalar {
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where isControl(scalar): result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: result.unicodeScalars.append(scalar)
    }
  }
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.generalCategory == .control
}
