import CLibPQ
import Synchronization

/// The rows of a query as an asynchronous sequence. Rows cross from the connection's thread in
/// batches, and the server is read only as fast as they are consumed, so memory stays flat.
///
///     for try await (id, name) in connection.stream("SELECT …", as: (Int, String).self) { … }
///
/// Until the loop ends, other queries on the connection are refused. Leaving the loop early stops
/// the query on the server.
public struct RowStream<Element: Sendable>: AsyncSequence, Sendable {
  fileprivate let connection: Connection
  fileprivate let query: Query
  fileprivate let batchSize: Int
  fileprivate let decoder: @Sendable (OpaquePointer) throws(PostgresError) -> Decoder

  /// Makes an element of a row of the columns that were looked at, and appends it. It appends
  /// itself, because only where the closure is made is the type of the elements known to the
  /// compiler; handing them over through code for all types costs more than decoding them.
  @usableFromInline
  typealias Decoder = (
    _ result: OpaquePointer, _ number: Int, _ batch: inout [Element]
  ) throws(PostgresError) -> Void

  /// Takes a closure that looks at the columns of a result, once a batch, and gives what decodes
  /// its rows.
  @usableFromInline
  init(
    _ connection: Connection, _ query: Query, batchSize: Int,
    decoder: @escaping @Sendable (OpaquePointer) throws(PostgresError) -> Decoder
  ) {
    self.connection = connection
    self.query = query
    self.batchSize = batchSize
    self.decoder = decoder
  }

  /// Starts reading; the query is sent with the first element asked for.
  public func makeAsyncIterator() -> Iterator {
    Iterator(stream: self)
  }

  /// Reads the rows of one run of the query.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let stream: RowStream
    @usableFromInline var batch: [Element] = []
    /// The place of the next row in the batch.
    @usableFromInline var position = 0
    private var reading: StreamReading?
    private var isAtEnd = false

    fileprivate init(stream: RowStream) {
      self.stream = stream
    }

    /// The next row, or nil after the last.
    @inlinable
    public mutating func next() async throws(PostgresError) -> Element? {
      if position == batch.count {
        try await readBatch()
        if batch.isEmpty { return nil }
      }
      defer { position += 1 }
      return batch[position]
    }

    /// Replaces the batch by the next one; an empty one is the end.
    @usableFromInline
    mutating func readBatch() async throws(PostgresError) {
      batch = []
      position = 0
      if isAtEnd { return }
      let reading = self.reading ?? StreamReading(stream.connection)
      self.reading = reading
      do throws(PostgresError) {
        batch = try await stream.connection.nextBatch(of: stream, reading)
      } catch {
        isAtEnd = true
        throw error
      }
      if batch.isEmpty { isAtEnd = true }
    }
  }
}

/// One run of a stream; when its iterator goes away, the query of an unfinished run is stopped.
final class StreamReading: Sendable {
  private let connection: Connection
  let state = StreamState()

  init(_ connection: Connection) {
    self.connection = connection
  }

  deinit {
    if state.leave() {
      let connection = connection
      Task { await connection.endLeftStream() }
    }
  }
}

/// What is known of a run of a stream on both sides.
final class StreamState: Sendable {
  private enum Phase { case new, open, left, ended, cut }
  private let phase = Mutex(Phase.new)

  /// Whether the iterator is gone while rows are still to come.
  var isLeft: Bool { phase.withLock { $0 == .left } }
  var isNew: Bool { phase.withLock { $0 == .new } }
  /// Whether all rows have been read.
  var isEnded: Bool { phase.withLock { $0 == .ended } }
  /// Whether the connection was taken back before all rows had been read.
  var isCut: Bool { phase.withLock { $0 == .cut } }

  func open() { phase.withLock { $0 = .open } }
  func end() { phase.withLock { $0 = .ended } }
  func cut() { phase.withLock { $0 = .cut } }

  /// Notes that the iterator is gone; true if there is something to stop.
  func leave() -> Bool {
    phase.withLock { phase in
      guard phase == .open else { return false }
      phase = .left
      return true
    }
  }
}

