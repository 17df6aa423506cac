/// Everything that can go wrong between a program and PostgreSQL, in one type: what the server
/// reported with all its fields, a lost connection, a value that cannot be decoded, and wrong use.
///
/// ``description`` is one sentence for a person, without the values that a row or parameter held;
/// ``debugDescription`` has every field, values included, and belongs in no log that others read.
public struct PostgresError: Error, Sendable {
  /// Where an error comes from.
  public enum Kind: String, Sendable {
    /// The server refused a statement.
    case server
    /// The connection could not be made, or was lost.
    case connection
    /// A value of a result does not fit the Swift type asked for.
    case decoding
    /// A value cannot be sent, such as a text with a zero byte.
    case encoding
    /// The program used the connection in a way that cannot work; the message says how to do it.
    case usage
    /// The task was cancelled; the server was told to stop and did.
    case cancelled
    /// A deadline passed; the server was told to stop and did.
    case deadlineExceeded
    /// A transaction did not commit although no statement threw here.
    case transaction
    /// The pool gave no connection; ``PostgresError/cause`` says why none could be made, if that is
    /// the reason, and ``PostgresError/poolStatus`` what the pool held.
    case pool
  }

  // One reference, so that throwing and passing errors on costs one word.
  private let box: Box

  private final class Box: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  /// The fields while an error is put together.
  struct Fields: Sendable {
    var kind: Kind
    var message: String
    var report = ServerReport()
    var queryLabel: String?
    var queryText: String?
    var row: Int?
    var commitInDoubt = false
    var poisonsConnection = false
    var isLastingRefusal = false
    var cause: PostgresError?
    var poolStatus: PoolStatus?
  }

  init(_ fields: Fields) {
    box = Box(fields)
  }

  init(_ kind: Kind, _ message: String) {
    self.init(Fields(kind: kind, message: message, poisonsConnection: kind == .connection))
  }

  /// A copy with some fields changed.
  func with(_ change: (inout Fields) -> Void) -> PostgresError {
    var fields = box.fields
    change(&fields)
    return PostgresError(fields)
  }

  /// The same error with the label of the query that it arose in, unless it has one.
  @usableFromInline
  func labelled(_ query: Query) -> PostgresError {
    queryLabel == nil ? with { $0.queryLabel = query.shownLabel } : self
  }

  /// What the server reported; empty for errors that arose on this side.
  var report: ServerReport { box.fields.report }
  /// Where the error comes from.
  public var kind: Kind { box.fields.kind }
  /// The code that the server gave; nil for errors that arose on this side.
  public var sqlState: SQLState? { box.fields.report.sqlState }
  /// `ERROR`, `FATAL` or `PANIC`, never translated; nil for errors that arose on this side.
  public var severity: String? { box.fields.report.severity }
  /// The primary message, as the server wrote it; it may quote a value.
  public var message: String { box.fields.message }
  /// The server's further explanation, which often holds values.
  public var detail: String? { box.fields.report.detail }
  /// What the server suggests.
  public var hint: String? { box.fields.report.hint }
  /// Where in the query text the error lies: characters from its start, the first is 1.
  public var position: Int? { box.fields.report.position }
  /// What the server was doing: function calls, or the line of a COPY.
  public var context: String? { box.fields.report.context }
  /// The schema of the object that the error is about.
  public var schema: String? { box.fields.report.schema }
  /// The table that the error is about.
  public var table: String? { box.fields.report.table }
  /// The column that the error is about; for decoding, the result's column.
  public var column: String? { box.fields.report.column }
  /// The data type that the error is about.
  public var dataType: String? { box.fields.report.dataType }
  /// The constraint that was violated.
  public var constraint: String? { box.fields.report.constraint }
  /// The label of the query, or the start of its text.
  public var queryLabel: String? { box.fields.queryLabel }
  /// The row of the result that could not be decoded; the first is 1.
  public var row: Int? { box.fields.row }

  /// Whether the same transaction, run again from its start, may succeed: serialization failures
  /// and deadlocks, never a commit whose outcome is unknown.
  public var isRetryable: Bool {
    !commitInDoubt && (sqlState == .serializationFailure || sqlState == .deadlockDetected)
  }

