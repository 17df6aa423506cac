import Documents
import Quantities

extension Plan {
  /// Reads and checks a plan in the language that `docs/plans.md` describes. If the names of the
  /// known metrics are given, a component on any other metric is a problem too. The error holds
  /// everything that is wrong, each with its line, column and path.
  ///
  /// - Parameters:
  ///   - yaml: The plan.
  ///   - knownMetrics: The metrics that can be measured; nil if that is not known.
  ///   - changes: Values to read in other places than the text says, for what-if questions.
  public init(
    yaml: String, knownMetrics: Set<String>? = nil, changes: [DocumentChange] = []
  ) throws(DocumentError) {
    self = try Document.read(
      yaml: yaml, kind: "plan", meanings: planKeyMeanings, changes: changes
    ) { root in
      PlanReader(draft: PlanDraft(knownMetrics: knownMetrics)).read(root)
    }
  }
}

/// The names of the rounding modes, in the order of their declaration.
let roundingNames = Rounding.allCases.map(\.rawValue)

/// Reads the keys of a plan.
struct PlanReader {
  let draft: PlanDraft

  private static let keys = [
    "plan", "title", "currency", "effective_from", "effective_until", "covers", "rounding",
    "parameters", "exchange_rates", "figures", "tables", "components", "deferral",
  ]

  /// The plan, or nil if a part of it cannot be read; the problems tell the rest.
  func read(_ root: DocumentNode) -> Plan? {
    guard let top = DocumentMapping(root, keys: Self.keys) else { return nil }
    let code = top.required("plan")?.code()
    let title = top.required("title")?.text("what people call the plan")
    let currency = top.required("currency").flatMap(readCurrency)
    let from = top.required("effective_from")?.date()
    let until = top.optional("effective_until")
    let untilDate = until?.date()
    if let from, let untilDate, untilDate <= from {
      until?.report(
        "\(untilDate) is not after effective_from; write the first day on which the plan no "
          + "longer holds")
    }
    let covers = draft.coverage(top.optional("covers"))
    draft.rounding = top.required("rounding").flatMap { readRounding($0, currency) }
    let figures = FigureReader(draft: draft)
    figures.readParameters(top.optional("parameters"))
    figures.readExchange(top.optional("exchange_rates"))
    TableReader(draft: draft).readTables(top.optional("tables"))
    figures.readFigures(top.optional("figures"))
    let components = top.required("components").flatMap {
      ComponentReader(draft: draft).readList($0)
    }
    draft.names.component = components?.count ?? 0
    let deferrals = top.required("deferral").flatMap { DeferralReader(draft: draft).read($0) }
    guard let code, let title, let currency, let from, let covers, let rounding = draft.rounding,
      let components, let deferrals
    else { return nil }
    return Plan(
      code: code, title: title, currency: currency, effectiveFrom: from, effectiveUntil: untilDate,
      covers: covers, rounding: rounding, parameters: draft.parameters, exchange: draft.exchange,
      figures: draft.figures, tables: draft.tables, components: components, deferrals: deferrals,
      canonicalText: root.canonicalText, warnings: root.document.warnings,
      aggregates: draft.aggregates)
  }

  private func readCurrency(_ place: DocumentNode) -> Currency? {
    guard let text = place.text("a currency such as CNY") else { return nil }
    if let currency = Currency(isoCode: text) { return currency }
    place.report("\"\(text)\" is not a currency; write three capital letters such as CNY")
    return nil
  }

  private func readRounding(_ place: DocumentNode, _ currency: Currency?) -> PlanRounding? {
    guard
      let keys = DocumentMapping(place, keys: ["places", "mode", "level", "line_places"])
    else { return nil }
    let placesNode = keys.required("places")
    let places = placesNode?.wholeNumber(in: 0...6)
    if let places, let currency, places > currency.minorUnitDigits {
      placesNode?.report(
        "an amount in \(currency) has at most \(currency.minorUnitDigits) digits after the point; "
          + "write \(currency.minorUnitDigits) or fewer")
    }
    let mode = keys.required("mode")?.choice(Rounding.self)
    let level = keys.required("level")?.choice(PlanRounding.Level.self)
    var linePlaces = places
    if level == .total {
      linePlaces = keys.required("line_places")?.wholeNumber(in: (places ?? 0)...10)
    } else {
      keys.optional("line_places")?.report(
        "with level: line each line has the places that are paid; leave this out, or write level: "
          + "total")
    }
    guard let places, let mode, let level, let linePlaces else { return nil }
    return PlanRounding(places: places, mode: mode, level: level, linePlaces: linePlaces)
  }
}
