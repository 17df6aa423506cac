/// Writes a sheet anew with a column that says of each of its rows what became of it. Every other byte stays as it
/// is, but for what the sheet says of its own size and that of the rows.
final class SheetMarking: XMLHandler {
  private let statusColumn: Int
  private let heading: String
  /// The rows that hold anything, by a reader of their own.
  private let records: CSVReader
  private let status: (Int) throws -> String?
  private let output: (ArraySlice<UInt8>) throws -> Void
  private let path: String
  private let escapes = CellEscapes()
  private var reader: XMLReader?
  /// Why it does not go on; a parser carries no Swift errors.
  private var failure: (any Error)?

  /// The bytes of the part from a place on, and how far it was dealt with.
  private var bytes: [UInt8] = []
  private var bytesStart = 0
  private var done = 0
  /// Where the last tag begins.
  private var told = 0
  private var isDropping = false

  private var isAmongRows = false
  private var hasHeading = false
  private var nextRecord: Int?
  private var rowNumber = 0
  private var isRecord = false
  private var isMarked = false
  private var column = -1
  /// The format of the last cell before the column.
  private var style: String?
  /// What stands before the names of the elements.
  private var prefix = ""

  /// - Parameters:
  ///   - column: Where the column goes. What stands there already is left out.
  ///   - first: The row of the header; `records` has given it.
  ///   - status: What to write into a row; nil for nothing. Rows are asked for in ascending order.
  init(
    _ column: Int, heading: String, in path: String, from first: Int,
    _ records: CSVReader, status: @escaping (Int) throws -> String?,
    to output: @escaping (ArraySlice<UInt8>) throws -> Void
  ) {
    statusColumn = column
    self.heading = heading
    self.path = path
    self.records = records
    self.status = status
    self.output = output
    nextRecord = first
  }

  /// Reads the part of the sheet and writes it.
  func run(_ part: WorkbookArchive.Part, named name: String) throws {
    let reader = try XMLReader(part, named: name, in: path, self)
    self.reader = reader
    reader.observer = { [unowned self] piece in bytes.append(contentsOf: piece) }
    var goesOn = true
    while goesOn {
      goesOn = try reader.step()
      if let failure { throw failure }
      try copy(upTo: goesOn ? told : bytesStart + bytes.count)
      bytes.removeFirst(done - bytesStart)
      bytesStart = done
    }
  }

  // MARK: Tags

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    guard failure == nil, let place = reader?.place else { return }
    told = place.lowerBound
    do {
      if isAmongRows {
        if name == "row" {
          try beginRow(attributes, place)
        } else if name == "c" {
          try beginCell(attributes, place)
        }
      } else if name == "sheetData" {
        isAmongRows = true
      } else if name == "dimension", let size = attributes["ref"] {
        try replace(place, by: tag(place).replacing(size, with: widened(size)))
      }
    } catch {
      failure = error
    }
  }

  func end(_ name: XMLName) {
    guard failure == nil, isAmongRows, let place = reader?.place else { return }
    told = place.lowerBound
    do {
      if name == "c", isDropping {
        try copy(upTo: place.upperBound)
        isDropping = false
      } else if name == "row" {
        try mark(before: place.lowerBound)
      } else if name == "sheetData" {
        isAmongRows = false
      }
    } catch {
      failure = error
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}

  private func beginRow(_ attributes: XMLAttributes, _ place: Range<Int>) throws {
    let number = attributes["r"].flatMap { Int($0) } ?? rowNumber + 1
    let tag = tag(place)
    guard number > rowNumber, let name = tag.firstRange(of: "row"), tag.hasPrefix("<") else {
      throw FileProblem.unusable(
        path: path,
        reason:
          "its rows stand in no order, or its sheet is not in UTF-8; open it in Excel, save it and import it again"
      )
    }
    prefix = String(tag[tag.index(after: tag.startIndex)..<name.lowerBound])
    (rowNumber, column, style, isMarked) = (number, -1, nil, false)
    while let next = nextRecord, next < number { nextRecord = try records.next()?.lineNumber }
    isRecord = nextRecord == number
    // How many columns the row takes up is only said to be quicker.
    if isRecord, let spans = attributes["spans"] {
      try replace(place, by: tag.replacing(" spans=\"\(spans)\"", with: ""))
    }
  }

  private func beginCell(_ attributes: XMLAttributes, _ place: Range<Int>) throws {
    column = attributes.bytes("r").flatMap(CellText.column) ?? column + 1
    if column == statusColumn {
      try copy(upTo: place.lowerBound)
      isDropping = true
    } else if column > statusColumn {
      try mark(before: place.lowerBound)
    } else if !hasHeading {
      style = attributes["s"]
    }
  }

  // MARK: Bytes

  /// Writes the cell of the present row, if it holds anything and has none yet.
  private func mark(before place: Int) throws {
    guard isRecord, !isMarked else { return }
    isMarked = true
    let status = hasHeading ? try status(rowNumber) : heading
    hasHeading = true
    guard var status, !status.isEmpty else { return }
    try copy(upTo: place)
    let format = style.map { " s=\"\($0)\"" } ?? ""
    var cell = Array(
      "<\(prefix)c r=\"\(columnLetters(statusColumn))\(rowNumber)\"\(format) t=\"inlineStr\"><\(prefix)is><\(prefix)t>"
        .utf8)
    while status.utf16.count > SheetText.longestText {
      status = status.prefix(SheetText.longestText / 2) + "…"
    }
    status.withUTF8 { escapes.append($0, to: &cell) }
    cell.append(contentsOf: "</\(prefix)t></\(prefix)is></\(prefix)c>".utf8)
    try output(cell[...])
  }

  private func tag(_ place: Range<Int>) -> String {
    String(
      decoding: bytes[place.lowerBound - bytesStart..<place.upperBound - bytesStart],
      as: UTF8.self)
  }

  private func replace(_ place: Range<Int>, by tag: String) throws {
    try copy(upTo: place.lowerBound)
    try output(Array(tag.utf8)[...])
    done = place.upperBound
  }

  /// Writes everything before a place, or passes over it.
  private func copy(upTo place: Int) throws {
    guard place > done else { return }
    if !isDropping { try output(bytes[done - bytesStart..<place - bytesStart]) }
    done = place
  }

  /// The area of a sheet with the column in it.
  private func widened(_ size: String) -> String {
    let corners = size.split(separator: ":")
    guard let first = corners.first, let last = corners.last,
      let letters = last.firstIndex(where: \.isNumber),
      let end = String(last[..<letters]).withCString(CellText.column), end < statusColumn
    else { return size }
    return "\(first):\(columnLetters(statusColumn))\(last[letters...])"
  }
}
