import LibPQ

/// What a rule of the database says to a person when it refuses something: what is wrong, which rows
/// stand against each other, and what to do.
///
/// A rule speaks in SQL. A function or trigger that refuses raises an error with the rule's name, a
/// message and an advice. A plain constraint has a comment of two parts, such as `a person holds one
/// tier a day; end the one on record first`. The keys that PostgreSQL shows with it become the codes
/// and numbers that people know. What is not on record, and locks not to be had, are told as well.
public struct ConstraintSentence: Sendable {
  /// Name of the constraint, trigger or index that refused; empty where it was none of them.
  public let rule: String
  /// The sentence.
  public let text: String

  /// The sentence of an error; nil if it is none that a rule has raised. The connection, whose
  /// transaction must be over, is asked for the rule's comment and for what keys stand for.
  public init?(_ error: PostgresError, on connection: isolated Connection) {
    guard error.kind == .server, let state = error.sqlState?.rawValue, Self.isRefusal(error, state)
    else { return nil }
    rule = error.constraint ?? ""
    if state == "55P03" {
      text =
        "somebody else is changing the same clients; nothing was changed, try again in a moment"
      return
    }
    if error.hint != nil || rule.isEmpty {
      let told = error.message + (error.detail.map { " (\($0.trimmingSuffix(".")))" } ?? "")
      text = error.hint.map { Self.joined(told, $0) } ?? told
      return
    }
    let comment = (try? Self.comment(of: rule, error: error, on: connection)) ?? nil
    let parts = (comment ?? Self.general(state)).split(separator: ";", maxSplits: 1)
    let keys = KeyDetail(error.detail ?? "")
    let shown = [
      keys.offered.flatMap { try? Self.words($0, on: connection) },
      keys.recorded.flatMap { try? Self.words($0, on: connection) },
    ].compactMap(\.self).filter { !$0.isEmpty }
    var sentence = parts.first.map(String.init) ?? error.message
    if comment == nil { sentence += " (\(rule))" }
    if let offered = shown.first {
      sentence += ": \(offered)"
      if shown.count == 2 { sentence += " conflicts with \(shown[1]), which is on record" }
    }
    text = parts.count == 2 ? Self.joined(sentence, String(parts[1])) : sentence
  }

  /// Integrity constraints, data exceptions, no or several rows found, and locks not to be had. A moment
  /// that is none is wrong use of an option, and not a rule's refusal.
  private static func isRefusal(_ error: PostgresError, _ state: String) -> Bool {
    if state == "22007", error.hint != nil { return false }
    return state.hasPrefix("23") || state.hasPrefix("22")
      || ["P0002", "21000", "55P03"].contains(state)
  }

  private static func joined(_ message: String, _ advice: String) -> String {
    let advice = advice.trimmingPrefix(" ")
    let lower = advice.prefix(1).lowercased() + advice.dropFirst()
    return "\(message); \(String(lower).trimmingSuffix("."))"
  }

  private static func general(_ state: String) -> String {
    switch state {
    case "23505": "this is on record already; correct it, or leave it out"
    case "23503": "what this refers to is not on record, or is still referred to; correct the code"
    case "23P01": "two rows overlap; end the one on record first"
    case "23502": "a value is missing; give it"
    default: "a rule of the database refuses this; correct the values"
    }
  }

  private static func comment(
    of rule: String, error: PostgresError, on connection: isolated Connection
  ) throws -> String? {
    try connection.optionalRow(
      """
      select coalesce(
        (select obj_description(c.oid, 'pg_constraint') from pg_constraint as c
         where c.conname = \(rule) and c.conrelid = to_regclass(format('%I.%I', \(error.schema)::text, \(error.table)::text))),
        (select obj_description(c.oid, 'pg_class') from pg_class as c
         where c.relname = \(rule) and c.relkind = 'i'
           and c.relnamespace = to_regnamespace(quote_ident(\(error.schema)::text))),
        '')
      """, as: String.self
    ).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Columns and values of a key in words: `employee E2, from 2026-06-01 on`.
  private static func words(
    _ key: [(column: String, value: String)], on connection: isolated Connection
  ) throws -> String {
    try key.compactMap { column, value in
      switch column {
      case "employee_id", "line_manager_id", "other_employee_id", "panel_member_id",
        "decided_by_id", "waived_by_id":
        "employee \(try name(value, "select number from bank.employee where employee_id =", on: connection))"
      case "org_unit_id", "branch_id", "parent_id":
        "unit \(try name(value, "select code from bank.org_unit where org_unit_id =", on: connection))"
      case "account_id":
        "account \(try name(value, "select number from bank.account where account_id =", on: connection))"
      case "client_id":
        "client \(try name(value, "select number from bank.client where client_id =", on: connection))"
      case "selection_round_id":
        "round \(try name(value, "select code from bank.selection_round where selection_round_id =", on: connection))"
      case "client_branch_id": nil
      case let column where column.hasPrefix("daterange("): days(value)
      default: "\(column.split(separator: "_").joined(separator: " ")) \(value)"
      }
    }.joined(separator: ", ")
  }

  private static func name(
    _ key: String, _ query: String, on connection: isolated Connection
  ) throws -> String {
    guard let number = Int64(key) else { return key }
    return try connection.optionalRow(
      "\(query: Query(unsafeSQL: query)) \(number) limit 1", as: String.self) ?? key
  }

  /// `[2026-01-01,2026-02-01)` as `from 2026-01-01 to 2026-02-01`, of which the last is no day of it.
  private static func days(_ range: String) -> String {
    let bounds = range.dropFirst().dropLast().split(
      separator: ",", omittingEmptySubsequences: false)
    guard bounds.count == 2 else { return range }
    return bounds[1].isEmpty ? "from \(bounds[0]) on" : "from \(bounds[0]) until \(bounds[1])"
  }
}

extension String {
  /// Without a text at its end.
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

/// The keys in the detail of an error: `Key (a, b)=(1, 2) conflicts with existing key (a, b)=(1, 3).`
private struct KeyDetail {
  private(set) var offered: [(column: String, value: String)]?
  private(set) var recorded: [(column: String, value: String)]?

  init(_ detail: String) {
    let keys = detail.matches(of: /[Kk]ey \((.*?)\)=\((.*?)\)(?= conflicts| already| is | |\.$)/)
      .map { Self.pairs(String($0.1), String($0.2)) }
    offered = keys.first
    recorded = keys.count > 1 ? keys[1] : nil
  }

  private static func pairs(_ columns: String, _ values: String) -> [(String, String)] {
    let (columns, values) = (parts(columns), parts(values))
    return columns.count == values.count ? Array(zip(columns, values)) : []
  }

  /// The parts between commas that stand in no brackets.
  private static func parts(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      switch character {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      default: break
      }
      if character == ",", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map { $0.replacing("::text", with: "").trimmingPrefix(" ") }.map(String.init)
  }
}

extension Connection {
  /// Does something, and turns the refusal of a rule into its sentence.
  ///
  /// - Throws: ``BanyanError`` with wrong data where a rule of the database refuses; otherwise what the
  ///   body throws.
  @discardableResult
  public func explainingRefusals<Result>(_ body: (isolated Connection) throws -> Result) throws
    -> Result
  {
    do {
      return try body(self)
    } catch let error as PostgresError {
      if let refusal = ConstraintSentence(error, on: self) { throw BanyanError.data(refusal.text) }
      throw error
    }
  }
}
