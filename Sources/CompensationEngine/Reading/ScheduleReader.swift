import Documents
import Quantities

/// Reads the tiers of a schedule, which must follow each other to the end without a gap or an
/// overlap, and the points of a line.
struct ScheduleReader {
  /// The key of what a tier gives: `rate`, `multiplier` or `value`.
  let valueKey: String
  /// Nil if the unit of the rates could not be read.
  let unit: RateUnit?
  /// Nil if the mode could not be read.
  let mode: RateSchedule.Mode?
  /// The unit of the bounds: 1 for amounts, 100 where they are percentages.
  var boundUnit = ExactDecimal.one
  /// Whether the first tier may start below zero or be unlimited downwards.
  var mayStartBelowZero = false
  /// Whether a rate of more than the whole amount is refused as a mistaken unit.
  var refusesLargeRates = true

  /// The start of a tier that is unlimited downwards: below any number that a plan can hold.
  static let bottom = ExactDecimal(-1_000_000_000_000_000_000)

  /// The tiers, or nil if one of them cannot be read.
  func read(_ place: DocumentNode) -> [RateTier]? {
    mode == .line ? readPoints(place) : readTiers(place)
  }

  private func readTiers(_ place: DocumentNode) -> [RateTier]? {
    guard let items = place.list(of: "the tiers", atMost: PlanLimits.rateTiers) else { return nil }
    var tiers: [RateTier] = []
    // Where the next tier must start; nil while the bound before it could not be read.
    var expected: ExactDecimal? = .zero
    for (position, item) in items.enumerated() {
      guard let keys = DocumentMapping(item, keys: ["from", "to", valueKey]) else { return nil }
      let fromNode = keys.required("from")
      let from = fromNode.flatMap { readStart($0, isFirst: position == 0) }
      if let from, let fromNode, let expected {
        checkStart(from, of: fromNode, after: expected, isFirst: position == 0)
      }
      let isLast = position == items.count - 1
      let upTo = keys.required("to").flatMap { readEnd($0, from: from, isLast: isLast) }
      let rate = keys.required(valueKey).flatMap(readRate)
      expected = if case .amount(let bound) = upTo { bound } else { nil }
      guard let from, let upTo, let rate else { continue }
      let bound: ExactDecimal? = if case .amount(let bound) = upTo { bound } else { nil }
      tiers.append(
        RateTier(
          range: TierRange(from: scaled(from), upTo: bound.map(scaled)), rate: rate,
          unit: unit ?? .fraction))
    }
    return tiers.count == items.count ? tiers : nil
  }

  /// A bound in the unit of what is looked up: 120 percent is 1.20.
  private func scaled(_ bound: ExactDecimal) -> ExactDecimal {
    boundUnit == .one ? bound : RateUnit.percent.factor(bound)
  }

  /// The end of a tier.
  private enum End {
    case amount(ExactDecimal)
    case unlimited
  }

  private func readStart(_ place: DocumentNode, isFirst: Bool) -> ExactDecimal? {
    guard mayStartBelowZero else { return place.decimalNotNegative() }
    if isFirst, place.plainText == "unlimited" { return Self.bottom }
    return place.decimal()
  }

  private func checkStart(
    _ from: ExactDecimal, of place: DocumentNode, after expected: ExactDecimal, isFirst: Bool
  ) {
    if from == expected || (isFirst && mayStartBelowZero && from <= expected) { return }
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
      } else if mode == .interpolated {
        place.report(
          "an unlimited tier is never filled, so nothing can be interpolated in it; write where it "
            + "ends (amounts above count as filling it)")
      }
      return .unlimited
    }
    guard let bound = place.decimal() else { return nil }
    if let from, bound <= from {
      place.report("the tier ends at \(bound), which is not above its start \(from); swap them")
    } else if isLast, mode != .interpolated {
      place.report(
        "amounts above \(bound) belong to no tier; write unlimited for the last tier (a limit on "
          + "the pay is a component of kind cap)")
    }
    return .amount(bound)
  }

  private func readRate(_ place: DocumentNode) -> ExactDecimal? {
    guard let rate = place.decimal() else { return nil }
    if refusesLargeRates, let unit, let whole = unit.whole,
      rate > whole || ((try? rate + whole)?.isNegative ?? false)
    {
      place.report(
        "a rate of \(rate) with rate_unit \(unit.rawValue) is more than the whole amount; check the "
          + "unit, or write rate_unit: price for currency for each unit of the metric")
    }
    return rate
  }

  /// Points of a line as stretches: below the first and above the last, its value goes on.
  private func readPoints(_ place: DocumentNode) -> [RateTier]? {
    guard let items = place.list(of: "the points", atMost: PlanLimits.rateTiers) else { return nil }
    var points: [(at: ExactDecimal, value: ExactDecimal)] = []
    for item in items {
      guard let keys = DocumentMapping(item, keys: ["at", valueKey]) else { return nil }
      let atNode = keys.required("at")
      let at = atNode?.decimal()
      let value = keys.required(valueKey)?.decimal()
      if let at, let last = points.last, scaled(at) <= last.at {
        atNode?.report("the point at \(at) is not above the one before it; order the points")
      }
      if let at, let value { points.append((scaled(at), value)) }
    }
    guard points.count == items.count else { return nil }
    return points.enumerated().map { index, point in
      RateTier(
        range: TierRange(
          from: point.at, upTo: index + 1 < points.count ? points[index + 1].at : nil),
        rate: point.value, unit: unit ?? .fraction)
    }
  }
}
