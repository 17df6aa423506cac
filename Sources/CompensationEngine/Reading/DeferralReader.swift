import Documents
import Quantities

/// Reads how a part of the pay is paid later.
struct DeferralReader {
  let draft: PlanDraft

  private static let keys = [
    "for", "share", "amount", "instalments", "parts", "spacing_months", "first_due_after_months",
    "due_day", "risk_significant",
  ]

  /// The deferrals in the order in which they are tried; none if all is paid at once.
  func read(_ place: DocumentNode) -> [Deferral]? {
    if place.plainText == "none" { return [] }
    guard place.isList else { return readOne(place).map { [$0] } }
    guard let items = place.list(of: "the deferrals", atMost: PlanLimits.components) else {
      return nil
    }
    let deferrals = items.compactMap(readOne)
    return deferrals.count == items.count ? deferrals : nil
  }

  private func readOne(_ place: DocumentNode) -> Deferral? {
    guard let keys = DocumentMapping(place, keys: Self.keys) else { return nil }
    let covers = draft.coverage(keys.optional("for"))
    let taken = readTaken(keys)
    let (instalments, parts) = readInstalments(keys)
    let spacing = keys.required("spacing_months")?.wholeNumber(in: 1...PlanLimits.months)
    let first = keys.required("first_due_after_months")?.wholeNumber(in: 1...PlanLimits.months)
    let dueDay = keys.required("due_day")?.choice(Deferral.DueDay.self)
    let isRiskSignificant = draft.flag(keys.optional("risk_significant"), default: false)
    guard let covers, let taken, let instalments, let spacing, let first, let dueDay else {
      return nil
    }
    let deferral = Deferral(
      covers: covers, taken: taken, parts: parts, instalments: instalments,
      spacingMonths: spacing, firstDueAfterMonths: first, dueDay: dueDay)
    warn(of: deferral, isRiskSignificant, keys)
    return deferral
  }

  private func readTaken(_ keys: DocumentMapping) -> Deferral.Taken? {
    if let place = keys.optional("amount") {
      keys.optional("share")?.report("a deferral takes a share or an amount; keep one")
      return draft.formula(place, ownFacts: [.earned]).map { .formula($0) }
    }
    guard let place = keys.required("share"), let share = place.decimal() else { return nil }
    if share.coefficient <= 0 || share > .one {
      place.report("\(share) is not a fraction above 0 and up to 1; write 0.40 for 40 percent")
    }
    return .share(share)
  }

  /// The number of instalments, and the part of each where they are not equal.
  private func readInstalments(_ keys: DocumentMapping) -> (Int?, [ExactDecimal]?) {
    guard let place = keys.optional("parts") else {
      return (keys.required("instalments")?.wholeNumber(in: 1...PlanLimits.instalments), nil)
    }
    keys.optional("instalments")?.report(
      "the parts say how many instalments there are; leave this out")
    guard let items = place.list(of: "the parts", atMost: PlanLimits.instalments) else {
      return (nil, nil)
    }
    let parts = items.compactMap { $0.decimalNotNegative() }
    guard parts.count == items.count else { return (nil, nil) }
    let sum = try? parts.reduce(ExactDecimal.zero) { try $0 + $1 }
    if sum != .one {
      place.report(
        "the parts sum to \(sum.map { "\($0.normalized)" } ?? "more than fits"), not to 1; write "
          + "fractions, such as 0.30, 0.30 and 0.40")
    }
    if Set(parts).count > 1 {
      place.warn(
        "the instalments are not equal; regulators ask for equal ones, and none may be front-loaded"
      )
    }
    return (parts.count, parts)
  }

  /// Warns of less than regulators ask for posts that can put the bank at risk: two fifths over
  /// three years.
  private func warn(of deferral: Deferral, _ isRiskSignificant: Bool, _ keys: DocumentMapping) {
    guard isRiskSignificant else { return }
    if case .share(let share) = deferral.taken, share < ExactDecimal(coefficient: 40, scale: 2) {
      keys.optional("share")?.warn(
        "\(share) is deferred for risk-significant posts; regulators ask for at least 0.40")
    }
    let lastDue = deferral.firstDueAfterMonths + (deferral.instalments - 1) * deferral.spacingMonths
    if lastDue < 36 {
      keys.place.warn(
        "the last instalment is due after \(lastDue) months; regulators ask for at least 36 for "
          + "risk-significant posts")
    }
  }
}
