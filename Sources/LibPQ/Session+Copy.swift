import CLibPQ

extension Session {
  /// How much is handed to libpq at once. Before the next piece everything has left for the server,
  /// so a COPY holds no more than this twice, however slow the server is.
  @usableFromInline static var copyChunkSize: Int { 64 << 10 }

  /// Starts a COPY and checks that it goes the way that is meant.
  func startCopy(_ query: Query, expecting expected: ExecStatusType) throws(PostgresError) {
    try send(query, cached: false)
    let result: OpaquePointer?
    do throws(PostgresError) {
      result = try nextResult()
    } catch {
      try finish(error, of: query)
      throw error
    }
    guard let result else {
      try finish(PostgresError(.connection, "the server gave no result"), of: query)
      return
    }
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    if status == expected { return }
    let failure: PostgresError
    switch status {
    case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: failure = error(of: result)
    case PGRES_COPY_IN:
      PQputCopyEnd(connection, "the client expected to read rows")
      failure = PostgresError(.usage, "the COPY reads from the client; use copyIn for it")
    default:
      let direction = expected == PGRES_COPY_IN ? "FROM STDIN" : "TO STDOUT"
      failure = PostgresError(.usage, "the statement is no COPY … \(direction)")
    }
    if status == PGRES_COPY_OUT { throw abandon(failure) }
    _ = drain()
    try finish(failure, of: query)
  }

  /// Hands a piece of a COPY to libpq once all before it has left for the server. What the server
  /// does not take at once waits there, so that the next piece is made while the server reads.
  @usableFromInline
  func put(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    let connection = try open()
    var rest = bytes[...]
    while !rest.isEmpty {
      // A writer's piece ends with a row, a little past the size; it is not to be cut in two.
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(2 * Self.copyChunkSize))
      let start = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
      try flush()
      try lookBetweenPieces()
      switch PQputCopyData(connection, start, Int32(piece.count)) {
      case 1: rest = rest.dropFirst(piece.count)
      case 0: break
      default: throw connectionError("the COPY was broken off")
      }
    }
    if PQflush(connection) < 0 { throw connectionError("the COPY was broken off") }
    try lookBetweenPieces()
  }

  /// Ends a COPY into the server and gives the number of rows; with a reason it is broken off, and
  /// nothing of it remains.
  func endCopy(_ query: Query, failing cause: (any Error)?) throws -> Int {
    let connection = try open()
    var failure: PostgresError?
    var rows = 0
    do throws(PostgresError) {
      while true {
        let reason: String? = cause.map { _ in "the client broke the COPY off" }
        let sent = PQputCopyEnd(connection, reason)
        if sent == 1 { break }
        if sent < 0 { throw connectionError("the COPY cannot be ended") }
        try wait(for: Int32(clibpq_writable))
      }
      try flush()
      while let result = try nextResult() {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK: rows = CommandResult(result: result).rowsAffected
        case PGRES_COPY_IN: break
        default: failure = failure ?? error(of: result)
        }
      }
    } catch {
      failure = error
    }
    do throws(PostgresError) {
      try finish(failure, of: query)
    } catch {
      // An error of the server that came first explains more than the loss of the connection that
      // the program saw; the program's own error explains most.
      guard let cause, !error.poisonsConnection else { throw error }
      throw labelled(cause, query)
    }
    if let cause { throw labelled(cause, query) }
    return rows
  }
}

/// Writes the bytes of a COPY in one of the server's formats, in pieces.
public struct CopyWriter: ~Copyable {
  private let session: Session
  private var buffer = EncodingBuffer(capacity: 2 * Session.copyChunkSize)

  init(session: Session) {
    self.session = session
  }

  /// Writes bytes; they need not end at the end of a row.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    if bytes.count >= Session.copyChunkSize {
      try flush()
      return try session.put(bytes)
    }
    buffer.append(bytes: bytes)
    if buffer.count >= Session.copyChunkSize { try flush() }
  }

  /// Writes bytes.
  public mutating func write(_ bytes: [UInt8]) throws(PostgresError) {
    var failure: PostgresError?
    bytes.withUnsafeBytes { bytes in
      do throws(PostgresError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes the UTF-8 of a text.
  public mutating func write(_ text: String) throws(PostgresError) {
    try write(Array(text.utf8))
  }

  mutating func flush() throws(PostgresError) {
    if buffer.count == 0 { return }
    try session.put(buffer.bytes)
    buffer.truncate(to: 0)
  }
}
