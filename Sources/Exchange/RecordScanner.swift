/// Finds the fields of one record in bytes that begin with it. It keeps nothing between records but
/// its memory; when the bytes end too early it says so and starts over with more of them.
struct RecordScanner {
  /// How a record came out.
  struct Outcome {
    /// The bytes of the record and of the end of its last line.
    let consumed: Int
    /// The bytes of the record without the end of its last line.
    let textLength: Int
    /// The physical lines that it takes up.
    let lines: Int
    /// What is wrong with its quotes or its length.
    var problem: CSVProblem?

    func with(_ problem: CSVProblem) -> Outcome {
      Outcome(consumed: consumed, textLength: textLength, lines: lines, problem: problem)
    }
  }

  private(set) var fieldCount = 0
  /// The quoted field, counted from 1, that was open when the bytes ended; nil if none was.
  private(set) var openField: Int?
  var spans: UnsafePointer<FieldSpan> { UnsafePointer(fields) }

  private let separator: UInt8
  private let quote: UInt8
  private let hasQuote: Bool
  private let trimsBlanks: Bool
  private var fields: UnsafeMutablePointer<FieldSpan>
  private var capacity = 64
  /// Fields with doubled quotes are written here with single ones.
  private var scratch = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  /// For each byte, whether it ends the plain run in an unquoted (bit 0) or a quoted (bit 1) field.
  private let stops: UnsafeMutablePointer<UInt8>
  private var zeroField = 0
  /// All bytes of the record or-ed together: whether there is anything outside ASCII.
  private var seen: UInt8 = 0

  init(_ dialect: CSVDialect) {
    separator = dialect.separator
    quote = dialect.quote ?? 0
    hasQuote = dialect.quote != nil
    trimsBlanks = dialect.trimsBlanks
    fields = .allocate(capacity: capacity)
    stops = .allocate(capacity: 256)
    stops.initialize(repeating: 0, count: 256)
    for byte in [0, UInt8(ascii: "\n"), UInt8(ascii: "\r")] { stops[Int(byte)] = 3 }
    stops[Int(separator)] |= 1
    if let quote = dialect.quote { stops[Int(quote)] |= 2 }
  }

  func deallocate() {
    fields.deallocate()
    stops.deallocate()
    scratch.deallocate()
  }

  /// Forgets the fields found so far.
  mutating func clear() {
    (fieldCount, openField, zeroField, seen) = (0, nil, 0, 0)
  }

