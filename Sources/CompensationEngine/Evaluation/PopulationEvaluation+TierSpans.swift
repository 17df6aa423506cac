import Quantities

/// Lines that are calculated for each tier that a person held within the month.
extension PopulationEvaluation {
  /// The tier of a person: that of the span for which a line is being calculated, or else that of the
  /// last day.
  func tier(of position: Int) -> String? {
    tierOfSpan.map(\.tier) ?? people[position].tier
  }

  /// A person with the tier of the span for which a line is being calculated.
  func asOfSpan(_ position: Int) -> PersonInputs {
    guard let tierOfSpan else { return people[position] }
    var person = people[position]
    person.tier = tierOfSpan.tier
    return person
  }

  /// What a rule gives for each tier of the month, weighed by its days.
  func amountByTiers(
    _ rule: Component, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let spans = people[position].tierSpans
    let days = spans.reduce(0) { $0 + $1.days }
    var sum = ExactRatio.zero
    var terms: [ArithmeticStep.Term] = []
    defer { tierOfSpan = nil }
    for span in spans {
      tierOfSpan = span
      var amount = ExactRatio.zero
      trace.add(
        ArithmeticStep(
          .remark, subject: "as \(span.tier ?? "nobody's tier"), \(span.days) of \(days) days",
          result: .zero))
      if try pays(rule, position, &trace) {
        amount = try value(of: rule, position, nil, &trace)
      }
      let part =
        try amount
        * ExactRatio(total: ExactDecimal(span.days), divisor: ExactDecimal(days))
      trace.add(
        ArithmeticStep(
          .calculation,
          terms: [
            .init(.start, amount), .init(.times, ExactDecimal(span.days)),
            .init(.dividedBy, ExactDecimal(days)),
          ], result: part))
      sum = try sum + part
      terms.append(.init(terms.isEmpty ? .start : .plus, part))
    }
    trace.add(ArithmeticStep(.calculation, subject: "for all days", terms: terms, result: sum))
    return sum
  }
}
