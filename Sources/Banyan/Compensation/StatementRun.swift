import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// The run whose statements are given to people, and whose are asked for.
public struct StatementRun: Sendable {
  /// Whose statements are asked for.
  public enum People: Hashable, Sendable {
    /// One person, by number.
    case person(String)
    /// Those who work in a unit or below it, by its code.
    case unit(String)
    /// Everybody.
    case everybody
  }

  /// How many people are read at once, so that memory does not grow with the bank.
  static let peopleAtOnce = 500

  /// Key of the run.
  public let run: Int32
  /// Month of the run.
  public let month: Month
  /// Whether it was posted for payment.
  public let isPosted: Bool
  let plan: PlanStore.StoredPlan
  private let heads: [Head]

  /// How many people there are.
  public var count: Int { heads.count }

  /// A person's totals.
  private struct Head: Sendable {
    let id: Int32
    let number: String
    let name: String?
    let unit: String
    let unitName: String
    let post: String?
    let tier: String?
    let inputs: String
    let earned: ExactDecimal
    let deferred: ExactDecimal
    let payable: ExactDecimal
  }

  /// Finds the run that counts for a month and the people who are asked for, as far as the login may see
  /// them.
  ///
  /// - Throws: ``BanyanError`` if there is no such run, several, no such unit, or nobody to be seen.
  public init(
    month: Month, planCode: String?, people: People, on connection: isolated Connection
  ) throws {
    let runs = try connection.rows(
      """
      select r.pay_run_id, p.plan_id, p.code, exists (select 1 from bank.pay_posting as o where o.pay_run_id = r.pay_run_id)
      from report.pay_run as c
      join bank.pay_run as r using (pay_run_id)
      join bank.plan as p using (plan_id)
      where c.counts and r.month = \(month.firstDay) and (\(planCode)::text is null or p.code = \(planCode))
      order by p.code collate "C"
      """, as: (Int32, Int32, String, Bool).self)
    if runs.count > 1 {
      throw BanyanError.usage(
        "several plans have paid \(month): \(runs.map(\.2).joined(separator: ", ")); choose one with --plan"
      )
    }
    guard let (run, planID, _, isPosted) = runs.first else {
      throw BanyanError.usage(
        "there is no run of \(month)\(planCode.map { " by the plan “\($0)”" } ?? ""); calculate it with `banyan pay run \(month)`"
      )
    }
    (self.month, self.run, self.isPosted) = (month, run, isPosted)
    plan = try PlanStore.plan(id: planID, on: connection)
    heads = try Self.heads(of: run, people, on: connection)
    if heads.isEmpty {
      let whom =
        switch people {
        case .person(let number): "\(number) has no statement in"
        case .unit(let code): "nobody of the unit \(code) has a statement in"
        case .everybody: "nobody has a statement in"
        }
      throw BanyanError.usage(
        "\(whom) run \(run) of \(month) that your login may see; check the number, or ask HR")
    }
  }

  private static func heads(
    of run: Int32, _ people: People, on connection: isolated Connection
  ) throws -> [Head] {
    var (person, unit): (String?, String?)
    switch people {
    case .person(let number):
      person = number
      try connection.requireEmployee(number)
    case .unit(let code):
      unit = code
      let isKnown = try connection.value(
        "select exists (select 1 from bank.org_unit where code = \(code))", as: Bool.self)
      if !isKnown {
        throw BanyanError.usage(
          "there is no unit “\(code)”; `banyan org tree` shows all of them")
      }
    case .everybody: break
    }
    return try connection.rows(
      """
      select s.employee_id, e.number, e.name, u.code, u.name, k.title, coalesce(t.title, s.tier), s.inputs::text,
        s.earned, s.deferred, s.payable
      from bank.pay_statement as s
      join bank.employee as e using (employee_id)
      join bank.org_unit as u on u.org_unit_id = s.branch_id
      left join bank.tier as t on t.code = s.tier
      left join bank.post_kind as k on k.kind = s.inputs ->> 'post'
      where s.pay_run_id = \(run) and (\(person)::text is null or e.number = \(person))
        and (\(unit)::text is null or s.branch_id in (
          select p.org_unit_id from bank.org_places(current_date) as p
          where p.path <@ (select w.path from bank.org_places(current_date) as w where w.code = \(unit))))
      order by e.number collate "C"
      """,
      as: (
        Int32, String, String?, String, String, String?, String?, String, ExactDecimal,
        ExactDecimal,
        ExactDecimal
      ).self, limit: .max
    ).map {
      Head(
        id: $0.0, number: $0.1, name: $0.2, unit: $0.3, unitName: $0.4, post: $0.5, tier: $0.6,
        inputs: $0.7, earned: $0.8, deferred: $0.9, payable: $0.10)
    }
  }

  /// Hands over each person's statement, in the order of their numbers. However many there are, the
  /// database is asked a few questions for some hundreds of them at a time.
  public func forEachStatement(
    on connection: isolated Connection, _ body: (PersonStatement) throws -> Void
  ) throws {
    for start in stride(from: 0, to: heads.count, by: Self.peopleAtOnce) {
      let heads = heads[start..<min(start + Self.peopleAtOnce, heads.count)]
      let details = try StatementDetails(
        of: run, month: month, currency: plan.currency, people: heads.map(\.id), on: connection)
      let decoder = JSONDecoder()
      for head in heads {
        try body(try statement(of: head, details, decoder))
      }
    }
  }

  private func statement(
    of head: Head, _ details: StatementDetails, _ decoder: JSONDecoder
  ) throws -> PersonStatement {
    let known = try decoder.decode(PayInputs.Known.self, from: Data(head.inputs.utf8))
    return PersonStatement(
      person: head.number, name: head.name, unit: head.unit, unitName: head.unitName,
      post: head.post, tier: head.tier, month: month, run: Int(run),
      plan: "\(plan.code):\(plan.version)", planTitle: plan.plan.title, currency: plan.currency,
      isPosted: isPosted, earned: head.earned, deferred: head.deferred, payable: head.payable,
      lines: try details.lines(of: head.id, decoder),
      attainments: attainments(known, details.credited[head.id] ?? [:]),
      instalments: details.instalments[head.id] ?? [],
      released: details.moved[head.id]?.released ?? .zero,
      forfeited: details.moved[head.id]?.forfeited ?? .zero,
      outstanding: details.outstanding[head.id] ?? [],
      carried: details.carried[head.id] ?? [])
  }

  /// What was reached of each target above zero that the run knew, in the order of the spans.
  private func attainments(
    _ known: PayInputs.Known, _ credited: [String: MetricValue]
  ) -> [PersonStatement.Attainment] {
    Span.allCases.flatMap { span in
      (known.targets[span.rawValue] ?? [:]).sorted { $0.key < $1.key }.compactMap {
        metric, target in
        guard !target.total.isZero else { return nil }
        var actual = known.metrics[span.rawValue]?[metric]
        if actual == nil, span == .month, !PayInputs.personMetrics.contains(metric) {
          actual = credited[metric] ?? .zero
        }
        return actual.map {
          PersonStatement.Attainment(metric: metric, span: span, actual: $0, target: target)
        }
      }
    }
  }
}
