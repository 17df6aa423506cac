import Exchange
import LibPQ

/// The bad rows of a batch as a file for whoever sent them: as they came, in the separator, quotes and encoding
/// of the file, under its header, with columns that say what is wrong. An import passes over these columns, so
/// the file can be corrected in place and sent again.
public struct RejectedFile {
  /// The columns that say what is wrong; a header that has them is one of ours.
  public static let columns = ["_line", "_code", "_column", "_reason"]

  let layout: FileLayout
  let batch: Int64
  /// The sheet of a workbook.
  let sheet: String?
  let language: RejectionLanguage
  /// Whether nothing of rejected rows is kept.
  private let isConfidential: Bool

  /// A bad row with all its reasons.
  struct Row {
    var rejections: [Rejection]
    var text: String { rejections.first?.rawRow ?? "" }
    var line: Int { rejections.first?.lineNumber ?? 0 }
  }

  /// Looks up how the file of a batch was written.
  ///
  /// - Throws: ``BanyanError`` if there is no such batch, or nothing of it was read.
  public init(
    batch: Int64, language: RejectionLanguage, on connection: isolated Connection
  ) throws {
    guard
      let (layout, dataset, sheet) = try connection.optionalRow(
        "select layout::text, dataset, sheet_name from bank.batch where batch_id = \(batch)",
        as: (String?, String, String?).self)
    else {
      throw BanyanError.usage("there is no batch \(batch); see `banyan report run batches`")
    }
    guard let layout else {
      throw BanyanError.data(
        "batch \(batch) has no rows of a file; see with `banyan report run batches` what became of it"
      )
    }
    self.layout = try FileLayout(json: layout)
    self.batch = batch
    self.sheet = sheet
    self.language = language
    isConfidential = Dataset.named(dataset)?.isConfidential == true
    if language == .zh, !self.layout.textEncoding.hasChinese {
      throw BanyanError.usage(
        "the file of batch \(batch) is in \(self.layout.encoding), which has no Chinese; write --lang en"
      )
    }
  }

  /// Writes the rows in the order of their lines.
  ///
  /// - Parameter path: The file; `-` is standard output.
  /// - Returns: How many rows, and where their reasons are if the layout has no room for them.
  public func write(
    to path: String, on connection: isolated Connection
  ) throws -> (rows: Int, reasons: String?) {
    if isConfidential {
      throw BanyanError.data(
        "the rows of batch \(batch) are confidential, and nothing of those that were rejected is kept; list their lines and reasons without -o, and correct the file itself"
      )
    }
    switch layout.form {
    case .delimited: return (try writeDelimited(to: path, on: connection), nil)
    case .workbook: return (try writeWorkbook(to: path, on: connection), nil)
    case .fixedWidth: return try writeFixedWidth(to: path, on: connection)
    }
  }

  // MARK: - Layouts

  private func writeDelimited(to path: String, on connection: isolated Connection) throws -> Int {
    let sink = try OutputSink(
      path: path, encoding: layout.textEncoding, byteOrderMark: layout.hasByteOrderMark)
    let kept = ownColumns
    try sink.write(joined(layout.header.prefix(kept) + Self.columns) + lineEnd)
    let rows = try forEachRow(on: connection) { row in
      let text =
        kept == layout.header.count ? row.text : try prefix(of: row.text, fields: kept)
      if row.rejections.contains(where: { $0.code == .undecodable }) {
        try writeBytes(of: text, to: sink)
      } else {
        try sink.write(text)
      }
      try sink.write(layout.separator + joined(cells(of: row)) + lineEnd)
    }
    try sink.close()
    return rows
  }

  /// How many columns the sender's file has; the reasons of an earlier round make room for those of this one.
  private var ownColumns: Int { layout.header.prefix { !Self.columns.contains($0) }.count }

  /// Every cell is a text, so that Excel takes no digit of a number away.
  private func writeWorkbook(to path: String, on connection: isolated Connection) throws -> Int {
    let kept = ownColumns
    let writer = try WorkbookTableWriter(
      columns: (layout.header.prefix(kept) + Self.columns).map { Column($0) },
      sheet: sheet ?? "Data", to: OutputSink(path: path))
    let rows = try forEachRow(on: connection) { row in
      let fields = try self.fields(of: row.text).prefix(kept)
      let cells = fields.map { Cell.text($0) }
      try writer.write(
        cells + Array(repeating: .null, count: kept - cells.count)
          + self.cells(of: row).map { .text($0) })
    }
    try writer.finish()
    return rows
  }

