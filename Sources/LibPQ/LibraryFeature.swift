import CLibPQ

/// What only newer versions of libpq can do. LibPQ runs with the library that it finds, uses what
/// that one has, and manages without the rest; a program that cannot manage says so:
///
///     configuration.requiredFeatures = [.encryptedCancel]
public enum LibraryFeature: String, CaseIterable, Sendable {
  /// Requests to stop a query travel encrypted where the connection is; older libraries send them
  /// in clear, and with them the key that allows to stop queries of this connection.
  case encryptedCancel
  /// Prepared statements are closed by a message of the protocol, which poolers between program and
  /// server understand; with older libraries they are closed by the statement DEALLOCATE.
  case closingStatements

  /// The version of the library that the program runs with: 150018 is 15.18.
  public static var libraryVersion: Int { Int(PQlibVersion()) }

  /// The first version that has it.
  public var firstVersion: Int { 17 }

  /// Whether the library has it.
  public var isAvailable: Bool {
    switch self {
    case .encryptedCancel: Self.hasEncryptedCancel
    case .closingStatements: Self.hasClosingStatements
    }
  }

  private static let hasEncryptedCancel = clibpq_has_cancel_connections() != 0
  private static let hasClosingStatements = clibpq_has_close_prepared() != 0

  /// Throws one sentence that says what is missing, unless the library has it.
  public func require() throws(PostgresError) {
    if isAvailable { return }
    let version = Self.libraryVersion
    throw PostgresError(
      .usage,
      "\(purpose) needs libpq \(firstVersion) and this is libpq \(version / 10_000)."
        + "\(version % 10_000); install a newer libpq, or do not require it")
  }

  private var purpose: String {
    switch self {
    case .encryptedCancel: "stopping queries by encrypted requests"
    case .closingStatements: "closing prepared statements by a message of the protocol"
    }
  }
}
