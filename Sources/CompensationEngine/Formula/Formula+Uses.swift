/// What formulas use, found once before anybody is evaluated.
extension Expression {
  /// The expressions directly below this one.
  private var children: [Expression] {
    switch self {
    case .number, .text, .figure, .parameter, .line, .fact, .aggregate: []
    case .negated(let value), .rounded(let value, _, _), .absolute(let value), .not(let value),
      .converted(let value, _):
      [value]
    case .arithmetic(_, let left, let right), .comparison(_, let left, let right),
      .both(let left, let right), .either(let left, let right):
      [left, right]
    case .choice(let first, let second, let third), .dividedOr(let first, let second, let third):
      [first, second, third]
    case .extreme(_, let values), .lookup(_, let values): values
    }
  }

  /// The aggregates that are taken in the expression itself, not in those below its figures.
  var aggregateSlots: [Int] {
    if case .aggregate(let slot) = self { return [slot] }
    return children.flatMap(\.aggregateSlots)
  }

  /// The figures named in the expression itself.
  var figures: [Int] {
    if case .figure(let figure) = self { return [figure] }
    return children.flatMap(\.figures)
  }
}

extension Plan {
  /// The aggregates that must be taken before formulas can be evaluated, also by way of figures and
  /// of other aggregates; those that others need come first.
  func aggregateSlots(of formulas: [Formula], figures used: [Int] = []) -> [Int] {
    var slots: [Int] = []
    var seen: Set<Int> = []
    func visit(_ expression: Expression) {
      for slot in expression.aggregateSlots where !slots.contains(slot) {
        visit(aggregates[slot].value)
        slots.append(slot)
      }
      for figure in expression.figures { visitFigure(figure) }
    }
    func visitFigure(_ figure: Int) {
      guard seen.insert(figure).inserted, case .formula(let formula) = figures[figure].source else {
        return
      }
      visit(formula.root)
    }
    for formula in formulas { visit(formula.root) }
    for figure in used { visitFigure(figure) }
    return slots
  }

  /// The kinds of groups that people are put into.
  var groupsInUse: Set<PeopleGroup> {
    var groups = Set(aggregates.map(\.group))
    for component in components {
      switch component.rule {
      case .pool(let pool): groups.insert(pool.group)
      case .rank(let rank): groups.insert(rank.group)
      default: break
      }
    }
    return groups
  }
}

extension Component {
  /// All formulas of the component.
  var formulas: [Formula] {
    var formulas = [gate, carries].compactMap(\.self)
    if let basis = rule.basis, case .formula(let formula) = basis.source {
      formulas.append(formula)
    }
    switch rule {
    case .attainment(let rule): formulas += [rule.actual, rule.target, rule.worth]
    case .scorecard(let rule): formulas += [rule.worth] + rule.items.map(\.score)
    case .formula(let formula): formulas.append(formula)
    case .multiplier(let rule):
      if case .formula(let formula) = rule.coefficient { formulas.append(formula) }
    case .limit(let rule): formulas.append(rule.limit)
    case .guarantee(let rule): formulas.append(rule.minimum)
    case .pool(let rule): formulas += [rule.amount, rule.points].compactMap(\.self)
    case .rank(let rule): formulas.append(rule.by)
    case .unitPrice, .rateTable, .rollUp, .dealSplit, .entries: break
    }
    return formulas
  }

  /// The figures that the component takes without a formula.
  var figures: [Int] {
    guard let basis = rule.basis, case .figure(let figure) = basis.source else { return [] }
    return [figure]
  }
}
