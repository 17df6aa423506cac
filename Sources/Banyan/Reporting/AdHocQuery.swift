import Exchange
import Foundation
import LibPQ
import Quantities

/// A query that somebody wrote for once: one statement that reads, run under the caller's own rights.
public struct AdHocQuery: Sendable {
  /// How long it may take unless told otherwise.
  public static let usualTimeLimit: Duration = .seconds(600)

  /// The statement, without a semicolon at its end.
  public let sql: String

  /// Takes a statement as people write it.
  ///
  /// - Throws: ``BanyanError`` if there is none, or it is a command of psql and not of SQL.
  public init(_ text: String) throws {
    var sql = text.trimmingCharacters(in: .whitespacesAndNewlines)
    while sql.hasSuffix(";") {
      sql = sql.dropLast().trimmingCharacters(in: .whitespacesAndNewlines)
    }
    if sql.isEmpty { throw BanyanError.usage("there is no statement to run; write a SELECT") }
    if sql.hasPrefix("\\") {
      throw BanyanError.usage(
        "“\(sql.prefix { !$0.isWhitespace })” is a command of psql, not SQL; `banyan server psql` or psql itself knows it"
      )
    }
    self.sql = sql
  }

  /// Runs the statement in a transaction that only reads, and writes its rows. Values of types that
  /// tables have no form for are written as the server prints them.
  ///
  /// - Returns: The number of rows.
  @discardableResult
  public func run(
    timeLimit: Duration = AdHocQuery.usualTimeLimit, on connection: isolated Connection,
    writer makeWriter: @Sendable ([Column]) throws -> any TabularWriter
  ) throws -> Int {
    try connection.transaction(readOnly: true) { connection in
      try connection.limitStatements(to: timeLimit)
      let (query, columns) = try describedQuery(on: connection)
      let writer = try makeWriter(columns)
      var count = 0
      try connection.forEachRow(query) { row in
        try writer.write(try columns.indices.map { try row.cell($0, columns[$0].kind) })
        count += 1
      }
      try writer.finish()
      return count
    }
  }

  /// The statement as it is run, and what it returns.
  private func describedQuery(
    on connection: isolated Connection
  ) throws -> (query: Query, columns: [Column]) {
    let plain = Query(unsafeSQL: sql).labelled("sql")
    let described: [ColumnDescription]
    do {
      described = try connection.describe(plain)
    } catch {
      throw Self.refusal(error)
    }
    if described.isEmpty {
      throw BanyanError.usage(
        "the statement returns no rows, so there is nothing to print; `banyan sql` only reads: write a SELECT"
      )
    }
    let kinds = described.map { Self.kind(of: $0.type) }
    let columns = zip(described, kinds).map { Column($0.name, $1 ?? .text) }
    return (kinds.contains(nil) ? Self.cast(sql, kinds) : plain, columns)
  }

  /// Why the server does not take the statement, where its author can do something about it.
  private static func refusal(_ error: PostgresError) -> any Error {
    guard error.kind == .server, error.sqlState != .insufficientPrivilege else { return error }
    if error.message.contains("multiple commands") {
      return BanyanError.usage(
        "there is more than one statement; run them one by one, each with `banyan sql`")
    }
    return BanyanError.usage(
      "the server refuses the statement: \(error.message)\(error.hint.map { "; \($0)" } ?? "")")
  }

  /// What a column of a type is printed as; nil if the server must make a text of it.
  private static func kind(of type: PostgresType) -> ColumnKind? {
    if type.isUserDefined || type == .jsonb { return nil }
    return [.integer, .amount, .date, .boolean, .text].first { (kind: ColumnKind) in
      kind.holds(type)
    }
  }

  /// The statement with texts of the columns that have no kind.
  private static func cast(_ sql: String, _ kinds: [ColumnKind?]) -> Query {
    let names = kinds.indices.map { "c\($0)" }
    let list = zip(names, kinds).map { $1 == nil ? "\($0)::text" : $0 }.joined(separator: ", ")
    return Query(
      unsafeSQL:
        "select \(list) from (\n\(sql)\n) as query (\(names.joined(separator: ", ")))"
    ).labelled("sql")
  }
}
