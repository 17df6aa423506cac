import Quantities

extension PopulationEvaluation {
  /// The number that a formula gives for a person.
  func number(
    _ expression: Expression, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    switch expression {
    case .number(let value): return value
    case .figure(let figure): return try figureValue(figure, position, &trace)
    case .parameter(let parameter):
      let value = ExactRatio(plan.parameters[parameter].value)
      trace.add(
        ArithmeticStep(
          .parameter, subject: plan.parameters[parameter].name, terms: [.init(.start, value)],
          result: value))
      return value
    case .line(let line):
      let amount = ExactRatio(amounts[line][position])
      trace.add(
        ArithmeticStep(
          .lines, subject: plan.components[line].code, terms: [.init(.start, amount)],
          result: amount))
      return amount
    case .fact(let fact): return numericFact(fact, position, &trace)
    case .negated(let value):
      let number = try number(value, position, &trace)
      let result = try number.negated()
      trace.add(
        ArithmeticStep(
          .calculation, terms: [.init(.start, ExactRatio.zero), .init(.minus, number)],
          result: result))
      return result
    case .arithmetic:
      var terms: [ArithmeticStep.Term] = []
      let result = try chain(expression, position, &trace, &terms)
      trace.add(ArithmeticStep(.calculation, terms: terms, result: result))
      return result
    case .choice(let condition, let first, let second):
      return try self.condition(condition, position, &trace)
        ? try number(first, position, &trace) : try number(second, position, &trace)
    case .extreme(let isLargest, let values):
      return try extreme(isLargest, values, position, &trace)
    case .rounded(let value, let places, let mode):
      let number = try number(value, position, &trace)
      let result = ExactRatio(try number.rounded(places: places, mode))
      trace.add(ArithmeticStep(.roundedPart, subject: mode.rawValue, result: result))
      return result
    case .absolute(let value):
      let number = try number(value, position, &trace)
      return number.total.isNegative ? try number.negated() : number
    case .dividedOr(let dividend, let divisor, let otherwise):
      let below = try number(divisor, position, &trace)
      if below.total.isZero { return try number(otherwise, position, &trace) }
      let above = try number(dividend, position, &trace)
      let result = try above / below
      trace.add(
        ArithmeticStep(
          .calculation, terms: [.init(.start, above), .init(.dividedBy, below)], result: result))
      return result
    case .lookup(let table, let arguments):
      return try lookup(plan.tables[table], arguments, position, &trace)
    case .converted(let value, let currency):
      return try converted(try number(value, position, &trace), currency, &trace)
    case .aggregate(let slot): return aggregateValue(slot, position, &trace)
    case .text, .comparison, .not, .both, .either: return .zero  // The types were checked.
    }
  }

  /// Arithmetic from left to right as one step, as far as the rule of signs allows.
  private func chain(
    _ expression: Expression, _ position: Int, _ trace: inout Trace,
    _ terms: inout [ArithmeticStep.Term]
  ) throws -> ExactRatio {
    guard case .arithmetic(let operation, let left, let right) = expression else { return .zero }
    let first: ExactRatio
    if case .arithmetic(let inner, _, _) = left, inner.bindsAtLeast(operation) {
      first = try chain(left, position, &trace, &terms)
    } else {
      first = try number(left, position, &trace)
      if isExplaining { terms.append(.init(.start, first)) }
    }
    let second = try number(right, position, &trace)
    if isExplaining { terms.append(.init(operation, second)) }
    return switch operation {
    case .plus: try first + second
    case .minus: try first - second
    case .times: try first * second
    default: try first / second
    }
  }

  private func extreme(
    _ isLargest: Bool, _ values: [Expression], _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    var result = try number(values[0], position, &trace)
    var terms = [ArithmeticStep.Term(.start, result)]
    for value in values.dropFirst() {
      let other = try number(value, position, &trace)
      if isExplaining { terms.append(.init(isLargest ? .atLeast : .atMost, other)) }
      let order = try other.compared(to: result)
      if isLargest ? order > 0 : order < 0 { result = other }
    }
    trace.add(ArithmeticStep(.calculation, terms: terms, result: result))
    return result
  }

