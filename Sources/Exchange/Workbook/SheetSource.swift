#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The rows of a sheet of a workbook as the text of a delimited file, so that what reads files reads
/// workbooks too. It says which row of the sheet each record is, and which cells hold what no text
/// should be made of.
final class SheetSource: ByteSource {
  /// The path of the workbook and the name of the sheet.
  let name: String
  let sheetName: String?
  private let rows: SheetRows
  private let scanner: ElementScanner<SheetRows>
  private var handedOut = 0
  private var isAtEnd = false

  /// Opens a sheet by its name, or the only one that is not hidden.
  ///
  /// - Parameter scans: Whether what is written in the usual way is read without a parser of XML.
  init(path: String, sheet wanted: String?, scans: Bool = true) throws(FileProblem) {
    let archive = try WorkbookArchive(path: path)
    let structure = try WorkbookStructure(archive)
    let sheet = try Self.choose(wanted, of: structure, in: archive)
    name = "\(path), sheet \(sheet.name)"
    sheetName = sheet.name
    let strings = SharedStrings()
    if let part = structure.sharedStringsPart {
      try strings.read(part, of: archive, scans: scans)
    }
    guard let part = try archive.part(sheet.part) else {
      throw .cannotRead(path: path, reason: "it has no part \(sheet.part) for \(sheet.name)")
    }
    rows = SheetRows(structure, strings)
    scanner = try ElementScanner(part, named: sheet.part, in: path, rows, scans: scans)
  }

  private static func choose(
    _ wanted: String?, of structure: WorkbookStructure, in archive: WorkbookArchive
  ) throws(FileProblem) -> WorkbookStructure.Sheet {
    let path = archive.path
    let visible = structure.sheets.filter { !$0.isHidden }
    func list(_ sheets: [WorkbookStructure.Sheet]) -> String {
      sheets.map { "“\($0.name)”" }.joined(separator: ", ")
    }
    if let wanted {
      if let sheet = structure.sheets.first(where: { $0.name == wanted }) { return sheet }
      throw .unusable(
        path: path,
        reason: "the workbook has no sheet “\(wanted)”; it has \(list(structure.sheets))")
    }
    // Excel makes sheets that nobody fills.
    var filled: [WorkbookStructure.Sheet] = []
    for sheet in visible where try SheetGlance(archive, sheet.part).holdsAnything {
      filled.append(sheet)
    }
    guard let sheet = filled.first ?? visible.first else {
      throw .unusable(path: path, reason: "the workbook has no sheet that can be seen")
    }
    if filled.count > 1 {
      throw .unusable(
        path: path,
        reason:
          "the workbook has the sheets \(list(filled)); write `sheet:` in the mapping to say which one is meant"
      )
    }
    return sheet
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    while handedOut == rows.text.count {
      rows.text.clear()
      handedOut = 0
      if isAtEnd { return 0 }
      isAtEnd = try !scanner.step()
    }
    let count = min(buffer.count, rows.text.count - handedOut)
    let bytes = UnsafeRawBufferPointer(rows.text.bytes)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[handedOut..<handedOut + count]))
    handedOut += count
    return count
  }

  /// Where the column stands that an import has added, once the header was read; nil if there is none.
  var statusColumn: Int? { rows.statusColumn }

  var tellsPlaces: Bool { true }

  func place(ofLine line: Int) -> RecordPlace? { rows.places.take(line) }
}

/// A look at a sheet that ends with the first cell that holds anything.
private final class SheetGlance: XMLHandler {
  private(set) var holdsAnything = false

  init(_ archive: WorkbookArchive, _ partName: String) throws(FileProblem) {
    guard let part = try archive.part(partName) else { return }
    let reader = try XMLReader(part, named: partName, in: archive.path, self)
    while !holdsAnything, try reader.step() {}
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "v" || name == "t" { holdsAnything = true }
  }
  func end(_ name: XMLName) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

extension CSVReader {
  /// Opens a sheet of a workbook: the first row that holds anything is its header. Without a name
  /// the workbook must have one sheet that is not hidden.
  public convenience init(
    workbook path: String, sheet: String? = nil, trimsBlanks: Bool = true
  ) throws(FileProblem) {
    try self.init(
      SheetSource(path: path, sheet: sheet), dialect: CSVDialect(trimsBlanks: trimsBlanks))
  }
}
