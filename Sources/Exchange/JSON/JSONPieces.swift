/// Cuts a text of JSON into the pieces that are its records, in memory that does not grow with it: the
/// elements of a list, or the lines of JSON Lines. It knows where a piece ends, not whether it is
/// sound.
final class JSONPieces {
  /// A record, valid until the next is asked for.
  struct Piece {
    /// The line on which it begins.
    let line: Int
    /// Its bytes; of one that is too long, the first.
    let bytes: UnsafeBufferPointer<UInt8>
    let isTooLong: Bool
  }

  private enum Place {
    case beforeAll, lines, beforeElement, afterComma, afterElement, afterAll
  }

  private static let inputSize = 64 << 10

  private var source: any ByteSource
  // As in the reader of delimited files, the check that no two accesses overlap is left out where
  // every byte would pay for it.
  @exclusivity(unchecked) private let input: UnsafeMutableRawBufferPointer
  @exclusivity(unchecked) private var position = 0
  @exclusivity(unchecked) private var filled = 0
  @exclusivity(unchecked) private var place = Place.beforeAll
  @exclusivity(unchecked) private var line = 1
  @exclusivity(unchecked) private var piece: UnsafeMutableBufferPointer<UInt8>
  @exclusivity(unchecked) private var length = 0

  init(_ source: any ByteSource) {
    self.source = source
    input = .allocate(byteCount: Self.inputSize, alignment: 1)
    piece = .allocate(capacity: 4_096)
  }

  deinit {
    input.deallocate()
    piece.deallocate()
  }

  var name: String { source.name }

  /// The next record; nil at the end.
  func next() throws(FileProblem) -> Piece? {
    if place == .beforeAll { try begin() }
    switch place {
    case .lines: return try nextLine()
    case .afterAll: return nil
    default: return try nextElement()
    }
  }

  private func begin() throws(FileProblem) {
    for byte: UInt8 in [0xEF, 0xBB, 0xBF] where try peek() == byte { position += 1 }
    try skipBlanks()
    guard let first = try peek() else { throw .empty(path: source.name) }
    if first == UInt8(ascii: "[") {
      position += 1
      place = .beforeElement
    } else {
      place = .lines
    }
  }

  // MARK: Pieces

  private func nextLine() throws(FileProblem) -> Piece? {
    try skipBlanks()
    let start = line
    clear()
    while let byte = try take(), byte != UInt8(ascii: "\n") { append(byte) }
    return length == 0 ? nil : cut(from: start)
  }

  private func nextElement() throws(FileProblem) -> Piece? {
    try skipBlanks()
    if place == .afterElement {
      switch try take() {
      case UInt8(ascii: ","): place = .afterComma
      case UInt8(ascii: "]"): return try endList()
      case nil: throw unended
      default: throw unusable("a comma or the end of the list was expected")
      }
      try skipBlanks()
    }
    guard let first = try peek() else { throw unended }
    if first == UInt8(ascii: "]"), place == .beforeElement {
      position += 1
      return try endList()
    }
    if first == UInt8(ascii: ",") || first == UInt8(ascii: "]") {
      throw unusable("an object was expected")
    }
    let start = line
    clear()
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\"") {
      try takeBalanced(from: start)
    } else {
      while let byte = try peek(), ![0x2C, 0x5D, 0x20, 0x0A, 0x0D, 0x09].contains(byte) {
        append(byte)
        position += 1
      }
    }
    place = .afterElement
    return cut(from: start)
  }

  /// Takes an object, a list or a string to the bracket or quote that ends it.
  private func takeBalanced(from start: Int) throws(FileProblem) {
    var depth = 0
    var isInString = false
    repeat {
      guard let byte = try take() else {
        throw .cannotRead(
          path: source.name, reason: "what begins in line \(start) does not end; ask for it again")
      }
      append(byte)
      switch byte {
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "\\") where isInString:
        if let escaped = try take() { append(escaped) }
      case UInt8(ascii: "{"), UInt8(ascii: "["): if !isInString { depth += 1 }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): if !isInString { depth -= 1 }
      default: break
      }
    } while depth > 0 || isInString
  }

  private func endList() throws(FileProblem) -> Piece? {
    try skipBlanks()
    if try peek() != nil { throw unusable("nothing may follow the end of the list") }
    place = .afterAll
    return nil
  }

  private func unusable(_ reason: String) -> FileProblem {
    .unusable(
      path: source.name, reason: "in line \(line) it is no JSON: \(reason); have it exported again")
  }

  private var unended: FileProblem {
    .cannotRead(path: source.name, reason: "the list does not end; ask for it again")
  }

  private func clear() { length = 0 }

  private func append(_ byte: UInt8) {
    if length < piece.count {
      piece[length] = byte
    } else if length < CSVReader.recordLimit {
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * piece.count)
      _ = larger.moveInitialize(fromContentsOf: piece)
      piece.deallocate()
      piece = larger
      piece[length] = byte
    }
    length += 1
  }

  private func cut(from start: Int) -> Piece {
    let isTooLong = length > CSVReader.recordLimit
    let kept = min(length, piece.count)
    return Piece(
      line: start, bytes: UnsafeBufferPointer(rebasing: piece[..<kept]), isTooLong: isTooLong)
  }

  // MARK: Bytes

  private func peek() throws(FileProblem) -> UInt8? {
    if position == filled {
      position = 0
      filled = try source.read(into: input)
      if filled == 0 { return nil }
    }
    return input[position]
  }

  private func take() throws(FileProblem) -> UInt8? {
    guard let byte = try peek() else { return nil }
    position += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    return byte
  }

  private func skipBlanks() throws(FileProblem) {
    while let byte = try peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      _ = try take()
    }
  }
}
