import Quantities

extension PayLine {
  /// A line that pays what an earlier month is worth more, or takes what it is worth less, by what is
  /// known now.
  ///
  /// - Parameters:
  ///   - number: The number of the line.
  ///   - component: The code of the component that is corrected.
  ///   - title: What is printed.
  ///   - month: The month that is corrected.
  ///   - recalculation: The number of the calculation that says what it is worth now.
  ///   - recalculated: What the component is worth by what is known now.
  ///   - paidBefore: What was paid for it so far.
  ///   - causes: What came to be known, a sentence each.
  public static func correction(
    number: Int, component: String, title: String, month: Month, recalculation: Int,
    recalculated: ExactDecimal, paidBefore: ExactDecimal, causes: [String]
  ) throws(QuantityError) -> PayLine {
    let amount = try recalculated - paidBefore
    return PayLine(
      number: number, component: component, kind: nil, title: title, amount: amount, isPaid: true,
      metric: nil, basis: nil,
      arithmetic: [
        ArithmeticStep(
          .calculation, subject: "\(month) by run \(recalculation), less what was paid for it",
          terms: [.init(.start, recalculated), .init(.minus, paidBefore)],
          result: ExactRatio(amount))
      ]
        + causes.map {
          ArithmeticStep(.remark, subject: "because of \($0)", result: ExactRatio(amount))
        })
  }

  /// A line that pays an amount which was decided elsewhere and which no component of the plan asks
  /// for.
  public static func entry(number: Int, _ entry: Entry, title: String) -> PayLine {
    let amount = ExactRatio(entry.amount)
    return PayLine(
      number: number, component: entry.entryClass, kind: nil, title: title, amount: entry.amount,
      isPaid: true, metric: nil, basis: nil,
      arithmetic: [
        ArithmeticStep(
          .entry, subject: entry.record, terms: [.init(.start, amount)], result: amount)
      ])
  }
}

extension Plan {
  /// The names of the metrics that a component takes, also by way of figures that formulas make; none
  /// for one that looks at other components only.
  public func metrics(of component: Component) -> Set<String> {
    var names: Set<String> = []
    var waiting = component.figures + component.formulas.flatMap(\.root.figures)
    var seen: Set<Int> = []
    while let figure = waiting.popLast() {
      guard seen.insert(figure).inserted else { continue }
      switch figures[figure].source {
      case .measure(let measure): names.insert(measure.metric)
      case .formula(let formula): waiting += formula.root.figures
      }
    }
    switch component.rule {
    case .dealSplit(let rule): names.insert(rule.metric)
    case .rateTable(let rule): if let metric = rule.transactions { names.insert(metric) }
    default: break
    }
    return names
  }
}
