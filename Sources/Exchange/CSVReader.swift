/// Reads a delimited text file record by record in flat memory.
///
/// Nothing is padded, repaired or skipped in silence: a record that is not sound arrives with its
/// ``CSVRecord/problem``, and reading goes on. A record whose quotes do not work out, or that grows
/// too long over several lines, is taken to be its first line only, so that one stray quote costs
/// one line and not the rest of the file. Lines with nothing on them are no records, except in a
/// file of one column, where they are an empty value.
public final class CSVReader {
  /// The longest record, in bytes of UTF-8: a limit on what one stray quote can make us hold.
  public static let recordLimit = 1 << 20
  /// How much of a record that is too long is kept to show.
  public static let quotedBytesOfTooLong = 1 << 10
  /// The most columns, as many as Excel has, and the most bytes that the name of one has: what is beyond is no
  /// header.
  static let (columnLimit, nameLimit) = (16_384, 1_000)
  /// How much is read from a file at once.
  public static let defaultChunk = 256 << 10

  /// The dialect that the file is read in.
  public let dialect: CSVDialect
  /// The column names without blanks around them; none if the dialect has no header.
  public private(set) var header: [String] = []
  /// The number of fields that a sound record has: that of the header, or else of the first
  /// record.
  @exclusivity(unchecked) public private(set) var expectedFieldCount: Int?

  /// Name of the sheet of a workbook that is read; nil for all other files.
  public let sheetName: String?
  /// The bytes that were read so far, after decompression.
  public private(set) var bytesRead = 0

  private var source: any ByteSource
  private let carriesBytes: Bool
  private let tellsPlaces: Bool
  private let chunk: Int
  // The compiler's check that no two accesses overlap, made anew for each record, takes a fifth of
  // the time here. These are private, and nothing that is called while one is in use can reach
  // them, so the check is left out.
  @exclusivity(unchecked) private var buffer: UnsafeMutableBufferPointer<UInt8>
  /// The bytes from `start` to `end` of the buffer are not yet read as records.
  @exclusivity(unchecked) private var start = 0
  @exclusivity(unchecked) private var end = 0
  @exclusivity(unchecked) private var sourceEnded = false
  @exclusivity(unchecked) private var nextLine = 1
  @exclusivity(unchecked) private var scanner: RecordScanner

  /// Opens a file (`-` is standard input) and reads its header.
  public convenience init(
    path: String, dialect: CSVDialect = .csv, encoding: TextEncoding = .utf8,
    chunk: Int = CSVReader.defaultChunk
  ) throws(FileProblem) {
    try self.init(
      FileSource(path: path), dialect: dialect, encoding: encoding, chunk: chunk)
  }

  /// Reads from any source, `chunk` bytes at a time, beginning with the header.
  public init(
    _ source: any ByteSource, dialect: CSVDialect = .csv, encoding: TextEncoding = .utf8,
    chunk: Int = CSVReader.defaultChunk
  ) throws(FileProblem) {
    let chunk = max(chunk, Transcoder.longestCharacter)
    self.dialect = dialect
    self.chunk = chunk
    self.carriesBytes = encoding != .utf8
    self.tellsPlaces = source.tellsPlaces
    self.sheetName = source.sheetName
    self.source =
      encoding == .utf8 ? source : try Transcoder(source, from: encoding, chunk: chunk)
    self.buffer = .allocate(capacity: 2 * chunk)
    self.scanner = RecordScanner(dialect)
    while end < 3, !sourceEnded { try refill() }
    if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
    if dialect.hasHeader { try readHeader() }
  }

  deinit {
    buffer.deallocate()
    scanner.deallocate()
  }

  /// Gives the columns of a file that has no header of its own.
  func setHeader(_ names: [String]) {
    header = names
    expectedFieldCount = names.count
  }

  private func readHeader() throws(FileProblem) {
    guard let record = try next() else { throw .empty(path: source.name) }
    if let problem = record.problem {
      throw .unusableHeader(path: source.name, line: record.lineNumber, problem: problem)
    }
    if record.fieldCount > Self.columnLimit {
      throw .unusable(
        path: source.name,
        reason:
          "its first line has \(record.fieldCount) fields, and a table has at most \(Self.columnLimit); ask for a file whose first line names its columns"
      )
    }
    if let long = (0..<record.fieldCount).first(where: { record.field($0).count > Self.nameLimit })
    {
      throw .unusable(
        path: source.name,
        reason:
          "field \(long + 1) of its first line has \(record.field(long).count) bytes, which is no name of a column; ask for a file whose first line names its columns"
      )
    }
    header = (0..<record.fieldCount).map { index in
      let name = record.string(index).drop { $0 == " " || $0 == "\t" }
      let blanks = name.reversed().prefix { $0 == " " || $0 == "\t" }
      return String(name.dropLast(blanks.count))
    }
  }

