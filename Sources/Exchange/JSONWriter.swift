/// Writes rows as JSON objects with the column names as keys. Whole numbers are JSON numbers;
/// amounts are strings, because most programs would read them as binary floating point; dates are
/// strings; a missing value is null.
public final class JSONWriter: TextRowWriter {
  /// How the objects are put together.
  public enum Layout: Sendable {
    /// One array.
    case array
    /// One object a line.
    case lines
  }

  private let layout: Layout
  private let sink: OutputSink
  /// What stands before each value: a comma, but for the first, its key in quotes, and a colon.
  private let keys: [[UInt8]]
  private let kinds: [ColumnKind]
  private var isFirst = true
  private var line: [UInt8] = []
  /// For each byte, whether it must be escaped in a text.
  private let escapes: [Bool]

  /// Begins with nothing written.
  public init(columns: [Column], layout: Layout, to sink: OutputSink) {
    self.layout = layout
    self.sink = sink
    escapes = (0..<256).map { byte in
      byte < 0x20 || byte == Int(UInt8(ascii: "\"")) || byte == Int(UInt8(ascii: "\\"))
    }
    kinds = columns.map(\.kind)
    keys = columns.enumerated().map { index, column in
      var key: [UInt8] = index == 0 ? [] : [UInt8(ascii: ",")]
      key.append(UInt8(ascii: "\""))
      for byte in column.name.utf8 { appendEscaped(byte, to: &key) }
      return key + Array("\":".utf8)
    }
  }

  /// Writes one object.
  public func write(_ row: [Cell]) throws(FileProblem) {
    beginObject()
    for (key, cell) in zip(keys, row) {
      line.append(contentsOf: key)
      switch cell {
      case .null: line.append(contentsOf: "null".utf8)
      case .integer, .boolean: line.append(contentsOf: cell.plainText.utf8)
      case .text(var text): text.withUTF8 { appendText($0) }
      case .decimal, .date:
        var text = cell.plainText
        text.withUTF8 { appendPlain($0) }
      }
    }
    try endObject()
  }

  /// Writes one object.
  public func write(_ row: TextRow) throws(FileProblem) {
    beginObject()
    for (index, field) in row.fields.enumerated() {
      line.append(contentsOf: keys[index])
      guard let field else {
        line.append(contentsOf: "null".utf8)
        continue
      }
      switch kinds[index] {
      case .integer: line.append(contentsOf: field)
      // Line ends stand only between its values, where a blank does as well.
      case .json: for byte in field { line.append(byte < 0x20 ? UInt8(ascii: " ") : byte) }
      case .boolean: line.append(contentsOf: (isTrue(field) ? "true" : "false").utf8)
      case .amount, .date: appendPlain(field)
      case .text: appendText(field)
      }
    }
    try endObject()
  }

  /// Ends the array and closes the sink.
  public func finish() throws(FileProblem) {
    if layout == .array { try sink.write(isFirst ? "[]\n" : "\n]\n") }
    try sink.close()
  }

  private func beginObject() {
    line.removeAll(keepingCapacity: true)
    if layout == .array { line.append(contentsOf: (isFirst ? "[\n" : ",\n").utf8) }
    isFirst = false
    line.append(UInt8(ascii: "{"))
  }

  private func endObject() throws(FileProblem) {
    line.append(UInt8(ascii: "}"))
    if layout == .lines { line.append(UInt8(ascii: "\n")) }
    try sink.write(line)
  }

  /// Appends a text that holds nothing to escape, in quotes.
  private func appendPlain(_ bytes: UnsafeBufferPointer<UInt8>) {
    line.append(UInt8(ascii: "\""))
    line.append(contentsOf: bytes)
    line.append(UInt8(ascii: "\""))
  }

  /// Appends a text in quotes with everything escaped that must be.
  private func appendText(_ bytes: UnsafeBufferPointer<UInt8>) {
    let needsEscapes = escapes.withUnsafeBufferPointer { escapes in
      bytes.reduce(false) { $0 || escapes[Int($1)] }
    }
    if !needsEscapes { return appendPlain(bytes) }
    line.append(UInt8(ascii: "\""))
    for byte in bytes { appendEscaped(byte, to: &line) }
    line.append(UInt8(ascii: "\""))
  }
}

/// Appends a byte of a text as JSON writes it within quotes.
private func appendEscaped(_ byte: UInt8, to text: inout [UInt8]) {
  switch byte {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"):
    text.append(UInt8(ascii: "\\"))
    text.append(byte)
  case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
  case UInt8(ascii: "\r"): text.append(contentsOf: "\\r".utf8)
  case UInt8(ascii: "\t"): text.append(contentsOf: "\\t".utf8)
  case 0..<0x20: text.append(contentsOf: "\\u00\(hexadecimal(byte))".utf8)
  default: text.append(byte)
  }
}
