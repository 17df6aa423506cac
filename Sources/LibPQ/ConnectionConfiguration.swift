import CLibPQ

/// Where and how to connect. Everything that libpq knows works: connection strings and URIs,
/// service files, password files, several hosts, `sslmode=verify-full`, environment variables.
///
/// A connection always speaks UTF-8, keeps its time zone at UTC and its dates in ISO form.
public struct ConnectionConfiguration: Sendable {
  /// libpq's keywords and values; a connection string stands under `dbname`.
  let keywords: [(name: String, value: String)]

  /// What `application_name` says in the server's views if the keywords do not: by default, the
  /// name of the module.
  public var applicationName = "LibPQ"

  /// How long all of connecting may take, over all hosts.
  public var connectTimeout: Duration = .seconds(10)

  /// How long the server may take to stop a statement after it was told to; then the connection is
  /// cut off.
  public var cancelGrace: Duration = .seconds(10)

  /// Whether and when statements are prepared on the server.
  public var preparedStatements = PreparedStatements.automatic

  /// What the installed libpq must be able to do; if it cannot, connecting is refused.
  public var requiredFeatures: Set<LibraryFeature> = []

  /// Settings of the session, such as `search_path`, `role` or `statement_timeout`, by their names.
  public var settings: [String: String] = [:]

  /// Is called, on the connection's thread, with each notice and warning of the server. Without one
  /// they are dropped.
  public var noticeHandler: (@Sendable (ServerReport) -> Void)?

  /// Are told of what the connection does: connecting, queries, COPYs and transactions; and of the
  /// waits for connections of a pool. All are told, in this order.
  public var observers: [any OperationObserver] = []

  /// Takes a connection string, `host=/run/postgresql dbname=site`, or a URI,
  /// `postgresql://user@host/site`; empty means libpq's environment variables and defaults.
  public init(conninfo: String = "") {
    keywords = [("dbname", conninfo)]
  }

  /// Takes libpq's keywords one by one: `["host": "/run/postgresql", "dbname": "site"]`.
  public init(keywords: [String: String]) {
    self.keywords = keywords.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension ConnectionConfiguration {
  /// Throws if libpq cannot read the connection string. Of its message only the name of an option is
  /// shown; whatever else it quotes may be a piece of a password that lacks its own quotes.
  func checkConnectionString() throws(PostgresError) {
    guard let text = keywords.first(where: { $0.name == "dbname" })?.value,
      text.contains("=") || text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    else { return }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(text, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    if options != nil { return }
    let reason = trimmed(message)
    let shown = reason.hasPrefix("invalid connection option") ? reason : reason.withoutQuotedValue
    throw PostgresError(
      .connection,
      "the connection string cannot be read: \(shown); put values with blanks in single quotes, and "
        + "write special characters of a URI as %XX"
    ).with { $0.isLastingRefusal = true }
  }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomReflectable {
  /// Says nothing of the keywords, which may hold a password.
  public var description: String { "ConnectionConfiguration(\(applicationName))" }

  /// Shows no more to debuggers than ``description``.
  public var customMirror: Mirror { Mirror(self, children: ["applicationName": applicationName]) }
}