  /// An amount of another currency in the plan's.
  private func converted(
    _ amount: ExactRatio, _ currency: String, _ trace: inout Trace
  ) throws -> ExactRatio {
    let rate: ExactDecimal? =
      if case .fixed(let rates) = plan.exchange { rates[currency] } else {
        population.exchangeRates[currency]
      }
    guard let rate else { throw EvaluationError.Reason.missingExchangeRate(currency) }
    let result = try amount * ExactRatio(rate)
    trace.add(
      ArithmeticStep(
        .converted, subject: currency, terms: [.init(.start, amount), .init(.times, rate)],
        result: result))
    return result
  }

  // MARK: - Figures

  /// The value of a figure for a person, after what the plan says about missing and negative ones.
  func figureValue(
    _ index: Int, _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    let figure = plan.figures[index]
    let title = figureTitles[index]
    var value: ExactRatio
    switch figure.source {
    case .measure:
      if let given = figures[index][position] {
        if given.divisor.coefficient <= 0 {
          throw EvaluationError.Reason.unusableDivisor(title, given)
        }
        value = given
        trace.add(
          ArithmeticStep(.metric, subject: title, terms: [.init(.start, value)], result: value))
      } else if case .counts(let number) = figure.missing {
        value = ExactRatio(number)
        trace.add(
          number.isZero
            ? ArithmeticStep(.missingAsZero, subject: title, result: .zero)
            : ArithmeticStep(
              .figure, subject: "\(title), which is missing,", terms: [.init(.start, value)],
              result: value))
      } else {
        throw EvaluationError.Reason.missingMetric(title)
      }
    case .formula(let formula):
      value = try number(formula.root, position, &trace)
      trace.add(
        ArithmeticStep(.figure, subject: title, terms: [.init(.start, value)], result: value))
    }
    if let currency = figure.currency { value = try converted(value, currency, &trace) }
    if value.total.isNegative, figure.negative != .deduct {
      if figure.negative == .refuse { throw EvaluationError.Reason.negativeMetric(title, value) }
      trace.add(ArithmeticStep(.negativeAsZero, subject: title, result: .zero))
      return .zero
    }
    guard figure.isProrated, let days = people[position].daysActive, days < month.dayCount else {
      return value
    }
    let part =
      try value
      * ExactRatio(total: ExactDecimal(days), divisor: ExactDecimal(month.dayCount))
    trace.add(
      ArithmeticStep(
        .prorated,
        terms: [
          .init(.start, value), .init(.times, ExactDecimal(days)),
          .init(.dividedBy, ExactDecimal(month.dayCount)),
        ], result: part))
    return part
  }

  private func numericFact(
    _ fact: PersonFact, _ position: Int, _ trace: inout Trace
  ) -> ExactRatio {
    let value: ExactRatio =
      switch fact {
      case .daysActive: ExactRatio(ExactDecimal(people[position].daysActive ?? month.dayCount))
      case .daysInMonth: ExactRatio(ExactDecimal(month.dayCount))
      case .monthOfYear: ExactRatio(ExactDecimal(month.number))
      case .monthOfQuarter: ExactRatio(ExactDecimal((month.number - 1) % 3 + 1))
      case .carried:
        ExactRatio(people[position].carried[plan.components[component].code] ?? .zero)
      case .amount, .earned: ownAmount
      case .tier, .post, .unit, .team: .zero
      }
    trace.add(
      ArithmeticStep(
        .parameter, subject: fact.rawValue, terms: [.init(.start, value)], result: value))
    return value
  }

  // MARK: - Conditions and texts

  /// Whether the condition that a formula gives holds for a person.
  func condition(
    _ expression: Expression, _ position: Int, _ trace: inout Trace
  ) throws -> Bool {
    switch expression {
    case .not(let value): return try !condition(value, position, &trace)
    case .both(let first, let second):
      guard try condition(first, position, &trace) else { return false }
      return try condition(second, position, &trace)
    case .either(let first, let second):
      if try condition(first, position, &trace) { return true }
      return try condition(second, position, &trace)
    case .choice(let condition, let first, let second):
      return try self.condition(condition, position, &trace)
        ? try self.condition(first, position, &trace)
        : try self.condition(second, position, &trace)
    case .comparison(let comparison, let left, let right):
      return try comparisonHolds(comparison, left, right, position, &trace)
    default: return false  // The types were checked.
    }
  }

