/// Reads JSON texts that lie in memory, as strictly as RFC 8259 is written: no comments, no commas too
/// many, no numbers with zeros before them. Numbers stay the texts that they are. Beyond the standard,
/// an object that has a key twice is refused, because programs disagree on what it says, and so is
/// what lies too deep.
public struct JSONParser {
  /// How many lists and objects lie within each other at most.
  public static let depthLimit = 128

  /// What is wrong, and at which byte.
  public struct Failure: Error, Hashable, Sendable {
    /// The place of the byte, from 0.
    public let offset: Int
    /// A clause that completes "it is no JSON because".
    public let reason: String
  }

  /// The kinds of values.
  public enum Kind: Hashable, Sendable {
    case string, number, truth, null, object, array
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0
  /// The last string, if it had escapes; without them it is where it stood.
  private var unescaped: [UInt8] = []
  private var stringStart = 0
  private var stringEnd = 0
  private var stringHasEscapes = false

  /// Reads bytes of UTF-8, which must not go away while it does.
  public init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Reads one value with nothing but blanks around it.
  public mutating func document() throws(Failure) {
    try checkEncoding()
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipBlanks()
    _ = try value()
    try end()
  }

  /// Reads one object with nothing but blanks around it, and lends its keys and values: a string
  /// without its quotes and escapes, anything else as it stands there.
  mutating func members(
    _ body: (_ key: UnsafeBufferPointer<UInt8>, Kind, _ value: UnsafeBufferPointer<UInt8>) -> Bool
  ) throws(Failure) {
    try checkEncoding()
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else {
      let kind = try value()
      try end()
      throw Failure(offset: 0, reason: "it is \(Self.phrase(kind)) where an object was expected")
    }
    var key: [UInt8] = []
    try object { (parser) throws(Failure) in
      let keyOffset = parser.stringStart
      parser.withString { text in
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: text)
      }
      try parser.colon()
      let start = parser.position
      let kind = try parser.value()
      let isNew = key.withUnsafeBufferPointer { key in
        if kind == .string { return parser.withString { body(key, kind, $0) } }
        return body(key, kind, UnsafeBufferPointer(rebasing: parser.bytes[start..<parser.position]))
      }
      if !isNew { throw parser.twice(key, at: keyOffset) }
    }
    try end()
  }

  private static func phrase(_ kind: Kind) -> String {
    switch kind {
    case .string: "a string"
    case .number: "a number"
    case .truth: "a truth"
    case .null: "null"
    case .object: "an object"
    case .array: "a list"
    }
  }

  // MARK: - Values

  private mutating func value() throws(Failure) -> Kind {
    guard position < bytes.count else { throw failure("it ends where a value was expected") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      var keys: Set<[UInt8]> = []
      try object { (parser) throws(Failure) in
        let (key, offset) = (parser.withString { Array($0) }, parser.stringStart)
        if !keys.insert(key).inserted { throw parser.twice(key, at: offset) }
        try parser.colon()
        _ = try parser.value()
      }
      return .object
    case UInt8(ascii: "["):
      try array()
      return .array
    case UInt8(ascii: "\""):
      try string()
      return .string
    case UInt8(ascii: "t"): return try word("true", .truth)
    case UInt8(ascii: "f"): return try word("false", .truth)
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try number()
      return .number
    default: throw failure("\(shown(bytes[position])) stands where a value was expected")
    }
  }

