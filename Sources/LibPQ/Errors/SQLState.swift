/// The five characters by which PostgreSQL names the cause of an error or notice, such as `23505`.
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The five characters.
  public let rawValue: String

  /// Takes a code as the server sends it.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// PostgreSQL's name of the condition, such as `unique_violation`; nil for codes that are not in
  /// its list, such as those that a function raises by itself.
  public var conditionName: String? { Self.conditionNames[rawValue] }

  /// The class: the first two characters, such as `23` for violated integrity constraints.
  public var conditionClass: Substring { rawValue.prefix(2) }

  /// The code and, where there is one, the name: `23505 unique_violation`.
  public var description: String {
    conditionName.map { "\(rawValue) \($0)" } ?? rawValue
  }

  /// A row with this key exists already.
  public static let uniqueViolation = SQLState(rawValue: "23505")
  /// A key refers to a row that does not exist, or is still referred to.
  public static let foreignKeyViolation = SQLState(rawValue: "23503")
  /// A check constraint refused the row.
  public static let checkViolation = SQLState(rawValue: "23514")
  /// A column that must have a value has none.
  public static let notNullViolation = SQLState(rawValue: "23502")
  /// An exclusion constraint refused the row.
  public static let exclusionViolation = SQLState(rawValue: "23P01")
  /// Concurrent transactions could not be put in an order; run this one again.
  public static let serializationFailure = SQLState(rawValue: "40001")
  /// Transactions waited for each other and this one was chosen to end; run it again.
  public static let deadlockDetected = SQLState(rawValue: "40P01")
  /// The statement was cancelled, by its client or by a server time limit.
  public static let queryCanceled = SQLState(rawValue: "57014")
  /// A statement came in a transaction that an earlier error had already failed.
  public static let inFailedTransaction = SQLState(rawValue: "25P02")
  /// There is no such table or view.
  public static let undefinedTable = SQLState(rawValue: "42P01")
  /// There is no such type, role or other object that has no code of its own.
  static let undefinedObject = SQLState(rawValue: "42704")
  /// A value does not have the type that is wanted.
  static let datatypeMismatch = SQLState(rawValue: "42804")
  /// The server met what it does not expect, such as the number of a type that was dropped.
  static let internalError = SQLState(rawValue: "XX000")
  /// There is no such database.
  public static let invalidCatalogName = SQLState(rawValue: "3D000")
  /// The statement is not allowed to this role.
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  /// There is no prepared statement of this name.
  public static let undefinedStatement = SQLState(rawValue: "26000")
  /// The server does not do this; also how it reports a prepared plan that a migration made stale.
  public static let featureNotSupported = SQLState(rawValue: "0A000")
}
