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
  @exclusivity(unchecked) private var isFirst = true
  // The checks that no two accesses overlap would cost as much as the work; only this class comes here.
  @exclusivity(unchecked) private var line = RowBytes()

  /// Begins with nothing written.
  public init(columns: [Column], layout: Layout, to sink: OutputSink) {
    self.layout = layout
    self.sink = sink
    kinds = columns.map(\.kind)
    keys = columns.enumerated().map { index, column in
      var key: [UInt8] = index == 0 ? [] : [UInt8(ascii: ",")]
      key.append(UInt8(ascii: "\""))
      var name = RowBytes()
      for byte in column.name.utf8 { appendEscaped(byte, to: &name) }
      return key + Array(name.bytes) + Array("\":".utf8)
    }
  }

  /// Writes one object.
  public func write(_ row: [Cell]) throws(FileProblem) {
    beginObject()
    for (key, cell) in zip(keys, row) {
      line.append(key)
      switch cell {
      case .null: line.append("null")
      case .integer, .boolean: line.append(text: cell.plainText)
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
    // Asked for once a row and not once a value.
    let (keys, kinds) = (keys, kinds)
    for index in row.fields.indices {
      let field = row.fields[index]
      line.append(keys[index])
      guard let field else {
        line.append("null")
        continue
      }
      switch kinds[index] {
      case .integer: line.append(field)
      // Line ends stand only between its values, where a blank does as well.
      case .json: for byte in field { line.append(byte < 0x20 ? UInt8(ascii: " ") : byte) }
      case .boolean: line.append(isTrue(field) ? "true" : "false" as StaticString)
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
    line.clear()
    if layout == .array { line.append(isFirst ? "[\n" : ",\n" as StaticString) }
    isFirst = false
    line.append(UInt8(ascii: "{"))
  }

  private func endObject() throws(FileProblem) {
    line.append(UInt8(ascii: "}"))
    if layout == .lines { line.append(UInt8(ascii: "\n")) }
    try sink.write(line.bytes)
  }

  /// Appends a text that holds nothing to escape, in quotes.
  @inline(__always)
  private func appendPlain(_ bytes: UnsafeBufferPointer<UInt8>) {
    line.append(UInt8(ascii: "\""))
    line.append(bytes)
    line.append(UInt8(ascii: "\""))
  }

  /// Appends a text in quotes with everything escaped that must be.
  @inline(__always)
  private func appendText(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Without an early end, so that many bytes are looked at together.
    var needsEscapes = false
    for byte in bytes {
      needsEscapes =
        (byte < 0x20) || (byte == UInt8(ascii: "\"")) || (byte == UInt8(ascii: "\\"))
        || needsEscapes
    }
    if !needsEscapes { return appendPlain(bytes) }
    line.append(UInt8(ascii: "\""))
    for byte in bytes { appendEscaped(byte, to: &line) }
    line.append(UInt8(ascii: "\""))
  }
}

/// Appends a byte of a text as JSON writes it within quotes.
private func appendEscaped(_ byte: UInt8, to text: inout RowBytes) {
  switch byte {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"):
    text.append(UInt8(ascii: "\\"))
    text.append(byte)
  case UInt8(ascii: "\n"): text.append("\\n")
  case UInt8(ascii: "\r"): text.append("\\r")
  case UInt8(ascii: "\t"): text.append("\\t")
  case 0..<0x20: text.append(text: "\\u00\(hexadecimal(byte))")
  default: text.append(byte)
  }
}