  /// Passes an object; the closure takes the rest of a member whose key was just read.
  private mutating func object(
    _ member: (inout JSONParser) throws(Failure) -> Void
  ) throws(Failure) {
    try enter()
    if take(UInt8(ascii: "}")) { return leave() }
    while true {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw unexpected("a key in quotes")
      }
      try string()
      try member(&self)
      skipBlanks()
      if take(UInt8(ascii: "}")) { return leave() }
      if !take(UInt8(ascii: ",")) { throw unexpected("a comma or the end of the object") }
      skipBlanks()
    }
  }

  private mutating func array() throws(Failure) {
    try enter()
    if take(UInt8(ascii: "]")) { return leave() }
    while true {
      _ = try value()
      skipBlanks()
      if take(UInt8(ascii: "]")) { return leave() }
      if !take(UInt8(ascii: ",")) { throw unexpected("a comma or the end of the list") }
      skipBlanks()
    }
  }

  private mutating func enter() throws(Failure) {
    depth += 1
    if depth > Self.depthLimit {
      throw failure("more than \(Self.depthLimit) lists and objects lie within each other")
    }
    position += 1
    skipBlanks()
  }

  private mutating func leave() { depth -= 1 }

  private mutating func colon() throws(Failure) {
    skipBlanks()
    if !take(UInt8(ascii: ":")) { throw unexpected("a colon") }
    skipBlanks()
  }

  private mutating func word(_ word: StaticString, _ kind: Kind) throws(Failure) -> Kind {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count,
      UnsafeBufferPointer(start: word.utf8Start, count: count).elementsEqual(
        bytes[position..<position + count])
    else { throw failure("a word stands there that is neither true, false nor null") }
    position += count
    return kind
  }

  private mutating func number() throws(Failure) {
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if position < bytes.count, isDigit(bytes[position]) {
        throw failure("a number begins with 0")
      }
    } else {
      try digits()
    }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    if position == start { throw unexpected("a digit") }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  // MARK: - Strings

  /// Passes a string, which ``withString(_:)`` lends until the next one.
  private mutating func string() throws(Failure) {
    position += 1
    stringStart = position
    stringHasEscapes = false
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        stringEnd = position
        position += 1
        return
      case UInt8(ascii: "\\"): return try stringWithEscapes()
      case 0..<0x20:
        throw failure("a string holds \(shown(bytes[position])), which must be escaped")
      default: position += 1
      }
    }
    throw failure("a string has no end")
  }

  private mutating func stringWithEscapes() throws(Failure) {
    stringHasEscapes = true
    unescaped.removeAll(keepingCapacity: true)
    unescaped.append(contentsOf: bytes[stringStart..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        position += 1
        try escape()
      case 0..<0x20: throw failure("a string holds \(shown(byte)), which must be escaped")
      default:
        unescaped.append(byte)
        position += 1
      }
    }
    throw failure("a string has no end")
  }

  private mutating func escape() throws(Failure) {
    guard position < bytes.count else { throw failure("a string has no end") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(8)
    case UInt8(ascii: "f"): unescaped.append(12)
    case UInt8(ascii: "n"): unescaped.append(10)
    case UInt8(ascii: "r"): unescaped.append(13)
    case UInt8(ascii: "t"): unescaped.append(9)
    case UInt8(ascii: "u"): try unicodeEscape()
    default:
      position -= 1
      throw failure("a backslash stands before \(shown(letter)), which means nothing")
    }
  }

  private mutating func unicodeEscape() throws(Failure) {
    let start = position - 2
    var value = try fourDigits()
    if (0xD800..<0xDC00).contains(value), position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let low = try fourDigits()
      if (0xDC00..<0xE000).contains(low) {
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
    }
    guard let scalar = UnicodeScalar(value) else {
      throw Failure(offset: start, reason: "an escape is half of a character")
    }
    unescaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourDigits() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue, bytes[position] < 128
      else { throw unexpected("a hexadecimal digit") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Lends the string that was passed last.
  private func withString<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if stringHasEscapes { return unescaped.withUnsafeBufferPointer(body) }
    return body(UnsafeBufferPointer(rebasing: bytes[stringStart..<stringEnd]))
  }

  // MARK: - Bytes

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func end() throws(Failure) {
    skipBlanks()
    if position < bytes.count { throw failure("\(shown(bytes[position])) follows its end") }
  }

  private func checkEncoding() throws(Failure) {
    if let bad = UTF8Check.firstProblem(in: bytes), bytes[bad] != 0 {
      throw Failure(
        offset: bad, reason: "it holds the byte 0x\(hexadecimal(bytes[bad])), which is no UTF-8")
    }
  }

  private func failure(_ reason: String) -> Failure { Failure(offset: position, reason: reason) }

  private func unexpected(_ expected: String) -> Failure {
    position < bytes.count
      ? failure("\(shown(bytes[position])) stands where \(expected) was expected")
      : failure("it ends where \(expected) was expected")
  }

  private func twice(_ key: [UInt8], at offset: Int) -> Failure {
    Failure(
      offset: offset, reason: "it has the key “\(String(decoding: key, as: UTF8.self))” twice")
  }

  private func shown(_ byte: UInt8) -> String {
    (0x21..<0x7F).contains(byte)
      ? "“\(Character(UnicodeScalar(byte)))”" : "the byte 0x\(hexadecimal(byte))"
  }
}
