import Quantities

/// The languages in which arithmetic is told.
public enum StepLanguage: String, Hashable, Sendable, CaseIterable {
  /// English.
  case english
  /// Simplified Chinese.
  case chinese
}

extension ArithmeticStep: CustomStringConvertible {
  /// The step as a person reads it, such as `12,345.67 × 12.00 ÷ 10,000 = 14.814804`.
  public var description: String { text(in: .english) }

  /// The step as a person reads it.
  ///
  /// - Parameter names: What metrics, figures and components are called, by their codes; those that are not
  ///   there are called by the code.
  public func text(in language: StepLanguage, names: [String: String] = [:]) -> String {
    StepText(step: self, language: language, names: names).text
  }
}

/// A step on its way into words.
private struct StepText {
  let step: ArithmeticStep
  let language: StepLanguage
  let names: [String: String]

  var text: String {
    switch step.purpose {
    case .metric, .parameter, .figure, .lookup, .group, .entry: "\(subject) = \(calculation)"
    case .calculation, .transaction, .distributed, .lines:
      step.subject.isEmpty ? calculation : "\(subject): \(calculation)"
    case .condition:
      (step.terms.count == 2
        ? "\(step.terms[0].text) \(step.subject) \(step.terms[1].text)" : step.subject)
        + (step.result.total.isZero ? said(": no", "：否") : said(": yes", "：是"))
    case .converted: said("\(subject) at its rate: ", "按汇率折算 \(subject)：") + calculation
    case .prorated: said("for the days paid: ", "按计薪天数折算：") + calculation
    case .lessPaid:
      said("less what was paid for the \(subject): ", "减去\(subject)已付：") + calculation
    case .remark: subject
    case .floor: floorPhrase
    case .cap: capPhrase
    case .level: "\(levelPhrase): \(calculation)"
    case .missingAsZero: said("\(subject) is missing and counts as 0", "\(subject) 缺失，按 0 计")
    case .negativeAsZero: said("\(subject) is negative and counts as 0", "\(subject) 为负，按 0 计")
    case .price, .adjustment, .slices: calculation
    case .slice: "\(slicePhrase): \(calculation)"
    case .wholeTier:
      said("all of it at the rate of the tier \(tierPhrase): ", "全额适用 \(tierPhrase) 档：")
        + calculation
    case .coefficient:
      step.subject.isEmpty
        ? said("no coefficient for the tier, so 1: ", "该等级无系数，按 1：") + calculation
        : said(
          "coefficient of tier \(step.subject), less 1: ", "等级 \(subject) 的系数减 1：")
          + calculation
    case .rounding, .roundedPart: roundingPhrase
    }
  }

  private func said(_ english: String, _ chinese: String) -> String {
    language == .english ? english : chinese
  }

  /// The subject by the names that the reader knows; a list of codes is named code by code.
  private var subject: String {
    if let name = names[step.subject] { return name }
    if language == .chinese, let word = Self.chineseSubjects[step.subject] { return word }
    guard step.purpose == .lines, !names.isEmpty else { return step.subject }
    return step.subject.split(separator: " + ").map { names[String($0)] ?? String($0) }
      .joined(separator: " + ")
  }

  /// What the engine itself says of steps.
  private static let chineseSubjects = [
    "attainment": "完成率", "attainment without a target": "无目标时的完成率", "score": "得分",
    "before the month": "本月之前", "what the month adds": "本月新增", "coefficient, less 1": "系数减 1",
    "taken back of what lies above the minimum": "从超过保底的部分收回", "so nothing is paid": "因此不付",
    "less what was given": "减去上缴部分", "not for this post, tier or unit": "不适用于该岗位、等级或机构",
    "for all days": "全部天数合计", "month": "本月", "quarter": "本季", "year": "本年",
  ]

  private var calculation: String {
    var text = ""
    for term in step.terms {
      switch term.operation {
      case .start: break
      case .plus: text += " + "
      case .minus: text += " - "
      case .times: text += " × "
      case .dividedBy: text += " ÷ "
      case .atMost: text += said(", at most ", "，最多 ")
      case .atLeast: text += said(", at least ", "，最少 ")
      case .comparedWith: text += said(" against ", " 对 ")
      }
      text += term.text
    }
    if step.terms.isEmpty { return step.result.text }
    if step.terms.count == 1, step.result.isWhole, step.terms[0].unit == nil { return text }
    return text + " = " + step.result.text
  }

  private var roundingPhrase: String {
    let mode = step.subject.split(separator: "_").joined(separator: " ")
    let places = step.result.total.scale
    return said(
      "rounded \(mode) to \(places) places: ",
      "\(step.subject == "half_up" ? "四舍五入" : "舍入（\(mode)）")到 \(places) 位小数：")
      + grouped(step.result.total)
  }

  private var slicePhrase: String {
    guard let range = step.range else { return "" }
    guard let upTo = range.upTo else {
      return said("above \(grouped(range.from))", "超过 \(grouped(range.from)) 部分")
    }
    return range.from.isZero
      ? said("first \(grouped(upTo))", "\(grouped(upTo)) 以内")
      : said("from \(grouped(range.from)) to \(grouped(upTo))", span(range.from, upTo))
  }

  private var tierPhrase: String {
    guard let range = step.range else { return "" }
    guard let upTo = range.upTo else {
      return said("from \(grouped(range.from))", "\(grouped(range.from)) 以上")
    }
    return said("from \(grouped(range.from)) to \(grouped(upTo))", span(range.from, upTo))
  }

  private func span(_ from: ExactDecimal, _ upTo: ExactDecimal) -> String {
    "\(grouped(from)) 至 \(grouped(upTo))"
  }

  private var levelPhrase: String {
    guard let range = step.range, range.upTo != nil || !range.from.isZero else {
      return said("everywhere", "各档")
    }
    return tierPhrase
  }

  /// The terms are the limit, less the sum, at least zero.
  private var floorPhrase: String {
    guard step.terms.count == 3 else { return calculation }
    let (limit, sum) = (step.terms[0].text, step.terms[1].text)
    return step.result.total.isZero
      ? said("\(sum) is not below \(limit)", "\(sum) 不低于 \(limit)")
      : said("at least \(limit) - \(sum) = ", "保底 \(limit) - \(sum) = ") + step.result.text
  }

  /// The terms are the limit, less the sum, at most zero.
  private var capPhrase: String {
    guard step.terms.count == 3 else { return calculation }
    let (limit, sum) = (step.terms[0].text, step.terms[1].text)
    return step.result.total.isZero
      ? said("\(sum) is within the limit of \(limit)", "\(sum) 未超过上限 \(limit)")
      : said("limit \(limit) - \(sum) = ", "上限 \(limit) - \(sum) = ") + step.result.text
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
