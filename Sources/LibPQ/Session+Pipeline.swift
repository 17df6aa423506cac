import CLibPQ

extension Session {
  /// How many statements, and how many bytes of them, are gathered before they are sent and answers
  /// read: enough that a system call carries many, little enough that memory stays small and the
  /// server works on the first while the program adds the rest.
  private static var pipelineBatch: (statements: Int, bytes: Int) { (24, 32 << 10) }

  /// Turns pipelining on.
  func enterPipeline() throws(PostgresError) {
    endLeftStream()
    if !isBusy {
      try tellServerOfDeadline()
      try deallocateAbandoned()
      try leaveSingleRowMode()
    }
    let connection = try begin()
    if PQenterPipelineMode(connection) == 0 {
      isBusy = false
      throw connectionError("the pipeline cannot start")
    }
    pipeline = PipelineState()
  }

  /// Makes libpq forget that the last statement gave its rows one by one; the first one of a pipeline
  /// would do so too. An empty statement is the only way, and costs a round trip.
  private func leaveSingleRowMode() throws(PostgresError) {
    if !gaveSingleRows { return }
    try send(script: "")
    try finish(drain(), of: Query(unsafeSQL: ""))
    gaveSingleRows = false
  }

  /// Adds a statement to the pipeline.
  @usableFromInline
  func enqueue(
    _ query: consuming Query, _ receive: @escaping PipelineReceiver
  ) throws(PostgresError) {
    try query.check()
    let connection = try open()
    if !query.namedTypes.isEmpty { query = try resolved(query) }
    if query.isCopy {
      throw PostgresError(.usage, "a pipeline cannot hold a COPY; end it before").with {
        [label = query.shownLabel] in $0.queryLabel = label
      }
    }
    let name = try preparedName(query, on: connection)
    let sent = scratch.withParameters(of: query) { [text = query.text] in
      if let name {
        return PQsendQueryPrepared(connection, name, $0, $2, $3, $4, PostgresFormat.binary.rawValue)
      }
      return PQsendQueryParams(
        connection, text, $0, $1, $2, $3, $4, PostgresFormat.binary.rawValue)
    }
    try append(PipelineEntry(query: query, receive: receive), sent: sent)
  }

  /// The name of the query's prepared statement; if it is to be prepared now, that is added first.
  private func preparedName(
    _ query: Query, on connection: OpaquePointer
  ) throws(PostgresError) -> String? {
    switch statements.use(query) {
    case .plain: return nil
    case .prepared(let name): return name
    case .prepare(let name):
      let types = query.parameters.map(\.type.oid)
      let sent = PQsendPrepare(connection, name, query.text, Int32(types.count), types)
      let entry = PipelineEntry(query: query) { [unowned self] answer, _ in
        if case .failure = answer { statements.forget(query) }
      }
      try append(entry, sent: sent)
      statements.notePrepared(query, as: name)
      return name
    }
  }

  private func append(_ entry: consuming PipelineEntry, sent: Int32) throws(PostgresError) {
    if sent == 0 { throw connectionError("the query cannot be sent") }
    if pipeline.append(entry, isFull: Self.pipelineBatch) {
      try sendGathered()
      try lookBetweenPieces()
    }
  }

  /// Sends what was gathered, and reads answers whenever the server would rather write than read;
  /// so neither side waits for the other with full buffers.
  private func sendGathered() throws(PostgresError) {
    let connection = try open()
    while true {
      switch PQflush(connection) {
      case 0:
        pipeline.noteSent()
        return
      case 1:
        try wait(for: Int32(clibpq_readable | clibpq_writable))
        if PQconsumeInput(connection) == 0 { throw connectionError("the connection was lost") }
        while !pipeline.isEmpty, PQisBusy(connection) == 0 {
          receiveAnswer(on: connection)
          // An answer that no pipeline can take has closed the connection.
          _ = try open()
        }
      default: throw connectionError("the connection was lost")
      }
    }
  }

