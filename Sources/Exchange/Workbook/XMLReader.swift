import CExpat

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What takes the elements of an XML text as they come. Names come without their prefixes.
protocol XMLHandler: AnyObject {
  func start(_ name: XMLName, _ attributes: XMLAttributes)
  func end(_ name: XMLName)
  func text(_ bytes: UnsafeBufferPointer<UInt8>)
}

/// The name of an element or attribute, borrowed from the parser.
struct XMLName {
  fileprivate let start: UnsafePointer<CChar>

  fileprivate init(_ qualified: UnsafePointer<CChar>) {
    start = strrchr(qualified, Int32(UInt8(ascii: ":"))).map { UnsafePointer($0) + 1 } ?? qualified
  }

  static func == (name: XMLName, text: StaticString) -> Bool {
    text.withUTF8Buffer { bytes in
      guard let other = bytes.baseAddress else { return false }
      return strncmp(
        name.start, UnsafeRawPointer(other).assumingMemoryBound(to: CChar.self), bytes.count) == 0
        && name.start[bytes.count] == 0
    }
  }

  /// The first letter, for telling names apart quickly.
  var first: UInt8 { UInt8(bitPattern: start.pointee) }
}

/// The attributes of an element, borrowed from the parser.
struct XMLAttributes {
  fileprivate let list: UnsafeMutablePointer<UnsafePointer<CChar>?>

  /// The value of an attribute, as the parser holds it.
  func bytes(_ name: StaticString) -> UnsafePointer<CChar>? {
    var place = list
    while let key = place[0], let value = place[1] {
      if XMLName(key) == name { return value }
      place += 2
    }
    return nil
  }

  /// Lends the values of the attributes whose names are one letter without a prefix.
  func forEachShort(_ body: (_ letter: UInt8, _ value: UnsafePointer<CChar>) -> Void) {
    var place = list
    while let key = place[0], let value = place[1] {
      if key[0] != 0, key[1] == 0 { body(UInt8(bitPattern: key[0]), value) }
      place += 2
    }
  }

  subscript(_ name: StaticString) -> String? { bytes(name).map { String(cString: $0) } }
}

/// Reads a part of a workbook as XML, piece by piece, with the parser expat.
final class XMLReader {
  private static let chunk = 64 << 10
  /// No workbook has elements within more elements; the parser remembers each that is open.
  private static let deepest = 1_000
  /// The most bytes without an element or a text, such as those of one attribute, which the parser keeps.
  private static let longestSilence = 16 << 20

  private let part: WorkbookArchive.Part
  private let parser: XML_Parser
  private let partName: String
  private let path: String
  // Whoever makes the reader holds the handler at least as long; an event costs no check of that.
  fileprivate unowned(unsafe) let handler: any XMLHandler
  private var isAtEnd = false
  /// How many elements are open.
  @exclusivity(unchecked) private(set) var depth = 0
  /// Whether its bytes are UTF-8, for all that it says of itself.
  private(set) var readsUTF8 = true
  /// Sees the bytes of the part before their elements are told.
  var observer: ((UnsafeRawBufferPointer) -> Void)?
  /// Bytes since the last element or text.
  @exclusivity(unchecked) private var silence = 0
  /// Lines that somebody else has read.
  private var passedLines = 0
  /// Why it does not go on, if that is not the parser's own reason.
  private var refusal: String?

