import Documents
import Quantities

/// Reads the rules that adjust, share or rank earlier lines.
struct SumRuleReader {
  let draft: PlanDraft

  func readMultiplier(
    _ own: DocumentMapping, _ references: inout ReferenceReader
  ) -> Multiplier? {
    let of = own.required("of").flatMap { references.read($0) }
    if let place = own.optional("coefficient") {
      for key in ["coefficients", "missing_tier"] {
        own.optional(key)?.report("a coefficient is by tier or by formula; keep one of them")
      }
      guard let of, let formula = draft.formula(place) else { return nil }
      return Multiplier(components: of, coefficient: .formula(formula))
    }
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
    let missingTier = own.required("missing_tier")?.choice(Multiplier.MissingTier.self)
    guard let of, let missingTier else { return nil }
    return Multiplier(components: of, coefficient: .byTier(coefficients, missing: missingTier))
  }

  func readLimit(
    _ own: DocumentMapping, _ references: inout ReferenceReader, isMost: Bool
  ) -> Limit? {
    let of = own.required("of").flatMap { references.read($0) }
    let limit = own.required("limit").flatMap(readAmount)
    let period = own.required("period")?.choice(Span.self)
    let excess = own.optional("excess")?.choice(Limit.Excess.self) ?? .lost
    guard let of, let limit, let period else { return nil }
    return Limit(
      components: of, limit: limit, isMost: isMost, period: period, excess: excess)
  }

  /// An amount that is paid, or a formula for one.
  private func readAmount(_ place: DocumentNode) -> Formula? {
    guard let text = place.plainText, ExactDecimal(text) != nil else { return draft.formula(place) }
    guard let amount = place.decimalNotNegative() else { return nil }
    if let rounding = draft.rounding, amount.normalized.scale > rounding.linePlaces {
      place.report(
        "\(amount) has more than the \(rounding.linePlaces) digits after the point that are paid; "
          + "shorten it")
    }
    return Formula(source: text, root: .number(ExactRatio(amount)))
  }

  func readGuarantee(
    _ own: DocumentMapping, _ references: inout ReferenceReader
  ) -> Guarantee? {
    let of = own.required("of").flatMap { references.read($0) }
    let minimum = own.required("minimum").flatMap(readAmount)
    let last = own.optional("last_month").map(readMonth)
    let recoveryNode = own.required("recovery")
    var recovery: Guarantee.Recovery?
    if let recoveryNode, recoveryNode.plainText != "none" {
      guard let keys = DocumentMapping(recoveryNode, keys: ["share", "first_month"]) else {
        return nil
      }
      let first = keys.optional("first_month").map(readMonth)
      guard let share = keys.required("share").flatMap(readShare), first != .some(nil) else {
        return nil
      }
      recovery = Guarantee.Recovery(share: share, firstMonth: first ?? nil)
    }
    guard let of, let minimum, recoveryNode != nil, last != .some(nil) else { return nil }
    return Guarantee(
      components: of, minimum: minimum, lastMonth: last ?? nil, recovery: recovery)
  }

  private func readMonth(_ place: DocumentNode) -> Month? {
    guard let text = place.text("a month such as 2026-01") else { return nil }
    if let month = Month(text) { return month }
    place.report("\"\(text)\" is not a month; write it as 2026-01")
    return nil
  }

  /// A share, as a fraction above 0 and up to 1.
  private func readShare(_ place: DocumentNode) -> ExactDecimal? {
    guard let share = place.decimal() else { return nil }
    if share.coefficient <= 0 || share > .one {
      place.report("\(share) is not a fraction above 0 and up to 1; write 0.40 for 40 percent")
    }
    return share
  }

  func readPool(_ own: DocumentMapping, _ references: inout ReferenceReader) -> Pool? {
    let group = own.required("shared_by").flatMap(readGroup)
    let points = draft.formula(own.required("points"))
    let nobody = own.required("nobody")?.choice(Pool.Nobody.self)
    if own.optional("pool") != nil, let funded = own.optional("funded_by") {
      funded.report("a pool is an amount, or people fund it; keep one")
      return nil
    }
    var amount: Formula?
    var funding: Pool.Funding?
    if let place = own.optional("funded_by") {
      guard let keys = DocumentMapping(place, keys: ["of", "share"]) else { return nil }
      let of = keys.required("of").flatMap { references.read($0, isAdjusting: false) }
      let share = keys.required("share").flatMap(readShare)
      guard let of, let share else { return nil }
      funding = Pool.Funding(components: of, share: share)
    } else {
      amount = draft.formula(own.required("pool"))
      if amount == nil { return nil }
    }
    guard let group, let points, let nobody else { return nil }
    return Pool(amount: amount, funding: funding, group: group, points: points, nobody: nobody)
  }

  /// A group that each person belongs to.
  private func readGroup(_ place: DocumentNode) -> PeopleGroup? {
    place.choice(among: PeopleGroup.allCases.filter { $0 != .led }.map(\.rawValue))
      .flatMap(PeopleGroup.init(rawValue:))
  }

  func readRank(_ own: DocumentMapping) -> RankBonus? {
    let by = draft.formula(own.required("by"))
    let group = own.required("among").flatMap(readGroup)
    let order = own.required("order")?.choice(RankBonus.Order.self)
    let ties = own.required("ties")?.choice(RankBonus.Ties.self)
    let amounts = own.required("amounts")?.list(of: "the amounts", atMost: PlanLimits.rateTiers)
    guard let by, let group, let order, let ties, let amounts else { return nil }
    let values = amounts.compactMap { $0.decimal() }
    guard values.count == amounts.count else { return nil }
    if let rounding = draft.rounding {
      for (value, place) in zip(values, amounts) where value.normalized.scale > rounding.linePlaces
      {
        place.report(
          "\(value) has more than the \(rounding.linePlaces) digits after the point that are paid; "
            + "shorten it")
      }
    }
    return RankBonus(by: by, group: group, order: order, ties: ties, amounts: values)
  }

  func readRollUp(_ own: DocumentMapping, _ references: inout ReferenceReader) -> RollUp? {
    let of = own.required("of").flatMap { references.read($0, isAdjusting: false) }
    let takes = own.required("takes")?.choice(RollUp.Takes.self)
    let factorNode = own.required("factor")
    let factor = factorNode?.decimalNotNegative()
    if takes == .shareOfTotal, let factor, factor > .one {
      factorNode?.report(
        "a share of \(factor) is more than the whole; write 0.10 for 10 percent, or takes: "
          + "multiple_of_average")
    }
    guard let of, let takes, let factor else { return nil }
    return RollUp(components: of, takes: takes, factor: factor)
  }
}
