/// The texts that the cells of a workbook refer to by number, as fields of delimited lines, end to end in one piece
/// of memory.
final class SharedStrings: ScannedElements {
  /// The most bytes that they may have together: a million texts of five hundred.
  private static let limit = 512 << 20

  @exclusivity(unchecked) private var fields = RowBytes()
  /// Where each field ends.
  @exclusivity(unchecked) private var ends: [Int] = []
  /// The line ends in those that have any, by their numbers.
  @exclusivity(unchecked) private var lines: [Int: Int] = [:]

  // The text at hand.
  @exclusivity(unchecked) private var text = RowBytes()
  @exclusivity(unchecked) private var isInText = false
  /// Readings of Chinese and Japanese texts are not part of them.
  @exclusivity(unchecked) private var isInReading = false
  @exclusivity(unchecked) private(set) var isInside = false
  @exclusivity(unchecked) private var scratch = RowBytes()

  /// Reads them from a part of a workbook, if it has one.
  ///
  /// - Parameter scans: Whether the scanner may read what is written in the usual way.
  func read(_ name: String, of archive: WorkbookArchive, scans: Bool) throws(FileProblem) {
    guard let part = try archive.part(name) else { return }
    let scanner = try ElementScanner(part, named: name, in: archive.path, self, scans: scans)
    while try scanner.step() {
      if fields.count <= Self.limit { continue }
      throw .unusable(
        path: archive.path,
        reason:
          "the texts of its cells have more than \(Self.limit >> 20) MB; send the rows as CSV, or in several workbooks"
      )
    }
  }

  /// Appends the text of a number to a delimited line, and returns how many line ends it holds; nil if there is
  /// none of the number.
  @inline(__always)
  func append(_ number: Int, to row: inout RowBytes) -> Int? {
    guard number >= 0, number < ends.count else { return nil }
    let start = number == 0 ? 0 : ends[number - 1]
    row.append(UnsafeBufferPointer(rebasing: fields.bytes[start..<ends[number]]))
    return lines.isEmpty ? 0 : lines[number] ?? 0
  }

  private func add(_ text: UnsafeBufferPointer<UInt8>) {
    let count = fields.append(cellText: text)
    if count > 0 { lines[ends.count] = count }
    ends.append(fields.count)
  }

  // MARK: By the scanner

  static var opening: StaticString { "<sst" }
  static var beginning: StaticString { "<si" }
  static var closing: StaticString { "</si>" }

  func scan(_ cursor: inout XMLCursor) -> ScannedItem {
    guard cursor.passes("><t>") || cursor.passes("><t xml:space=\"preserve\">"),
      let text = cursor.text(&scratch), cursor.passes("</t></si>")
    else { return cursor.absence }
    add(text)
    return .taken
  }

  // MARK: By the parser

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "t" {
      isInText = !isInReading
    } else if name == "rPh" {
      isInReading = true
    } else if name == "sst" {
      isInside = true
    }
  }

  func end(_ name: XMLName) {
    if name == "t" {
      isInText = false
    } else if name == "rPh" {
      isInReading = false
    } else if name == "si" {
      add(text.bytes)
      text.clear()
    } else if name == "sst" {
      isInside = false
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    // A longer one makes its row too long, however much is kept of it.
    if isInText, text.count <= CSVReader.recordLimit { text.append(bytes) }
  }
}