extension Connection {
  /// How many rows a stream brings over at once unless told otherwise: crossing costs as much as
  /// decoding some dozens of rows.
  public static let defaultBatchSize = 512

  /// The rows of a query as an asynchronous sequence of tuples; see ``RowStream``.
  @inlinable
  public nonisolated func stream<each Value: PostgresDecodable>(
    _ query: Query, as: (repeat each Value).Type, batchSize: Int = Connection.defaultBatchSize
  ) -> RowStream<(repeat each Value)> {
    RowStream(self, query, batchSize: max(1, batchSize)) { (result) throws(PostgresError) in
      try checkColumns(result, as: (repeat each Value).self)
      return { (result, number, batch) throws(PostgresError) in
        batch.append(try decodeTuple(result, 0, number, as: (repeat each Value).self))
      }
    }
  }

  /// Decodes the next rows of a stream; none means the end.
  func nextBatch<Element>(
    of stream: RowStream<Element>, _ reading: StreamReading
  ) throws(PostgresError) -> [Element] {
    if reading.state.isEnded { return [] }
    if reading.state.isCut {
      throw PostgresError(
        .usage,
        "the stream was ended with rows unread, because its connection went back to the pool; read "
          + "it to its end inside the closure that borrows the connection"
      ).labelled(stream.query)
    }
    let session = try live()
    do throws(PostgresError) {
      if reading.state.isNew { try session.open(stream.query, reading.state) }
      let batch = try session.nextBatch(of: stream, reading.state)
      if reading.state.isEnded { session.endStreamObservation() }
      return batch
    } catch {
      session.endStreamObservation(error)
      throw error
    }
  }

  /// Stops the query of a stream whose iterator is gone, unless that happened already.
  func endLeftStream() {
    session?.endLeftStream()
  }
}

extension Session {
  fileprivate func open(_ query: Query, _ state: StreamState) throws(PostgresError) {
    endLeftStream()
    // Only what is about to run is told; a stream that is refused never ran.
    if !isBusy {
      streamedRows = 0
      observedStream = observation?.start(.query, query)
    }
    try send(query, singleRows: true, cached: false)
    openStream = state
    state.open()
  }

  fileprivate func nextBatch<Element>(
    of stream: RowStream<Element>, _ state: StreamState
  ) throws(PostgresError) -> [Element] {
    var batch: [Element] = []
    batch.reserveCapacity(stream.batchSize)
    var decode: RowStream<Element>.Decoder?
    var failure: PostgresError?
    do throws(PostgresError) {
      while batch.count < stream.batchSize, let result = try nextResult() {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_SINGLE_TUPLE:
          streamedRows += 1
          let known = decode
          let decodeRow = if let known { known } else { try stream.decoder(result) }
          decode = decodeRow
          try decodeRow(result, streamedRows, &batch)
        case PGRES_TUPLES_OK:
          if streamedRows == 0 { _ = try stream.decoder(result) }
        case PGRES_COMMAND_OK:
          noteCommand(CommandResult(result: result).tag)
          failure = failure ?? withoutRows(stream.query)
        case PGRES_EMPTY_QUERY: failure = failure ?? withoutRows(stream.query)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw abandonCopy()
        default: failure = failure ?? error(of: result)
        }
      }
    } catch {
      closeStream(state)
      let cause = error.labelled(stream.query)
      if error.kind == .decoding { throw abandon(cause) }
      try finish(cause, of: stream.query)
    }
    if batch.count == stream.batchSize { return batch }
    closeStream(state)
    try finish(failure, of: stream.query)
    return batch
  }

  private func closeStream(_ state: StreamState) {
    openStream = nil
    state.end()
  }

  /// Makes the connection free again after a stream that was left.
  func endLeftStream() {
    guard let openStream, openStream.isLeft else { return }
    closeStream(openStream)
    _ = abandon(PostgresError(.usage, "the program wants no more rows"))
    endStreamObservation()
  }

  /// Makes the connection free again whether somebody still reads the stream or not.
  func cutStream() {
    guard let openStream else { return }
    self.openStream = nil
    openStream.cut()
    _ = abandon(PostgresError(.usage, "the program wants no more rows"))
    endStreamObservation()
  }
}
