import CompensationEngine
import Quantities

/// What one person is given for a month: the lines of pay, what was reached of the targets, what is
/// deferred and when it is due.
public struct PersonStatement: Sendable {
  /// A line of pay.
  struct Line: Sendable {
    let number: Int
    let component: String
    let kind: String
    let title: String
    /// What was measured and what it is divided by; nil for lines that are made of other lines.
    let basis: MetricValue?
    let amount: ExactDecimal
    let isPaid: Bool
    let arithmetic: [ArithmeticStep]

    /// Whether it changes what was paid for something else, instead of paying for the month.
    var isCorrection: Bool { ["correction", "entry", "entries"].contains(kind) }
  }

  /// How much was reached of a target.
  struct Attainment: Sendable {
    let metric: String
    let span: Span
    let actual: MetricValue
    let target: MetricValue

    /// The part that was reached, with four digits after the point, cut and never rounded up: 99.99 % is
    /// not the target.
    func share() throws -> ExactDecimal {
      try (actual.total * target.divisor).divided(
        by: actual.divisor * target.total, scale: 4, rounding: .down)
    }
  }

  /// An amount that is paid later.
  struct Instalment: Sendable {
    let dueOn: CivilDate
    let amount: ExactDecimal
  }

  /// The employee number.
  public let person: String
  let name: String?
  let unit: String
  let unitName: String
  let post: String?
  let tier: String?
  let month: Month
  let run: Int
  let plan: String
  let planTitle: String
  let currency: Currency
  let isPosted: Bool
  let earned: ExactDecimal
  let deferred: ExactDecimal
  let payable: ExactDecimal
  let lines: [Line]
  let attainments: [Attainment]
  /// The parts of what this month defers.
  let instalments: [Instalment]
  /// What earlier months deferred and is paid with this one.
  let released: ExactDecimal
  /// What was lost of deferred pay so far.
  let forfeited: ExactDecimal
  /// What is deferred after the month, of this month and all before, by the day it is due.
  let outstanding: [Instalment]
  /// What is carried to the next month, by component.
  let carried: [(component: String, amount: ExactDecimal)]

  /// The sum of what is deferred after the month.
  func outstandingTotal() throws -> ExactDecimal {
    try outstanding.reduce(.zero) { try $0 + $1.amount }
  }
}

extension PersonStatement.Line {
  /// What the line is paid for, as an exact total and its divisor: what was measured, or the sum of the
  /// lines that it is made of.
  var shownBasis: MetricValue? {
    basis ?? arithmetic.first { $0.purpose == .lines }?.result
  }

  /// At what rate it is paid: the one rate or price, the lowest and the highest of several, the
  /// coefficient, or nothing where there is no such thing.
  var rate: String {
    if let step = arithmetic.first(where: { $0.purpose == .price }), step.terms.count == 3 {
      let (price, per) = (step.terms[1].value.total, step.terms[2].value.total)
      return per == .one ? price.grouped : "\(price.grouped) / \(per.normalized.grouped)"
    }
    if let step = arithmetic.first(where: { $0.purpose == .coefficient }),
      let first = step.terms.first
    {
      return "× \(first.value.total)"
    }
    let rates = arithmetic.flatMap(\.terms).compactMap { term -> String? in
      switch term.unit {
      case .percent: "\(term.value.total) %"
      case .perMille: "\(term.value.total) ‰"
      case .price, .fraction: term.value.total.grouped
      case nil: nil
      }
    }
    guard let first = rates.first, let last = rates.last else { return "" }
    return first == last ? first : "\(first) … \(last)"
  }
}
