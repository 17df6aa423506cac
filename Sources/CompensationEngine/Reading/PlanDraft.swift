import Documents
import Quantities

/// What has been read of a plan so far: what formulas can name, and what they have asked for.
final class PlanDraft {
  /// The metrics that can be measured; nil if that is not known here.
  let knownMetrics: Set<String>?
  /// Nil if the plan's rounding could not be read.
  var rounding: PlanRounding?
  var parameters: [Parameter] = []
  var exchange = Exchange.none
  var figures: [Figure] = []
  var tables: [LookupTable] = []
  var aggregates: [Aggregate] = []
  var names = FormulaNames()

  init(knownMetrics: Set<String>?) { self.knownMetrics = knownMetrics }

  /// A formula that gives a type; nil if something was reported.
  func formula(
    _ place: DocumentNode?, giving type: FormulaType = .number, ownFacts: Set<PersonFact> = []
  ) -> Formula? {
    guard let place, let text = place.text("a formula") else { return nil }
    do throws(FormulaProblem) {
      var names = names
      names.ownFacts = ownFacts
      var parser = try FormulaParser(text, names: names, aggregates: aggregates)
      let root = try parser.formula(giving: type)
      aggregates = parser.aggregates
      figureUses = parser.figureUses
      return Formula(source: text, root: root)
    } catch {
      place.report(error.message, atCharacter: error.offset)
      return nil
    }
  }

  /// The figures that the formula read last names, with the characters at which it does.
  private(set) var figureUses: [(figure: Int, offset: Int)] = []

  /// A metric's name, which must be one that can be measured.
  func metric(_ place: DocumentNode?) -> String? {
    guard let place, let name = place.code() else { return nil }
    if let knownMetrics, !knownMetrics.contains(name) {
      let hint =
        nearestName(to: name, among: knownMetrics).map { "did you mean \($0)?" }
        ?? "known are \(knownMetrics.sorted().joined(separator: ", "))"
      place.report("the metric \(name) is not known; \(hint)")
    }
    return name
  }

  /// Words that have a meaning in formulas and so can name nothing else.
  private static let reserved = Set(
    PersonFact.allCases.map(\.rawValue) + Aggregate.Kind.allCases.map(\.rawValue) + [
      "and", "or", "not", "if", "min", "max", "round", "abs", "divide", "lookup", "convert",
    ])

  /// A name that formulas can use: no hyphen, no word that has a meaning already.
  func formulaName(_ name: String, _ place: DocumentNode) -> String? {
    let isPlain =
      name.utf8.first.map { (97...122).contains($0) } == true
      && name.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 95
      } && name.utf8.count <= 63
    guard isPlain else {
      place.report(
        "\"\(name)\" cannot be used in formulas; use a lower-case letter and then lower-case "
          + "letters, digits or underscores, at most 63")
      return nil
    }
    if Self.reserved.contains(name) {
      place.report("\(name) means something in formulas already; choose another name")
      return nil
    }
    if names.parameters.contains(name) || names.tables.contains(where: { $0.name == name }) {
      place.report("the name \(name) is taken by another part of the plan; choose another")
      return nil
    }
    return name
  }

  /// Whom something is for: everybody, or lists of posts, tiers and units.
  func coverage(_ place: DocumentNode?) -> Coverage? {
    guard let place else { return .everyone }
    if place.plainText == "everyone" { return .everyone }
    guard let keys = DocumentMapping(place, keys: ["posts", "tiers", "units"]) else { return nil }
    if keys.entries.isEmpty {
      place.report("nobody is named; write posts, tiers or units, or everyone")
    }
    func names(_ key: String) -> Set<String>? {
      keys.optional(key)?.list(of: "the names", atMost: PlanLimits.coefficients)
        .map { Set($0.compactMap { $0.text("a name") }) }
    }
    return Coverage(posts: names("posts"), tiers: names("tiers"), units: names("units"))
  }

  /// `yes` or `no`.
  func flag(_ place: DocumentNode?, default standard: Bool) -> Bool {
    guard let place else { return standard }
    return place.choice(among: ["yes", "no"]) == "yes"
  }
}
