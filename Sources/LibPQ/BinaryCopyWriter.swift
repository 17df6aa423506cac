/// Writes rows of a binary COPY. The server casts nothing there, so each value is checked against
/// the type of its column before it is sent.
public struct BinaryCopyWriter: ~Copyable {
  @usableFromInline let session: Session
  @usableFromInline var row: Row

  init(session: Session, columns: [ColumnDescription]) {
    self.session = session
    row = Row(columns: columns)
    row.buffer.catalogue = session.catalogue
    // The signature, no flags, and no header extension.
    for byte in Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] { row.buffer.append(byte) }
    row.buffer.append(Int32(0))
    row.buffer.append(Int32(0))
  }

  /// The columns that are written, in their order.
  public var columns: [ColumnDescription] { row.columns }

  /// The rows written so far.
  public var rowCount: Int { row.number }

  /// Writes one row: the closure appends a value for each column, in order. If it throws, nothing
  /// of the row is kept, and the program may go on with the next.
  @inlinable
  public mutating func row(_ body: (inout Row) throws -> Void) throws {
    let start = row.buffer.count
    row.start()
    do {
      try body(&row)
      try row.end()
    } catch {
      row.buffer.truncate(to: start)
      row.number -= 1
      throw error
    }
    if row.buffer.count >= Session.copyChunkSize { try flush() }
  }

  /// Writes one row of values in the order of the columns.
  @inlinable
  public mutating func row<each Value: PostgresEncodable>(
    _ value: repeat each Value
  ) throws(PostgresError) {
    let start = row.buffer.count
    row.start()
    do throws(PostgresError) {
      for one in repeat each value { try row.append(one) }
      try row.end()
    } catch {
      row.buffer.truncate(to: start)
      row.number -= 1
      throw error
    }
    if row.buffer.count >= Session.copyChunkSize { try flush() }
  }

  @usableFromInline
  mutating func flush() throws(PostgresError) {
    if row.buffer.count == 0 { return }
    try session.put(row.buffer.bytes)
    row.buffer.truncate(to: 0)
  }

  mutating func end() throws(PostgresError) {
    row.buffer.append(Int16(-1))
    try flush()
  }

  /// The row being written.
  public struct Row: ~Copyable {
    @usableFromInline var buffer = EncodingBuffer(capacity: 2 * Session.copyChunkSize)
    @usableFromInline let columns: [ColumnDescription]
    /// The types of the columns by themselves, for the check of every value.
    @usableFromInline let types: [PostgresType]
    @usableFromInline var next = 0
    /// The number of the row; the first is 1.
    public internal(set) var number: Int {
      @inlinable get { storedNumber }
      @inlinable set { storedNumber = newValue }
    }
    @usableFromInline var storedNumber = 0

    init(columns: [ColumnDescription]) {
      self.columns = columns
      types = columns.map(\.type)
    }

    @inlinable
    mutating func start() {
      next = 0
      number += 1
      buffer.append(Int16(truncatingIfNeeded: types.count))
    }

    @inlinable
    mutating func end() throws(PostgresError) {
      if next != types.count { throw wrongCount() }
    }

    /// Appends the value of the next column; nil of an optional is NULL.
    @inlinable
    public mutating func append<Value: PostgresEncodable>(
      _ value: Value
    ) throws(PostgresError) {
      if next >= types.count { throw wrongCount() }
      let type = types[next]
      if !Value.canCopy(into: type) { throw mismatch(Value.self) }
      do {
        try buffer.appendWithLength(value, as: type)
      } catch {
        throw refused(error)
      }
      next += 1
    }

    /// Appends NULL.
    @inlinable
    public mutating func appendNull() throws(PostgresError) {
      if next >= types.count { throw wrongCount() }
      buffer.append(Int32(-1))
      next += 1
    }

    /// Appends a text from its UTF-8, without making a `String`. The server checks the UTF-8.
    @inlinable
    public mutating func appendText(utf8: UnsafeRawBufferPointer) throws(PostgresError) {
      if next >= types.count { throw wrongCount() }
      let type = types[next]
      if !String.canCopy(into: type) { throw mismatch(String.self) }
      let version = type == .jsonb ? 1 : 0
      guard let length = Int32(exactly: utf8.count + version) else {
        throw refused(EncodingFailure("has more than 2,147,483,647 bytes"))
      }
      buffer.append(length)
      if version == 1 { buffer.append(UInt8(1)) }
      buffer.append(bytes: utf8)
      next += 1
    }

    /// Appends a text from its UTF-8, without making a `String`. The server checks the UTF-8.
    @inlinable
    public mutating func appendText(utf8: UnsafeBufferPointer<UInt8>) throws(PostgresError) {
      try appendText(utf8: UnsafeRawBufferPointer(utf8))
    }

    /// Appends a text from its UTF-8, without making a `String`. The server checks the UTF-8.
    @inlinable
    public mutating func appendText(utf8: Span<UInt8>) throws(PostgresError) {
      var failure: PostgresError?
      utf8.withUnsafeBufferPointer { bytes in
        do throws(PostgresError) {
          try appendText(utf8: UnsafeRawBufferPointer(bytes))
        } catch { failure = error }
      }
      if let failure { throw failure }
    }

    @usableFromInline
    func wrongCount() -> PostgresError {
      PostgresError(
        .usage,
        "row \(number) of the COPY has \(next < columns.count ? "only \(next)" : "too many") values "
          + "for \(columns.count) columns")
    }

    @usableFromInline
    func mismatch(_ type: Any.Type) -> PostgresError {
      let column = columns[next]
      return PostgresError(
        .usage,
        "a value of type \(type) cannot be copied into the column \(column.name) of type "
          + "\(column.typeName); convert it first, a binary COPY casts nothing"
      ).with { $0.report.column = column.name }
    }

    @usableFromInline
    func refused(_ failure: EncodingFailure) -> PostgresError {
      let column = columns[next]
      return PostgresError(
        .encoding, "the value of the column \(column.name) in row \(number) \(failure.reason)"
      ).with {
        $0.report.column = column.name
        $0.row = number
      }
    }
  }
}
