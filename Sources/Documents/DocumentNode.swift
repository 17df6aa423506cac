import Quantities
import Yams

/// A value in a document that knows where it stands. Its typed readings report what is wrong and
/// return nil. Numbers are read as the text that was written, never by way of floating point.
public struct DocumentNode {
  let node: Node
  /// The place in the document, such as `components[2].tiers[1].rate`.
  public let path: String
  /// The document that the value is part of.
  public let document: Document

  /// The most digits of a number before and after the point: far beyond any real figure, and small
  /// enough to leave room for every product in 38 digits.
  static let digitLimits = (whole: 15, fraction: 10)
  /// The longest code, in bytes.
  static let codeLengthLimit = 63

  /// Records a problem at this place.
  public func report(_ message: String) {
    document.append(
      DocumentProblem(
        line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, path: path, message: message))
  }

  /// The last part of the path, as messages name it.
  private var name: String {
    path.split(separator: ".").last.map(String.init) ?? "the \(document.kind)"
  }

  /// Whether the value is a list.
  public var isList: Bool {
    if case .sequence = node { true } else { false }
  }

  /// Whether the value has nested keys.
  public var isMapping: Bool {
    if case .mapping = node { true } else { false }
  }

  /// The scalar as written, even if it is empty; nil for nested values.
  public var plainText: String? { node.scalar?.string }

  /// The text of a scalar that is not empty.
  public func text(_ expected: String) -> String? {
    guard case .scalar(let scalar) = node else {
      report("\(name) has nested values where \(expected) is expected")
      return nil
    }
    let isNothing = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    if isNothing || scalar.string.allSatisfy(\.isWhitespace) {
      report("\(name) has no value; write \(expected)")
      return nil
    }
    if scalar.string.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      report("\(name) has a line break or another control character in it; write it on one line")
      return nil
    }
    return scalar.string
  }

  /// A name such as `unit_price_deposits` or `berka-1993`: lower-case letters, digits, hyphens and
  /// underscores, with a letter first.
  public func code() -> String? {
    guard let text = text("a name in lower-case letters") else { return nil }
    let isCode =
      text.utf8.count <= Self.codeLengthLimit
      && text.utf8.first.map { (97...122).contains($0) } == true
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
      }
    if isCode { return text }
    report(
      "\"\(text)\" is not a name; use a lower-case letter and then lower-case letters, digits, "
        + "hyphens or underscores, at most \(Self.codeLengthLimit)")
    return nil
  }

  /// An exact decimal.
  public func decimal() -> ExactDecimal? {
    guard let text = text("a decimal such as 1200.50") else { return nil }
    guard let value = ExactDecimal(text) else {
      report(
        "\"\(text)\" is not a plain decimal; write digits and a point, such as 1200.50, without "
          + "separators, exponents, units or percent signs")
      return nil
    }
    let wholeDigits = value.wholePart.magnitude.description.utf8.count
    if wholeDigits > Self.digitLimits.whole || value.scale > Self.digitLimits.fraction {
      report(
        "\(text) is too long; use at most \(Self.digitLimits.whole) digits before the point and "
          + "\(Self.digitLimits.fraction) after it")
      return nil
    }
    return value
  }

  /// A decimal that is zero or more.
  public func decimalNotNegative() -> ExactDecimal? {
    guard let value = decimal() else { return nil }
    if !value.isNegative { return value }
    report("\(value) is below zero; write zero or more")
    return nil
  }

  /// A whole number in a range.
  public func wholeNumber(in range: ClosedRange<Int>) -> Int? {
    guard let text = text("a whole number") else { return nil }
    let isPlain = text.utf8.allSatisfy { (48...57).contains($0) }
    if isPlain, let value = Int(text), range.contains(value) { return value }
    report(
      "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound); write one"
    )
    return nil
  }

  /// A day written as `YYYY-MM-DD`.
  public func date() -> CivilDate? {
    guard let text = text("a date such as 2026-01-31") else { return nil }
    if let date = CivilDate(text) { return date }
    report("\"\(text)\" is not a day of the calendar; write it as 2026-01-31")
    return nil
  }

  /// One of the names of a type.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ type: Choice.Type
  ) -> Choice? {
    choice(among: type.allCases.map(\.rawValue)).flatMap(Choice.init(rawValue:))
  }

  /// One of a few names.
  public func choice(among names: [String]) -> String? {
    guard let text = text(alternatives(names)) else { return nil }
    if names.contains(text) { return text }
    report(
      "\"\(text)\" is not known here; write \(alternatives(names))"
        + (nearestName(to: text, among: names).map { " (did you mean \($0)?)" } ?? ""))
    return nil
  }

  /// The value of a key of this mapping; nil if it has no such key or is no mapping. Nothing is
  /// reported.
  public func value(of key: String) -> DocumentNode? {
    node.mapping?[Node(key)].map {
      DocumentNode(node: $0, path: "\(path).\(key)", document: document)
    }
  }

  /// The items of a list that is neither empty nor longer than a limit.
  public func list(of expected: String, atMost limit: Int) -> [DocumentNode]? {
    guard case .sequence(let items) = node else {
      report("\(name) is not a list; write \(expected), each on a line that starts with a hyphen")
      return nil
    }
    if items.isEmpty || items.count > limit {
      report("\(name) has \(items.count) items; write from 1 to \(limit)")
      return nil
    }
    return items.enumerated().map {
      DocumentNode(node: $0.element, path: "\(path)[\($0.offset)]", document: document)
    }
  }
}

/// `a`, `a or b`, `a, b or c`.
public func alternatives(_ names: [String]) -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " or " + last
}
