import Quantities

/// One evaluation of a plan for a population. It goes component by component, and within each over
/// the people, so that pools, ranks and averages see everybody's earlier lines. What is asked of the
/// inputs by name is looked up once, before the first line.
final class PopulationEvaluation {
  let plan: Plan
  let population: Population
  let month: Month
  let isExplaining: Bool

  /// Whether a person is paid: covered by the plan, and nothing stood in the way so far.
  var isPaid: [Bool]
  /// The value of each figure for each person; empty for those that formulas make.
  let figures: [[ExactRatio?]]
  /// What each figure is called in steps and messages.
  let figureTitles: [String]
  /// The number of each person's group, by the kind of group; -1 for none.
  let groups: [PeopleGroup: GroupIndex]
  /// The amounts of each component so far, by person.
  var amounts: [[ExactDecimal]] = []
  /// The arithmetic of each component so far, by person.
  var steps: [[[ArithmeticStep]]] = []
  /// The value of each component's basis, by person; empty for components without one.
  var bases: [[ExactRatio]] = []
  /// What each component carries, by person; empty for components that carry nothing.
  var carried: [[ExactDecimal]] = []
  /// The values of aggregates: by group, or by person for those led and for ranks.
  var aggregates: [[ExactRatio]]
  /// Whether the aggregate has been taken.
  var isTaken: [Bool]
  /// The aggregates that each component needs.
  let aggregateUses: [[Int]]
  /// The name of the metric of each component's basis.
  let basisMetrics: [String?]
  /// Whether each component carries a balance.
  let carriesBalance: [Bool]
  /// The position of each person by name, for deals.
  let positions: [String: Int]
  /// What stood in the way.
  var errors: [EvaluationError] = []

  /// The amount of the line whose carried balance is being found, or the sum of all lines.
  var ownAmount = ExactRatio.zero
  /// The component that is being evaluated.
  var component = 0
  /// The tier for which a line is being calculated that goes by the days of each; nil outside of such.
  var tierOfSpan: TierSpan?

  var people: [PersonInputs] { population.people }

