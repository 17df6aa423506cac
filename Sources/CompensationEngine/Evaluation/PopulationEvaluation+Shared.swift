import Quantities

/// What a component gives to each person where that depends on others.
struct SharedAmounts {
  /// The amount of each person.
  var amounts: [ExactRatio]
  /// The arithmetic of each.
  var steps: [[ArithmeticStep]]

  init(count: Int) {
    amounts = Array(repeating: .zero, count: count)
    steps = Array(repeating: [], count: count)
  }
}

extension PopulationEvaluation {
  /// The amounts of a component that looks at several people at once; nil for the others.
  func sharedAmounts(of component: Component) -> SharedAmounts? {
    var shared = SharedAmounts(count: people.count)
    switch component.rule {
    case .pool(let rule): pool(rule, component, &shared)
    case .rank(let rule): rank(rule, component, &shared)
    case .rollUp(let rule): rollUp(rule, &shared)
    case .dealSplit(let rule): dealSplit(rule, &shared)
    default: return nil
    }
    return shared
  }

  /// The people whom a component pays, by group.
  private func members(
    of group: PeopleGroup, _ component: Component
  ) -> [(name: String, members: [Int])] {
    guard let groups = groups[group] else { return [] }
    var members: [[Int]] = Array(repeating: [], count: groups.names.count)
    var silent = Trace(isExplaining: false)
    for position in people.indices where isPaid[position] && groups.numbers[position] >= 0 {
      do {
        if try pays(component, position, &silent) {
          members[groups.numbers[position]].append(position)
        }
      } catch {
        refuse(position, error)
      }
    }
    return zip(groups.names, members).map { (name: $0, members: $1) }.filter { !$0.members.isEmpty }
  }

  // MARK: - Pools

  private func pool(_ rule: Pool, _ component: Component, _ shared: inout SharedAmounts) {
    for (name, members) in members(of: rule.group, component) {
      do {
        try distribute(rule, name, members, &shared)
      } catch {
        refuse(members[0], error)
      }
    }
  }

  /// Shares one pool out, so that the parts sum to it exactly: largest remainders first, and among
  /// equal ones the person whose name comes first, so that the order of the inputs changes nothing.
  private func distribute(
    _ rule: Pool, _ name: String, _ unordered: [Int], _ shared: inout SharedAmounts
  ) throws {
    let members = unordered.sorted { people[$0].person < people[$1].person }
    let places = plan.rounding.linePlaces
    var given: [ExactDecimal] = []
    let total = try poolAmount(rule, name, members, &given, &shared)
    var points: [ExactRatio] = []
    for member in members {
      var trace = Trace(isExplaining: isExplaining)
      let value = try number(rule.points.root, member, &trace)
      if value.total.isNegative { throw EvaluationError.Reason.negativePoints(value) }
      points.append(value)
      shared.steps[member] += trace.steps
    }
    let weights = try Self.commonUnits(points)
    guard weights.contains(where: { !$0.isZero }) else {
      if rule.nobody == .refuse { throw EvaluationError.Reason.poolWithoutPoints(name) }
      if let funding = rule.funding {
        for (index, member) in members.enumerated() where !given[index].isZero {
          shared.steps[member].append(
            ArithmeticStep(
              .remark,
              subject: "nobody has points, so \(funding.components.listing) keeps its part",
              result: .zero))
        }
      }
      return
    }
    let parts = try total.apportioned(by: weights, scale: places)
    let sum = try points.reduce(ExactRatio.zero) { try $0 + $1 }
    for (index, member) in members.enumerated() {
      let part = ExactRatio(parts[index])
      let own = given.isEmpty ? ExactRatio.zero : ExactRatio(given[index])
      shared.amounts[member] = try part - own
      guard isExplaining else { continue }
      shared.steps[member].append(
        ArithmeticStep(
          .distributed,
          subject: "share of \(total) of \(name) by \(points[index].shown) of \(sum.shown) points, "
            + "largest remainders first", terms: [.init(.start, part)], result: part))
      if !given.isEmpty {
        shared.steps[member].append(
          ArithmeticStep(
            .calculation, subject: "less what was given",
            terms: [.init(.start, part), .init(.minus, own)], result: try part - own))
      }
    }
  }

