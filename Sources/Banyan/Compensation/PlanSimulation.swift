import CompensationEngine
import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

/// What a plan would pay for a month, against what another pays, without touching anything: the
/// credits are made, read and undone, and every variant is evaluated in memory.
public struct PlanSimulation: Sendable {
  /// One variant and what it comes to.
  public struct Variant: Sendable {
    /// The values that were changed; none for the plan as it stands.
    public let values: [String]
    /// Sum of what people earn.
    public let earned: ExactDecimal
    /// Part of it that is paid in later years.
    public let deferred: ExactDecimal
    /// Difference to the plan that it is compared with; nil without one.
    public let change: ExactDecimal?
    /// People who earn more than by that plan.
    public let winners: Int
    /// People who earn less.
    public let losers: Int
  }

  /// People who are alike, before and after.
  public struct Group: Sendable {
    /// What they have in common: a tier, a unit.
    public let name: String
    /// How many they are.
    public var people = 0
    /// What they earn by the other plan.
    public var before = ExactDecimal.zero
    /// What they earn by this one.
    public var after = ExactDecimal.zero
    /// Who earns more.
    public var winners = 0
    /// Who earns less.
    public var losers = 0
  }

  /// The month.
  public let month: Month
  /// The currency of the amounts.
  public let currency: Currency
  /// Label of the plan that it is compared with; nil if there is none.
  public let against: String?
  /// Places that were varied.
  public let places: [String]
  /// The variants in the order of their values.
  public let variants: [Variant]
  /// The people of the first variant by tier, and by unit.
  public let tiers: [Group]
  /// The same by unit.
  public let units: [Group]
  /// How many people earn how much by the first variant: the upper end of each step, and the count.
  public let distribution: [(upTo: ExactDecimal, people: Int)]

  private struct Undo: Error {
    let inputs: PayInputs
    let earlier: PayInputs?
  }

  /// Simulates a plan.
  ///
  /// - Parameters:
  ///   - plan: A file, or `CODE` or `CODE:VERSION` on record.
  ///   - against: The same; the plan in force for the month without it, if there is one.
  ///   - variations: Values to try.
  /// - Throws: ``BanyanError`` if a plan cannot be read or refuses somebody's inputs.
  public init(
    of plan: String, month: Month, against: String?, variations: [PlanVariation],
    on connection: isolated Connection
  ) throws {
    let document = try Self.document(plan, on: connection)
    let metrics = try MetricCatalogue(on: connection)
    let base = try PlanStore.parse(document, path: plan, metrics: metrics)
    let other = try Self.otherPlan(against, month, on: connection)
    let (inputs, earlier) = try Self.inputs(month, base, other?.plan, on: connection)
    self.month = month
    currency = base.currency
    self.against = other?.label
    places = variations.map(\.path)
    let before = try other.flatMap { other in
      try earlier.map { try Self.earnings(of: $0, by: other.plan) }
    }
    let combinations = try PlanVariation.combinations(variations)
    let first = try Self.earnings(
      of: inputs, by: Self.varied(base, document, plan, metrics, combinations[0]))
    let others = try Self.sweep(inputs, before, combinations.dropFirst()) { changes in
      try Self.varied(base, document, plan, metrics, changes)
    }
    variants = [try Self.variant(combinations[0].map(\.value), first, before)] + others
    tiers = try Self.groups(inputs, first, before) { $0.tier ?? "none" }
    units = try Self.groups(inputs, first, before) { $0.known.unit ?? "none" }
    distribution = Self.steps(first.values.map(\.earned))
  }

  private static func document(
    _ name: String, on connection: isolated Connection
  ) throws -> String {
    if let text = try? String(contentsOfFile: name, encoding: .utf8) { return text }
    return try PlanStore.document(name, on: connection)
  }

  private static func otherPlan(
    _ name: String?, _ month: Month, on connection: isolated Connection
  ) throws -> (plan: Plan, label: String)? {
    if let name {
      return (try PlanStore.parse(try document(name, on: connection), path: name), name)
    }
    guard let stored = try? PlanStore.plan(for: month, code: nil, on: connection) else {
      return nil
    }
    return (stored.plan, "\(stored.code) version \(stored.version)")
  }

  /// The inputs of both plans, on credits that are made in a transaction and undone with it.
  private static func inputs(
    _ month: Month, _ plan: Plan, _ other: Plan?, on connection: isolated Connection
  ) throws -> (PayInputs, PayInputs?) {
    do {
      try connection.transaction { connection in
        let run = try connection.value(
          "select nextval(pg_get_serial_sequence('bank.pay_run', 'pay_run_id'))::integer",
          as: Int32.self)
        try connection.execute("select bank.credit_facts(\(run), \(month.firstDay))")
        let inputs = try PayInputs(month: month, plan: plan, run: run, on: connection)
        let earlier = try other.map {
          try PayInputs(month: month, plan: $0, run: run, on: connection)
        }
        throw Undo(inputs: inputs, earlier: earlier)
      }
    } catch let undo as Undo {
      if undo.inputs.people.isEmpty {
        throw BanyanError.data(
          "nobody looks after an account in \(month), so there is nobody to pay")
      }
      return (undo.inputs, undo.earlier)
    }
    throw BanyanError.data("nothing was simulated")
  }

  private typealias Earnings = [String: (earned: ExactDecimal, deferred: ExactDecimal)]

  private static func earnings(of inputs: PayInputs, by plan: Plan) throws -> Earnings {
    let statements: [PayStatement?]
    do throws(PopulationError) {
      statements = try plan.evaluate(inputs.population, for: inputs.month, isExplaining: false)
    } catch {
      throw BanyanError.data(error.description)
    }
    return earnings(of: statements, for: inputs.people.map(\.number))
  }