  private func comparisonHolds(
    _ comparison: Comparison, _ left: Expression, _ right: Expression, _ position: Int,
    _ trace: inout Trace
  ) throws -> Bool {
    if let first = text(left, position), let second = text(right, position) {
      let holds = comparison.holds(first, second)
      trace.add(
        ArithmeticStep(
          .condition, subject: "\(first.isEmpty ? "none" : first) \(comparison.sign) \(second)",
          result: holds ? ExactRatio(.one) : .zero))
      return holds
    }
    let first = try number(left, position, &trace)
    let second = try number(right, position, &trace)
    let holds = comparison.holds(try first.compared(to: second), 0)
    trace.add(
      ArithmeticStep(
        .condition, subject: comparison.sign,
        terms: [.init(.start, first), .init(.comparedWith, second)],
        result: holds ? ExactRatio(.one) : .zero))
    return holds
  }

  /// The text that a formula gives for a person, empty where they have none; nil for numbers.
  func text(_ expression: Expression, _ position: Int) -> String? {
    switch expression {
    case .text(let text): text
    case .fact(.tier): tier(of: position) ?? ""
    case .fact(.post): people[position].post ?? ""
    case .fact(.unit): people[position].unit ?? ""
    case .fact(.team): people[position].team ?? ""
    default: nil
    }
  }

  // MARK: - Tables

  private func lookup(
    _ table: LookupTable, _ arguments: [Expression], _ position: Int, _ trace: inout Trace
  ) throws -> ExactRatio {
    switch table.content {
    case .schedule(let schedule):
      return try schedule.evaluate(try number(arguments[0], position, &trace), into: &trace)
    case .names(let values, let otherwise):
      let name = text(arguments[0], position) ?? ""
      guard let value = values[name] ?? otherwise else {
        throw EvaluationError.Reason.unlistedName(name, table: table.name)
      }
      trace.add(lookupStep("\(table.name) of \(name.isEmpty ? "none" : name)", value))
      return ExactRatio(value)
    case .matrix(let rows, let columns, let values):
      let row = try index(in: rows, of: arguments[0], position, table.name, &trace)
      let column = try index(in: columns, of: arguments[1], position, table.name, &trace)
      let value = values[row][column]
      trace.add(lookupStep("\(table.name), row \(row + 1), column \(column + 1)", value))
      return ExactRatio(value)
    }
  }

  private func lookupStep(_ subject: String, _ value: ExactDecimal) -> ArithmeticStep {
    ArithmeticStep(
      .lookup, subject: subject, terms: [.init(.start, value)], result: ExactRatio(value))
  }

  private func index(
    in axis: LookupTable.Axis, of argument: Expression, _ position: Int, _ table: String,
    _ trace: inout Trace
  ) throws -> Int {
    switch axis {
    case .names(let names):
      let name = text(argument, position) ?? ""
      guard let index = names.firstIndex(of: name) else {
        throw EvaluationError.Reason.unlistedName(name, table: table)
      }
      return index
    case .bounds(let bounds, let boundary):
      let value = try number(argument, position, &trace)
      var reached = 0
      for (index, bound) in bounds.enumerated().dropFirst() {
        let order = try value.compared(to: ExactRatio(bound))
        if order < 0 || (order == 0 && boundary == .upperInclusive) { break }
        reached = index
      }
      return reached
    }
  }
}

extension ArithmeticStep.Operation {
  /// Whether a calculation by this sign may be followed by another without parentheses.
  fileprivate func bindsAtLeast(_ other: ArithmeticStep.Operation) -> Bool {
    let isStrong = self == .times || self == .dividedBy
    return isStrong || other == .plus || other == .minus
  }
}
