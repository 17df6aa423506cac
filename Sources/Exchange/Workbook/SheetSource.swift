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
  private let reader: XMLReader
  private var handedOut = 0
  private var isAtEnd = false

  /// Opens a sheet by its name, or the only one that is not hidden.
  init(path: String, sheet wanted: String?) throws(FileProblem) {
    let archive = try WorkbookArchive(path: path)
    let structure = try WorkbookStructure(archive)
    let sheet = try Self.choose(wanted, of: structure, in: archive)
    name = "\(path), sheet \(sheet.name)"
    sheetName = sheet.name
    let strings = SharedStrings()
    if let part = structure.sharedStringsPart { try strings.read(part, of: archive) }
    guard let part = try archive.part(sheet.part) else {
      throw .cannotRead(path: path, reason: "it has no part \(sheet.part) for \(sheet.name)")
    }
    rows = SheetRows(structure, strings)
    reader = try XMLReader(part, named: sheet.part, in: path, rows)
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
      rows.text.removeAll(keepingCapacity: true)
      handedOut = 0
      if isAtEnd { return 0 }
      isAtEnd = try !reader.step()
    }
    let count = min(buffer.count, rows.text.count - handedOut)
    rows.text.withUnsafeBytes { bytes in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[handedOut..<handedOut + count]))
    }
    handedOut += count
    return count
  }

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

/// Makes lines of the rows of a sheet while they are parsed.
private final class SheetRows: XMLHandler {
  private enum Kind { case number, shared, text, boolean, error, isoDate }

  // As in the reader of delimited files, the check that no two accesses overlap is left out: every cell
  // would pay for it several times.

  /// The lines that were made and not taken yet.
  @exclusivity(unchecked) var text: [UInt8] = []
  private let countsFrom1904: Bool
  private let styles: NumberStyles
  private let strings: SharedStrings

  @exclusivity(unchecked) private var rowNumber = 0
  @exclusivity(unchecked) private var column = -1
  @exclusivity(unchecked) private var kind = Kind.number
  @exclusivity(unchecked) private var style = 0
  @exclusivity(unchecked) private var value: [UInt8] = []
  @exclusivity(unchecked) private var collects = false
  @exclusivity(unchecked) private var isInReading = false
  /// The cells of the present row, end to end, and where each ends.
  @exclusivity(unchecked) private var cells: [UInt8] = []
  @exclusivity(unchecked) private var ends: [Int] = []
  @exclusivity(unchecked) private var damages: [Int: String] = [:]
  /// How many columns the first row that holds anything has.
  @exclusivity(unchecked) private var width: Int?
  @exclusivity(unchecked) private var line = 1
  /// The days that were written, by their numbers of five digits.
  @exclusivity(unchecked) private var days: [Int: [UInt8]] = [:]
  @exclusivity(unchecked) var places = RecordPlaces()

  init(_ structure: WorkbookStructure, _ strings: SharedStrings) {
    countsFrom1904 = structure.countsFrom1904
    styles = structure.styles
    self.strings = strings
  }

