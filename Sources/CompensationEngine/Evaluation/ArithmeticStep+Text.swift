import Quantities

extension ArithmeticStep: CustomStringConvertible {
  /// The step as a person reads it, such as `12,345.67 × 12.00 ÷ 10,000 = 14.814804`.
  public var description: String {
    switch purpose {
    case .metric, .parameter, .figure, .lookup, .group, .entry: "\(subject) = \(calculation)"
    case .calculation, .transaction:
      subject.isEmpty ? calculation : "\(subject): \(calculation)"
    case .condition:
      (terms.count == 2 ? "\(terms[0].text) \(subject) \(terms[1].text)" : subject)
        + (result.total.isZero ? ": no" : ": yes")
    case .converted: "\(subject) at its rate: \(calculation)"
    case .prorated: "for the days paid: \(calculation)"
    case .lessPaid: "less what was paid for the \(subject): \(calculation)"
    case .distributed: "\(subject): \(calculation)"
    case .remark: subject
    case .floor: floorPhrase
    case .level: "\(levelPhrase): \(calculation)"
    case .missingAsZero: "\(subject) is missing and counts as 0"
    case .negativeAsZero: "\(subject) is negative and counts as 0"
    case .price, .adjustment, .slices: calculation
    case .slice: "\(slicePhrase): \(calculation)"
    case .wholeTier: "all of it at the rate of the tier \(tierPhrase): \(calculation)"
    case .lines: "\(subject): \(calculation)"
    case .coefficient:
      subject.isEmpty
        ? "no coefficient for the tier, so 1: \(calculation)"
        : "coefficient of tier \(subject), less 1: \(calculation)"
    case .cap: capPhrase
    case .rounding, .roundedPart:
      "rounded \(subject.split(separator: "_").joined(separator: " ")) to "
        + "\(result.total.scale) places: \(grouped(result.total))"
    }
  }

  private var calculation: String {
    var text = ""
    for term in terms {
      switch term.operation {
      case .start: break
      case .plus: text += " + "
      case .minus: text += " - "
      case .times: text += " × "
      case .dividedBy: text += " ÷ "
      case .atMost: text += ", at most "
      case .atLeast: text += ", at least "
      case .comparedWith: text += " against "
      }
      text += term.text
    }
    if terms.isEmpty { return result.text }
    if terms.count == 1, result.isWhole, terms[0].unit == nil { return text }
    return text + " = " + result.text
  }

  private var slicePhrase: String {
    guard let range else { return "" }
    guard let upTo = range.upTo else { return "above \(grouped(range.from))" }
    return range.from.isZero
      ? "first \(grouped(upTo))" : "from \(grouped(range.from)) to \(grouped(upTo))"
  }

  private var tierPhrase: String {
    guard let range else { return "" }
    guard let upTo = range.upTo else { return "from \(grouped(range.from))" }
    return "from \(grouped(range.from)) to \(grouped(upTo))"
  }

  private var levelPhrase: String {
    guard let range, range.upTo != nil || !range.from.isZero else { return "everywhere" }
    return tierPhrase
  }

  /// The terms are the limit, less the sum, at least zero.
  private var floorPhrase: String {
    guard terms.count == 3 else { return calculation }
    let (limit, sum) = (terms[0].text, terms[1].text)
    return result.total.isZero
      ? "\(sum) is not below \(limit)" : "at least \(limit) - \(sum) = \(result.text)"
  }

  /// The terms are the limit, less the sum, at most zero.
  private var capPhrase: String {
    guard terms.count == 3 else { return calculation }
    let (limit, sum) = (terms[0].text, terms[1].text)
    return result.total.isZero
      ? "\(sum) is within the limit of \(limit)"
      : "limit \(limit) - \(sum) = \(result.text)"
  }
}

extension ArithmeticStep.Term {
  /// The number with grouped digits and the sign of its unit.
  fileprivate var text: String {
    let number =
      grouped(trimmed(value.total)) + (value.isWhole ? "" : " ÷ \(grouped(value.divisor))")
    let signed = value.total.isNegative && operation != .start ? "(\(number))" : number
    return switch unit {
    case .percent: signed + " %"
    case .perMille: signed + " ‰"
    case .fraction, .price, nil: signed
    }
  }
}

extension ExactRatio {
  /// Digits shown of a quotient that does not end.
  private static let shownPlaces = 12

  /// The quotient for a person: without needless zeros, and with an ellipsis where digits were cut.
  fileprivate var text: String {
    if isWhole { return grouped(trimmed(total)) }
    guard let quotient = try? total.divided(by: divisor, scale: Self.shownPlaces, rounding: .down)
    else { return "\(grouped(total)) ÷ \(grouped(divisor))" }
    let isExact = (try? quotient * divisor) == total
    return isExact ? grouped(trimmed(quotient)) : grouped(quotient) + "…"
  }
}

/// The number without trailing zeros beyond two places: 14.81480400 becomes 14.814804, and 100.0000
/// becomes 100.00.
private func trimmed(_ number: ExactDecimal) -> ExactDecimal {
  let least = number.normalized
  guard number.scale > 2, least.scale < 2 else {
    return number.scale > 2 ? least : number
  }
  return (try? least.rounded(toScale: 2, .down)) ?? least
}

/// The digits before the point in groups of three: `1,234,567.80`.
private func grouped(_ number: ExactDecimal) -> String {
  let text = number.description
  let sign = text.hasPrefix("-") ? "-" : ""
  let unsigned = text.dropFirst(sign.count)
  let whole = unsigned.prefix { $0 != "." }
  var result = sign
  for (position, digit) in whole.enumerated() {
    if position > 0, (whole.count - position) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return result + unsigned.dropFirst(whole.count)
}