  /// A line of fixed width has no room for reasons: they go into a file beside it.
  private func writeFixedWidth(
    to path: String, on connection: isolated Connection
  ) throws -> (rows: Int, reasons: String?) {
    if path == "-" {
      throw BanyanError.usage(
        "rows of fixed width have their reasons in a second file; write -o FILE")
    }
    let sink = try OutputSink(path: path, encoding: layout.textEncoding)
    let reasons = path + ".reasons.csv"
    let writer = try OutputFormat.csv.writer(
      columns: [Column("line", .integer)] + Self.columns.map { Column($0) },
      to: OutputSink(path: reasons, byteOrderMark: true))
    var line = 0
    let rows = try forEachRow(on: connection) { row in
      line += 1
      try writeBytes(of: row.text.replacing(FixedWidthLayout.separatorText, with: ""), to: sink)
      try sink.write(lineEnd)
      try writer.write([.integer(Int64(line))] + cells(of: row).map { .text($0) })
    }
    try sink.close()
    try writer.finish()
    return (rows, reasons)
  }

  private var lineEnd: String { layout.endsLinesWithCRLF ? "\r\n" : "\n" }

  private func forEachRow(
    on connection: isolated Connection, _ body: (Row) throws -> Void
  ) throws -> Int {
    var row: Row?
    var count = 0
    try connection.forEachRow(
      """
      select line_number, code, column_name, value, reason, raw_row from bank.rejected_row
      where batch_id = \(batch) order by line_number, reason_number
      """, as: (Int, String, String?, String?, String, String?).self
    ) { line, code, column, value, reason, text in
      guard let code = RejectionCode(rawValue: code) else { return }
      let rejection = Rejection(
        lineNumber: line, code: code, column: column, value: value, reason: reason, rawRow: text)
      if row?.line == line {
        row?.rejections.append(rejection)
        return
      }
      if let row { try body(row) }
      count += 1
      row = Row(rejections: [rejection])
    }
    if let row { try body(row) }
    return count
  }

  // MARK: - Cells

  /// What stands between two reasons.
  var separator: String { language == .zh ? "；" : "; " }

  private func cells(of row: Row) -> [String] {
    func all(_ texts: [String], _ separator: String) -> String {
      texts.enumerated().filter { index, text in texts.firstIndex(of: text) == index }.map(
        \.element
      )
      .joined(separator: separator)
    }
    return [
      "\(row.line)", all(row.rejections.map(\.code.rawValue), " "),
      all(row.rejections.compactMap(\.column), ", "),
      row.rejections.map { rejection in
        let sentence = language.sentence(rejection)
        guard row.rejections.count > 1, let column = rejection.column else { return sentence }
        return "\(column): \(sentence)"
      }.joined(separator: separator),
    ]
  }

  private func joined(_ fields: some Sequence<String>) -> String {
    fields.map(field).joined(separator: layout.separator)
  }

  /// A field as the file's dialect writes it, in characters that its encoding has.
  private func field(_ text: String) -> String {
    var text = text
    if !layout.textEncoding.hasCurvedQuotes {
      for (curved, plain) in [("“", "\""), ("”", "\""), ("…", "...")] {
        text = text.replacing(curved, with: plain)
      }
    }
    guard let quote = layout.quote else {
      return text.replacing(layout.separator, with: " ").replacing("\n", with: " ")
    }
    let needsQuotes = [layout.separator, quote, "\n", "\r"].contains(where: text.contains)
    return needsQuotes ? quote + text.replacing(quote, with: quote + quote) + quote : text
  }

  /// The first fields of a row that has reasons of an earlier round behind them.
  private func prefix(of text: String, fields count: Int) throws -> String {
    let fields = try fields(of: text)
    return fields.count > count ? joined(fields.prefix(count)) : text
  }

  /// The fields of a row; none if its quotes do not work out.
  private func fields(of text: String) throws -> [String] {
    let reader = try CSVReader(
      MemorySource(text.utf8),
      dialect: CSVDialect(
        separator: layout.dialect.separator, quote: layout.dialect.quote, hasHeader: false))
    guard let record = try reader.next(), record.problem == nil else { return [] }
    return (0..<record.fieldCount).map { record.string($0) }
  }

  /// Writes a row that holds bytes which are no text, shown as `\x80`, with these as they were.
  private func writeBytes(of text: String, to sink: OutputSink) throws {
    var rest = text[...]
    while let match = rest.firstMatch(of: #/\\x([0-9A-F]{2})/#) {
      try sink.write(String(rest[..<match.range.lowerBound]))
      try sink.write(unconverted: [UInt8(match.1, radix: 16) ?? 0])
      rest = rest[match.range.upperBound...]
    }
    try sink.write(String(rest))
  }
}

extension TextEncoding {
  fileprivate var hasChinese: Bool {
    switch self {
    case .utf8, .gb18030, .big5, .utf16: true
    case .latin1, .latin2, .windows1250, .windows1252: false
    }
  }

  fileprivate var hasCurvedQuotes: Bool { self != .latin1 && self != .latin2 }
}
