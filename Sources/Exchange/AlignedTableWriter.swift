import CUTF8Proc
import Quantities

/// Writes aligned columns for people: a header, a rule, one line a row, and the totals. Chinese
/// characters count as the two columns that a terminal gives them. Control characters are shown by
/// their code, so that no value can command the terminal.
///
/// On a screen that is too narrow texts are shortened, and then columns left out from the right; a
/// number is never cut, for it would look like another.
public final class AlignedTableWriter: TabularWriter {
  /// How many rows are held to find the widths; later rows that are wider push out their line.
  public static let measuredRows = 1_000

  private static let gap = "  "
  /// The fewest columns of the screen to which a text is shortened.
  private static let leastWidth = 8

  private struct Line {
    let texts: [String]
    let areNegative: [Bool]
  }

  private let columns: [Column]
  private let sink: OutputSink
  private let style: TableStyle
  private var widths: [Int]
  /// How many columns are written; the others have no room.
  private var shownCount: Int
  private var held: [Line]? = []
  private var totals: ColumnTotals

  /// Begins with nothing written.
  public init(columns: [Column], to sink: OutputSink, style: TableStyle = TableStyle()) {
    self.columns = columns
    self.sink = sink
    self.style = style
    widths = columns.map { displayWidth(printable($0.title)) }
    shownCount = columns.count
    totals = ColumnTotals(columns)
  }

  /// Holds the first rows; writes the later ones.
  public func write(_ row: [Cell]) throws(FileProblem) {
    totals.add(row)
    let line = line(row)
    if held == nil { return try write(line) }
    measure(line)
    held?.append(line)
    if held?.count == Self.measuredRows { try release() }
  }

  /// Writes the rows held and the totals, and closes the sink.
  public func finish() throws(FileProblem) {
    let last = totals.isWanted ? line(totals.row(style.language)) : nil
    if let last, held != nil { measure(last) }
    try release()
    if let last {
      try writeRule()
      try write(last, isBold: true)
    }
    if shownCount < columns.count {
      let names = columns[shownCount...].map { printable($0.title) }.joined(separator: ", ")
      try sink.write("(not shown for want of room: \(names); --wide shows all)\n")
    }
    try sink.close()
  }

  private func line(_ row: [Cell]) -> Line {
    Line(
      texts: zip(columns, row).map { printable($0.shown($1)) }, areNegative: row.map(\.isNegative))
  }

  private func measure(_ line: Line) {
    for (index, text) in line.texts.enumerated() {
      widths[index] = max(widths[index], displayWidth(text))
    }
  }

  /// Writes the header and the rows held.
  private func release() throws(FileProblem) {
    guard let lines = held else { return }
    held = nil
    fit()
    try write(
      Line(
        texts: columns.map { printable($0.title) }, areNegative: columns.map { _ in false }),
      isBold: true)
    try writeRule()
    for line in lines { try write(line) }
  }

  /// Makes the columns as narrow as the screen asks for.
  private func fit() {
    guard let width = style.width else { return }
    func excess(_ count: Int) -> Int {
      widths[..<count].reduce(0, +) + Self.gap.count * max(0, count - 1) - width
    }
    while excess(columns.count) > 0 {
      let widest = columns.indices
        .filter { columns[$0].kind == .text && widths[$0] > Self.leastWidth }
        .max { widths[$0] < widths[$1] }
      guard let widest else { break }
      widths[widest] -= 1
    }
    while shownCount > 1, excess(shownCount) > 0 { shownCount -= 1 }
  }

  private func writeRule() throws(FileProblem) {
    try sink.write(
      widths[..<shownCount].map { String(repeating: "-", count: $0) }
        .joined(separator: Self.gap) + "\n")
  }

  private func write(_ row: Line, isBold: Bool = false) throws(FileProblem) {
    var line = ""
    var blanks = 0
    for index in 0..<shownCount {
      let isCut = style.width != nil && columns[index].kind == .text
      let text = isCut ? shortened(row.texts[index], to: widths[index]) : row.texts[index]
      if index > 0 { blanks += Self.gap.count }
      let rest = max(0, widths[index] - displayWidth(text))
      if columns[index].alignment == .right { blanks += rest }
      // Blanks are written only before something, so that no line ends in them.
      if !text.isEmpty {
        line += String(repeating: " ", count: blanks)
        line += coloured(text, isBold: isBold, isNegative: row.areNegative[index])
        blanks = 0
      } else if columns[index].alignment == .right {
        continue
      }
      if columns[index].alignment == .left { blanks += rest }
    }
    try sink.write(line + "\n")
  }

  private func coloured(_ text: String, isBold: Bool, isNegative: Bool) -> String {
    guard style.isColoured, isBold || isNegative else { return text }
    return "\u{1B}[\(isBold ? "1" : "")\(isBold && isNegative ? ";" : "")\(isNegative ? "31" : "")m"
      + text + "\u{1B}[0m"
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
