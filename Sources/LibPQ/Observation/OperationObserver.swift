/// Is told of what connections and pools do: when each operation starts, and when and how it ended.
///
///     struct Counter: OperationObserver {
///       func started(_ operation: ObservedOperation, within outer: Void?) {}
///       func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Void) {
///         print(operation.name, outcome.duration)
///       }
///     }
///     configuration.observers = [Counter()]
///
/// Both methods are called in the task that the operation runs in, mostly on the connection's thread,
/// always between operations: before anything is sent, and after everything was received. So an
/// observer may be slow, which delays the program, or may use the connection itself, which is then
/// not observed; it cannot come between a statement and its answer. It is never told the values of
/// parameters or rows.
public protocol OperationObserver: Sendable {
  /// What is carried from the start of an operation to its end, such as a span.
  associatedtype Token: Sendable = Void

  /// An operation starts.
  ///
  /// - Parameter outer: the token of the operation that this one is part of: the transaction of a
  ///   query, or the connecting of the first settings.
  /// - Returns: what ``ended(_:_:_:)`` is given.
  func started(_ operation: ObservedOperation, within outer: Token?) -> Token

  /// An operation has ended, well or not.
  func ended(_ operation: ObservedOperation, _ outcome: ObservedOutcome, _ token: Token)
}

/// Something that a connection or a pool does.
public struct ObservedOperation: Sendable {
  /// What it does.
  public enum Kind: String, Sendable, CaseIterable {
    /// A connection is made.
    case connect
    /// A statement is carried out and its rows are received.
    case query
    /// A text of several statements is carried out.
    case script
    /// Several statements are sent without waiting in between.
    case pipeline
    /// Rows are copied to the server.
    case copyIn
    /// Rows are copied from the server.
    case copyOut
    /// A closure runs as a transaction, perhaps several times.
    case transaction
    /// A task waits for a connection of a pool.
    case acquire
  }

  /// What is done.
  public let kind: Kind
  /// The label of the query; nil if it has none.
  public let label: String?
  /// The SQL text, with `$1`, `$2`, … instead of values; nil where there is no one text.
  public let text: String?
  /// How many parameters the query has.
  public let parameterCount: Int
  /// Where the connection leads; nil before it is made.
  public internal(set) var server: ObservedServer?

  init(_ kind: Kind, _ query: Query? = nil, on server: ObservedServer? = nil) {
    self.kind = kind
    label = query?.label
    text = query?.text
    parameterCount = query?.parameters.count ?? 0
    self.server = server
  }

  /// What to call it: the label, the start of the text, or the kind.
  public var name: String {
    label ?? text.map { Query(unsafeSQL: $0).shownLabel } ?? kind.rawValue
  }
}

/// Where a connection leads.
public struct ObservedServer: Hashable, Sendable {
  /// The host, or the folder of the server's socket.
  public let host: String
  /// The port.
  public let port: String
  /// The database.
  public let database: String
  /// The role.
  public let user: String
  /// The server's process for this connection.
  public let processID: Int32
}

/// How an operation ended.
public struct ObservedOutcome: Sendable {
  /// How long it took, without the time of observers.
  public let duration: Duration
  /// How many rows it received, changed or copied; nil where there is no such number.
  public internal(set) var rows: Int?
  /// How often a transaction was run; nil for other operations.
  public internal(set) var attempts: Int?
  /// The error that it ended with; that of the program's closure, too, in a transaction or COPY.
  public let error: (any Error)?

  /// The code of the server's error.
  public var sqlState: SQLState? { (error as? PostgresError)?.sqlState }
  /// The error as one sentence without values; errors of the program are shown by their type only.
  public var errorDescription: String? {
    error.map { ($0 as? PostgresError)?.description ?? String(reflecting: type(of: $0)) }
  }
}
