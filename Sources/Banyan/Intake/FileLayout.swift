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
  /// Whether the mapping was about some of the rows only.
  let choosesRows: Bool

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
    choosesRows = !mapping.only.isEmpty
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
  /// Whether its first line goes on beyond the longest record, so that it is no header of a table.
  var isEndless: Bool { !isKnown && byteCount > CSVReader.recordLimit }
  private var isKnown = false
  private var byteCount = 0

  /// Takes the next bytes; only those up to the end of the first line count.
  mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    if byteCount == 0 { hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) }
    byteCount += bytes.count
    if isKnown { return }
    guard
      let end = bytes.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
    else { return }
    endsLinesWithCRLF =
      bytes[end] == UInt8(ascii: "\r") && end + 1 < bytes.count
      && bytes[end + 1] == UInt8(ascii: "\n")
    isKnown = true
  }

  /// Refuses a text that is no table, as soon as that is known.
  func refuseEndless(_ path: String) throws(FileProblem) {
    if isEndless { throw .unusableHeader(path: path, line: 1, problem: .tooLong) }
  }
}
