/// Writes rows as JSON objects with the column names as keys. Whole numbers are JSON numbers;
/// amounts are strings, because most programs would read them as binary floating point; dates are
/// strings; a missing value is null.
public final class JSONWriter: TabularWriter {
  /// How the objects are put together.
  public enum Layout: Sendable {
    /// One array.
    case array
    /// One object a line.
    case lines
  }

  private let layout: Layout
  private let sink: OutputSink
  private let keys: [[UInt8]]
  private var isFirst = true
  private var line: [UInt8] = []

  /// Begins with nothing written.
  public init(columns: [Column], layout: Layout, to sink: OutputSink) {
    self.layout = layout
    self.sink = sink
    self.keys = columns.map { column in
      var key: [UInt8] = []
      Self.append(column.name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
  }

  /// Writes one object.
  public func write(_ row: [Cell]) throws(FileProblem) {
    line.removeAll(keepingCapacity: true)
    if layout == .array { line.append(contentsOf: (isFirst ? "[\n" : ",\n").utf8) }
    isFirst = false
    line.append(UInt8(ascii: "{"))
    for (index, (key, cell)) in zip(keys, row).enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line.append(contentsOf: key)
      switch cell {
      case .null: line.append(contentsOf: "null".utf8)
      case .integer(let number): line.append(contentsOf: String(number).utf8)
      case .text(let text): Self.append(text, to: &line)
      case .decimal, .date: Self.append(cell.plainText, to: &line)
      }
    }
    line.append(UInt8(ascii: "}"))
    if layout == .lines { line.append(UInt8(ascii: "\n")) }
    try sink.write(line)
  }

  /// Ends the array and closes the sink.
  public func finish() throws(FileProblem) {
    if layout == .array { try sink.write(isFirst ? "[]\n" : "\n]\n") }
    try sink.close()
  }

  /// Appends a text in quotes with everything escaped that must be.
  private static func append(_ text: String, to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        line.append(UInt8(ascii: "\\"))
        line.append(byte)
      case UInt8(ascii: "\n"): line.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): line.append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): line.append(contentsOf: "\\t".utf8)
      case 0..<0x20: line.append(contentsOf: "\\u00\(hexadecimal(byte))".utf8)
      default: line.append(byte)
      }
    }
    line.append(UInt8(ascii: "\""))
  }
}