  init(_ plan: Plan, _ population: Population, month: Month, isExplaining: Bool) {
    self.plan = plan
    self.population = population
    self.month = month
    self.isExplaining = isExplaining
    self.isPaid = population.people.map(plan.covers.includes)
    // Several components may pay for one measure, which is looked up once.
    var values: [Measure: [ExactRatio?]] = [:]
    self.figures = plan.figures.map { figure in
      guard let measure = figure.measure else { return [] }
      if let known = values[measure] { return known }
      let found = population.values(of: measure)
      values[measure] = found
      return found
    }
    self.figureTitles = plan.figures.map { $0.measure?.title ?? $0.name ?? "" }
    self.carriesBalance = plan.components.map(\.carriesBalance)
    self.aggregates = Array(repeating: [], count: plan.aggregates.count)
    self.isTaken = Array(repeating: false, count: plan.aggregates.count)
    self.aggregateUses = plan.components.map {
      plan.aggregateSlots(of: $0.formulas, figures: $0.figures)
    }
    self.basisMetrics = plan.components.map { component in
      component.figures.first.flatMap { plan.figures[$0].measure?.metric }
    }
    self.positions = Dictionary(
      population.people.enumerated().map { ($0.element.person, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    self.groups = plan.groupsInUse.reduce(into: [:]) { groups, kind in
      groups[kind] = GroupIndex(kind, population.people)
    }
  }

  func statements() throws(PopulationError) -> [PayStatement?] {
    for (position, person) in people.enumerated() where positions[person.person] != position {
      refuse(position, EvaluationError.Reason.repeated)
    }
    for position in plan.components.indices where !people.isEmpty {
      component = position
      evaluateComponent()
    }
    for deferral in plan.deferrals {
      if case .formula(let formula) = deferral.taken {
        take(aggregates: plan.aggregateSlots(of: [formula]))
      }
    }
    let wasCovered = people.map(plan.covers.includes)
    var statements: [PayStatement?] = []
    statements.reserveCapacity(people.count)
    for position in people.indices {
      guard wasCovered[position], isPaid[position] else {
        statements.append(nil)
        continue
      }
      do {
        statements.append(try statement(of: position))
      } catch {
        refuse(position, error, inComponent: false)
        statements.append(nil)
      }
    }
    if errors.isEmpty { return statements }
    throw PopulationError(errors: errors)
  }

  /// Records why a person cannot be paid, and leaves them out of what follows.
  func refuse(_ position: Int, _ error: any Error, inComponent: Bool = true) {
    isPaid[position] = false
    guard errors.count < PopulationError.limit else { return }
    let reason: EvaluationError.Reason =
      switch error {
      case let reason as EvaluationError.Reason: reason
      case let error as QuantityError: .quantity(error)
      default: .notCovered
      }
    errors.append(
      EvaluationError(
        plan: plan.code, person: people[position].person,
        component: inComponent && plan.components.indices.contains(component)
          ? plan.components[component].code : nil,
        reason: reason))
  }

  // MARK: - Lines

  private func evaluateComponent() {
    let rule = plan.components[component]
    let count = people.count
    amounts.append(Array(repeating: .zero, count: count))
    steps.append(isExplaining ? Array(repeating: [], count: count) : [])
    bases.append(rule.rule.basis == nil ? [] : Array(repeating: .zero, count: count))
    carried.append(carriesBalance[component] ? Array(repeating: .zero, count: count) : [])
    take(aggregates: aggregateUses[component])
    let shared = sharedAmounts(of: rule)
    for position in 0..<count where isPaid[position] {
      do {
        var trace = Trace(isExplaining: isExplaining)
        if isExplaining { trace.steps.reserveCapacity(4) }
        let amount = try line(of: rule, position, shared, &trace)
        amounts[component][position] = amount
        if isExplaining { steps[component][position] = trace.steps }
      } catch {
        refuse(position, error)
      }
    }
  }

  private func line(
    of rule: Component, _ position: Int, _ shared: SharedAmounts?, _ trace: inout Trace
  ) throws -> ExactDecimal {
    var amount = ExactRatio.zero
    let isByTiers = rule.goesByTierDays && people[position].tierSpans.count > 1
    if try isByTiers || pays(rule, position, &trace) {
      amount =
        isByTiers
        ? try amountByTiers(rule, position, &trace)
        : try value(of: rule, position, shared, &trace)
      if rule.isProrated { amount = try prorated(amount, position, &trace) }
      if let span = rule.lessPaid {
        let paid = ExactRatio(people[position].paid[span]?[rule.code] ?? .zero)
        let rest = try amount - paid
        trace.add(
          ArithmeticStep(
            .lessPaid, subject: span.rawValue,
            terms: [.init(.start, amount), .init(.minus, paid)], result: rest))
        amount = rest
      }
    }
    let rounded = try amount.rounded(places: plan.rounding.linePlaces, plan.rounding.mode)
    if let formula = rule.carries {
      ownAmount = ExactRatio(rounded)
      var silent = Trace(isExplaining: false)
      let balance = try number(formula.root, position, &silent)
      carried[component][position] = try balance.rounded(
        places: plan.rounding.linePlaces, plan.rounding.mode)
      trace.add(
        ArithmeticStep(
          .remark, subject: "carried to the next month: \(carried[component][position])",
          result: balance))
    }
    trace.add(
      ArithmeticStep(
        .rounding, subject: plan.rounding.mode.rawValue, result: ExactRatio(rounded)))
    return rounded
  }

  /// Whether a component pays a person anything: it is for them, and its gate is open.
  func pays(_ rule: Component, _ position: Int, _ trace: inout Trace) throws -> Bool {
    if rule.appliesTo != .everyone, !rule.appliesTo.includes(asOfSpan(position)) {
      trace.add(
        ArithmeticStep(.remark, subject: "not for this post, tier or unit", result: .zero))
      return false
    }
    guard let gate = rule.gate else { return true }
    if try condition(gate.root, position, &trace) { return true }
    trace.add(ArithmeticStep(.remark, subject: "so nothing is paid", result: .zero))
    return false
  }

  private func prorated(
    _ amount: ExactRatio, _ position: Int, _ trace: inout Trace
  ) throws(QuantityError) -> ExactRatio {
    guard let days = people[position].daysActive, days < month.dayCount else { return amount }
    let fraction = ExactRatio(
      total: ExactDecimal(days), divisor: ExactDecimal(month.dayCount))
    let part = try amount * fraction
    trace.add(
      ArithmeticStep(
        .prorated,
        terms: [
          .init(.start, amount), .init(.times, fraction.total),
          .init(.dividedBy, fraction.divisor),
        ], result: part))
    return part
  }

  // MARK: - Statements

  private func statement(of position: Int) throws -> PayStatement {
    let places = plan.rounding.places
    var lines: [PayLine] = []
    lines.reserveCapacity(plan.components.count + 1)
    var sum = ExactDecimal(coefficient: 0, scale: plan.rounding.linePlaces)
    var carriedOut: [String: ExactDecimal] = [:]
    for number in plan.components.indices {
      let amount = amounts[number][position]
      let isPaid = plan.components[number].isPaid
      if isPaid { try sum += amount }
      lines.append(
        PayLine(
          number: number + 1, component: plan.components[number].code,
          kind: plan.components[number].kind, title: plan.components[number].title,
          amount: amount, isPaid: isPaid, metric: basisMetrics[number],
          basis: basisMetrics[number] == nil ? nil : bases[number][position],
          arithmetic: isExplaining ? steps[number][position] : []))
      if carriesBalance[number], !carried[number][position].isZero {
        carriedOut[plan.components[number].code] = carried[number][position]
      }
    }
    let earned = try sum.rounded(toScale: places, plan.rounding.mode)
    if plan.rounding.level == .total {
      lines.append(roundingLine(number: lines.count + 1, try earned - sum))
    }
    let deferral = plan.deferrals.first { $0.covers.includes(people[position]) }
    guard let deferral, earned.coefficient > 0 else {
      return PayStatement(
        lines: lines, earned: earned, deferred: ExactDecimal(coefficient: 0, scale: places),
        payable: earned, instalments: [], carried: carriedOut)
    }
    let deferred = try self.deferred(deferral, of: earned, position)
    return PayStatement(
      lines: lines, earned: earned, deferred: deferred, payable: try earned - deferred,
      instalments: deferred.isZero
        ? [] : try deferral.schedule(deferred, from: month, places: places),
      carried: carriedOut)
  }

  /// What the rounding of the total adds to the lines, so that they sum to it.
  private func roundingLine(number: Int, _ difference: ExactDecimal) -> PayLine {
    PayLine(
      number: number, component: "rounding", kind: nil, title: "Rounding of the total",
      amount: difference, isPaid: true, metric: nil, basis: nil,
      arithmetic: [
        ArithmeticStep(
          .rounding, subject: plan.rounding.mode.rawValue, result: ExactRatio(difference))
      ])
  }

  /// What is deferred: never more than what is earned, and never less than nothing.
  private func deferred(
    _ deferral: Deferral, of earned: ExactDecimal, _ position: Int
  ) throws -> ExactDecimal {
    let exact: ExactRatio
    switch deferral.taken {
    case .share(let share): exact = ExactRatio(try earned * share)
    case .formula(let formula):
      ownAmount = ExactRatio(earned)
      var silent = Trace(isExplaining: false)
      exact = try number(formula.root, position, &silent)
    }
    let rounded = try exact.rounded(places: plan.rounding.places, plan.rounding.mode)
    if rounded.isNegative { return ExactDecimal(coefficient: 0, scale: plan.rounding.places) }
    return min(rounded, earned)
  }
}

extension Component {
  /// Whether a balance goes from month to month.
  var carriesBalance: Bool {
    switch rule {
    case .guarantee(let guarantee): guarantee.recovery != nil
    case .limit(let limit): limit.excess == .carried
    default: carries != nil
    }
  }
}

extension Population {
  /// The value of a measure for each person.
  fileprivate func values(of measure: Measure) -> [ExactRatio?] {
    switch measure.owner {
    case .person: people.map { $0.figures.value(of: measure) }
    case .unit: people.map { $0.unit.flatMap { units[$0]?.value(of: measure) } }
    case .team: people.map { $0.team.flatMap { teams[$0]?.value(of: measure) } }
    case .bank: Array(repeating: bank.value(of: measure), count: people.count)
    }
  }
}