  init(
    _ part: WorkbookArchive.Part, named name: String, in path: String, _ handler: any XMLHandler
  ) throws(FileProblem) {
    guard let parser = XML_ParserCreate(nil) else {
      throw .cannotRead(path: path, reason: "there is no memory for its part \(name)")
    }
    self.part = part
    self.parser = parser
    self.path = path
    self.handler = handler
    partName = name
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser,
      { context, name, attributes in
        guard let name, let attributes else { return }
        let reader = reader(context)
        reader.silence = 0
        reader.depth += 1
        if reader.depth > XMLReader.deepest {
          return reader.stop("elements within more than \(XMLReader.deepest) others")
        }
        reader.handler.start(XMLName(name), XMLAttributes(list: attributes))
      },
      { context, name in
        let reader = reader(context)
        reader.silence = 0
        reader.depth -= 1
        if let name { reader.handler.end(XMLName(name)) }
      })
    XML_SetCharacterDataHandler(parser) { context, bytes, count in
      guard let bytes else { return }
      reader(context).silence = 0
      UnsafeRawPointer(bytes).withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
        reader(context).handler.text(UnsafeBufferPointer(start: $0, count: Int(count)))
      }
    }
    // Workbooks have no declarations of their own; whoever writes one means entities that swell.
    XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
      reader(context).stop("declarations, by which entities swell")
    }
    XML_SetXmlDeclHandler(parser) { context, _, encoding, _ in
      guard let encoding else { return }
      reader(context).readsUTF8 = strcasecmp(encoding, "UTF-8") == 0
    }
  }

  /// Ends the parsing, for the part holds what no workbook does.
  private func stop(_ what: String) {
    refusal = "it holds \(what)"
    XML_StopParser(parser, XML_Bool(XML_FALSE))
  }

  deinit { XML_ParserFree(parser) }

  /// Where in the bytes of the part the tag or text stands that is being told.
  var place: Range<Int> {
    let start = Int(XML_GetCurrentByteIndex(parser))
    return start..<start + Int(XML_GetCurrentByteCount(parser))
  }

  /// Parses the next piece; false at the end.
  func step() throws(FileProblem) -> Bool {
    if isAtEnd { return false }
    guard let buffer = XML_GetBuffer(parser, Int32(Self.chunk)) else {
      throw .cannotRead(path: path, reason: "there is no memory for its part \(partName)")
    }
    let count = try part.read(
      into: UnsafeMutableRawBufferPointer(start: buffer, count: Self.chunk))
    isAtEnd = count == 0
    observer?(UnsafeRawBufferPointer(start: buffer, count: count))
    try check(XML_ParseBuffer(parser, Int32(count), isAtEnd ? 1 : 0), of: count)
    return !isAtEnd
  }

  /// Parses bytes that somebody else has read from the part.
  func parse(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(FileProblem) {
    let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    try check(XML_Parse(parser, start, Int32(bytes.count), isLast ? 1 : 0), of: bytes.count)
  }

  /// Counts the lines of bytes that somebody else has read, for its messages.
  func pass(_ bytes: UnsafeRawBufferPointer) {
    guard var place = bytes.baseAddress else { return }
    let end = place + bytes.count
    while let newline = memchr(place, 10, place.distance(to: end)) {
      passedLines += 1
      place = UnsafeRawPointer(newline) + 1
    }
  }

  /// Throws what the parser has found in so many bytes.
  private func check(_ status: XML_Status, of count: Int) throws(FileProblem) {
    if status != XML_STATUS_OK {
      let code = XML_GetErrorCode(parser)
      let reason = refusal ?? XML_ErrorString(code).map { String(cString: $0) } ?? "unknown"
      let line = Int(XML_GetCurrentLineNumber(parser)) + passedLines
      throw .cannotRead(
        path: path,
        reason:
          "its part \(partName) is no sound XML in line \(line) (\(reason)); open it in Excel and save it again"
      )
    }
    silence += count
    if silence > Self.longestSilence {
      throw .unusable(
        path: path,
        reason:
          "its part \(partName) holds \(silence) bytes without an element or a text, as no workbook does"
      )
    }
  }

  /// Parses all that is left.
  func finish() throws(FileProblem) {
    while try step() {}
  }
}

private func reader(_ context: UnsafeMutableRawPointer?) -> XMLReader {
  // The context is the reader that was given to the parser, which does not outlive it.
  Unmanaged<XMLReader>.fromOpaque(context!).takeUnretainedValue()
}
