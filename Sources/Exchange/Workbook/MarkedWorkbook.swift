import CZip

/// A workbook with a column beside the rows of one of its sheets that says what became of each. All of its other
/// parts stay as they are, byte for byte, and so does everything else in the sheet.
public struct MarkedWorkbook {
  private let path: String
  private let sheet: WorkbookStructure.Sheet
  private let archive: WorkbookArchive

  /// Opens the workbook.
  ///
  /// - Throws: ``FileProblem`` if it is none, or has no sheet of the name.
  public init(path: String, sheet name: String) throws(FileProblem) {
    self.path = path
    archive = try WorkbookArchive(path: path)
    let sheets = try WorkbookStructure(archive).sheets
    guard let sheet = sheets.first(where: { $0.name == name }) else {
      throw .unusable(path: path, reason: "the workbook has no sheet “\(name)”")
    }
    self.sheet = sheet
  }

  /// Writes it. A column of an earlier round makes room for the new one.
  ///
  /// - Parameters:
  ///   - heading: One of ``StatusColumn/headings``, so that an import passes over the column.
  ///   - folder: Where files may lie meanwhile.
  ///   - status: What to say of a row, by its number; nil for nothing. Rows that hold anything are asked for in
  ///     ascending order, but for the header.
  public func write(
    heading: String, to sink: OutputSink, by folder: String,
    status: (Int) throws -> String?
  ) throws {
    if sink.isTerminal {
      throw FileProblem.cannotWrite(
        path: "a workbook", reason: "it is nothing to show on a terminal; name a file with -o")
    }
    let marked = folder + "/sheet.xml"
    try withoutActuallyEscaping(status) { status in
      try writeSheet(heading: heading, to: OutputSink(path: marked), status: status)
    }
    let copy = folder + "/workbook.xlsx"
    let copySink = try OutputSink(path: copy)
    try Self.copy(path, to: copySink)
    try copySink.close()
    try replaceSheet(of: copy, by: marked)
    try Self.copy(copy, to: sink)
    try sink.close()
  }

  private func writeSheet(
    heading: String, to sink: OutputSink, status: @escaping (Int) throws -> String?
  ) throws {
    let source = try SheetSource(path: path, sheet: sheet.name)
    let records = try CSVReader(source, dialect: CSVDialect(hasHeader: false))
    guard let header = try records.next()?.lineNumber, let part = try archive.part(sheet.part),
      let again = try archive.part(sheet.part)
    else {
      throw FileProblem.empty(path: source.name)
    }
    let extent = SheetExtent(passingOver: source.statusColumn)
    try XMLReader(part, named: sheet.part, in: path, extent).finish()
    let column = source.statusColumn ?? extent.lastColumn + 1
    if column == CSVReader.columnLimit {
      throw FileProblem.unusable(
        path: path,
        reason: "its sheet \(sheet.name) has no column left; clear those that are not needed")
    }
    let marking = SheetMarking(
      column, heading: heading, in: path, from: header, records, status: status
    ) { bytes in try sink.write(bytes) }
    try marking.run(again, named: sheet.part)
    try sink.close()
  }

  private static func copy(_ path: String, to sink: OutputSink) throws(FileProblem) {
    let source = try FileSource(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return }
      try sink.write(unconverted: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Puts a file into the place of the sheet; everything else in the archive is copied as it is packed.
  private func replaceSheet(of copy: String, by file: String) throws(FileProblem) {
    var code: Int32 = 0
    guard let archive = zip_open(copy, 0, &code) else {
      throw .cannotOpen(path: copy, reason: "it is no sound archive")
    }
    var facts = zip_stat_t()
    zip_stat_init(&facts)
    let index = zip_name_locate(archive, sheet.part, zip_flags_t(ZIP_FL_NOCASE))
    let place = zip_uint64_t(max(index, 0))
    let source = zip_source_file(archive, file, 0, -1)
    let isReplaced =
      index >= 0 && source != nil && zip_stat_index(archive, place, 0, &facts) == 0
      && zip_file_replace(archive, place, source, 0) == 0
      && zip_set_file_compression(archive, place, Int32(ZIP_CM_DEFLATE), 1) == 0
      // The same workbook with the same column is the same file at any time.
      && zip_file_set_mtime(archive, place, facts.mtime, 0) == 0
    if !isReplaced || zip_close(archive) != 0 {
      let reason = String(cString: zip_strerror(archive))
      zip_discard(archive)
      throw .cannotWrite(path: copy, reason: reason)
    }
  }
}

/// How far to the right the cells of a sheet hold anything.
private final class SheetExtent: XMLHandler {
  private(set) var lastColumn = -1
  private let passedOver: Int?
  private var column = -1
  private var isAmongRows = false

  init(passingOver column: Int?) { passedOver = column }

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "sheetData" { isAmongRows = true }
    guard isAmongRows else { return }
    if name == "c" {
      column = attributes.bytes("r").flatMap(CellText.column) ?? column + 1
    } else if name == "row" {
      column = -1
    } else if name == "v" || name == "f" || name == "t", column != passedOver {
      lastColumn = max(lastColumn, column)
    }
  }

  func end(_ name: XMLName) { if name == "sheetData" { isAmongRows = false } }
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}
