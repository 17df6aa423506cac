import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

extension Report {
  /// How long a report may take on the server.
  public static let timeLimit: Duration = .seconds(600)

  /// Checks the values that a caller gives for the parameters, and fills in the defaults.
  ///
  /// - Throws: ``BanyanError`` for an unknown or missing parameter and for a value of another form.
  public func values(from given: [(name: String, value: String)]) throws -> [String: String] {
    var values: [String: String] = [:]
    for (name, value) in given {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        let names = parameters.map(\.name)
        let hint =
          nearestName(to: name, among: names).map { "did you mean \($0)?" }
          ?? (names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))")
        throw BanyanError.usage("the report \(self.name) has no parameter “\(name)”; \(hint)")
      }
      if values.updateValue(value, forKey: name) != nil {
        throw BanyanError.usage("the parameter “\(name)” is given twice; give it once")
      }
      try parameter.check(value)
    }
    for parameter in parameters where values[parameter.name] == nil {
      guard let standard = parameter.standard else {
        throw BanyanError.usage(
          "the report \(name) needs \(parameter.name)=\(parameter.type.example) (\(parameter.description))"
        )
      }
      values[parameter.name] = standard
    }
    try checkOrder(values)
    return values
  }

  /// Refuses a period that ends before it begins.
  private func checkOrder(_ values: [String: String]) throws {
    guard let from = values["from"].flatMap({ Month($0) }),
      let to = values["to"].flatMap({ Month($0) }), to < from
    else { return }
    throw BanyanError.usage("from=\(from) is after to=\(to); nothing lies between them")
  }

  /// Runs the report and writes its rows. It reads only, under the caller's own rights.
  ///
  /// - Parameters:
  ///   - values: A value for each parameter, as ``values(from:)`` gives them.
  ///   - writer: Made from the report's columns once the statement is known to run.
  /// - Returns: The number of rows.
  @discardableResult
  public func run(
    values: [String: String], on connection: isolated Connection,
    writer makeWriter: @Sendable ([PrintedColumn]) throws -> any TabularWriter
  ) throws -> Int {
    let query = self.query(values: values).labelled("report \(name)")
    return try connection.transaction(readOnly: true) { connection in
      try connection.execute(
        "select set_config('statement_timeout', \(String(Self.timeLimit.components.seconds * 1000)), true)"
      )
      try checkColumns(of: query, on: connection)
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

  /// Refuses a header that does not say what the statement returns.
  private func checkColumns(of query: Query, on connection: isolated Connection) throws {
    let actual = try connection.describe(query).map(\.name)
    if actual != columns.map(\.name) {
      throw BanyanError.failure(
        "the report \(name) declares the columns \(columns.map(\.name).joined(separator: ", ")) but returns \(actual.joined(separator: ", ")); correct its header"
      )
    }
  }

  /// The statement with a parameter for each `:'name'`.
  private func query(values: [String: String]) -> Query {
    var query: Query = ""
    var rest = Substring(sql)
    while let start = rest.range(of: ":'") {
      let after = rest[start.upperBound...]
      guard let end = after.firstIndex(of: "'"), let value = values[String(after[..<end])] else {
        query = "\(query: query)\(query: Query(unsafeSQL: String(rest[..<start.upperBound])))"
        rest = after
        continue
      }
      query =
        "\(query: query)\(query: Query(unsafeSQL: String(rest[..<start.lowerBound])))\(value)"
      rest = after[after.index(after: end)...]
    }
    return "\(query: query)\(query: Query(unsafeSQL: String(rest)))"
  }
}

extension Report.Parameter {
  /// Refuses a value of another form.
  fileprivate func check(_ value: String) throws {
    let isGood =
      switch type {
      case .month: Month(value) != nil
      case .date: CivilDate(value) != nil
      case .integer: Int(value) != nil
      case .text: true
      }
    if !isGood {
      throw BanyanError.usage(
        "\(name)=\(value) is not \(type.phrase); write \(name)=\(type.example)")
    }
  }
}

extension Report.ParameterType {
  fileprivate var example: String {
    switch self {
    case .month: "2026-01"
    case .date: "2026-01-31"
    case .integer: "10"
    case .text: "TEXT"
    }
  }

  fileprivate var phrase: String {
    switch self {
    case .month: "a month"
    case .date: "a day of the calendar"
    case .integer: "a whole number"
    case .text: "a text"
    }
  }
}
