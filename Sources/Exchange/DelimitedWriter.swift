/// Writes CSV and its relatives. A field is quoted only if it must be: when it holds a separator, a
/// quote or a line end, when blanks stand at its ends, or when it is an empty text, which a missing
/// value would otherwise look like.
public final class DelimitedWriter: TabularWriter {
  private let dialect: CSVDialect
  private let quote: UInt8
  private let sink: OutputSink
  private var line: [UInt8] = []

  /// Begins with the header, if the dialect has one. A dialect without a quote gets double quotes,
  /// for without any not every text could be written.
  public init(columns: [Column], dialect: CSVDialect = .csv, to sink: OutputSink)
    throws(FileProblem)
  {
    self.dialect = dialect
    self.quote = dialect.quote ?? UInt8(ascii: "\"")
    self.sink = sink
    if dialect.hasHeader { try write(columns.map { .text($0.name) }) }
  }

  /// Writes one line.
  public func write(_ row: [Cell]) throws(FileProblem) {
    line.removeAll(keepingCapacity: true)
    for (index, cell) in row.enumerated() {
      if index > 0 { line.append(dialect.separator) }
      switch cell {
      case .null: break
      case .text(var text): append(&text)
      default: line.append(contentsOf: cell.plainText.utf8)
      }
    }
    line.append(UInt8(ascii: "\n"))
    try sink.write(line)
  }

  /// Closes the sink.
  public func finish() throws(FileProblem) { try sink.close() }

  private func append(_ text: inout String) {
    text.withUTF8 { bytes in
      if !needsQuotes(bytes) {
        line.append(contentsOf: bytes)
        return
      }
      line.append(quote)
      for byte in bytes {
        if byte == quote { line.append(quote) }
        line.append(byte)
      }
      line.append(quote)
    }
  }

  private func needsQuotes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return true }
    // 0xEF may begin a byte order mark, which a reader would take away at the start of a file.
    if isBlank(first) || isBlank(last) || first == 0xEF { return true }
    return bytes.contains { byte in
      byte == dialect.separator || byte == quote || byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r")
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
