/// The objects of a JSON text as the text of a delimited file, so that what reads files reads them too:
/// the keys are the columns. It says on which line each object begins, and what is wrong with it.
final class JSONSource: ByteSource {
  /// The most different keys.
  static let keyLimit = 2_000

  let name: String
  private let pieces: JSONPieces
  private var rows: JSONRows
  private var handedOut = 0

  /// Reads a text twice: once for all its keys, and once for its rows.
  init(_ open: () throws(FileProblem) -> any ByteSource) throws(FileProblem) {
    let source = try open()
    name = source.name
    rows = JSONRows(keys: try Self.keys(of: JSONPieces(source)))
    pieces = JSONPieces(try open())
  }

  /// All keys, in the order in which they first appear.
  private static func keys(of pieces: JSONPieces) throws(FileProblem) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    var known: Set<[UInt8]> = []
    var expected = 0
    while let piece = try pieces.next() {
      if piece.isTooLong { continue }
      var parser = JSONParser(piece.bytes)
      expected = 0
      // What is wrong with an object is told when its row is read.
      try? parser.members { key, _, _ in
        if expected < keys.count, key.elementsEqual(keys[expected]) {
          expected += 1
        } else if known.insert(Array(key)).inserted {
          keys.append(Array(key))
        }
        return true
      }
      if keys.count > keyLimit {
        throw .unusable(
          path: pieces.name,
          reason:
            "its objects have more than \(keyLimit) different keys, as no rows of a table have")
      }
    }
    if keys.isEmpty {
      throw .unusable(
        path: pieces.name,
        reason: "it holds no object with a key; a list of objects or an object a line was expected")
    }
    return keys
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
    while handedOut == rows.text.count {
      rows.text.removeAll(keepingCapacity: true)
      handedOut = 0
      while rows.text.count < 64 << 10, let piece = try pieces.next() { rows.append(piece) }
      if rows.text.isEmpty { return 0 }
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

/// Makes delimited lines of objects.
private struct JSONRows {
  /// The lines that were made and not taken yet.
  var text: [UInt8] = []
  var places = RecordPlaces()

  private let keys: [[UInt8]]
  private let columns: [[UInt8]: Int]
  private var line = 1
  /// The values of the present object, end to end, and where each key's lies.
  private var values: [UInt8] = []
  private var slots: [(kind: JSONParser.Kind, range: Range<Int>)?]

  init(keys: [[UInt8]]) {
    self.keys = keys
    columns = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    slots = Array(repeating: nil, count: keys.count)
    for (index, key) in keys.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      line += text.appendField(key, keepsBlanks: true)
    }
    endLine()
  }

  mutating func append(_ piece: JSONPieces.Piece) {
    if piece.isTooLong { return appendBad(piece, .tooLong) }
    for index in slots.indices { slots[index] = nil }
    values.removeAll(keepingCapacity: true)
    var parser = JSONParser(piece.bytes)
    var expected = 0
    do throws(JSONParser.Failure) {
      try parser.members { key, kind, value in
        var column = expected
        if expected >= keys.count || !key.elementsEqual(keys[expected]) {
          guard let known = columns[Array(key)] else { return true }
          column = known
        }
        if slots[column] != nil { return false }
        slots[column] = (kind, values.count..<values.count + value.count)
        values.append(contentsOf: value)
        expected = column + 1
        return true
      }
    } catch {
      // A line within the object, for those that stand on several.
      let lines = piece.bytes[..<min(error.offset, piece.bytes.count)].count { $0 == 10 }
      return appendBad(
        piece,
        .notJSON(lines == 0 ? error.reason : "in line \(piece.line + lines), \(error.reason)"))
    }
    appendRow(from: piece.line)
  }

  private mutating func appendRow(from fileLine: Int) {
    let start = line
    var damages: [Int: String] = [:]
    for (index, slot) in slots.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      guard let slot, slot.kind != .null else { continue }
      if slot.kind == .object || slot.kind == .array {
        damages[index] =
          "it is \(slot.kind == .object ? "an object" : "a list"); only plain values are taken"
      }
      line += text.appendField(values[slot.range], keepsBlanks: true)
    }
    endLine()
    places.add(line: start, RecordPlace(number: fileLine, damages: damages))
  }

  /// Appends a record that cannot be used as its text in one field.
  private mutating func appendBad(_ piece: JSONPieces.Piece, _ problem: CSVProblem) {
    places.add(line: line, RecordPlace(number: piece.line, damages: [:], problem: problem))
    let shown = piece.isTooLong ? CSVReader.quotedBytesOfTooLong : piece.bytes.count
    // A record ends early here and not in the reader, which takes no longer one.
    let most = CSVReader.recordLimit / 4
    let bytes = UnsafeBufferPointer(rebasing: piece.bytes.prefix(min(shown, most)))
    line += text.appendField(bytes, keepsBlanks: true)
    endLine()
  }

  private mutating func endLine() {
    text.append(UInt8(ascii: "\n"))
    line += 1
  }
}

extension CSVReader {
  /// Reads the objects of a JSON text, which are the elements of one list or stand on a line each; the
  /// keys are its columns. A key that an object lacks, and null, are missing values.
  ///
  /// - Parameter open: Opens the text, which is read twice.
  public convenience init(
    json open: () throws(FileProblem) -> any ByteSource
  ) throws(FileProblem) {
    try self.init(JSONSource(open), dialect: CSVDialect(trimsBlanks: true))
  }
}
