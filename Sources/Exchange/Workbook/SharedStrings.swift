/// The texts that the cells of a workbook refer to by number, end to end in one piece of memory.
final class SharedStrings: XMLHandler {
  /// The most bytes that they may have together: a million texts of five hundred.
  private static let limit = 512 << 20

  @exclusivity(unchecked) private var bytes: [UInt8] = []
  /// Where each text ends.
  @exclusivity(unchecked) private var ends: [Int] = []
  @exclusivity(unchecked) private var isInText = false
  /// Readings of Chinese and Japanese texts are not part of them.
  @exclusivity(unchecked) private var isInReading = false

  /// Reads them from a part of a workbook, if it has one.
  func read(_ name: String, of archive: WorkbookArchive) throws(FileProblem) {
    guard let part = try archive.part(name) else { return }
    let reader = try XMLReader(part, named: name, in: archive.path, self)
    while try reader.step() {
      if bytes.count <= Self.limit { continue }
      throw .unusable(
        path: archive.path,
        reason:
          "the texts of its cells have more than \(Self.limit >> 20) MB; send the rows as CSV, or in several workbooks"
      )
    }
  }

  /// The UTF-8 of a text; nil if there is none of the number.
  func withText<Result>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
    guard ends.indices.contains(number) else { return nil }
    let start = number == 0 ? 0 : ends[number - 1]
    return bytes.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[start..<ends[number]]))
    }
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "t" { isInText = !isInReading } else if name == "rPh" { isInReading = true }
  }

  func end(_ name: XMLName) {
    if name == "t" {
      isInText = false
    } else if name == "rPh" {
      isInReading = false
    } else if name == "si" {
      ends.append(bytes.count)
    }
  }

  func text(_ text: UnsafeBufferPointer<UInt8>) {
    // A longer one makes its row too long, however much is kept of it.
    let length = bytes.count - (ends.last ?? 0)
    if isInText, length <= CSVReader.recordLimit { bytes.append(contentsOf: text) }
  }
}
