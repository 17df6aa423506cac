import Quantities
import Yams

/// The problems found so far while one plan is read.
final class PlanProblems {
  private(set) var all: [PlanProblem] = []

  func append(_ problem: PlanProblem) { all.append(problem) }

  var error: PlanError {
    PlanError(
      problems: all.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) })
  }
}

/// A value in a plan file that knows where it stands. Its typed readings report what is wrong and
/// return nil, so that one pass finds every problem. Numbers are read as the text that was written,
/// never by way of floating point.
struct PlanNode {
  let node: Node
  let path: String
  let problems: PlanProblems

  func report(_ message: String) {
    problems.append(
      PlanProblem(
        line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, path: path, message: message))
  }

  /// The last part of the path, as messages name it.
  private var name: String {
    path.split(separator: ".").last.map(String.init) ?? "the plan"
  }

  /// The text of a scalar as it was written; nil for lists and mappings.
  var plainText: String? { node.scalar?.string }

  /// The text of a scalar that is not empty.
  func text(_ expected: String) -> String? {
    guard case .scalar(let scalar) = node else {
      report("\(name) has nested values where \(expected) is expected")
      return nil
    }
    let isNothing = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    if isNothing || scalar.string.allSatisfy(\.isWhitespace) {
      report("\(name) has no value; write \(expected)")
      return nil
    }
    return scalar.string
  }

  /// A name such as `unit_price_deposits` or `berka-1993`: lower-case letters, digits, hyphens and
  /// underscores, with a letter first.
  func code() -> String? {
    guard let text = text("a name in lower-case letters") else { return nil }
    let isCode =
      text.utf8.count <= PlanLimits.codeLength
      && text.utf8.first.map { (97...122).contains($0) } == true
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
      }
    if isCode { return text }
    report(
      "\"\(text)\" is not a name; use a lower-case letter and then lower-case letters, digits, "
        + "hyphens or underscores, at most \(PlanLimits.codeLength)")
    return nil
  }

  /// An exact decimal.
  func decimal() -> ExactDecimal? {
    guard let text = text("a decimal such as 1200.50") else { return nil }
    guard let value = ExactDecimal(text) else {
      report(
        "\"\(text)\" is not a plain decimal; write digits and a point, such as 1200.50, without "
          + "separators, exponents, units or percent signs")
      return nil
    }
    let wholeDigits = value.wholePart.magnitude.description.utf8.count
    if wholeDigits > PlanLimits.wholeDigits || value.scale > PlanLimits.decimalPlaces {
      report(
        "\(text) is too long; use at most \(PlanLimits.wholeDigits) digits before the point and "
          + "\(PlanLimits.decimalPlaces) after it")
      return nil
    }
    return value
  }

  /// A decimal that is zero or more.
  func decimalNotNegative() -> ExactDecimal? {
    guard let value = decimal() else { return nil }
    if !value.isNegative { return value }
    report("\(value) is below zero; write zero or more")
    return nil
  }

  /// A whole number in a range.
  func wholeNumber(in range: ClosedRange<Int>) -> Int? {
    guard let text = text("a whole number") else { return nil }
    let isPlain = text.utf8.allSatisfy { (48...57).contains($0) }
    if isPlain, let value = Int(text), range.contains(value) { return value }
    report(
      "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound); write one"
    )
    return nil
  }

  /// A day written as `YYYY-MM-DD`.
  func date() -> CivilDate? {
    guard let text = text("a date such as 2026-01-31") else { return nil }
    if let date = CivilDate(text) { return date }
    report("\"\(text)\" is not a day of the calendar; write it as 2026-01-31")
    return nil
  }

  /// One of the names of a type.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Choice? {
    choice(type, among: Array(type.allCases))
  }

  /// One of some of the names of a type.
  func choice<Choice: RawRepresentable<String>>(
    _ type: Choice.Type, among choices: [Choice]
  ) -> Choice? {
    let names = choices.map(\.rawValue)
    guard let text = text(alternatives(names)) else { return nil }
    if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
    report(
      "\"\(text)\" is not known here; write \(alternatives(names))"
        + (nearestName(to: text, among: names).map { " (did you mean \($0)?)" } ?? ""))
    return nil
  }

  /// The items of a list that is neither empty nor longer than a limit.
  func list(of expected: String, atMost limit: Int) -> [PlanNode]? {
    guard case .sequence(let items) = node else {
      report("\(name) is not a list; write \(expected), each on a line that starts with a hyphen")
      return nil
    }
    if items.isEmpty || items.count > limit {
      report("\(name) has \(items.count) items; write from 1 to \(limit)")
      return nil
    }
    return items.enumerated().map {
      PlanNode(node: $0.element, path: "\(path)[\($0.offset)]", problems: problems)
    }
  }
}

/// `a`, `a or b`, `a, b or c`.
func alternatives(_ names: [String]) -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " or " + last
}

/// The sizes that a plan may have. They keep a hostile or mistaken file from eating the machine and
/// leave room for every product in 38 digits; no real plan comes near them.
enum PlanLimits {
  static let fileBytes = 1_048_576
  static let components = 200
  static let rateTiers = 1_000
  static let coefficients = 1_000
  static let codeLength = 63
  static let wholeDigits = 15
  static let decimalPlaces = 10
  static let instalments = 120
  static let months = 240
}
