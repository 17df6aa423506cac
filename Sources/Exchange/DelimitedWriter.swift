import Quantities

/// Writes CSV and its relatives. A field is quoted only if it must be: when it holds a separator, a
/// quote or a line end, when blanks stand at its ends, or when it is an empty text, which a missing
/// value would otherwise look like.
public final class DelimitedWriter: TextRowWriter {
  private let dialect: CSVDialect
  private let quote: UInt8
  private let sink: OutputSink
  // The checks that no two accesses overlap would cost as much as the work; only this class comes here.
  @exclusivity(unchecked) private var line = RowBytes()
  private let kinds: [ColumnKind]
  private let defusesFormulas: Bool
  /// For each byte, whether a field that holds it needs quotes (bit 0), or one that has it at an end
  /// (bit 1), or one that begins with it (bit 2); and whether a spreadsheet takes a text that begins
  /// with it for a formula (bit 3).
  private let traits: [UInt8]

  /// Begins with the header, if the dialect has one. A dialect without a quote gets double quotes,
  /// for without any not every text could be written.
  ///
  /// - Parameter defusesFormulas: Whether texts that a spreadsheet would take for formulas get an
  ///   apostrophe before them, which changes them.
  public init(
    columns: [Column], dialect: CSVDialect = .csv, defusesFormulas: Bool = false,
    to sink: OutputSink
  ) throws(FileProblem) {
    self.dialect = dialect
    self.quote = dialect.quote ?? UInt8(ascii: "\"")
    self.sink = sink
    self.kinds = columns.map(\.kind)
    self.defusesFormulas = defusesFormulas
    var traits = [UInt8](repeating: 0, count: 256)
    for byte in [dialect.separator, quote, UInt8(ascii: "\n"), UInt8(ascii: "\r")] {
      traits[Int(byte)] |= 1
    }
    for byte in " \t".utf8 { traits[Int(byte)] |= 2 }
    // It may begin a byte order mark, which a reader would take away at the start of a file.
    traits[0xEF] |= 4
    for byte in "=+-@\t\r\n".utf8 { traits[Int(byte)] |= 8 }
    self.traits = traits
    if dialect.hasHeader {
      beginLine()
      for (index, column) in columns.enumerated() {
        separate(index)
        var name = column.name
        name.withUTF8 { appendText($0) }
      }
      try endLine()
    }
  }

  /// Writes one line.
  public func write(_ row: [Cell]) throws(FileProblem) {
    beginLine()
    for (index, cell) in row.enumerated() {
      separate(index)
      switch cell {
      case .null: break
      case .text(var text): text.withUTF8 { appendText($0) }
      default: line.append(text: cell.plainText)
      }
    }
    try endLine()
  }

  /// Writes one line.
  public func write(_ row: TextRow) throws(FileProblem) {
    beginLine()
    for (index, field) in row.fields.enumerated() {
      separate(index)
      guard let field else { continue }
      switch kinds[index] {
      case .integer, .amount, .date: line.append(field)
      case .boolean: line.append(isTrue(field) ? "true" : "false" as StaticString)
      case .text, .json: appendText(field)
      }
    }
    try endLine()
  }

  /// Closes the sink.
  public func finish() throws(FileProblem) { try sink.close() }

  private func beginLine() { line.clear() }

  private func separate(_ index: Int) {
    if index > 0 { line.append(dialect.separator) }
  }

  private func endLine() throws(FileProblem) {
    line.append(UInt8(ascii: "\n"))
    try sink.write(line.bytes)
  }

  private func appendText(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let first = bytes.first, let last = bytes.last else {
      line.append(quote)
      line.append(quote)
      return
    }
    let defuses = defusesFormulas && traits[Int(first)] & 8 != 0
    let seen = traits.withUnsafeBufferPointer { traits in
      bytes.reduce(UInt8(0)) { $0 | traits[Int($1)] } & 1
        | traits[Int(first)] & 6 | traits[Int(last)] & 2
    }
    if seen == 0 {
      if defuses { line.append(UInt8(ascii: "'")) }
      line.append(bytes)
      return
    }
    line.append(quote)
    if defuses { line.append(UInt8(ascii: "'")) }
    for byte in bytes {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    line.append(quote)
  }
}

/// Whether a text says that something is true: `t` as the server writes it, or `true`.
func isTrue(_ text: UnsafeBufferPointer<UInt8>) -> Bool { text.first == UInt8(ascii: "t") }