  /// The amount of a pool, with the places that are paid; what each member gives into it, if they do.
  private func poolAmount(
    _ rule: Pool, _ name: String, _ members: [Int], _ given: inout [ExactDecimal],
    _ shared: inout SharedAmounts
  ) throws -> ExactDecimal {
    let (places, mode) = (plan.rounding.linePlaces, plan.rounding.mode)
    guard let funding = rule.funding else {
      guard let formula = rule.amount else { return .zero }
      var total: ExactRatio?
      for member in members {
        var trace = Trace(isExplaining: isExplaining)
        let value = try number(formula.root, member, &trace)
        shared.steps[member] += trace.steps
        if let total, try total.compared(to: value) != 0 {
          throw EvaluationError.Reason.poolDiffers(name)
        }
        total = value
      }
      return try (total ?? .zero).rounded(places: places, mode)
    }
    var total = ExactDecimal(coefficient: 0, scale: places)
    for member in members {
      var trace = Trace(isExplaining: isExplaining)
      let sum = try sum(funding.components, member, &trace)
      let part = try sum * ExactRatio(funding.share)
      trace.add(
        ArithmeticStep(
          .calculation, subject: "given into the pool of \(name)",
          terms: [.init(.start, sum), .init(.times, funding.share)], result: part))
      let rounded = try part.rounded(places: places, mode)
      trace.add(
        ArithmeticStep(.roundedPart, subject: mode.rawValue, result: ExactRatio(rounded)))
      given.append(rounded)
      try total += rounded
      shared.steps[member] += trace.steps
    }
    return total
  }

  /// Points as numbers without divisors, in the same proportions.
  private static func commonUnits(_ points: [ExactRatio]) throws(QuantityError) -> [ExactDecimal] {
    var divisors: [ExactDecimal] = []
    for point in points where !divisors.contains(point.divisor) { divisors.append(point.divisor) }
    var units: [ExactDecimal] = []
    for point in points {
      var unit = point.total
      for divisor in divisors where divisor != point.divisor { unit = try unit * divisor }
      units.append(unit)
    }
    return units
  }

  // MARK: - Ranks

  private func rank(_ rule: RankBonus, _ component: Component, _ shared: inout SharedAmounts) {
    for (name, members) in members(of: rule.group, component) {
      do {
        try award(rule, name, members, &shared)
      } catch {
        refuse(members[0], error)
      }
    }
  }

  private func award(
    _ rule: RankBonus, _ name: String, _ members: [Int], _ shared: inout SharedAmounts
  ) throws {
    var values: [ExactRatio?] = Array(repeating: nil, count: people.count)
    for member in members {
      var trace = Trace(isExplaining: isExplaining)
      values[member] = try number(rule.by.root, member, &trace)
      shared.steps[member] += trace.steps
    }
    let byName = members.sorted { people[$0].person < people[$1].person }
    let ranks = try ranked(byName, values, highestFirst: rule.order == .highestFirst)
    for tied in Dictionary(grouping: ranks, by: \.rank).values {
      let first = tied[0].rank
      let places = first..<(first + tied.count)
      let prizes = places.map {
        rule.amounts.indices.contains($0 - 1) ? rule.amounts[$0 - 1] : .zero
      }
      let winners = tied.map(\.position).sorted { people[$0].person < people[$1].person }
      if tied.count > 1, rule.ties == .refuse, prizes.contains(where: { !$0.isZero }) {
        throw EvaluationError.Reason.tie(values[winners[0]] ?? .zero)
      }
      var parts = Array(repeating: prizes[0], count: winners.count)
      if rule.ties == .share, winners.count > 1 {
        let sum = try prizes.reduce(ExactDecimal.zero) { try $0 + $1 }
        parts = try sum.apportioned(
          by: Array(repeating: .one, count: winners.count), scale: plan.rounding.linePlaces)
      }
      for (winner, part) in zip(winners, parts) {
        shared.amounts[winner] = ExactRatio(part)
        guard isExplaining else { continue }
        let shareOf = winners.count > 1 ? ", shared by \(winners.count) people" : ""
        shared.steps[winner].append(
          ArithmeticStep(
            .distributed, subject: "rank \(first) of \(members.count) in \(name)\(shareOf)",
            terms: [.init(.start, part)], result: ExactRatio(part)))
      }
    }
  }

  // MARK: - Leaders