  /// Takes one answer, or the mark after the last answer of a statement; false if there is neither.
  @discardableResult
  private func receiveAnswer(on connection: OpaquePointer) -> Bool {
    guard let result = PQgetResult(connection) else { return pipeline.endAnswered() }
    defer { PQclear(result) }
    if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
      pipeline.isSynchronised = true
    } else if let receive = pipeline.receiverOfAnswer() {
      handOver(result, to: receive)
    }
    return true
  }

  /// Gives an answer to the statement that it belongs to.
  private func handOver(_ result: OpaquePointer, to receive: PipelineReceiver) {
    func labelled(_ error: PostgresError) -> PostgresError { error.labelled(pipeline.answered) }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: receive(.success(result), labelled)
    case PGRES_COMMAND_OK:
      noteCommand(CommandResult(result: result).tag)
      receive(.success(result), labelled)
    case PGRES_PIPELINE_ABORTED:
      let failure = PostgresError(
        .usage, "the statement was not carried out, because one before it in the pipeline failed")
      receive(.failure(failure), labelled)
    case PGRES_FATAL_ERROR:
      let query = pipeline.answered
      let failure = error(of: result).with {
        $0.queryLabel = query.shownLabel
        $0.queryText = query.text
      }
      pipeline.failure = pipeline.failure ?? failure
      forgetWhatIsStale(failure, query)
      receive(.failure(failure), labelled)
    default:
      close()
      pipeline.failure = PostgresError(
        .usage, "a COPY stood in the pipeline, which cannot hold one; the connection was closed")
    }
  }

  /// Ends the pipeline: waits for all answers and returns the first error.
  func leavePipeline() -> PostgresError? {
    var failure: PostgresError?
    do throws(PostgresError) {
      let connection = try open()
      if PQpipelineSync(connection) == 0 { throw connectionError("the pipeline cannot end") }
      try sendGathered()
      while !pipeline.isSynchronised {
        while PQisBusy(connection) != 0 {
          try wait(for: Int32(clibpq_readable))
          if PQconsumeInput(connection) == 0 { break }
        }
        let received = receiveAnswer(on: connection)
        if self.connection == nil { break }
        if !received, PQstatus(connection) == CONNECTION_BAD { break }
      }
      if self.connection != nil, PQexitPipelineMode(connection) == 0 {
        throw connectionError("the pipeline cannot end")
      }
    } catch {
      failure = error
      close()
    }
    let first = pipeline.failure ?? failure
    let lost = first ?? connectionError("the connection was lost")
    for entry in pipeline.waiting { entry.receive(.failure(lost), { $0 }) }
    pipeline = PipelineState()
    do throws(PostgresError) {
      try finish(first, of: Query(unsafeSQL: "pipeline"))
      return nil
    } catch {
      return error
    }
  }
}

/// The statements of a pipeline and how far they are.
struct PipelineState {
  private var entries: [PipelineEntry] = []
  /// The place of the first statement that is not fully answered, and whether an answer has come.
  private var next = 0
  private var nextIsAnswered = false
  private var unsentStatements = 0
  private var unsentBytes = 0
  var isSynchronised = false
  var failure: PostgresError?

  var isEmpty: Bool { next == entries.count }
  /// The statements whose answers never came.
  var waiting: ArraySlice<PipelineEntry> { entries.dropFirst(nextIsAnswered ? next + 1 : next) }
  /// The statement whose answer is being taken.
  var answered: Query { entries[next].query }

  /// Adds a statement, and says whether so much was gathered that it should be sent.
  mutating func append(
    _ entry: consuming PipelineEntry, isFull limit: (statements: Int, bytes: Int)
  ) -> Bool {
    unsentStatements += 1
    unsentBytes += entry.query.text.utf8.count + entry.query.bytes.count
    entries.append(entry)
    return unsentStatements >= limit.statements || unsentBytes >= limit.bytes
  }

  /// Notes that nothing is left to send.
  mutating func noteSent() {
    unsentStatements = 0
    unsentBytes = 0
  }

  /// What takes the answer that has come; nil if no statement waits for one.
  mutating func receiverOfAnswer() -> PipelineReceiver? {
    if isEmpty { return nil }
    nextIsAnswered = true
    return entries[next].receive
  }

  /// Goes on to the next statement after the mark that ends the answers to one; false if none was
  /// answered. Answered ones are let go from time to time.
  mutating func endAnswered() -> Bool {
    if !nextIsAnswered { return false }
    nextIsAnswered = false
    next += 1
    if next == entries.count {
      entries.removeAll(keepingCapacity: true)
      next = 0
    } else if next >= 1_024 {
      entries.removeFirst(next)
      next = 0
    }
    return true
  }
}

extension Query {
  /// Whether the statement begins with COPY.
  fileprivate var isCopy: Bool {
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    // Nearly every statement is told by its first letter.
    if let first = text.utf8.first, first | 0x20 != UInt8(ascii: "c"), first > 0x20 { return false }
    var word = text.utf8.drop(while: { blanks.contains($0) }).prefix(5).makeIterator()
    for expected in "copy".utf8 {
      // In ASCII a small letter is the capital one with this bit.
      guard let byte = word.next(), byte | 0x20 == expected else { return false }
    }
    // A blank, a parenthesis or a comment ends the word.
    return word.next().map { (blanks + Array("(/-".utf8)).contains($0) } ?? false
  }
}
