import Exchange
import LibPQ
import Quantities

extension Report {
  /// How long a report may take on the server.
  public static let timeLimit: Duration = .seconds(600)

  /// Runs the report and writes its rows. It reads only, under the caller's own rights.
  ///
  /// - Parameters:
  ///   - values: A value for each parameter, as ``values(from:)`` gives them.
  ///   - language: The language of the headings.
  ///   - makeWriter: Made from the report's columns once the statement is known to run.
  /// - Returns: The number of rows.
  @discardableResult
  public func run(
    values: [String: String], language: Language = .en, on connection: isolated Connection,
    writer makeWriter: @Sendable ([Column]) throws -> any TabularWriter
  ) throws -> Int {
    try connection.transaction(readOnly: true) { connection in
      try write(values: values, language: language, on: connection, writer: makeWriter)
    }
  }

  /// Runs the report within a transaction that only reads; see ``run(values:language:on:writer:)``.
  @discardableResult
  func write(
    values: [String: String], language: Language, on connection: isolated Connection,
    writer makeWriter: ([Column]) throws -> any TabularWriter
  ) throws -> Int {
    let query = self.query(values: values).labelled("report \(name)")
    try connection.limitStatements(to: Self.timeLimit)
    try requireRole(on: connection)
    try checkUnits(values, on: connection)
    if let problem = try columnProblem(of: query, on: connection) {
      throw BanyanError.failure("the report \(name) \(problem); correct its header")
    }
    let writer = try makeWriter(
      printedColumns(in: language, currency: try Self.currency(on: connection)))
    var count = 0
    try connection.forEachRow(query) { row in
      try writer.write(try columns.indices.map { try row.cell($0, columns[$0].kind) })
      count += 1
    }
    try writer.finish()
    return count
  }

  /// Refuses a login that holds none of the roles that the report is for.
  private func requireRole(on connection: isolated Connection) throws {
    guard !roles.isEmpty, try connection.isUnderPolicies(Identifier("platform", "applied_file"))
    else { return }
    let holds = try connection.value(
      "select exists (select 1 from unnest(\(roles)::text[]) as r (role) where bank.holds(r.role))",
      as: Bool.self)
    if holds { return }
    let login = try connection.value("select session_user::text", as: String.self)
    throw BanyanError.refusal(
      "the report \(name) is for the roles \(roles.joined(separator: ", ")), and the login “\(login)” holds none of them; ask an access officer for one"
    )
  }

  /// What the header says of the columns that the statement does not keep; nil if it keeps all.
  func columnProblem(of query: Query, on connection: isolated Connection) throws -> String? {
    let actual = try connection.describe(query)
    if actual.map(\.name) != columns.map(\.name) {
      return
        "declares the columns \(columns.map(\.name).joined(separator: ", ")) but returns \(actual.map(\.name).joined(separator: ", "))"
    }
    for (declared, found) in zip(columns, actual) where !declared.kind.holds(found.type) {
      return
        "declares \(declared.name) as \(declared.kind) but returns \(found.typeName); cast it to \(declared.kind.castName), or declare what it is"
    }
    return nil
  }

  /// The currency of the bank; nil before there is one.
  private static func currency(on connection: isolated Connection) throws -> String? {
    try connection.rows("select currency from bank.institution", as: String.self).first
  }

  /// The columns as tables print them.
  public func printedColumns(in language: Language, currency: String? = nil) -> [Column] {
    columns.map { column in
      let unit = column.unit.flatMap { unit -> String? in
        unit.english == Self.currencyUnit ? currency : unit[language]
      }
      let title = column.title[language]
      return Column(
        column.name, column.kind,
        title: unit.map { language == .zh ? "\(title)（\($0)）" : "\(title) (\($0))" } ?? title,
        format: column.format, isSummed: column.isSummed)
    }
  }
}

extension Connection {
  /// Ends every statement of the transaction that takes longer.
  func limitStatements(to limit: Duration) throws {
    try execute(
      "select set_config('statement_timeout', \(String(limit.components.seconds * 1000)), true)")
  }
}

extension ColumnKind {
  /// Whether a value of a type of the server can be printed as this.
  func holds(_ type: PostgresType) -> Bool {
    switch self {
    case .text, .json: String.canDecode(type)
    case .boolean: Bool.canDecode(type)
    case .integer: Int64.canDecode(type)
    case .amount: ExactDecimal.canDecode(type)
    case .date: CivilDate.canDecode(type)
    }
  }

  /// What to cast a value to.
  var castName: String {
    switch self {
    case .text, .json: "text"
    case .boolean: "boolean"
    case .integer: "bigint"
    case .amount: "numeric"
    case .date: "date"
    }
  }
}
