import Quantities

/// Which people belong together: each person's group by number.
struct GroupIndex {
  /// The group of each person; -1 for none, and for ``PeopleGroup/led`` always.
  let numbers: [Int]
  /// The names of the groups.
  let names: [String]

  init(_ kind: PeopleGroup, _ people: [PersonInputs]) {
    var numbers: [Int] = []
    var names: [String] = []
    var known: [String: Int] = [:]
    numbers.reserveCapacity(people.count)
    for person in people {
      let name: String? =
        switch kind {
        case .unit: person.unit
        case .team: person.team
        case .tier: person.tier
        case .post: person.post
        case .everyone: "everyone"
        case .led: nil
        }
      guard let name else {
        numbers.append(-1)
        continue
      }
      if known[name] == nil {
        known[name] = names.count
        names.append(name)
      }
      numbers.append(known[name] ?? -1)
    }
    self.numbers = numbers
    self.names = names
  }
}

extension PopulationEvaluation {
  /// The people whom each person leads: those of the units and teams, without the person.
  func led() -> [[Int]] {
    var members: [String: [Int]] = [:]
    for (position, person) in people.enumerated() where isPaid[position] {
      for name in Set([person.unit, person.team].compactMap(\.self)) {
        members[name, default: []].append(position)
      }
    }
    return people.enumerated().map { position, person in
      if person.leads.isEmpty { return [] }
      return Set(person.leads.flatMap { members[$0] ?? [] }).subtracting([position]).sorted()
    }
  }

  // MARK: - Aggregates

  /// Takes aggregates in their order, those that were not taken yet.
  func take(aggregates slots: [Int]) {
    for slot in slots { take(aggregate: slot) }
  }

  private func take(aggregate slot: Int) {
    if isTaken[slot] { return }
    isTaken[slot] = true
    let aggregate = plan.aggregates[slot]
    var silent = Trace(isExplaining: false)
    var values: [ExactRatio?] = Array(repeating: nil, count: people.count)
    for position in people.indices where isPaid[position] {
      do {
        values[position] = try number(aggregate.value, position, &silent)
      } catch {
        refuse(position, error)
      }
    }
    do {
      aggregates[slot] = try summarised(aggregate, values)
    } catch {
      aggregates[slot] = Array(repeating: .zero, count: people.count)
      if let position = isPaid.firstIndex(of: true) { refuse(position, error) }
    }
  }

  /// The value of an aggregate for each person.
  private func summarised(
    _ aggregate: Aggregate, _ values: [ExactRatio?]
  ) throws(QuantityError) -> [ExactRatio] {
    if aggregate.group == .led {
      var results: [ExactRatio] = []
      for members in led() {
        results.append(try summary(aggregate.kind, members.compactMap { values[$0] }))
      }
      return results
    }
    guard let groups = groups[aggregate.group] else { return [] }
    var members: [[Int]] = Array(repeating: [], count: groups.names.count)
    for (position, group) in groups.numbers.enumerated() where values[position] != nil && group >= 0
    {
      members[group].append(position)
    }
    var results = Array(repeating: ExactRatio.zero, count: people.count)
    for group in members {
      if aggregate.kind == .rank {
        for (rank, position) in try ranked(group, values, highestFirst: true) {
          results[position] = ExactRatio(ExactDecimal(rank))
        }
        continue
      }
      let value = try summary(aggregate.kind, group.compactMap { values[$0] })
      for position in group { results[position] = value }
    }
    return results
  }

  private func summary(
    _ kind: Aggregate.Kind, _ values: [ExactRatio]
  ) throws(QuantityError) -> ExactRatio {
    guard let first = values.first else { return .zero }
    let count = ExactRatio(ExactDecimal(values.count))
    if kind == .count { return count }
    var result = first
    for value in values.dropFirst() {
      switch kind {
      case .highest: if try value.compared(to: result) > 0 { result = value }
      case .lowest: if try value.compared(to: result) < 0 { result = value }
      default: result = try result + value
      }
    }
    return kind == .average ? try result / count : result
  }

  /// People in the order of their values with the rank of each: equal values have the same one.
  func ranked(
    _ members: [Int], _ values: [ExactRatio?], highestFirst: Bool
  ) throws(QuantityError) -> [(rank: Int, position: Int)] {
    var failure: QuantityError?
    func order(_ left: Int, _ right: Int) -> Int {
      guard let first = values[left], let second = values[right] else { return 0 }
      do throws(QuantityError) {
        return try first.compared(to: second) * (highestFirst ? -1 : 1)
      } catch {
        failure = error
        return 0
      }
    }
    let sorted = members.sorted { left, right in
      let order = order(left, right)
      return order < 0 || (order == 0 && left < right)
    }
    var result: [(rank: Int, position: Int)] = []
    for (place, position) in sorted.enumerated() {
      let isTied = place > 0 && order(sorted[place - 1], position) == 0
      result.append((isTied ? result[place - 1].rank : place + 1, position))
    }
    if let failure { throw failure }
    return result
  }

  /// The value of an aggregate for a person.
  func aggregateValue(_ slot: Int, _ position: Int, _ trace: inout Trace) -> ExactRatio {
    let value = aggregates[slot].isEmpty ? .zero : aggregates[slot][position]
    let aggregate = plan.aggregates[slot]
    let name =
      aggregate.group == .led
      ? "those led" : aggregate.group == .everyone ? "everyone" : "the \(aggregate.group.rawValue)"
    trace.add(
      ArithmeticStep(
        .group, subject: "\(aggregate.kind.rawValue) of \(name)", terms: [.init(.start, value)],
        result: value))
    return value
  }
}
