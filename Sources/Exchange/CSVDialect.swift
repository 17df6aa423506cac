/// How a delimited text file separates and quotes its fields.
public struct CSVDialect: Hashable, Sendable {
  /// The byte between two fields: a comma unless said otherwise.
  public var separator: UInt8
  /// The byte around fields that hold separators, quotes or line ends; nil where quotes mean
  /// nothing.
  public var quote: UInt8?
  /// Whether the first record names the columns.
  public var hasHeader: Bool
  /// Whether blanks and tabs around a field are dropped. Those inside quotes always stay.
  public var trimsBlanks: Bool

  /// A dialect; with no arguments, RFC 4180 with a header. The separator and the quote must be
  /// two different ASCII bytes, and neither may end a line.
  public init(
    separator: UInt8 = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\""),
    hasHeader: Bool = true, trimsBlanks: Bool = false
  ) {
    precondition(
      separator != quote
        && [separator, quote ?? separator].allSatisfy { byte in
          byte != 0 && byte < 0x80 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")
        }, "the separator and the quote are different ASCII bytes that end no line")
    self.separator = separator
    self.quote = quote
    self.hasHeader = hasHeader
    self.trimsBlanks = trimsBlanks
  }

  /// Commas, double quotes and a header.
  public static let csv = CSVDialect()
  /// Tabs, double quotes and a header.
  public static let tsv = CSVDialect(separator: UInt8(ascii: "\t"))
}