  private static func earnings(of statements: [PayStatement?], for numbers: [String]) -> Earnings {
    var earnings: Earnings = [:]
    for (number, statement) in zip(numbers, statements) {
      if let statement { earnings[number] = (statement.earned, statement.deferred) }
    }
    return earnings
  }

  private static func varied(
    _ base: Plan, _ document: String, _ path: String, _ metrics: MetricCatalogue,
    _ changes: [DocumentChange]
  ) throws -> Plan {
    changes.isEmpty
      ? base : try PlanStore.parse(document, path: path, metrics: metrics, changes: changes)
  }

  /// What the combinations come to, evaluated side by side.
  private static func sweep(
    _ inputs: PayInputs, _ before: Earnings?, _ combinations: some Collection<[DocumentChange]>,
    plan: @Sendable ([DocumentChange]) throws -> Plan
  ) throws -> [Variant] {
    let combinations = Array(combinations)
    let numbers = inputs.people.map(\.number)
    let all: [Earnings]
    do {
      all = try Plan.sweep(
        combinations.count, over: inputs.population, for: inputs.month,
        plan: { try plan(combinations[$0]) }, outcome: { earnings(of: $0, for: numbers) })
    } catch let error as PopulationError {
      throw BanyanError.data(error.description)
    }
    return try zip(combinations, all).map { changes, after in
      try variant(changes.map(\.value), after, before)
    }
  }

  private static func variant(
    _ values: [String], _ after: Earnings, _ before: Earnings?
  ) throws -> Variant {
    let earned = try after.values.reduce(ExactDecimal.zero) { try $0 + $1.earned }
    let deferred = try after.values.reduce(ExactDecimal.zero) { try $0 + $1.deferred }
    let earlier = try before?.values.reduce(ExactDecimal.zero) { try $0 + $1.earned }
    var (winners, losers) = (0, 0)
    for name in Set(after.keys).union(before?.keys.map(\.self) ?? []) where before != nil {
      let now = after[name]?.earned ?? .zero
      let then = before?[name]?.earned ?? .zero
      if now > then { winners += 1 } else if now < then { losers += 1 }
    }
    return Variant(
      values: values, earned: earned, deferred: deferred,
      change: try earlier.map { try earned - $0 },
      winners: winners, losers: losers)
  }

  private static func groups(
    _ inputs: PayInputs, _ after: Earnings, _ before: Earnings?,
    by name: (PayInputs.Person) -> String
  ) throws -> [Group] {
    var groups: [String: Group] = [:]
    for person in inputs.people {
      let now = after[person.number]?.earned ?? .zero
      let then = before?[person.number]?.earned ?? .zero
      var group = groups[name(person)] ?? Group(name: name(person))
      group.people += 1
      group.before = try group.before + then
      group.after = try group.after + now
      if before != nil {
        if now > then { group.winners += 1 } else if now < then { group.losers += 1 }
      }
      groups[group.name] = group
    }
    return groups.values.sorted { $0.name < $1.name }
  }

  /// Ten steps of equal width up to the highest earning.
  private static func steps(_ earnings: [ExactDecimal]) -> [(upTo: ExactDecimal, people: Int)] {
    guard let highest = earnings.max(), highest.coefficient > 0,
      let width = try? highest.divided(by: ExactDecimal(10), scale: 0, rounding: .ceiling)
    else { return [] }
    var steps: [(upTo: ExactDecimal, people: Int)] = []
    var lower: ExactDecimal?
    for number in 1...10 {
      guard let upTo = try? width * ExactDecimal(number) else { break }
      steps.append((upTo, earnings.count { $0 <= upTo && (lower.map($0.isAbove) ?? true) }))
      lower = upTo
    }
    return steps
  }
}

extension ExactDecimal {
  fileprivate func isAbove(_ other: ExactDecimal) -> Bool { self > other }
}

extension PlanSimulation {
  /// The variants as a table.
  public var variantListing: Listing {
    Listing(
      columns: places.map { Column($0, .amount) } + [
        Column("earned", .amount), Column("deferred", .amount), Column("change", .amount),
        Column("winners", .integer), Column("losers", .integer),
      ],
      rows: variants.map { variant in
        variant.values.map { value in ExactDecimal(value).map { .decimal($0) } ?? .text(value) } + [
          .decimal(variant.earned), .decimal(variant.deferred),
          variant.change.map { .decimal($0) } ?? .null, .integer(Int64(variant.winners)),
          .integer(Int64(variant.losers)),
        ]
      })
  }

  /// People by tier or by unit as a table.
  public func listing(of groups: [Group], named title: String) -> Listing {
    Listing(
      columns: [
        Column(title), Column("people", .integer), Column("before", .amount),
        Column("after", .amount), Column("winners", .integer), Column("losers", .integer),
      ],
      rows: groups.map {
        [
          .text($0.name), .integer(Int64($0.people)), .decimal($0.before), .decimal($0.after),
          .integer(Int64($0.winners)), .integer(Int64($0.losers)),
        ]
      })
  }

  /// The distribution of what people earn, with a bar for each step.
  public var chart: String {
    let most = max(distribution.map(\.people).max() ?? 0, 1)
    let width = distribution.map(\.upTo.grouped.count).max() ?? 0
    return distribution.map { upTo, people in
      let bar = String(repeating: "█", count: (people * 40 + most - 1) / most)
      let label = upTo.grouped
      let padding = String(repeating: " ", count: width - label.count)
      return "  up to \(padding)\(label)  \(bar) \(people)"
    }.joined(separator: "\n")
  }
}
