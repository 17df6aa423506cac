import CArchive
import Foundation
import TestSupport

/// Files as banks pack them: compressed, zipped, as workbooks; and as nobody should.
enum Packing {
  enum Filter { case gzip, zstd }

  /// A file of an archive.
  struct Entry {
    let name: String
    var bytes: [UInt8] = []
    /// Where a symbolic link leads to.
    var linkTarget: String?

    init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }

    init(_ name: String, linkTo target: String) {
      self.name = name
      linkTarget = target
    }
  }

  /// One file, compressed.
  static func compress(_ bytes: [UInt8], by filter: Filter) throws -> [UInt8] {
    try pack([Entry("data", bytes)]) { archive in
      switch filter {
      case .gzip: archive_write_add_filter_gzip(archive)
      case .zstd: archive_write_add_filter_zstd(archive)
      }
      archive_write_set_format_raw(archive)
    }
  }

  /// A zip archive; with a password, an encrypted one.
  static func zip(_ entries: [Entry], password: String? = nil) throws -> [UInt8] {
    try pack(entries) { archive in
      archive_write_set_format_zip(archive)
      archive_write_set_format_option(archive, "zip", "hdrcharset", "UTF-8")
      if let password {
        archive_write_set_format_option(archive, "zip", "encryption", "traditional")
        archive_write_set_passphrase(archive, password)
      }
    }
  }

  /// The files of a zip archive in their order.
  static func unzip(_ bytes: [UInt8]) throws -> [Entry] {
    guard let archive = archive_read_new() else { throw TestSupportError("no memory") }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip(archive)
    var entries: [Entry] = []
    try bytes.withUnsafeBytes { memory in
      guard archive_read_open_memory(archive, memory.baseAddress, memory.count) == ARCHIVE_OK else {
        throw TestSupportError("no archive")
      }
      var header: OpaquePointer?
      while archive_read_next_header(archive, &header) == ARCHIVE_OK {
        var entry = Entry(String(cString: archive_entry_pathname(header)), [])
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = archive_read_data(archive, &piece, piece.count), count > 0 {
          entry.bytes += piece[..<count]
        }
        entries.append(entry)
      }
    }
    return entries
  }

  private static func pack(
    _ entries: [Entry], _ configure: (OpaquePointer) -> Void
  ) throws -> [UInt8] {
    guard let archive = archive_write_new() else { throw TestSupportError("no memory") }
    defer { archive_write_free(archive) }
    configure(archive)
    var packed = [UInt8](repeating: 0, count: entries.map(\.bytes.count).reduce(1 << 20, +))
    var used = 0
    let count = packed.count
    try packed.withUnsafeMutableBytes { buffer in
      func check(_ status: Int32) throws {
        if status == ARCHIVE_OK { return }
        throw TestSupportError(
          archive_error_string(archive).map { String(cString: $0) } ?? "cannot pack")
      }
      try check(archive_write_open_memory(archive, buffer.baseAddress, count, &used))
      for entry in entries {
        let header = archive_entry_new()
        defer { archive_entry_free(header) }
        archive_entry_set_pathname_utf8(header, entry.name)
        archive_entry_set_perm(header, 0o644)
        if let target = entry.linkTarget {
          archive_entry_set_filetype(header, 0o120000)
          archive_entry_set_symlink_utf8(header, target)
        } else {
          archive_entry_set_filetype(header, 0o100000)
          archive_entry_set_size(header, Int64(entry.bytes.count))
        }
        try check(archive_write_header(archive, header))
        let written = entry.bytes.withUnsafeBytes {
          archive_write_data(archive, $0.baseAddress, $0.count)
        }
        if written < entry.bytes.count {
          throw TestSupportError("cannot pack all of \(entry.name)")
        }
      }
      try check(archive_write_close(archive))
    }
    return Array(packed[..<used])
  }
}

/// A workbook of Excel with few sheets, made by hand.
struct TestWorkbook {
  enum Value {
    case text(String)
    case number(String)
    /// A day by its number in Excel's calendar.
    case day(Int)
    case error(String)
  }

  struct Sheet {
    let name: String
    let rows: [[Value]]
    var isHidden = false
  }

  let sheets: [Sheet]

  /// One sheet whose cells are all texts.
  init(sheet name: String = "Data", csv text: String) {
    sheets = [
      Sheet(
        name: name,
        rows: text.split(separator: "\n").map { line in
          line.split(separator: ",", omittingEmptySubsequences: false).map { .text(String($0)) }
        })
    ]
  }

  init(_ sheets: [Sheet]) { self.sheets = sheets }

  /// The bytes of the .xlsx file.
  func bytes() throws -> [UInt8] {
    let base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    func relations(_ list: [(type: String, target: String)]) -> String {
      "<Relationships>"
        + list.enumerated().map {
          "<Relationship Id=\"r\($0 + 1)\" Type=\"\(base)/\($1.type)\" Target=\"\($1.target)\"/>"
        }.joined() + "</Relationships>"
    }
    let list = sheets.enumerated().map { index, sheet in
      "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 1)\"\(sheet.isHidden ? " state=\"hidden\"" : "") r:id=\"r\(index + 1)\"/>"
    }.joined()
    var parts = [
      "[Content_Types].xml":
        "<Types><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>",
      "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")]),
      "xl/_rels/workbook.xml.rels": relations(
        sheets.indices.map { ("worksheet", "worksheets/sheet\($0 + 1).xml") }
          + [("styles", "styles.xml")]),
      "xl/workbook.xml": "<workbook xmlns:r=\"\(base)\"><sheets>\(list)</sheets></workbook>",
      "xl/styles.xml":
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
    ]
    for (index, sheet) in sheets.enumerated() {
      parts["xl/worksheets/sheet\(index + 1).xml"] =
        "<worksheet><sheetData>\(sheet.rows.map(row).joined())</sheetData></worksheet>"
    }
    return try Packing.zip(
      parts.sorted { $0.key < $1.key }.map { Packing.Entry($0.key, Array($0.value.utf8)) })
  }

  private func row(_ values: [Value]) -> String {
    "<row>" + values.map(cell).joined() + "</row>"
  }

  private func cell(_ value: Value) -> String {
    switch value {
    case .text(""): "<c/>"
    case .text(let text):
      "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">\(text.replacing("&", with: "&amp;").replacing("<", with: "&lt;"))</t></is></c>"
    case .number(let number): "<c><v>\(number)</v></c>"
    case .day(let serial): "<c s=\"1\"><v>\(serial)</v></c>"
    case .error(let error): "<c t=\"e\"><v>\(error)</v></c>"
    }
  }
}
