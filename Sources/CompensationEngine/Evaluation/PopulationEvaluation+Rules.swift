import Quantities

extension PopulationEvaluation {
  /// What a component's rule gives a person, unrounded.
  func value(
    of component: Component, _ position: Int, _ shared: SharedAmounts?, _ trace: inout Trace
  ) throws -> ExactRatio {
    switch component.rule {
    case .unitPrice(let rule):
      return try rule.evaluate(try quantity(rule.basis, position, &trace), into: &trace)
    case .rateTable(let rule): return try rateTable(rule, component, position, &trace)
    case .attainment(let rule): return try attainment(rule, position, &trace)
    case .scorecard(let rule): return try scorecard(rule, position, &trace)
    case .formula(let formula): return try number(formula.root, position, &trace)
    case .multiplier(let rule): return try multiplier(rule, position, &trace)
    case .limit(let rule): return try limit(rule, component, position, &trace)
    case .guarantee(let rule): return try guarantee(rule, component, position, &trace)
    case .entries(let entryClass): return try entries(entryClass, position, &trace)
    case .pool, .rank, .rollUp, .dealSplit:
      guard let shared else { return .zero }
      if isExplaining { trace.steps += shared.steps[position] }
      return shared.amounts[position]
    }
  }

  // MARK: - Metrics

  /// The quantity that a price or a rate is paid for.
  private func quantity(
    _ basis: Basis, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    switch basis.source {
    case .figure(let figure):
      // What was measured goes on the line, before what the plan says about negative ones.
      bases[component][position] =
        figures[figure].isEmpty ? .zero : figures[figure][position] ?? .zero
      return try figureValue(figure, position, &trace)
    case .formula(let formula):
      let value = try number(formula.root, position, &trace)
      guard value.total.isNegative, basis.negative != .deduct else { return value }
      if basis.negative == .refuse {
        throw EvaluationError.Reason.negativeMetric(formula.source, value)
      }
      trace.add(ArithmeticStep(.negativeAsZero, subject: formula.source, result: .zero))
      return .zero
    }
  }

  private func rateTable(
    _ rule: RateTable, _ component: Component, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    if let metric = rule.transactions { return try transactions(metric, rule, position, &trace) }
    guard let basis = rule.basis else { return .zero }
    let month = try quantity(basis, position, &trace)
    guard let cumulative = rule.cumulative else {
      return try rule.schedule.evaluate(month, into: &trace)
    }
    let toDate = try figureValue(cumulative, position, &trace)
    let whole = try rule.schedule.evaluate(toDate, into: &trace)
    if component.lessPaid != nil { return whole }
    let before = try toDate - month
    trace.add(
      ArithmeticStep(
        .calculation, subject: "before the month",
        terms: [.init(.start, toDate), .init(.minus, month)], result: before))
    let earlier = try rule.schedule.evaluate(before, into: &trace)
    let amount = try whole - earlier
    trace.add(
      ArithmeticStep(
        .calculation, subject: "what the month adds",
        terms: [.init(.start, whole), .init(.minus, earlier)], result: amount))
    return amount
  }

  private func transactions(
    _ metric: String, _ rule: RateTable, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    var sum = ExactRatio.zero
    var terms: [ArithmeticStep.Term] = []
    let transactions = (people[position].transactions[metric] ?? []).sorted {
      ($0.number, $0.amount) < ($1.number, $1.amount)
    }
    for transaction in transactions {
      let quantity = ExactRatio(transaction.amount)
      trace.add(
        ArithmeticStep(
          .transaction, subject: transaction.number, terms: [.init(.start, quantity)],
          result: quantity))
      let amount = try rule.schedule.evaluate(quantity, into: &trace)
      sum = try sum + amount
      if isExplaining { terms.append(.init(terms.isEmpty ? .start : .plus, amount)) }
    }
    trace.add(
      terms.isEmpty
        ? ArithmeticStep(.remark, subject: "no \(metric) in the month", result: .zero)
        : ArithmeticStep(
          .calculation, subject: "\(metric), one by one", terms: terms, result: sum))
    return sum
  }

  // MARK: - Targets and scores

  private func attainment(
    _ rule: Attainment, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let target = try number(rule.target.root, position, &trace)
    let attained: ExactRatio
    if target.total.coefficient > 0 {
      let actual = try number(rule.actual.root, position, &trace)
      attained = try actual / target
      trace.add(
        ArithmeticStep(
          .calculation, subject: "attainment",
          terms: [.init(.start, actual), .init(.dividedBy, target)], result: attained))
    } else {
      switch rule.noTarget {
      case .refuse: throw EvaluationError.Reason.missingTarget(target)
      case .nothing: attained = .zero
      case .met: attained = ExactRatio(.one)
      case .maximum: attained = ExactRatio(rule.schedule.tiers.last?.range.from ?? .one)
      }
      trace.add(
        ArithmeticStep(
          .figure, subject: "attainment without a target", terms: [.init(.start, attained)],
          result: attained))
    }
    let factor = try rule.schedule.evaluate(attained, into: &trace)
    let worth = try number(rule.worth.root, position, &trace)
    let amount = try worth * factor
    trace.add(
      ArithmeticStep(
        .adjustment, terms: [.init(.start, worth), .init(.times, factor)], result: amount))
    return amount
  }

