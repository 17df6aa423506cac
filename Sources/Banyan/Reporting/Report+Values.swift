import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

extension Report {
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
        let meaning = parameter.description[.en]
        throw BanyanError.usage(
          "the report \(name) needs \(parameter.name)=\(parameter.example)\(meaning.isEmpty ? "" : " (\(meaning))")"
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

  /// Refuses the code of a unit that the bank has not: a report about it would be empty, which reads
  /// like a unit without business.
  func checkUnits(_ values: [String: String], on connection: isolated Connection) throws {
    for parameter in parameters where parameter.type == .unit {
      guard let code = values[parameter.name], code != parameter.standard else { continue }
      let codes = try connection.rows("select code from bank.org_unit", as: String.self)
      if codes.contains(code) { continue }
      let hint =
        nearestName(to: code, among: codes).map { "did you mean \($0)?" }
        ?? "`banyan org tree` shows those that there are"
      throw BanyanError.usage(
        "\(parameter.name)=\(code): there is no unit with the code “\(code)”; \(hint)")
    }
  }

  /// The statement with a parameter for each `:'name'`.
  func query(values: [String: String]) -> Query {
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
  /// A value that it takes.
  public var example: String { choices.first ?? type.example }

  /// Refuses a value of another form.
  fileprivate func check(_ value: String) throws {
    if value == standard || choices.contains(value) { return }
    if !choices.isEmpty {
      throw BanyanError.usage(
        "\(name)=\(value) is none of \(choices.joined(separator: ", "))\(nearestName(to: value, among: choices).map { "; did you mean \($0)?" } ?? "; choose one")"
      )
    }
    let isGood =
      switch type {
      case .month: Month(value) != nil
      case .date: CivilDate(value) != nil
      case .integer: Int(value) != nil
      case .text: true
      case .unit: !value.isEmpty
      }
    if !isGood {
      throw BanyanError.usage(
        "\(name)=\(value) is not \(type.phrase); write \(name)=\(type.example)\(standard.map { " or \($0)" } ?? "")"
      )
    }
  }
}
