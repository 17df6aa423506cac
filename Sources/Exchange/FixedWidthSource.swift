/// How wide each field of a line is, in bytes of a file whose encoding has one byte a character.
public struct FixedWidthLayout: Hashable, Sendable {
  /// A field: its name, which stands for a header, and its width.
  public struct Field: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The bytes that it takes up, at least one.
    public let width: Int

    /// A field of a name and a width.
    public init(name: String, width: Int) {
      self.name = name
      self.width = width
    }
  }

  /// The fields from the left.
  public let fields: [Field]

  /// A layout of at least one field.
  public init(fields: [Field]) { self.fields = fields }

  /// A byte that is in no text, between two fields once they are cut.
  static let separator: UInt8 = 0x1F
  /// The same byte as a text, which stands between the fields of a record's own text.
  public static let separatorText = String(UnicodeScalar(separator))
}

extension CSVReader {
  /// Reads a file whose lines are cut into fields by their widths. The layout takes the place of a
  /// header; a line of another length is ragged.
  public convenience init(
    _ source: any ByteSource, layout: FixedWidthLayout, encoding: TextEncoding
  ) throws(FileProblem) {
    try self.init(
      FixedWidthSource(source, layout: layout),
      dialect: CSVDialect(
        separator: FixedWidthLayout.separator, quote: nil, hasHeader: false, trimsBlanks: true),
      encoding: encoding)
    setHeader(layout.fields.map(\.name))
  }
}

/// The lines of another source with a separator after each field.
struct FixedWidthSource: ByteSource {
  private static let chunk = 64 << 10

  private var source: any ByteSource
  private let widths: [Int]
  private var input = [UInt8](repeating: 0, count: Self.chunk)
  private var cut: [UInt8] = []
  private var handedOut = 0
  /// The field that the next byte belongs to, and how many of its bytes have been seen.
  private var field = 0
  private var seen = 0

  init(_ source: any ByteSource, layout: FixedWidthLayout) {
    self.source = source
    self.widths = layout.fields.map(\.width)
  }

  var name: String { source.name }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    while handedOut == cut.count {
      cut.removeAll(keepingCapacity: true)
      handedOut = 0
      let count = try readInput()
      if count == 0 { return 0 }
      for byte in input[..<count] { append(byte) }
    }
    let count = min(buffer.count, cut.count - handedOut)
    cut.withUnsafeBytes { bytes in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[handedOut..<handedOut + count]))
    }
    handedOut += count
    return count
  }

  private mutating func readInput() throws(FileProblem) -> Int {
    var input = input
    let result = input.withUnsafeMutableBytes { bytes in
      Result { () throws(FileProblem) in try source.read(into: bytes) }
    }
    self.input = input
    return try result.get()
  }

  private mutating func append(_ byte: UInt8) {
    if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      (field, seen) = (0, 0)
    } else {
      // Whatever stands behind the last field is one field too many.
      if field < widths.count, seen == widths[field] {
        cut.append(FixedWidthLayout.separator)
        (field, seen) = (field + 1, 0)
      }
      seen += 1
    }
    cut.append(byte)
  }
}
