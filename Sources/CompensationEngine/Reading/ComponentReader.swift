import Documents
import Quantities

/// Reads the components of a plan, in order: a component may refer only to those before it.
struct ComponentReader {
  let knownMetrics: Set<String>?
  /// Nil if the plan's rounding could not be read.
  let rounding: PlanRounding?

  private static let commonKeys = ["code", "title", "kind"]
  private static let metricKeys = ["metric", "missing", "negative"]

  private func keys(of kind: Component.Kind) -> [String] {
    let own =
      switch kind {
      case .unitPrice: Self.metricKeys + ["price", "per"]
      case .rateTable: Self.metricKeys + ["mode", "boundary", "rate_unit", "tiers"]
      case .multiplier: ["of", "coefficients", "missing_tier"]
      case .cap: ["of", "limit", "period"]
      }
    return Self.commonKeys + own
  }

  /// The components, or nil if one of them cannot be read.
  func readList(_ place: DocumentNode) -> [Component]? {
    guard let items = place.list(of: "the components", atMost: PlanLimits.components) else {
      return nil
    }
    let mappings = items.map { DocumentMapping(anyKeys: $0) }
    // The codes are read first, so that a reference to a later component is told from an unknown
    // one, and a component with a problem does not make every reference to it a problem as well.
    var references = ReferenceReader(codes: mappings.map { $0?.optional("code")?.plainText })
    var components: [Component] = []
    for (position, mapping) in mappings.enumerated() {
      references.position = position
      if let mapping, let component = read(mapping, &references) { components.append(component) }
    }
    return components.count == items.count ? components : nil
  }

  private func read(_ own: DocumentMapping, _ references: inout ReferenceReader) -> Component? {
    // Without a known kind nothing can be said about the other keys.
    guard let kind = own.required("kind")?.choice(Component.Kind.self) else { return nil }
    own.refuseKeys(otherThan: keys(of: kind))
    let codeNode = own.required("code")
    let code = codeNode?.code()
    if let code, let earlier = references.earlierPosition(of: code) {
      codeNode?.report("the code \(code) is that of components[\(earlier)] already; choose another")
    }
    let title = own.required("title")?.text("what people call the component")
    let rule: Component.Rule? =
      switch kind {
      case .unitPrice: readUnitPrice(own).map { .unitPrice($0) }
      case .rateTable: readRateTable(own).map { .rateTable($0) }
      case .multiplier: readMultiplier(own, &references).map { .multiplier($0) }
      case .cap: readCap(own, &references).map { .cap($0) }
      }
    guard let code, let title, let rule else { return nil }
    return Component(code: code, title: title, rule: rule)
  }

  private func readMetric(_ own: DocumentMapping) -> MetricUse? {
    let nameNode = own.required("metric")
    let name = nameNode?.code()
    if let name, let knownMetrics, !knownMetrics.contains(name) {
      let hint =
        nearestName(to: name, among: knownMetrics).map { "did you mean \($0)?" }
        ?? "known are \(knownMetrics.sorted().joined(separator: ", "))"
      nameNode?.report("the metric \(name) is not known; \(hint)")
    }
    let missing = own.required("missing")?.choice(MetricUse.Missing.self)
    let negative = own.required("negative")?.choice(MetricUse.Negative.self)
    guard let name, let missing, let negative else { return nil }
    return MetricUse(name: name, missing: missing, negative: negative)
  }

  private func readUnitPrice(_ own: DocumentMapping) -> UnitPrice? {
    let metric = readMetric(own)
    let price = own.required("price")?.decimal()
    let perNode = own.required("per")
    let per = perNode?.decimal()
    if let per, per.coefficient <= 0 {
      perNode?.report("\(per) is not above zero; write how many units the price is for")
    }
    guard let metric, let price, let per else { return nil }
    return UnitPrice(metric: metric, price: price, per: per)
  }

  private func readRateTable(_ own: DocumentMapping) -> RateTable? {
    let metric = readMetric(own)
    let mode = own.required("mode")?.choice(RateTable.Mode.self)
    let boundary = own.required("boundary")?.choice(RateTable.Boundary.self)
    let unit = own.required("rate_unit")?.choice(RateUnit.self)
    let tiers = own.required("tiers").flatMap { RateTierReader(unit: unit).read($0) }
    guard let metric, let mode, let boundary, let unit, let tiers else { return nil }
    return RateTable(metric: metric, mode: mode, boundary: boundary, unit: unit, tiers: tiers)
  }

  private func readMultiplier(
    _ own: DocumentMapping, _ references: inout ReferenceReader
  ) -> TierMultiplier? {
    let of = own.required("of").flatMap { references.read($0) }
    var coefficients: [String: ExactDecimal] = [:]
    let coefficientsNode = own.required("coefficients")
    if let coefficientsNode, let byTier = DocumentMapping(anyKeys: coefficientsNode) {
      let count = byTier.entries.count
      if count == 0 || count > PlanLimits.coefficients {
        coefficientsNode.report(
          "there are \(count) coefficients; write from 1 to \(PlanLimits.coefficients)")
      }
      for (tier, value) in byTier.entries { coefficients[tier] = value.decimalNotNegative() }
    }
    let missingTier = own.required("missing_tier")?.choice(TierMultiplier.MissingTier.self)
    guard let of, let missingTier else { return nil }
    return TierMultiplier(components: of, coefficients: coefficients, missingTier: missingTier)
  }

  private func readCap(_ own: DocumentMapping, _ references: inout ReferenceReader) -> Cap? {
    let of = own.required("of").flatMap { references.read($0) }
    let limitNode = own.required("limit")
    let limit = limitNode?.decimalNotNegative()
    if let limit, let rounding, limit.normalized.scale > rounding.places {
      limitNode?.report(
        "\(limit) has more than the \(rounding.places) digits after the point that are paid; "
          + "shorten it")
    }
    let period = own.required("period")?.choice(Cap.Period.self)
    guard let of, let limit, let period else { return nil }
    return Cap(components: of, limit: limit, period: period)
  }
}