  // MARK: Elements

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    switch name.first {
    case UInt8(ascii: "c") where name == "c": startCell(attributes)
    case UInt8(ascii: "v") where name == "v": collects = true
    case UInt8(ascii: "t") where name == "t": collects = !isInReading
    case UInt8(ascii: "r") where name == "row":
      rowNumber = attributes["r"].flatMap { Int($0) } ?? rowNumber + 1
      column = -1
    case UInt8(ascii: "r") where name == "rPh": isInReading = true
    default: break
    }
  }

  func end(_ name: XMLName) {
    switch name.first {
    case UInt8(ascii: "c") where name == "c": endCell()
    case UInt8(ascii: "v") where name == "v": collects = false
    case UInt8(ascii: "t") where name == "t": collects = false
    case UInt8(ascii: "r") where name == "row": endRow()
    case UInt8(ascii: "r") where name == "rPh": isInReading = false
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    // A longer one makes its row too long, however much is kept of it.
    if collects, value.count <= CSVReader.recordLimit { value.append(contentsOf: bytes) }
  }

  // MARK: Cells

  private func startCell(_ attributes: XMLAttributes) {
    var place: Int?
    style = 0
    kind = .number
    // One pass: all that matters has a name of one letter.
    attributes.forEachShort { letter, value in
      switch letter {
      case UInt8(ascii: "r"): place = Self.column(value)
      case UInt8(ascii: "s"): style = Int(atol(value))
      case UInt8(ascii: "t"): kind = Self.kind(value)
      default: break
      }
    }
    column = place ?? column + 1
    value.removeAll(keepingCapacity: true)
  }

  private static func kind(_ type: UnsafePointer<CChar>) -> Kind {
    switch (UInt8(bitPattern: type[0]), type[0] == 0 ? 0 : UInt8(bitPattern: type[1])) {
    case (UInt8(ascii: "s"), 0): .shared
    // `str` and `inlineStr`.
    case (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "i"), UInt8(ascii: "n")): .text
    case (UInt8(ascii: "b"), 0): .boolean
    case (UInt8(ascii: "e"), 0): .error
    case (UInt8(ascii: "d"), 0): .isoDate
    default: .number
    }
  }

  /// The index of the column in a reference such as `AB12`.
  private static func column(_ reference: UnsafePointer<CChar>) -> Int? {
    var index = 0
    var place = reference
    while true {
      let letter = UInt8(bitPattern: place.pointee) & 0xDF
      guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter), index < 100_000 else { break }
      index = index * 26 + Int(letter - UInt8(ascii: "A")) + 1
      place += 1
    }
    // Excel has 16,384 columns.
    return (1...16_384).contains(index) ? index - 1 : nil
  }

  private func endCell() {
    if value.isEmpty { return }
    if column < ends.count {
      damages[column] =
        "the cells of the row stand in no order, or one stands there twice; open the workbook in Excel and save it again"
      return
    }
    while ends.count < column { ends.append(cells.count) }
    value.withUnsafeBufferPointer(append)
    ends.append(cells.count)
  }

  private func append(_ value: UnsafeBufferPointer<UInt8>) {
    switch kind {
    case .text: appendText(value)
    case .isoDate: appendISODate(value)
    case .boolean:
      let isTrue = value[0] == UInt8(ascii: "1") || value[0] == UInt8(ascii: "t")
      cells.append(contentsOf: (isTrue ? "TRUE" : "FALSE").utf8)
    case .error:
      cells.append(contentsOf: value)
      damages[column] =
        "the cell holds the error \(String(decoding: value, as: UTF8.self)); correct its formula"
    case .shared:
      let number = Int(String(decoding: value, as: UTF8.self)) ?? -1
      if strings.withText(number, appendText) == nil {
        damages[column] = "the cell refers to a text that the workbook does not have; save it again"
      }
    case .number: appendNumber(value)
    }
  }

  private func appendNumber(_ value: UnsafeBufferPointer<UInt8>) {
    let meaning = styles[style]
    if meaning == .number, CellText.isPlain(value) {
      cells.append(contentsOf: value)
      return
    }
    if meaning != .number {
      if let day = knownDay(value, meaning) {
        cells.append(contentsOf: day)
        return
      }
      if let moment = CellText.moment(value, meaning, countsFrom1904: countsFrom1904) {
        cells.append(contentsOf: moment.utf8)
      } else {
        cells.append(contentsOf: value)
        damages[column] =
          "the cell is shown as a day, and \(String(decoding: value, as: UTF8.self)) is none"
      }
      return
    }
    guard let (text, lostDigits) = CellText.number(value) else {
      cells.append(contentsOf: value)
      damages[column] = "the cell says that it is a number and is none; save the workbook again"
      return
    }
    cells.append(contentsOf: text.utf8)
    if lostDigits {
      damages[column] =
        "the cell is a number, and Excel keeps only \(CellText.keptDigits) of its digits: the last ones are lost; format the column as text and type it again"
    }
  }

  /// A whole day, written once for all cells that hold it; nil for anything else.
  private func knownDay(
    _ value: UnsafeBufferPointer<UInt8>, _ meaning: NumberStyles.Meaning
  ) -> [UInt8]? {
    guard meaning == .day, value.count == 5 else { return nil }
    var serial = 0
    for byte in value {
      guard (48...57).contains(byte) else { return nil }
      serial = serial * 10 + Int(byte - 48)
    }
    if let day = days[serial] { return day }
    let day = CellText.moment(value, meaning, countsFrom1904: countsFrom1904)
    days[serial] = day.map { Array($0.utf8) }
    return days[serial]
  }

  /// `2026-01-31T00:00:00` is the day.
  private func appendISODate(_ value: UnsafeBufferPointer<UInt8>) {
    let text = String(decoding: value, as: UTF8.self)
    let parts = text.split(separator: "T", maxSplits: 1)
    let isMidnight = parts.count == 2 && parts[1].allSatisfy { "0:.Z".contains($0) }
    cells.append(
      contentsOf: (isMidnight ? String(parts[0]) : text.replacing("T", with: " ")).utf8)
  }

  /// Texts hold control characters as `_x000D_`; line ends become those of this system.
  private func appendText(_ text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < text.count {
      var byte = text[index]
      var length = 1
      if byte == UInt8(ascii: "_"), let escaped = Self.escaped(text, at: index) {
        guard escaped.isASCII else {
          cells.append(contentsOf: UTF8.encode(escaped) ?? UTF8.encodedReplacementCharacter)
          index += 7
          continue
        }
        (byte, length) = (UInt8(escaped.value), 7)
      }
      index += length
      if byte == UInt8(ascii: "\r") {
        if index < text.count, text[index] == UInt8(ascii: "\n") { continue }
        byte = UInt8(ascii: "\n")
      }
      cells.append(byte)
    }
  }

  /// The character of an escape such as `_x000A_`.
  private static func escaped(
    _ text: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> Unicode.Scalar? {
    guard text.count - index >= 7, text[index + 1] == UInt8(ascii: "x"),
      text[index + 6] == UInt8(ascii: "_"),
      text[index + 2..<index + 6].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    else { return nil }
    let digits = String(decoding: text[index + 2..<index + 6], as: UTF8.self)
    // A zero byte stays as it is written: no text holds one.
    return UInt32(digits, radix: 16).flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
  }

  // MARK: Rows

  private func endRow() {
    defer {
      cells.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      damages.removeAll(keepingCapacity: true)
    }
    // Cells that only have a format are empty, wherever they stand.
    while let last = ends.last, last == (ends.dropLast().last ?? 0), damages[ends.count - 1] == nil
    {
      ends.removeLast()
    }
    if ends.isEmpty { return }
    let width = width ?? ends.count
    self.width = width
    places.add(line: line, RecordPlace(number: rowNumber, damages: damages))
    var start = 0
    for index in 0..<max(width, ends.count) {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      guard index < ends.count else { continue }
      line += text.appendField(cells[start..<ends[index]], keepsBlanks: false)
      start = ends[index]
    }
    text.append(UInt8(ascii: "\n"))
    line += 1
  }
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
