import Quantities

extension Plan {
  /// Evaluates the plan for one person and one month. The same inputs always give the same
  /// statement; no clock, file or database is read.
  public func evaluate(
    _ inputs: PersonInputs, for month: Month
  ) throws(EvaluationError) -> PayStatement {
    guard isInForce(for: month) else {
      throw failure(inputs, nil, .notInForce(month, from: effectiveFrom, until: effectiveUntil))
    }
    var lines: [PayLine] = []
    lines.reserveCapacity(components.count)
    for component in components {
      do throws(EvaluationError.Reason) {
        lines.append(try line(of: component, inputs, after: lines))
      } catch {
        throw failure(inputs, component.code, error)
      }
    }
    do throws(QuantityError) {
      return try statement(of: lines, for: month)
    } catch {
      throw failure(inputs, nil, .quantity(error))
    }
  }

  private func failure(
    _ inputs: PersonInputs, _ component: String?, _ reason: EvaluationError.Reason
  ) -> EvaluationError {
    EvaluationError(plan: code, person: inputs.person, component: component, reason: reason)
  }

  private func line(
    of component: Component, _ inputs: PersonInputs, after lines: [PayLine]
  ) throws(EvaluationError.Reason) -> PayLine {
    var steps: [ArithmeticStep] = []
    steps.reserveCapacity(component.rule.usualStepCount)
    var basis: MetricValue?
    var quantity = ExactRatio.zero
    if let use = component.rule.metric {
      basis = inputs.metrics[use.name]
      quantity = try use.take(basis, into: &steps)
    }
    if case .multiplier(let rule) = component.rule { try rule.check(tier: inputs.tier) }
    do throws(QuantityError) {
      if let adjusted = component.rule.adjusted {
        quantity = try adjusted.sum(of: lines, into: &steps)
      }
      let unrounded =
        switch component.rule {
        case .unitPrice(let rule): try rule.evaluate(quantity, into: &steps)
        case .rateTable(let rule): try rule.evaluate(quantity, into: &steps)
        case .multiplier(let rule): try rule.evaluate(quantity, tier: inputs.tier, into: &steps)
        case .cap(let rule): try rule.evaluate(quantity, into: &steps)
        }
      let amount = try unrounded.rounded(places: rounding.places, rounding.mode)
      steps.append(
        ArithmeticStep(.rounding, subject: rounding.mode.rawValue, result: ExactRatio(amount)))
      return PayLine(
        number: lines.count + 1, component: component.code, kind: component.kind,
        title: component.title, amount: amount, metric: component.rule.metric?.name,
        basis: component.rule.metric == nil ? nil : basis ?? .zero, arithmetic: steps)
    } catch {
      throw .quantity(error)
    }
  }

  private func statement(
    of lines: [PayLine], for month: Month
  ) throws(QuantityError) -> PayStatement {
    var earned = ExactDecimal(coefficient: 0, scale: rounding.places)
    for line in lines { try earned += line.amount }
    guard let deferral, earned.coefficient > 0 else {
      return PayStatement(
        lines: lines, earned: earned,
        deferred: ExactDecimal(coefficient: 0, scale: rounding.places), payable: earned,
        instalments: [])
    }
    let deferred = try (earned * deferral.share).rounded(
      toScale: rounding.places, rounding.mode)
    return PayStatement(
      lines: lines, earned: earned, deferred: deferred, payable: try earned - deferred,
      instalments: deferred.isZero
        ? [] : try deferral.schedule(deferred, from: month, places: rounding.places))
  }
}

extension Component.Rule {
  /// How many steps a line usually has, so that they are allocated once.
  fileprivate var usualStepCount: Int {
    switch self {
    case .unitPrice, .cap: 3
    case .multiplier: 4
    case .rateTable(let rule): min(rule.tiers.count, 5) + 3
    }
  }
}

extension MetricUse {
  /// The quantity that counts, after what the plan says about missing and negative values.
  fileprivate func take(
    _ value: MetricValue?, into steps: inout [ArithmeticStep]
  ) throws(EvaluationError.Reason) -> ExactRatio {
    guard let value else {
      if missing == .refuse { throw .missingMetric(name) }
      steps.append(ArithmeticStep(.missingAsZero, subject: name, result: .zero))
      return .zero
    }
    if value.divisor.coefficient <= 0 { throw .unusableDivisor(name, value) }
    steps.append(
      ArithmeticStep(.metric, subject: name, terms: [.init(.start, value)], result: value))
    guard value.total.isNegative, negative != .deduct else { return value }
    if negative == .refuse { throw .negativeMetric(name, value) }
    steps.append(ArithmeticStep(.negativeAsZero, subject: name, result: .zero))
    return .zero
  }
}

extension TierMultiplier {
  /// Refuses a person without a coefficient where the plan says so.
  fileprivate func check(tier: String?) throws(EvaluationError.Reason) {
    guard missingTier == .refuse else { return }
    guard let tier else { throw .missingTier(listed: coefficients.keys.sorted()) }
    if coefficients[tier] == nil {
      throw .unlistedTier(tier, listed: coefficients.keys.sorted())
    }
  }
}

extension ComponentReferences {
  /// The sum of the lines referred to; they are rounded already, so it is what a reader re-adds.
  fileprivate func sum(
    of lines: [PayLine], into steps: inout [ArithmeticStep]
  ) throws(QuantityError) -> ExactRatio {
    var sum = ExactDecimal.zero
    var terms: [ArithmeticStep.Term] = []
    terms.reserveCapacity(positions.count)
    for position in positions {
      let amount = lines[position].amount
      try sum += amount
      terms.append(.init(terms.isEmpty ? .start : .plus, amount))
    }
    let result = ExactRatio(sum)
    steps.append(ArithmeticStep(.lines, subject: listing, terms: terms, result: result))
    return result
  }
}
