#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A cell as the parser tells it, piece by piece.
struct ParsedCell: ~Copyable {
  fileprivate var place: Int?
  fileprivate var kind = SheetRows.Kind.number
  fileprivate var style = 0
  fileprivate var value = RowBytes()
  fileprivate var isInValue = false
  /// Readings of Chinese and Japanese texts are not part of them.
  fileprivate var isInReading = false

  init() {}
}

/// The rows as the parser of XML tells them.
extension SheetRows: XMLHandler {
  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    switch name.first {
    case UInt8(ascii: "c") where name == "c": startCell(attributes)
    case UInt8(ascii: "v") where name == "v": cell.isInValue = true
    case UInt8(ascii: "t") where name == "t": cell.isInValue = !cell.isInReading
    case UInt8(ascii: "r") where name == "row":
      beginRow(attributes["r"].flatMap { Int($0) })
    case UInt8(ascii: "r") where name == "rPh": cell.isInReading = true
    case UInt8(ascii: "s") where name == "sheetData": isInside = true
    default: break
    }
  }

  func end(_ name: XMLName) {
    switch name.first {
    case UInt8(ascii: "c") where name == "c":
      addCell(at: cell.place, cell.kind, style: cell.style, cell.value.bytes)
    case UInt8(ascii: "v") where name == "v": cell.isInValue = false
    case UInt8(ascii: "t") where name == "t": cell.isInValue = false
    case UInt8(ascii: "r") where name == "row": endRow()
    case UInt8(ascii: "r") where name == "rPh": cell.isInReading = false
    case UInt8(ascii: "s") where name == "sheetData": isInside = false
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    // A longer one makes its row too long, however much is kept of it.
    if cell.isInValue, cell.value.count <= CSVReader.recordLimit { cell.value.append(bytes) }
  }

  private func startCell(_ attributes: XMLAttributes) {
    cell.place = nil
    cell.style = 0
    cell.kind = .number
    cell.value.clear()
    // One pass: all that matters has a name of one letter.
    attributes.forEachShort { letter, value in
      switch letter {
      case UInt8(ascii: "r"): cell.place = CellText.column(value)
      case UInt8(ascii: "s"): cell.style = Int(atol(value))
      case UInt8(ascii: "t"): cell.kind = Self.kind(value)
      default: break
      }
    }
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
}

extension CellText {
  /// The index of the column in a reference such as `AB12`.
  static func column(_ reference: UnsafePointer<CChar>) -> Int? {
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
}
