/// Makes lines of the rows of a sheet while they are read.
///
/// As in the reader of delimited files, the check that no two accesses overlap is left out: every cell would pay for
/// it several times.
final class SheetRows {
  /// What the value of a cell is.
  enum Kind { case number, shared, text, boolean, error, isoDate }

  /// The lines that were made and not taken yet.
  @exclusivity(unchecked) var text = RowBytes()
  @exclusivity(unchecked) var places = RecordPlaces()
  /// The column that an import has added; it is passed over.
  @exclusivity(unchecked) private(set) var statusColumn: Int?
  private let countsFrom1904: Bool
  private let styles: NumberStyles
  private let strings: SharedStrings

  /// The line of the present row, and how many fields it has.
  @exclusivity(unchecked) private var row = RowBytes()
  @exclusivity(unchecked) private var fieldCount = 0
  /// How much of them is left without the empty ones at their end, in fields and in bytes.
  @exclusivity(unchecked) private var filled = (fields: 0, bytes: 0)
  @exclusivity(unchecked) private var lineEnds = 0
  @exclusivity(unchecked) private var damages: [Int: String] = [:]
  /// The number of the present row, and of the one before.
  @exclusivity(unchecked) private var rowNumber = 0
  @exclusivity(unchecked) private var rowNumberBefore = 0
  @exclusivity(unchecked) private var column = -1
  /// How many columns the first row that holds anything has.
  @exclusivity(unchecked) private var width: Int?
  @exclusivity(unchecked) private var line = 1
  /// The days that were written, by their numbers of five digits.
  @exclusivity(unchecked) private var days: [Int: [UInt8]] = [:]

  /// The cell that the parser is in.
  @exclusivity(unchecked) var cell = ParsedCell()
  /// Whether the parser is among the rows.
  @exclusivity(unchecked) var isInside = false
  @exclusivity(unchecked) var scratch = RowBytes()

  init(_ structure: WorkbookStructure, _ strings: SharedStrings) {
    countsFrom1904 = structure.countsFrom1904
    styles = structure.styles
    self.strings = strings
  }

  // MARK: Rows

  /// Begins a row; without a number it follows on the one before.
  func beginRow(_ number: Int?) {
    clearRow()
    rowNumberBefore = rowNumber
    rowNumber = number ?? rowNumber + 1
    column = -1
  }

  /// Gives up the row that was begun, as if it had not been.
  func abandonRow() {
    rowNumber = rowNumberBefore
    clearRow()
  }

  private func clearRow() {
    row.clear()
    fieldCount = 0
    filled = (0, 0)
    lineEnds = 0
    if width == nil { statusColumn = nil }
    if !damages.isEmpty { damages.removeAll(keepingCapacity: true) }
  }

  /// Ends a row and makes its line. Cells that only have a format are empty, wherever they stand.
  func endRow() {
    if filled.fields == 0 { return clearRow() }
    let width = width ?? filled.fields
    self.width = width
    places.add(line: line, RecordPlace(number: rowNumber, damages: damages))
    text.append(UnsafeBufferPointer(rebasing: row.bytes[..<filled.bytes]))
    for _ in filled.fields..<max(width, filled.fields) { text.append(UInt8(ascii: ",")) }
    text.append(UInt8(ascii: "\n"))
    line += lineEnds + 1
    clearRow()
  }

  // MARK: Cells

  /// Adds the value of a cell. Without a place the cell follows on the one before.
  @inline(__always)
  func addCell(
    at place: Int?, _ kind: Kind, style: Int, _ value: UnsafeBufferPointer<UInt8>
  ) {
    column = place ?? column + 1
    if value.isEmpty { return }
    var index = column
    if let statusColumn {
      if index == statusColumn { return }
      if index > statusColumn { index -= 1 }
    }
    if index < fieldCount {
      damages[index] =
        "the cells of the row stand in no order, or one stands there twice; open the workbook in Excel and save it again"
      return
    }
    let before = (row.count, fieldCount)
    for _ in max(fieldCount - 1, 0)..<index { row.append(UInt8(ascii: ",")) }
    fieldCount = index + 1
    let start = row.count
    append(kind, style: style, value, to: index)
    if width == nil, statusColumn == nil,
      StatusColumn.isHeading(UnsafeBufferPointer(rebasing: row.bytes[start...]))
    {
      statusColumn = index
      row.truncate(to: before.0)
      fieldCount = before.1
    } else if row.count > start || (!damages.isEmpty && damages[index] != nil) {
      filled = (fieldCount, row.count)
    }
  }

  @inline(__always)
  private func append(
    _ kind: Kind, style: Int, _ value: UnsafeBufferPointer<UInt8>, to index: Int
  ) {
    switch kind {
    case .number: appendNumber(value, styles[style], to: index)
    case .shared:
      if let ends = strings.append(CellText.reference(value), to: &row) {
        lineEnds += ends
      } else {
        damages[index] = "the cell refers to a text that the workbook does not have; save it again"
      }
    case .text: lineEnds += row.append(cellText: value)
    case .boolean:
      let isTrue = value[0] == UInt8(ascii: "1") || value[0] == UInt8(ascii: "t")
      row.append(isTrue ? "TRUE" : "FALSE" as StaticString)
    case .error:
      lineEnds += row.append(field: value)
      damages[index] =
        "the cell holds the error \(String(decoding: value, as: UTF8.self)); correct its formula"
    case .isoDate: lineEnds += row.append(field: Array(CellText.isoDate(value).utf8))
    }
  }

  @inline(__always)
  private func appendNumber(
    _ value: UnsafeBufferPointer<UInt8>, _ meaning: NumberStyles.Meaning, to index: Int
  ) {
    if meaning == .number {
      if CellText.isPlain(value) { row.append(value) } else { appendOddNumber(value, to: index) }
    } else if let day = knownDay(value, meaning) {
      row.append(day)
    } else if let moment = CellText.moment(value, meaning, countsFrom1904: countsFrom1904) {
      row.append(text: moment)
    } else {
      lineEnds += row.append(field: value)
      damages[index] =
        "the cell is shown as a day, and \(String(decoding: value, as: UTF8.self)) is none"
    }
  }

  private func appendOddNumber(_ value: UnsafeBufferPointer<UInt8>, to index: Int) {
    guard let (text, lostDigits) = CellText.number(value) else {
      lineEnds += row.append(field: value)
      damages[index] = "the cell says that it is a number and is none; save the workbook again"
      return
    }
    row.append(text: text)
    if lostDigits {
      damages[index] =
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
}
