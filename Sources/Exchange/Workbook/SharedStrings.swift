/// The texts that the cells of a workbook refer to by number, end to end in one piece of memory.
final class SharedStrings: XMLHandler {
  @exclusivity(unchecked) private var bytes: [UInt8] = []
  /// Where each text ends.
  @exclusivity(unchecked) private var ends: [Int] = []
  @exclusivity(unchecked) private var isInText = false
  /// Readings of Chinese and Japanese texts are not part of them.
  @exclusivity(unchecked) private var isInReading = false

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
    if isInText { bytes.append(contentsOf: text) }
  }
}
