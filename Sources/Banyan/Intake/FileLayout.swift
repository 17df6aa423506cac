import Exchange
import Foundation

/// How a file separates, quotes and encodes its rows, and its header: what it takes to write rows that look
/// like those that came.
struct FileLayout: Codable, Hashable {
  enum Form: String, Codable { case delimited, fixedWidth = "fixed_width", workbook }

  let form: Form
  /// The byte between two fields, as a character.
  let separator: String
  /// The byte around a field; none for files in which quotes mean nothing.
  let quote: String?
  let encoding: String
  let hasByteOrderMark: Bool
  let endsLinesWithCRLF: Bool
  let header: [String]
  /// The widths of the fields of a file of fixed width.
  let widths: [Int]

  /// The layout of a file that is read by a mapping.
  init(of source: SourceFile, _ mapping: Mapping, _ reader: CSVReader) {
    form =
      source.kind == .zip ? .workbook : mapping.layout == nil ? .delimited : .fixedWidth
    separator = String(UnicodeScalar(reader.dialect.separator))
    quote = reader.dialect.quote.map { String(UnicodeScalar($0)) }
    encoding = (mapping.encoding ?? source.detectedEncoding).rawValue
    hasByteOrderMark = source.opening.hasByteOrderMark
    endsLinesWithCRLF = source.opening.endsLinesWithCRLF
    header = reader.header
    widths = mapping.layout?.fields.map(\.width) ?? []
  }

  /// The layout that a batch has on record.
  init(json: String) throws {
    self = try JSONDecoder().decode(FileLayout.self, from: Data(json.utf8))
  }

  /// As a batch keeps it.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// How the rows are read again, with the header that stands apart.
  var dialect: CSVDialect {
    CSVDialect(
      separator: separator.utf8.first ?? UInt8(ascii: ","), quote: quote?.utf8.first,
      hasHeader: true, trimsBlanks: false)
  }

  var textEncoding: TextEncoding { TextEncoding(rawValue: encoding) ?? .utf8 }
}

/// What the first bytes of a text say about how it is written.
struct TextOpening {
  private(set) var hasByteOrderMark = false
  private(set) var endsLinesWithCRLF = false
  private var isKnown = false
  private var isFirst = true

  /// Takes the next bytes; only those up to the end of the first line count.
  mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    if isFirst {
      hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
      isFirst = false
    }
    if isKnown { return }
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return }
    endsLinesWithCRLF = end > 0 && bytes[end - 1] == UInt8(ascii: "\r")
    isKnown = true
  }
}