  /// Whether the connection is of no use any more and must be closed.
  public var poisonsConnection: Bool { box.fields.poisonsConnection }

  /// Whether the connection was lost while a COMMIT was under way, so that nobody on this side
  /// knows if the transaction happened. Look in the database before doing it again.
  public var commitInDoubt: Bool { box.fields.commitInDoubt }

  /// Whether connecting again in the same way is of no use until somebody changes something: the
  /// server knows no such user, password or database, or refuses the settings of the session.
  public var isLastingRefusal: Bool {
    if box.fields.isLastingRefusal { return true }
    guard kind == .connection, let sqlState else { return false }
    return sqlState == .invalidCatalogName || ["28", "42"].contains(sqlState.conditionClass)
  }

  /// The error that led to this one: why a pool could not make a connection.
  public var cause: PostgresError? { box.fields.cause }

  /// What the pool held when it gave no connection.
  public var poolStatus: PoolStatus? { box.fields.poolStatus }

  /// The line of the query text or script that ``position`` points into; the first is 1.
  public var queryLine: Int? {
    guard let position, let text = box.fields.queryText else { return nil }
    return text.unicodeScalars.prefix(position - 1).count { $0 == "\n" } + 1
  }

  /// The line of a COPY that the server refused: input line for text, row for binary; the first
  /// is 1.
  public var copyLine: Int? { box.fields.report.copyPlace?.line }
  /// The column of a COPY that the server refused.
  public var copyColumn: String? { box.fields.report.copyPlace?.column }
}

extension PostgresError: CustomStringConvertible {
  /// One sentence that says what, where and why, without values of rows and parameters.
  public var description: String {
    var text = ""
    if let severity { text += severity + " " }
    if let sqlState { text += "\(sqlState): " }
    text += sqlState?.conditionClass == "22" ? message.withoutQuotedValue : message
    var places: [String] = []
    if let table { places.append("table " + (schema.map { $0 + "." } ?? "") + table) }
    if let column, kind != .decoding { places.append("column \(column)") }
    if let constraint { places.append("constraint \(constraint)") }
    if let copyLine { places.append("line \(copyLine) of the COPY") }
    if let copyColumn { places.append("its column \(copyColumn)") }
    if let queryLine, queryLine > 1 { places.append("line \(queryLine) of the SQL text") }
    if !places.isEmpty { text += " (" + places.joined(separator: ", ") + ")" }
    if let queryLabel { text += " in \u{201C}\(queryLabel)\u{201D}" }
    if let hint { text += "; hint: \(hint)" }
    if commitInDoubt {
      text += "; it is unknown whether the transaction was committed: look before repeating it"
    }
    return text
  }
}

extension PostgresError: CustomDebugStringConvertible {
  /// Every field on a line of its own, values included.
  public var debugDescription: String {
    let fields: [(String, String?)] = [
      ("kind", kind.rawValue), ("severity", severity), ("sqlState", sqlState?.description),
      ("message", message), ("detail", detail), ("hint", hint),
      ("position", position.map(String.init)), ("context", context), ("schema", schema),
      ("table", table), ("column", column), ("dataType", dataType), ("constraint", constraint),
      ("row", row.map(String.init)), ("query", queryLabel), ("text", box.fields.queryText),
      ("isRetryable", isRetryable ? "true" : nil),
      ("poisonsConnection", poisonsConnection ? "true" : nil),
      ("commitInDoubt", commitInDoubt ? "true" : nil),
      ("isLastingRefusal", isLastingRefusal ? "true" : nil),
      ("pool", poolStatus?.description), ("cause", cause?.description),
    ]
    return "PostgresError\n"
      + fields.compactMap { name, value in value.map { "  \(name): \($0)" } }
      .joined(separator: "\n")
  }
}

extension String {
  /// The text without what stands in quotes: `… for type integer: "abc"`. The server translates its
  /// messages, and languages have quotes of their own.
  var withoutQuotedValue: String {
    let quotes: Set<Character> = ["\"", "«", "»", "„", "“", "”", "「", "」"]
    guard let first = firstIndex(where: quotes.contains),
      let last = lastIndex(where: quotes.contains), first < last
    else { return self }
    return self[..<first] + "(value withheld)" + self[index(after: last)...]
  }
}