  private func scorecard(
    _ rule: Scorecard, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    var sum = ExactRatio.zero
    var terms: [ArithmeticStep.Term] = []
    for item in rule.items {
      let raw = try number(item.score.root, position, &trace)
      let score = try clamped(
        raw, item.title, from: item.atLeast, to: item.atMost, &trace)
      // The weight in percent of the full score.
      let part = try score * ExactRatio(RateUnit.percent.factor(item.weight))
      trace.add(
        ArithmeticStep(
          .calculation, subject: item.title,
          terms: [.init(.start, score), .init(.times, item.weight, unit: .percent)], result: part))
      sum = try sum + part
      if isExplaining { terms.append(.init(terms.isEmpty ? .start : .plus, part)) }
    }
    trace.add(ArithmeticStep(.calculation, subject: "score", terms: terms, result: sum))
    let score = try clamped(sum, "score", from: rule.atLeast, to: rule.atMost, &trace)
    let worth = try number(rule.worth.root, position, &trace)
    let amount = try worth * score / ExactRatio(rule.fullScore)
    trace.add(
      ArithmeticStep(
        .adjustment,
        terms: [.init(.start, worth), .init(.times, score), .init(.dividedBy, rule.fullScore)],
        result: amount))
    return amount
  }

  private func clamped(
    _ value: ExactRatio, _ title: String, from least: ExactDecimal?, to most: ExactDecimal?,
    _ trace: inout Trace
  ) throws -> ExactRatio {
    var result = value
    var terms = [ArithmeticStep.Term(.start, value)]
    if let least, try result.compared(to: ExactRatio(least)) < 0 {
      result = ExactRatio(least)
      terms.append(.init(.atLeast, least))
    }
    if let most, try result.compared(to: ExactRatio(most)) > 0 {
      result = ExactRatio(most)
      terms.append(.init(.atMost, most))
    }
    if terms.count > 1 {
      trace.add(ArithmeticStep(.calculation, subject: title, terms: terms, result: result))
    }
    return result
  }

  // MARK: - Sums of lines

  /// The sum of the lines referred to; they are rounded already, so it is what a reader re-adds.
  func sum(
    _ references: ComponentReferences, _ position: Int, _ trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    var sum = ExactDecimal.zero
    var terms: [ArithmeticStep.Term] = []
    if isExplaining { terms.reserveCapacity(references.positions.count) }
    for reference in references.positions {
      let amount = amounts[reference][position]
      try sum += amount
      if isExplaining { terms.append(.init(terms.isEmpty ? .start : .plus, amount)) }
    }
    let result = ExactRatio(sum)
    trace.add(ArithmeticStep(.lines, subject: references.listing, terms: terms, result: result))
    return result
  }

  private func multiplier(
    _ rule: Multiplier, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    var coefficient = ExactRatio(.one)
    var subject = ""
    switch rule.coefficient {
    case .formula(let formula):
      coefficient = try number(formula.root, position, &trace)
    case .byTier(let coefficients, let missing):
      let tier = tier(of: position)
      if let listed = tier.flatMap({ coefficients[$0] }) {
        (coefficient, subject) = (ExactRatio(listed), tier ?? "")
      } else if missing == .refuse {
        let listed = coefficients.keys.sorted()
        throw tier.map { EvaluationError.Reason.unlistedTier($0, listed: listed) }
          ?? .missingTier(listed: listed)
      }
    }
    let sum = try sum(rule.components, position, &trace)
    let difference = try coefficient - ExactRatio(.one)
    if isExplaining {
      let terms = [ArithmeticStep.Term(.start, coefficient), .init(.minus, .one)]
      if case .formula = rule.coefficient {
        trace.add(
          ArithmeticStep(
            .calculation, subject: "coefficient, less 1", terms: terms, result: difference))
      } else {
        trace.add(
          ArithmeticStep(.coefficient, subject: subject, terms: terms, result: difference))
      }
    }
    let amount = try sum * difference
    trace.add(
      ArithmeticStep(
        .adjustment, terms: [.init(.start, sum), .init(.times, difference)], result: amount))
    return amount
  }

