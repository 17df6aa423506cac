import Documents
import Quantities

extension Plan {
  /// Reads and checks a plan in the language that `docs/plans.md` describes. If the names of the
  /// known metrics are given, a component on any other metric is a problem too. The error holds
  /// everything that is wrong, each with its line, column and path.
  public init(yaml: String, knownMetrics: Set<String>? = nil) throws(DocumentError) {
    self = try Document.read(yaml: yaml, kind: "plan", meanings: planKeyMeanings) { root in
      PlanReader(knownMetrics: knownMetrics).read(root)
    }
  }
}

/// The names of the rounding modes, in the order of their declaration.
let roundingNames = Rounding.allCases.map(\.rawValue)

/// Reads the keys of a plan.
struct PlanReader {
  let knownMetrics: Set<String>?

  private static let keys = [
    "plan", "title", "currency", "effective_from", "effective_until", "rounding", "components",
    "deferral",
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
    let rounding = top.required("rounding").flatMap { readRounding($0, currency) }
    let components = top.required("components").flatMap {
      ComponentReader(knownMetrics: knownMetrics, rounding: rounding).readList($0)
    }
    let deferral = top.required("deferral").map(readDeferral)
    guard let code, let title, let currency, let from, let rounding, let components, let deferral
    else { return nil }
    return Plan(
      code: code, title: title, currency: currency, effectiveFrom: from, effectiveUntil: untilDate,
      rounding: rounding, components: components, deferral: deferral)
  }

  private func readCurrency(_ place: DocumentNode) -> Currency? {
    guard let text = place.text("a currency such as CNY") else { return nil }
    if let currency = Currency(isoCode: text) { return currency }
    place.report("\"\(text)\" is not a currency; write three capital letters such as CNY")
    return nil
  }

  private func readRounding(_ place: DocumentNode, _ currency: Currency?) -> PlanRounding? {
    guard let keys = DocumentMapping(place, keys: ["places", "mode", "level"]) else { return nil }
    let placesNode = keys.required("places")
    let places = placesNode?.wholeNumber(in: 0...6)
    if let places, let currency, places > currency.minorUnitDigits {
      placesNode?.report(
        "an amount in \(currency) has at most \(currency.minorUnitDigits) digits after the point; "
          + "write \(currency.minorUnitDigits) or fewer")
    }
    let mode = keys.required("mode")?.choice(Rounding.self)
    let level = keys.required("level").flatMap { node -> PlanRounding.Level? in
      if node.plainText != "total" { return node.choice(PlanRounding.Level.self) }
      node.report("rounding of totals only is not available; write line, so that each line is paid")
      return nil
    }
    guard let places, let mode, let level else { return nil }
    return PlanRounding(places: places, mode: mode, level: level)
  }

  private func readDeferral(_ place: DocumentNode) -> Deferral? {
    if place.plainText == "none" { return nil }
    guard
      let keys = DocumentMapping(
        place,
        keys: ["share", "instalments", "spacing_months", "first_due_after_months", "due_day"])
    else { return nil }
    let shareNode = keys.required("share")
    let share = shareNode?.decimal()
    if let share, share.coefficient <= 0 || share > .one {
      shareNode?.report(
        "\(share) is not a fraction above 0 and up to 1; write 0.40 for 40 percent")
    }
    let instalments = keys.required("instalments")?.wholeNumber(in: 1...PlanLimits.instalments)
    let spacing = keys.required("spacing_months")?.wholeNumber(in: 1...PlanLimits.months)
    let first = keys.required("first_due_after_months")?.wholeNumber(in: 1...PlanLimits.months)
    let dueDay = keys.required("due_day")?.choice(Deferral.DueDay.self)
    guard let share, let instalments, let spacing, let first, let dueDay else { return nil }
    return Deferral(
      share: share, instalments: instalments, spacingMonths: spacing, firstDueAfterMonths: first,
      dueDay: dueDay)
  }
}
