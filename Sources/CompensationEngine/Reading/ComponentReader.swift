import Documents
import Quantities

/// Reads the components of a plan, in order: a component may refer only to those before it.
struct ComponentReader {
  let draft: PlanDraft

  private static let commonKeys = [
    "code", "title", "kind", "for", "when", "proration", "tier_change", "less_paid", "carries",
    "paid",
  ]
  private static let basisKeys = ["metric", "missing", "negative", "amount"]
  private static let tierKeys = ["mode", "boundary", "rate_unit", "tiers"]

  private func keys(of kind: Component.Kind) -> [String] {
    let own =
      switch kind {
      case .unitPrice: Self.basisKeys + ["price", "per"]
      case .rate: Self.basisKeys + ["rate", "rate_unit"]
      case .rateTable: Self.basisKeys + Self.tierKeys + ["over"]
      case .attainment:
        [
          "actual", "target", "no_target", "worth", "mode", "boundary", "bound_unit", "tiers",
          "points",
        ]
      case .scorecard: ["worth", "full_score", "items", "at_least", "at_most"]
      case .formula: ["amount"]
      case .multiplier: ["of", "coefficients", "missing_tier", "coefficient"]
      case .cap: ["of", "limit", "period", "excess"]
      case .floor: ["of", "limit", "period"]
      case .guarantee: ["of", "minimum", "last_month", "recovery"]
      case .pool: ["pool", "funded_by", "shared_by", "points", "nobody"]
      case .rank: ["by", "among", "order", "ties", "amounts"]
      case .rollUp: ["of", "takes", "factor"]
      case .dealSplit: ["deals", "roles", "absent_role"] + Self.tierKeys
      case .entries: ["entries"]
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
    draft.names.components = mappings.map { $0?.optional("code")?.plainText }
    var references = ReferenceReader(codes: draft.names.components)
    var components: [Component] = []
    for (position, mapping) in mappings.enumerated() {
      references.position = position
      draft.names.component = position
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
    if let code, let codeNode { refuseTakenName(code, codeNode, references) }
    let title = own.required("title")?.text("what people call the component")
    let appliesTo = draft.coverage(own.optional("for"))
    let gate = own.optional("when")
    let gateFormula = draft.formula(gate, giving: .condition)
    let proration = own.optional("proration")?.choice(among: ["none", "by_days"])
    let tierChangeNode = own.optional("tier_change")
    let tierChange = tierChangeNode?.choice(among: ["last_day", "by_days"])
    if tierChange == "by_days", kind.looksAtSeveral {
      tierChangeNode?.report(
        "a line of kind \(kind.rawValue) is not one person's alone, or keeps a balance, and goes by the tier of the last day; leave `tier_change` out"
      )
    }
    let lessPaidNode = own.optional("less_paid")
    let lessPaid = lessPaidNode?.choice(Span.self)
    if lessPaid == .month {
      lessPaidNode?.report("nothing was paid in the month yet; write quarter or year")
    }
    let carriesNode = own.optional("carries")
    let rule = readRule(kind, own, &references, hasBalance: carriesNode != nil)
    let carries = draft.formula(carriesNode, ownFacts: [.carried, .amount])
    let isPaid = draft.flag(own.optional("paid"), default: true)
    guard let code, let title, let rule, let appliesTo, gate == nil || gateFormula != nil,
      carriesNode == nil || carries != nil
    else { return nil }
    let component = Component(
      code: code, title: title, kind: kind, rule: rule, appliesTo: appliesTo, gate: gateFormula,
      isProrated: proration == "by_days", goesByTierDays: tierChange == "by_days",
      lessPaid: lessPaid, carries: carries, isPaid: isPaid)
    if carries != nil, rule.keepsBalance {
      carriesNode?.report("\(code) keeps a balance by its own rule; leave `carries` out")
    }
    return component
  }

  private func refuseTakenName(
    _ code: String, _ place: DocumentNode, _ references: ReferenceReader
  ) {
    if let earlier = references.earlierPosition(of: code) {
      place.report("the code \(code) is that of components[\(earlier)] already; choose another")
    }
    let names = draft.names
    if names.figures.contains(code) || names.parameters.contains(code)
      || names.tables.contains(where: { $0.name == code })
    {
      place.report("the name \(code) is taken by another part of the plan; choose another")
    }
  }

  private func readRule(
    _ kind: Component.Kind, _ own: DocumentMapping, _ references: inout ReferenceReader,
    hasBalance: Bool
  ) -> Component.Rule? {
    let metrics = MetricRuleReader(draft: draft)
    let sums = SumRuleReader(draft: draft)
    let ownFacts: Set<PersonFact> = hasBalance ? [.carried] : []
    return switch kind {
    case .unitPrice: metrics.readUnitPrice(own).map { .unitPrice($0) }
    case .rate: metrics.readRate(own).map { .rateTable($0) }
    case .rateTable: metrics.readRateTable(own).map { .rateTable($0) }
    case .attainment: metrics.readAttainment(own).map { .attainment($0) }
    case .scorecard: metrics.readScorecard(own).map { .scorecard($0) }
    case .formula:
      draft.formula(own.required("amount"), ownFacts: ownFacts).map { .formula($0) }
    case .multiplier: sums.readMultiplier(own, &references).map { .multiplier($0) }
    case .cap: sums.readLimit(own, &references, isMost: true).map { .limit($0) }
    case .floor: sums.readLimit(own, &references, isMost: false).map { .limit($0) }
    case .guarantee: sums.readGuarantee(own, &references).map { .guarantee($0) }
    case .pool: sums.readPool(own, &references).map { .pool($0) }
    case .rank: sums.readRank(own).map { .rank($0) }
    case .rollUp: sums.readRollUp(own, &references).map { .rollUp($0) }
    case .dealSplit: metrics.readDealSplit(own).map { .dealSplit($0) }
    case .entries: own.required("entries")?.code().map { .entries($0) }
    }
  }
}

extension Component.Rule {
  /// Whether the rule itself carries a balance.
  fileprivate var keepsBalance: Bool {
    switch self {
    case .guarantee(let rule): rule.recovery != nil
    case .limit(let rule): rule.excess == .carried
    default: false
    }
  }
}

extension Component.Kind {
  /// Whether the kind shares something out, looks at others, or keeps a balance by itself.
  fileprivate var looksAtSeveral: Bool {
    switch self {
    case .unitPrice, .rate, .rateTable, .attainment, .scorecard, .formula, .multiplier: false
    case .cap, .floor, .guarantee, .pool, .rank, .rollUp, .dealSplit, .entries: true
    }
  }
}
