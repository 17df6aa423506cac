import LibPQ

extension Report {
  /// Something that a check has found.
  public struct Finding: Hashable, Sendable {
    /// Whether the report cannot be used, or only lacks something.
    public enum Severity: String, Sendable {
      /// It cannot be used.
      case error
      /// It can, but something is missing.
      case warning
    }

    /// Whether it can be used.
    public let severity: Severity
    /// One sentence.
    public let message: String

    /// A finding.
    public init(_ severity: Severity, _ message: String) {
      self.severity = severity
      self.message = message
    }
  }

  /// How long the server may think about the plan of a report.
  static let planningLimit: Duration = .seconds(60)

  /// Everything that is wrong with the report on this server: parameters that the statement does not
  /// use or the header does not declare, a statement that cannot be planned, columns and types other
  /// than declared, roles that the bank has not. The statement is planned, not carried out.
  public func findings(on connection: isolated Connection) throws -> [Finding] {
    var findings = parameterFindings + languageFindings
    let known = try connection.rows("select code from bank.access_role", as: String.self)
    for role in roles where !known.contains(role) {
      findings.append(
        Finding(
          .error,
          "there is no role \(role); the roles are \(known.sorted().joined(separator: ", "))"
        ))
    }
    if findings.contains(where: { $0.severity == .error }) { return findings }
    do {
      try plan(on: connection, &findings)
    } catch let error as PostgresError where error.kind == .server {
      findings.append(
        Finding(
          .error, "the server refuses it: \(error.message)\(error.hint.map { "; \($0)" } ?? "")"))
    }
    return findings
  }

  private func plan(on connection: isolated Connection, _ findings: inout [Finding]) throws {
    let examples = parameters.map { ($0.name, $0.standard ?? $0.example) }
    let query = query(values: Dictionary(uniqueKeysWithValues: examples))
    let problem = try connection.transaction(readOnly: true) { connection in
      try connection.limitStatements(to: Self.planningLimit)
      let problem = try columnProblem(of: query, on: connection)
      if problem == nil { _ = try connection.rows("explain \(query: query)", as: String.self) }
      return problem
    }
    if let problem { findings.append(Finding(.error, "it \(problem)")) }
  }

  /// The names that stand as `:'name'` in the statement.
  private var askedNames: Set<String> {
    Set(sql.matches(of: /:'([a-z_][a-z0-9_-]*)'/).map { String($0.1) })
  }

  private var parameterFindings: [Finding] {
    let declared = Set(parameters.map(\.name))
    return askedNames.subtracting(declared).sorted().map {
      Finding(.error, "the statement asks for :'\($0)', which the header does not declare")
    }
      + declared.subtracting(askedNames).sorted().map {
        Finding(.error, "the header declares \($0), which the statement does not ask for")
      }
      + parameters.filter { $0.name.contains("-") }.map {
        Finding(
          .error, "psql takes no hyphen in the name of a parameter; call \($0.name) otherwise")
      }
  }

  private var languageFindings: [Finding] {
    let missing =
      [("title", title), ("description", description)].filter { $0.1.chinese == nil }.map(\.0)
      + parameters.filter { $0.description.chinese == nil }.map { "the parameter \($0.name)" }
      + columns.filter { $0.title.chinese == nil }.map { "the column \($0.name)" }
    if missing.isEmpty { return [] }
    return [Finding(.warning, "there is no Chinese for \(missing.joined(separator: ", "))")]
  }
}
