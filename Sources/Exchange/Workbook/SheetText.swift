import Quantities

/// Makes the XML of the rows of a sheet.
struct SheetText {
  /// The XML that was made and not taken yet.
  var bytes: [UInt8] = []
  /// The number of the last row.
  private(set) var row = 0

  private let columns: [SheetLayout.Column]
  /// `<c r="A` of each column.
  private let openings: [[UInt8]]
  private var rowDigits: [UInt8] = []
  private let escapes = CellEscapes()

  /// The most characters that a cell holds, in UTF-16 units.
  static let longestText = 32_767

  init(_ layout: SheetLayout) {
    columns = layout.columns
    openings = columns.indices.map { Array("<c r=\"\(columnLetters($0))".utf8) }
  }

  mutating func beginRow() {
    row += 1
    rowDigits = Array(String(row).utf8)
    append("<row r=\"")
    bytes.append(contentsOf: rowDigits)
    append("\">")
  }

  mutating func endRow() { append("</row>") }

  mutating func heading(_ text: String, _ column: Int) -> Bool {
    var text = text
    let isOfNumbers = [ColumnKind.integer, .amount].contains(columns[column].kind)
    let style = isOfNumbers ? WorkbookStyles.numberHeading : WorkbookStyles.heading
    return text.withUTF8 { appendText($0, column, style: style) }
  }

  /// Appends a cell; false if its text is too long for one.
  mutating func cell(_ cell: Cell, _ column: Int) -> Bool {
    switch cell {
    case .null: break
    case .text(var text):
      return text.withUTF8 { appendText($0, column, style: WorkbookStyles.text) }
    case .boolean(let truth): appendTruth(truth, column)
    case .date(let date): appendDay(date, column)
    case .integer, .decimal:
      var text = cell.plainText
      return text.withUTF8 { appendNumber($0, column) }
    }
    return true
  }

  /// Appends a cell from a text that the kind of the column explains; false if it is too long for one.
  mutating func cell(_ text: UnsafeBufferPointer<UInt8>, _ column: Int) -> Bool {
    switch columns[column].kind {
    case .text, .json: return appendText(text, column, style: WorkbookStyles.text)
    case .boolean: appendTruth(isTrue(text), column)
    case .integer, .amount: return appendNumber(text, column)
    case .date:
      guard let date = day(text) else {
        return appendText(text, column, style: WorkbookStyles.text)
      }
      appendDay(date, column)
    }
    return true
  }

  /// Appends the word before the totals.
  mutating func totalWord(_ text: String, _ column: Int) {
    var text = text
    _ = text.withUTF8 { appendText($0, column, style: WorkbookStyles.totalText) }
  }

  /// Appends a sum as a formula, with its value for programs that do not calculate; as its value only
  /// if there is no formula.
  mutating func total(_ formula: String?, _ value: ExactDecimal, _ column: Int) {
    var text = value.description
    guard var formula, CellText.isKept(value) else {
      text.withUTF8 { _ = appendText($0, column, style: WorkbookStyles.longNumber) }
      return
    }
    open(column, style: WorkbookStyles.total(scale: value.scale), "\"><f>")
    formula.withUTF8 { escapes.append($0, to: &bytes) }
    append("</f><v>")
    bytes.append(contentsOf: text.utf8)
    append("</v></c>")
  }

  // MARK: Kinds of cells

  private mutating func open(_ column: Int, style: Int, _ rest: StaticString) {
    bytes.append(contentsOf: openings[column])
    bytes.append(contentsOf: rowDigits)
    append("\" s=\"")
    if style >= 10 { bytes.append(UInt8(ascii: "0") + UInt8(style / 10)) }
    bytes.append(UInt8(ascii: "0") + UInt8(style % 10))
    append(rest)
  }

  private mutating func appendTruth(_ truth: Bool, _ column: Int) {
    open(column, style: WorkbookStyles.plain, "\" t=\"b\"><v>")
    bytes.append(truth ? UInt8(ascii: "1") : UInt8(ascii: "0"))
    append("</v></c>")
  }

  /// A number that keeps all its digits in Excel is a number; another is a text that looks like one.
  private mutating func appendNumber(
    _ text: UnsafeBufferPointer<UInt8>, _ column: Int
  ) -> Bool {
    var digits = 0
    var point: Int?
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        // Zeros before the first digit that counts do not count.
        if digits > 0 || byte != UInt8(ascii: "0") { digits += 1 }
      case UInt8(ascii: ".") where point == nil: point = index
      case UInt8(ascii: "-") where index == 0: break
      default: return appendText(text, column, style: WorkbookStyles.longNumber)
      }
    }
    if digits > CellText.keptDigits || text.isEmpty {
      return appendText(text, column, style: WorkbookStyles.longNumber)
    }
    let scale = point.map { text.count - $0 - 1 } ?? 0
    open(column, style: WorkbookStyles.number(columns[column], scale: scale), "\"><v>")
    bytes.append(contentsOf: text)
    append("</v></c>")
    return true
  }

  private mutating func appendDay(_ date: CivilDate, _ column: Int) {
    // Excel's days begin in 1900, and its February of that year is a day too long.
    guard let serial = CellText.serial(of: date) else {
      var text = date.description
      _ = text.withUTF8 { appendText($0, column, style: WorkbookStyles.text) }
      return
    }
    open(column, style: WorkbookStyles.day, "\"><v>")
    bytes.append(contentsOf: String(serial).utf8)
    append("</v></c>")
  }

  private func day(_ text: UnsafeBufferPointer<UInt8>) -> CivilDate? {
    guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in text[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else {
      return nil
    }
    return CivilDate(year: year, month: month, day: day)
  }

  private mutating func appendText(
    _ text: UnsafeBufferPointer<UInt8>, _ column: Int, style: Int
  ) -> Bool {
    if text.count > Self.longestText,
      String(decoding: text, as: UTF8.self).utf16.count > Self.longestText
    {
      return false
    }
    let keepsBlanks =
      text.first.map { $0 <= 0x20 } ?? false || text.last.map { $0 <= 0x20 } ?? false
    open(
      column, style: style,
      keepsBlanks
        ? "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" : "\" t=\"inlineStr\"><is><t>")
    escapes.append(text, to: &bytes)
    append("</t></is></c>")
    return true
  }

  mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