  /// The next record, or nil at the end of the file. It is valid until the next call.
  public func next() throws(FileProblem) -> CSVRecord? {
    while true {
      if start == end {
        if sourceEnded { return nil }
        try refill()
        continue
      }
      guard let outcome = try scan() else { continue }
      let line = nextLine
      let bytes = UnsafePointer(buffer.baseAddress! + start)
      start += outcome.consumed
      nextLine += outcome.lines
      if outcome.textLength == 0, expectedFieldCount != 1, outcome.problem == nil { continue }
      return record(outcome, at: bytes, line: line)
    }
  }

  /// Scans one record at the front of the buffer; nil if more bytes had to be read first.
  private func scan() throws(FileProblem) -> RecordScanner.Outcome? {
    let bytes = UnsafeBufferPointer(rebasing: buffer[start..<end])
    if let outcome = scanner.scan(bytes, isLast: sourceEnded),
      outcome.consumed <= Self.recordLimit
    {
      return outcome
    }
    if end - start <= Self.recordLimit {
      try refill()
      return nil
    }
    // Too long. Of several lines, only the first is given up; of a single one, all of it.
    let limited = UnsafeBufferPointer(rebasing: bytes.prefix(Self.recordLimit))
    if let line = scanner.firstLine(limited, isLast: false) {
      let open = scanner.openField
      scanner.clear()
      return line.with(open.map { .unclosedQuote(field: $0) } ?? .tooLong)
    }
    return try skipLine()
  }

  /// Passes over the rest of a line that is too long, keeping its beginning to show.
  private func skipLine() throws(FileProblem) -> RecordScanner.Outcome {
    let kept = Self.quotedBytesOfTooLong
    // Show whole characters only.
    var shown = kept
    while shown > 0, buffer[start + shown] & 0xC0 == 0x80 { shown -= 1 }
    while true {
      let tail = UnsafeBufferPointer(rebasing: buffer[(start + kept)..<end])
      if let line = scanner.firstLine(tail, isLast: sourceEnded) {
        scanner.clear()
        return RecordScanner.Outcome(
          consumed: kept + line.consumed, textLength: shown, lines: line.lines, problem: .tooLong)
      }
      // The last byte stays: it may be the first half of a CR LF.
      buffer[start + kept] = buffer[end - 1]
      end = start + kept + 1
      try refill()
    }
  }

  private func record(
    _ outcome: RecordScanner.Outcome, at bytes: UnsafePointer<UInt8>, line: Int
  ) -> CSVRecord {
    var problem = outcome.problem ?? scanner.firstBadByte(carriesBytes: carriesBytes)
    if problem == nil {
      let expected = expectedFieldCount ?? scanner.fieldCount
      expectedFieldCount = expected
      if scanner.fieldCount != expected {
        problem = .ragged(expected: expected, found: scanner.fieldCount)
      }
    }
    let place = tellsPlaces ? source.place(ofLine: line) : nil
    problem = place?.problem ?? problem
    return CSVRecord(
      fields: scanner.spans, text: UnsafeBufferPointer(start: bytes, count: outcome.textLength),
      carriesBytes: carriesBytes, damages: place?.damages ?? [:],
      lineNumber: place?.number ?? line, fieldCount: scanner.fieldCount, problem: problem)
  }

  /// Moves the unread bytes to the front if need be and reads more behind them.
  private func refill() throws(FileProblem) {
    if buffer.count - end < chunk {
      let unread = end - start
      if buffer.count - unread < chunk {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
          capacity: max(2 * buffer.count, unread + chunk))
        larger.baseAddress!.update(from: buffer.baseAddress! + start, count: unread)
        buffer.deallocate()
        buffer = larger
      } else {
        buffer.baseAddress!.update(from: buffer.baseAddress! + start, count: unread)
      }
      (start, end) = (0, unread)
    }
    let room = UnsafeMutableRawBufferPointer(
      UnsafeMutableBufferPointer(rebasing: buffer[end..<end + chunk]))
    let count = try source.read(into: room)
    end += count
    bytesRead += count
    if count == 0 { sourceEnded = true }
  }
}
