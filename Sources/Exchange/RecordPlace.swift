/// Where a record of a source that is no text file stands.
public struct RecordPlace: Hashable, Sendable {
  /// The number that people know it by, such as the row of a sheet.
  let number: Int
  /// What is wrong with single fields, by their index: a clause that completes "the value cannot be
  /// used because".
  let damages: [Int: String]
  /// What is wrong with the record as a whole.
  var problem: CSVProblem?
}

/// The places of the records that were made and not read yet, by the lines on which they begin.
struct RecordPlaces {
  private var places: [(line: Int, place: RecordPlace)] = []
  private var next = 0

  /// Adds the place of a record after those before.
  mutating func add(line: Int, _ place: RecordPlace) { places.append((line, place)) }

  /// The place of the record that begins on a line; what lies before it is forgotten.
  mutating func take(_ line: Int) -> RecordPlace? {
    while next < places.count, places[next].line < line { next += 1 }
    if next > 4_096 {
      places.removeFirst(next)
      next = 0
    }
    guard next < places.count, places[next].line == line else { return nil }
    return places[next].place
  }
}

extension [UInt8] {
  /// Appends a value as a field of a delimited line, in quotes where it needs them, and returns how
  /// many line ends it holds.
  ///
  /// - Parameter keepsBlanks: Whether quotes keep blanks at its ends, and tell an empty text from a
  ///   missing value.
  mutating func appendField(
    _ field: some BidirectionalCollection<UInt8>, keepsBlanks: Bool
  ) -> Int {
    let quote = UInt8(ascii: "\"")
    var needsQuotes = field.contains {
      $0 == quote || $0 == UInt8(ascii: ",") || $0 == 10 || $0 == 13
    }
    if keepsBlanks {
      needsQuotes = needsQuotes || isBlank(field.first ?? 0x20) || isBlank(field.last ?? 0x20)
    }
    if !needsQuotes {
      append(contentsOf: field)
      return 0
    }
    var lines = 0
    var isAfterReturn = false
    append(quote)
    for byte in field {
      if byte == quote { append(quote) }
      // CR, LF and both together end one line.
      if byte == 13 || (byte == 10 && !isAfterReturn) { lines += 1 }
      isAfterReturn = byte == 13
      append(byte)
    }
    append(quote)
    return lines
  }
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}
