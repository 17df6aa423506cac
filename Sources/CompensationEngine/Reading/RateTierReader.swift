import Documents
import Quantities

/// Reads the tiers of a rate table, which must start at zero and follow each other to the end
/// without a gap or an overlap.
struct RateTierReader {
  /// Nil if the unit of the rates could not be read.
  let unit: RateUnit?

  /// The tiers, or nil if one of them cannot be read.
  func read(_ place: DocumentNode) -> [RateTier]? {
    guard let items = place.list(of: "the tiers", atMost: PlanLimits.rateTiers) else { return nil }
    var tiers: [RateTier] = []
    // Where the next tier must start; nil while the bound before it could not be read.
    var expected: ExactDecimal? = .zero
    for (position, item) in items.enumerated() {
      guard let keys = DocumentMapping(item, keys: ["from", "to", "rate"]) else { return nil }
      let fromNode = keys.required("from")
      let from = fromNode?.decimalNotNegative()
      if let from, let fromNode, let expected {
        checkStart(from, of: fromNode, after: expected, isFirst: position == 0)
      }
      let isLast = position == items.count - 1
      let upTo = keys.required("to").flatMap { readEnd($0, from: from, isLast: isLast) }
      let rate = keys.required("rate").flatMap(readRate)
      expected = if case .amount(let bound) = upTo { bound } else { nil }
      guard let from, let upTo, let rate else { continue }
      let bound: ExactDecimal? = if case .amount(let bound) = upTo { bound } else { nil }
      tiers.append(
        RateTier(
          range: TierRange(from: from, upTo: bound), rate: rate, unit: unit ?? .fraction))
    }
    return tiers.count == items.count ? tiers : nil
  }

  /// The end of a tier.
  private enum End {
    case amount(ExactDecimal)
    case unlimited
  }

  private func checkStart(
    _ from: ExactDecimal, of place: DocumentNode, after expected: ExactDecimal, isFirst: Bool
  ) {
    if from == expected { return }
    if isFirst {
      place.report(
        "amounts from 0 to \(from) belong to no tier; start the first tier at 0, with a rate of 0 "
          + "if nothing is paid there")
    } else if from > expected {
      place.report(
        "a gap: amounts from \(expected) to \(from) belong to no tier; start this tier at "
          + "\(expected)")
    } else {
      place.report(
        "an overlap: amounts from \(from) to \(expected) belong to more than one tier; order the "
          + "tiers and start this one at \(expected)")
    }
  }

  private func readEnd(_ place: DocumentNode, from: ExactDecimal?, isLast: Bool) -> End? {
    guard let text = place.text("an amount or unlimited") else { return nil }
    if text == "unlimited" {
      if !isLast {
        place.report("only the last tier may be unlimited; write where this tier ends")
      }
      return .unlimited
    }
    guard let bound = place.decimal() else { return nil }
    if let from, bound <= from {
      place.report("the tier ends at \(bound), which is not above its start \(from); swap them")
    } else if isLast {
      place.report(
        "amounts above \(bound) belong to no tier; write unlimited for the last tier (a limit on "
          + "the pay is a component of kind cap)")
    }
    return .amount(bound)
  }

  private func readRate(_ place: DocumentNode) -> ExactDecimal? {
    guard let rate = place.decimal() else { return nil }
    if let unit, let whole = unit.whole, rate > whole || ((try? rate + whole)?.isNegative ?? false)
    {
      place.report(
        "a rate of \(rate) with rate_unit \(unit.rawValue) is more than the whole amount; check the "
          + "unit, or write rate_unit: price for currency for each unit of the metric")
    }
    return rate
  }
}