  /// Finds the record at the front; nil if it may go on beyond these bytes. `isLast` says that no
  /// more will come. There must be at least one byte.
  mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) -> Outcome? {
    clear()
    let base = bytes.baseAddress!
    let count = bytes.count
    var position = 0
    var lines = 1
    var scratchUsed = 0
    while true {
      if trimsBlanks { position = skipBlanks(bytes, from: position) }
      if hasQuote, position < count, base[position] == quote {
        switch scanQuoted(
          bytes, from: position, isLast: isLast, lines: &lines, scratchUsed: &scratchUsed)
        {
        case .closed(let next): position = next
        case .unfinished: return nil
        case .broken(let problem): return givenUp(bytes, isLast: isLast, problem)
        }
      } else {
        guard let next = scanPlain(bytes, from: position, isLast: isLast) else { return nil }
        position = next
      }
      // The field ended at a separator, at the end of the line, or at the end of all bytes.
      if position == count {
        return Outcome(consumed: count, textLength: count, lines: lines)
      }
      if base[position] == separator {
        position += 1
        if position == count, !isLast { return nil }
        continue
      }
      guard let length = lineEnd(bytes, at: position, isLast: isLast) else { return nil }
      return Outcome(consumed: position + length, textLength: position, lines: lines)
    }
  }

  /// Passes an unquoted field and returns where it ends; nil if the bytes end before it does.
  private mutating func scanPlain(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, isLast: Bool
  ) -> Int? {
    let base = bytes.baseAddress!
    let count = bytes.count
    let stops = self.stops
    var seen = self.seen
    var position = start
    while position < count {
      let byte = base[position]
      if stops[Int(byte)] & 1 != 0 {
        if byte != 0 { break }
        zeroField = zeroField == 0 ? fieldCount + 1 : zeroField
      }
      seen |= byte
      position += 1
    }
    self.seen = seen
    if position == count, !isLast { return nil }
    var end = position
    if trimsBlanks {
      while end > start, isBlank(base[end - 1]) { end -= 1 }
    }
    append(FieldSpan(start: base + start, length: end - start, wasQuoted: false))
    return position
  }

  private enum QuotedField {
    case closed(next: Int)
    case unfinished
    case broken(CSVProblem)
  }

  /// Passes a quoted field, from its opening quote to what follows its closing one.
  private mutating func scanQuoted(
    _ bytes: UnsafeBufferPointer<UInt8>, from opening: Int, isLast: Bool, lines: inout Int,
    scratchUsed: inout Int
  ) -> QuotedField {
    let base = bytes.baseAddress!
    let count = bytes.count
    let stops = self.stops
    var position = opening + 1
    var piece = position
    var unescaped: Int?
    openField = fieldCount + 1
    while position < count {
      let byte = base[position]
      if stops[Int(byte)] & 2 == 0 {
        seen |= byte
        position += 1
      } else if byte == quote {
        if position + 1 == count, !isLast { return .unfinished }
        guard position + 1 < count, base[position + 1] == quote else { break }
        position += 1
        unescaped = unescaped ?? scratchUsed
        copy(base + piece, count: position - piece, at: &scratchUsed, needing: count)
        position += 1
        piece = position
      } else if byte == 0 {
        zeroField = zeroField == 0 ? fieldCount + 1 : zeroField
        position += 1
      } else {
        guard let length = lineEnd(bytes, at: position, isLast: isLast) else { return .unfinished }
        position += length
        lines += 1
      }
    }
    if position >= count {
      return isLast ? .broken(.unclosedQuote(field: fieldCount + 1)) : .unfinished
    }
    if let unescaped {
      copy(base + piece, count: position - piece, at: &scratchUsed, needing: count)
      append(
        FieldSpan(
          start: scratch.baseAddress! + unescaped, length: scratchUsed - unescaped, wasQuoted: true)
      )
    } else {
      append(FieldSpan(start: base + piece, length: position - piece, wasQuoted: true))
    }
    openField = nil
    position += 1
    if trimsBlanks { position = skipBlanks(bytes, from: position) }
    if position == count { return isLast ? .closed(next: position) : .unfinished }
    let follower = base[position]
    if follower == separator || follower == UInt8(ascii: "\n") || follower == UInt8(ascii: "\r") {
      return .closed(next: position)
    }
    return .broken(.textAfterQuote(field: fieldCount))
  }

  /// The length of the line end at a position: 1 for LF or CR, 2 for CR LF; nil for a CR at the end
  /// of bytes that may go on.
  private func lineEnd(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int, isLast: Bool
  ) -> Int? {
    if bytes[position] == UInt8(ascii: "\n") { return 1 }
    if position + 1 == bytes.count { return isLast ? 1 : nil }
    return bytes[position + 1] == UInt8(ascii: "\n") ? 2 : 1
  }

  /// The first physical line as a record without fields; nil if it does not end in these bytes.
  func firstLine(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) -> Outcome? {
    let end = bytes.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    guard let end else {
      return isLast ? Outcome(consumed: bytes.count, textLength: bytes.count, lines: 1) : nil
    }
    guard let length = lineEnd(bytes, at: end, isLast: isLast) else { return nil }
    return Outcome(consumed: end + length, textLength: end, lines: 1)
  }

  /// A record whose quotes do not work out: its first line, without fields.
  private mutating func givenUp(
    _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, _ problem: CSVProblem
  ) -> Outcome? {
    let line = firstLine(bytes, isLast: isLast)
    clear()
    return line?.with(problem)
  }

  /// The first byte in the fields found that is no text.
  func firstBadByte(carriesBytes: Bool) -> CSVProblem? {
    if zeroField > 0 { return .zeroByte(field: zeroField) }
    if seen < 0x80 { return nil }
    for index in 0..<fieldCount {
      let bytes = fields[index].bytes
      if let offset = UTF8Check.firstProblem(in: bytes) {
        let carried = carriesBytes ? Transcoder.carriedByte(in: bytes, at: offset) : nil
        return .undecodable(field: index + 1, byte: carried ?? bytes[offset])
      }
    }
    return nil
  }

  private mutating func append(_ field: FieldSpan) {
    if fieldCount == capacity {
      let larger = UnsafeMutablePointer<FieldSpan>.allocate(capacity: 2 * capacity)
      larger.update(from: fields, count: capacity)
      fields.deallocate()
      fields = larger
      capacity *= 2
    }
    fields[fieldCount] = field
    fieldCount += 1
  }

  /// Appends to the scratch memory, which never has to grow within a record: it is made as large
  /// as all bytes at hand.
  private mutating func copy(
    _ bytes: UnsafePointer<UInt8>, count: Int, at used: inout Int, needing size: Int
  ) {
    if scratch.count < size, used == 0 {
      scratch.deallocate()
      scratch = .allocate(capacity: size)
    }
    (scratch.baseAddress! + used).update(from: bytes, count: count)
    used += count
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != separator
  }

  private func skipBlanks(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = start
    while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    return position
  }
}
