#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How a scanner came out at a place where an element may begin.
enum ScannedItem {
  /// It was taken.
  case taken
  /// The bytes end before it does.
  case unfinished
  /// It is written in a way that is the parser's business.
  case unusual
  /// Something else stands here: nothing more of its kind follows.
  case other
}

/// Elements of one kind within an element that holds nothing else, as the rows of a sheet are: taken from a parser
/// of XML, or by a scanner that knows how programs write them, which is several times as fast.
protocol ScannedElements: XMLHandler {
  /// How the element that holds them begins.
  static var opening: StaticString { get }
  /// How each of them begins and ends.
  static var beginning: StaticString { get }
  static var closing: StaticString { get }
  /// Whether the parser is in the element that holds them.
  var isInside: Bool { get }
  /// Takes the element whose beginning was passed, or nothing of it.
  func scan(_ cursor: inout XMLCursor) -> ScannedItem
}

/// Reads a part of a workbook that holds many elements of one kind. A parser gets all that stands before and behind
/// them, and each of them that is unusual, so whatever the parser refuses is refused.
final class ElementScanner<Elements: ScannedElements> {
  private enum Stage { case before, within, after }

  private static var chunk: Int { 256 << 10 }
  /// The most bytes of one element that are kept for another look.
  private static var longestElement: Int { 4 << 20 }

  private let part: WorkbookArchive.Part
  private let parser: XMLReader
  private let elements: Elements
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// The bytes from `start` to `end` are not dealt with.
  private var start = 0
  private var end = 0
  private var stage: Stage
  /// How deep within other elements these are.
  private var depth = 0
  private var partEnded = false
  private var isAtEnd = false

  /// - Parameter scans: Whether the scanner is used at all; without it the parser reads everything.
  init(
    _ part: WorkbookArchive.Part, named name: String, in path: String, _ elements: Elements,
    scans: Bool = true
  ) throws(FileProblem) {
    self.part = part
    self.elements = elements
    parser = try XMLReader(part, named: name, in: path, elements)
    capacity = 2 * Self.chunk
    bytes = .allocate(capacity: capacity + XMLCursor.padding)
    stage = scans ? .before : .after
  }

  deinit { bytes.deallocate() }

  /// Reads the next piece; false at the end.
  func step() throws(FileProblem) -> Bool {
    if isAtEnd { return false }
    try refill()
    if stage == .before { try findOpening() }
    if stage == .within { try scan() }
    if stage == .after || partEnded {
      try feed(upTo: end, isLast: partEnded)
      isAtEnd = partEnded
    }
    return !isAtEnd
  }

  /// Moves what is left to the front and reads more behind it.
  private func refill() throws(FileProblem) {
    let unread = end - start
    if capacity - unread < Self.chunk {
      capacity *= 2
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + XMLCursor.padding)
      larger.update(from: bytes + start, count: unread)
      bytes.deallocate()
      bytes = larger
    } else {
      bytes.update(from: bytes + start, count: unread)
    }
    (start, end) = (0, unread)
    let count = try part.read(
      into: UnsafeMutableRawBufferPointer(start: bytes + end, count: Self.chunk))
    end += count
    partEnded = count == 0
    (bytes + end).update(repeating: 0, count: XMLCursor.padding)
  }

  /// Gives the parser everything before a place.
  private func feed(upTo place: Int, isLast: Bool = false) throws(FileProblem) {
    try parser.parse(
      UnsafeRawBufferPointer(start: bytes + start, count: place - start), isLast: isLast)
    start = place
  }

  /// Where a text stands in the bytes that are left.
  private func find(_ text: StaticString) -> Int? {
    var place = start
    while let first = memchr(bytes + place, Int32(text.utf8Start.pointee), end - place) {
      place = UnsafeRawPointer(bytes).distance(to: first)
      // Zeros stand behind the end, so the comparison may look beyond it.
      if memcmp(first, text.utf8Start, text.utf8CodeUnitCount) == 0 { return place }
      place += 1
    }
    return nil
  }

  /// Gives the parser what stands before the elements.
  private func findOpening() throws(FileProblem) {
    guard let opening = find(Elements.opening) else {
      // The bytes may end within it.
      return try feed(upTo: max(start, end - Elements.opening.utf8CodeUnitCount))
    }
    try feed(upTo: opening)
    guard let close = find(">") else { return giveUpIfLong() }
    try feed(upTo: close + 1)
    // What looks like it may stand in a comment.
    stage = elements.isInside && parser.readsUTF8 ? .within : .after
    depth = parser.depth
  }

  /// Leaves the rest to the parser if an element does not end in what is kept of it.
  private func giveUpIfLong() { if end - start > Self.longestElement { stage = .after } }

  private func scan() throws(FileProblem) {
    while stage == .within {
      let begun = start
      var outcome = ScannedItem.taken
      while outcome == .taken {
        var cursor = XMLCursor(bytes + start, count: end - start)
        cursor.passesBlanks()
        outcome =
          if cursor.passes(Elements.beginning) {
            elements.scan(&cursor)
          } else {
            cursor.absence == .unfinished ? .unfinished : .other
          }
        if outcome == .taken { start = UnsafePointer(bytes).distance(to: cursor.place) }
      }
      parser.pass(UnsafeRawBufferPointer(start: bytes + begun, count: start - begun))
      switch outcome {
      case .taken, .other: stage = .after
      case .unfinished: return giveUpIfLong()
      case .unusual:
        guard let close = find(Elements.closing) else { return giveUpIfLong() }
        try feed(upTo: close + Elements.closing.utf8CodeUnitCount)
        // What looks like the end of an element may stand in a comment within it.
        if parser.depth != depth { stage = .after }
      }
    }
  }
}