  private func limit(
    _ rule: Limit, _ component: Component, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let sum = try sum(rule.components, position, &trace)
    var limit = try number(rule.limit.root, position, &trace)
    if rule.period != .month {
      // What the same lines, and this one, have paid since the span began has used up a part.
      var paid = ExactDecimal.zero
      for code in rule.components.codes + [component.code] {
        try paid += people[position].paid[rule.period]?[code] ?? .zero
      }
      let rest = try limit - ExactRatio(paid)
      trace.add(
        ArithmeticStep(
          .lessPaid, subject: rule.period.rawValue,
          terms: [.init(.start, limit), .init(.minus, paid)], result: rest))
      limit = rest
    }
    if rule.excess == .carried {
      return try carryingLimit(limit, sum, component, position, &trace)
    }
    let room = try limit - sum
    let isReached = rule.isMost ? room.total.isNegative : !room.total.isNegative
    let amount = isReached ? room : .zero
    trace.add(
      ArithmeticStep(
        rule.isMost ? .cap : .floor,
        terms: [
          .init(.start, limit), .init(.minus, sum),
          .init(rule.isMost ? .atMost : .atLeast, ExactRatio.zero),
        ], result: amount))
    return amount
  }

  /// A cap whose excess waits for a month with room: what is paid is the sum and what waits, as far
  /// as the limit allows.
  private func carryingLimit(
    _ limit: ExactRatio, _ sum: ExactRatio, _ component: Component, _ position: Int,
    _ trace: inout Trace
  ) throws -> ExactRatio {
    let waiting = ExactRatio(people[position].carried[component.code] ?? .zero)
    let due = try sum + waiting
    let paid = try due.compared(to: limit) > 0 ? limit : due
    let amount = try paid - sum
    carried[self.component][position] = try (try due - paid).rounded(
      places: plan.rounding.linePlaces, plan.rounding.mode)
    trace.add(
      ArithmeticStep(
        .calculation, subject: "with \(waiting) that waited, within the limit",
        terms: [.init(.start, sum), .init(.plus, waiting), .init(.atMost, limit)], result: paid))
    trace.add(
      ArithmeticStep(
        .calculation, terms: [.init(.start, paid), .init(.minus, sum)], result: amount))
    return amount
  }

  private func guarantee(
    _ rule: Guarantee, _ component: Component, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let sum = try sum(rule.components, position, &trace)
    let hasMinimum = rule.lastMonth.map { month <= $0 } ?? true
    let minimum = hasMinimum ? try number(rule.minimum.root, position, &trace) : .zero
    let owed = ExactRatio(people[position].carried[component.code] ?? .zero)
    var amount = ExactRatio.zero
    let above = try sum - minimum
    if above.total.isNegative {
      if hasMinimum { amount = try above.negated() }
      trace.add(
        ArithmeticStep(
          .floor,
          terms: [.init(.start, minimum), .init(.minus, sum), .init(.atLeast, ExactRatio.zero)],
          result: amount))
    } else if let recovery = rule.recovery, owed.total.coefficient > 0,
      recovery.firstMonth.map({ month >= $0 }) ?? true
    {
      let most = try above * ExactRatio(recovery.share)
      let taken = try most.compared(to: owed) < 0 ? most : owed
      amount = try taken.negated()
      trace.add(
        ArithmeticStep(
          .calculation, subject: "taken back of what lies above the minimum",
          terms: [
            .init(.start, above), .init(.times, recovery.share), .init(.atMost, owed),
          ], result: taken))
      trace.add(
        ArithmeticStep(
          .calculation, terms: [.init(.start, ExactRatio.zero), .init(.minus, taken)],
          result: amount))
    } else {
      trace.add(
        ArithmeticStep(.remark, subject: "\(sum) is not below the minimum", result: .zero))
    }
    guard rule.recovery != nil else { return amount }
    let balance = try (try owed + amount).rounded(
      places: plan.rounding.linePlaces, plan.rounding.mode)
    carried[self.component][position] = balance
    trace.add(
      ArithmeticStep(
        .remark, subject: "owed after the month: \(balance)", result: ExactRatio(balance)))
    return amount
  }

  private func entries(
    _ entryClass: String, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let entries = people[position].entries.filter { $0.entryClass == entryClass }
      .sorted { ($0.record, $0.amount) < ($1.record, $1.amount) }
    var sum = ExactRatio.zero
    var terms: [ArithmeticStep.Term] = []
    for entry in entries {
      let amount = ExactRatio(entry.amount)
      sum = try sum + amount
      if isExplaining {
        trace.add(
          ArithmeticStep(
            .entry, subject: entry.record, terms: [.init(.start, amount)], result: amount))
        terms.append(.init(terms.isEmpty ? .start : .plus, amount))
      }
    }
    trace.add(
      terms.isEmpty
        ? ArithmeticStep(.remark, subject: "no \(entryClass) entries", result: .zero)
        : ArithmeticStep(.calculation, terms: terms, result: sum))
    return sum
  }
}
