import Exchange
import Foundation

/// Where an export goes, and how it is written there.
public struct ExportTarget: Sendable {
  /// Path of the file; `-` is standard output.
  public let path: String
  /// The format: rows for programs, or a workbook.
  public let format: OutputFormat
  let compression: Compression?
  let encoding: TextEncoding
  let byteOrderMark: Bool
  let defusesFormulas: Bool

  /// The formats of exports.
  public static let formats: [OutputFormat] = [.csv, .tsv, .json, .jsonl, .xlsx]

  /// Makes a target of what was asked for; what was not is told by the name of the file.
  ///
  /// - Throws: ``BanyanError`` for what does not go together.
  public init(
    path: String, format: OutputFormat? = nil, compression: Compression? = nil,
    encoding: TextEncoding = .utf8, byteOrderMark: Bool = false, defusesFormulas: Bool = false
  ) throws {
    self.path = path
    self.compression = compression ?? Compression(path: path)
    let ending = Self.ending(of: path)
    let told = Self.formats.first { $0.rawValue == ending }
    self.format = format ?? told ?? .csv
    self.encoding = encoding
    self.byteOrderMark = byteOrderMark
    self.defusesFormulas = defusesFormulas
    guard Self.formats.contains(self.format) else {
      throw BanyanError.usage(
        "\(self.format.rawValue) is for people to read; an export is csv, tsv, json, jsonl or xlsx")
    }
    if format == nil, told == nil, path != "-", !ending.isEmpty, ending != "txt" {
      throw BanyanError.usage(
        "“.\(ending)” says no format; name the file .csv, .tsv, .json, .jsonl or .xlsx, or write --format"
      )
    }
    let isDelimited = self.format == .csv || self.format == .tsv
    for (option, isAsked) in [
      ("--encoding", encoding != .utf8), ("--bom", byteOrderMark), ("--safe", defusesFormulas),
    ] where isAsked && !isDelimited {
      throw BanyanError.usage(
        "\(option) is for csv and tsv; \(self.format.rawValue) needs none: \(self.format == .xlsx ? "texts of a workbook are never formulas, and its characters never garbled" : "it is UTF-8 by its standard, and no spreadsheet runs it")"
      )
    }
    if self.format == .xlsx, self.compression != nil {
      throw BanyanError.usage("a workbook is compressed already; leave the compression out")
    }
    if byteOrderMark, ![.utf8, .gb18030].contains(encoding) {
      throw BanyanError.usage("--bom is for UTF-8; \(encoding.rawValue) has no such mark")
    }
  }

  private static func ending(of path: String) -> String {
    var name = URL(filePath: path).lastPathComponent[...]
    if let compression = Compression(path: path) {
      name = name.dropLast(compression.rawValue.count + 1)
    }
    guard let point = name.lastIndex(of: "."), point > name.startIndex else { return "" }
    return name[name.index(after: point)...].lowercased()
  }

  /// Opens the file.
  func sink(at path: String) throws(FileProblem) -> OutputSink {
    try OutputSink(
      path: path, encoding: encoding, byteOrderMark: byteOrderMark, compression: compression)
  }

  /// A writer of the format.
  func writer(columns: [Column], to sink: OutputSink) throws(FileProblem) -> any TextRowWriter {
    switch format {
    case .tsv:
      try DelimitedWriter(
        columns: columns, dialect: .tsv, defusesFormulas: defusesFormulas, to: sink)
    case .json: JSONWriter(columns: columns, layout: .array, to: sink)
    case .jsonl: JSONWriter(columns: columns, layout: .lines, to: sink)
    case .xlsx: try WorkbookTableWriter(columns: columns, to: sink)
    case .csv, .table, .md, .html:
      try DelimitedWriter(columns: columns, defusesFormulas: defusesFormulas, to: sink)
    }
  }

  /// The path of the file for one value of the column that an export is split by: the value stands
  /// before the endings, with everything but letters, digits and `-_.` written as `%` and two digits.
  func path(for value: String?) -> String {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let point = name.firstIndex(of: ".") ?? name.endIndex
    // No value is written like that.
    var text = "%none"
    if let value {
      text = String(
        decoding: value.unicodeScalars.flatMap { scalar -> [UInt8] in
          let properties = scalar.properties
          let isPlain =
            properties.isAlphabetic || properties.numericType != nil
            || "-_.".unicodeScalars.contains(scalar)
          if isPlain { return Array(String(scalar).utf8) }
          return String(scalar).utf8.flatMap { Array("%\(hexadecimal([$0]).uppercased())".utf8) }
        }, as: UTF8.self)
    }
    let file = name[..<point] + "-" + text + name[point...]
    return folder.isEmpty ? String(file) : folder + "/" + file
  }
}