  private func rollUp(_ rule: RollUp, _ shared: inout SharedAmounts) {
    for (leader, members) in led().enumerated() where isPaid[leader] && !members.isEmpty {
      do {
        var silent = Trace(isExplaining: false)
        var total = ExactRatio.zero
        for member in members { total = try total + sum(rule.components, member, &silent) }
        let isAverage = rule.takes == .multipleOfAverage
        let count = ExactDecimal(isAverage ? members.count : 1)
        let amount = try total * ExactRatio(total: rule.factor, divisor: count)
        shared.amounts[leader] = amount
        guard isExplaining else { continue }
        shared.steps[leader] = [
          ArithmeticStep(
            .group, subject: "\(rule.components.listing) of \(members.count) people led",
            terms: [.init(.start, total)], result: total),
          ArithmeticStep(
            .calculation,
            terms: [.init(.start, total)]
              + (isAverage ? [.init(.dividedBy, count)] : []) + [.init(.times, rule.factor)],
            result: amount),
        ]
      } catch {
        refuse(leader, error)
      }
    }
  }

  // MARK: - Deals

  private func dealSplit(_ rule: DealSplit, _ shared: inout SharedAmounts) {
    let deals = population.deals.filter { $0.metric == rule.metric }.sorted {
      $0.number < $1.number
    }
    for deal in deals {
      do {
        try split(deal, rule, &shared)
      } catch {
        let known = deal.participants.compactMap { positions[$0.person] }.min()
        refuse(known ?? 0, error)
      }
    }
    for position in people.indices where isExplaining && shared.steps[position].isEmpty {
      shared.steps[position] = [
        ArithmeticStep(.remark, subject: "no \(rule.metric) in the month", result: .zero)
      ]
    }
  }

  /// Shares the pay of one deal by roles; those who have one role share it equally. What goes to
  /// people outside of the plan is not paid, and nobody else gets it.
  private func split(
    _ deal: Deal, _ rule: DealSplit, _ shared: inout SharedAmounts
  ) throws {
    let places = plan.rounding.linePlaces
    var trace = Trace(isExplaining: isExplaining)
    let pay = try rule.schedule.evaluate(ExactRatio(deal.amount), into: &trace)
    let total = try pay.rounded(places: places, plan.rounding.mode)
    let participants = deal.participants.sorted { ($0.role, $0.person) < ($1.role, $1.person) }
    var weights: [ExactDecimal] = []
    var unfilled = ExactDecimal.zero
    let holders = Dictionary(grouping: participants, by: \.role).mapValues(\.count)
    let product = holders.values.reduce(ExactDecimal.one) { (try? $0 * ExactDecimal($1)) ?? $0 }
    for participant in participants {
      guard let role = rule.roles.first(where: { $0.name == participant.role }) else {
        throw EvaluationError.Reason.unknownRole(participant.role, deal: deal.number)
      }
      // The share over the number who have the role, with all divisors multiplied away.
      let others = try product.divided(
        by: ExactDecimal(holders[participant.role] ?? 1), scale: 0, rounding: .down)
      weights.append(try role.share * others)
    }
    if rule.absentRole == .nobody {
      for role in rule.roles where holders[role.name] == nil {
        unfilled = try unfilled + role.share * product
      }
    }
    guard (weights + [unfilled]).contains(where: { !$0.isZero }) else { return }
    let parts = try total.apportioned(by: weights + [unfilled], scale: places)
    for (participant, part) in zip(participants, parts) {
      guard let position = positions[participant.person], isPaid[position] else { continue }
      shared.amounts[position] = try shared.amounts[position] + ExactRatio(part)
      guard isExplaining else { continue }
      shared.steps[position].append(
        ArithmeticStep(
          .transaction, subject: deal.number, terms: [.init(.start, deal.amount)],
          result: ExactRatio(deal.amount)))
      shared.steps[position] += trace.steps
      shared.steps[position].append(
        ArithmeticStep(
          .distributed, subject: "as \(participant.role), of \(total)",
          terms: [.init(.start, part)], result: ExactRatio(part)))
    }
  }
}

extension ExactRatio {
  /// The number for a sentence, without needless zeros.
  fileprivate var shown: String {
    isWhole ? total.normalized.description : "\(total.normalized)/\(divisor.normalized)"
  }
}
