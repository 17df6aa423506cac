import Quantities

extension Plan {
  /// The plan in its own language, with the keys in one fixed order and no comments. Two files that
  /// differ only in the order of keys, in comments or in layout have the same canonical text, which
  /// is what a digest of a plan is taken from; reading it gives the same plan again. Numbers stand
  /// as they were written: 0.10 and 0.1 pay the same but are printed differently on statements.
  public var canonicalText: String {
    var text = """
      plan: \(code)
      title: \(quoted(title))
      currency: \(currency.code)
      effective_from: \(effectiveFrom)

      """
    if let effectiveUntil { text += "effective_until: \(effectiveUntil)\n" }
    text += """
      rounding:
        places: \(rounding.places)
        mode: \(rounding.mode.rawValue)
        level: \(rounding.level.rawValue)
      components:

      """
    for component in components {
      text += """
          - code: \(component.code)
            title: \(quoted(component.title))
            kind: \(component.kind.rawValue)

        """
      for line in component.rule.canonicalLines { text += "    \(line)\n" }
    }
    guard let deferral else { return text + "deferral: none\n" }
    return text + """
      deferral:
        share: \(deferral.share)
        instalments: \(deferral.instalments)
        spacing_months: \(deferral.spacingMonths)
        first_due_after_months: \(deferral.firstDueAfterMonths)
        due_day: \(deferral.dueDay.rawValue)

      """
  }
}

extension Component.Rule {
  fileprivate var canonicalLines: [String] {
    switch self {
    case .unitPrice(let rule):
      return rule.metric.canonicalLines + ["price: \(rule.price)", "per: \(rule.per)"]
    case .rateTable(let rule):
      let tiers = rule.tiers.map { tier in
        let upTo = tier.range.upTo?.description ?? "unlimited"
        return "  - {from: \(tier.range.from), to: \(upTo), rate: \(tier.rate)}"
      }
      return rule.metric.canonicalLines
        + [
          "mode: \(rule.mode.rawValue)", "boundary: \(rule.boundary.rawValue)",
          "rate_unit: \(rule.unit.rawValue)", "tiers:",
        ] + tiers
    case .multiplier(let rule):
      let coefficients = rule.coefficients.sorted { $0.key < $1.key }
      return ["of: [\(rule.components.codes.joined(separator: ", "))]", "coefficients:"]
        + coefficients.map { "  \(quoted($0.key)): \($0.value)" }
        + ["missing_tier: \(rule.missingTier.rawValue)"]
    case .cap(let rule):
      return [
        "of: [\(rule.components.codes.joined(separator: ", "))]", "limit: \(rule.limit)",
        "period: \(rule.period.rawValue)",
      ]
    }
  }
}

extension MetricUse {
  fileprivate var canonicalLines: [String] {
    ["metric: \(name)", "missing: \(missing.rawValue)", "negative: \(negative.rawValue)"]
  }
}

/// A text in double quotes; YAML reads the escapes of JSON.
private func quoted(_ string: String) -> String {
  var bytes: [UInt8] = []
  appendJSONString(string, to: &bytes)
  return String(decoding: bytes, as: UTF8.self)
}
