import Documents
import Quantities

/// The names that a formula may use at its place in the plan.
struct FormulaNames {
  /// What a name stands for.
  enum Meaning {
    case figure(Int)
    case parameter(Int)
    case line(Int)
    case fact(PersonFact)
    /// It stands for nothing here; the sentence says why.
    case refused(String)
  }

  /// The figures of the plan, by position; nil where the name could not be read.
  var figures: [String?] = []
  /// The parameters of the plan, by position.
  var parameters: [String] = []
  /// The tables that a formula can look into, with the types of what they are asked for.
  var tables: [(name: String, types: [FormulaType])] = []
  /// The codes of all components, nil where there is none.
  var components: [String?] = []
  /// The component that is being read, so that only lines before it can be used; nil for a formula
  /// that no lines come before.
  var component: Int?
  /// The facts that exist only at some places, such as the balance that a component carries.
  var ownFacts: Set<PersonFact> = []
  /// Whether a currency has an exchange rate in the plan.
  var currencies: (String) -> Bool = { _ in false }

  private static let commonFacts: Set<PersonFact> = [
    .tier, .post, .unit, .team, .daysActive, .daysInMonth, .monthOfYear, .monthOfQuarter,
  ]

  func resolve(_ name: String) -> Meaning {
    if let position = figures.firstIndex(of: name) { return .figure(position) }
    if let position = parameters.firstIndex(of: name) { return .parameter(position) }
    if let fact = PersonFact(rawValue: name) {
      if Self.commonFacts.contains(fact) || ownFacts.contains(fact) { return .fact(fact) }
      return .refused("\(name) has no value here; \(Self.place(of: fact))")
    }
    if let position = components.firstIndex(of: name) { return line(name, position) }
    let known =
      figures.compactMap(\.self) + parameters + components.prefix(component ?? 0).compactMap(\.self)
      + Self.commonFacts.map(\.rawValue)
    if tables.contains(where: { $0.name == name }) {
      return .refused("\(name) is a table; write lookup(\(name), ...)")
    }
    let hint =
      nearestName(to: name, among: known.sorted()).map { "did you mean \($0)?" }
      ?? "declare it under `figures` or `parameters`"
    return .refused("the name \(name) is not known here; \(hint)")
  }

  private func line(_ name: String, _ position: Int) -> Meaning {
    guard let component else {
      return .refused("\(name) is a component; figures are taken before any line is calculated")
    }
    if position < component { return .line(position) }
    return .refused(
      position == component
        ? "\(name) refers to itself; name components above this one"
        : "\(name) stands below this component; move it above, because components are evaluated "
          + "in order and may not refer to each other in a circle")
  }

  private static func place(of fact: PersonFact) -> String {
    switch fact {
    case .carried: "it is the balance of a component that has the key `carries`"
    case .amount: "it is the line's amount, known in `carries` only"
    default: "it is the sum of all lines, known in a deferral only"
    }
  }
}
