import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// One calculation of a month's pay: SQL credits the facts to people, the engine makes lines of the
/// credits, and both go on record together or not at all. What earlier months that were posted are
/// worth more or less by what is known now is paid with it.
public struct PayRun: Sendable {
  /// Version of what turns credits into lines; part of every run's input digest.
  public static let engineVersion = "3"

  /// What a run came to.
  public struct Result: Sendable {
    /// Key of the run.
    public let id: Int
    /// Month paid for.
    public let month: Month
    /// Plan applied.
    public let plan: PlanStore.StoredPlan
    /// Whether the run is new; if not, the inputs were those of the run on record.
    public let isNew: Bool
    /// Run of the same month that this one supersedes.
    public let supersedes: Int?
    /// Time as of which it was calculated, as `2026-04-02 18:30:00`; nil for by all that is known.
    public let knownAt: String?
    /// People with a statement.
    public let people: Int
    /// Numbers of people who have clients in the month and whom the plan does not cover; empty for a
    /// run that was there already.
    public let uncovered: [String]
    /// Sum of what they earned, in the plan's currency.
    public let earned: ExactDecimal
    /// Part of it that is paid in later years.
    public let deferred: ExactDecimal
    /// Part of it that is paid now.
    public let payable: ExactDecimal
    /// Part of what is earned that corrects earlier months, by month.
    public let corrections: [(month: Month, amount: ExactDecimal)]
  }

  /// Thrown inside the transaction to undo a calculation: its inputs have not changed, or it was a
  /// trial.
  private struct Undone: Error {
    let result: Result
  }

  /// The run that counts for a month so far.
  private struct Standing {
    let id: Int32
    let digest: [UInt8]
    let isPosted: Bool
  }

  let month: Month
  let stored: PlanStore.StoredPlan
  var plan: Plan { stored.plan }
  /// Key of the plan that is applied.
  var planKey: Int32 { stored.id }

  init(month: Month, stored: PlanStore.StoredPlan) {
    (self.month, self.stored) = (month, stored)
  }

  /// Calculates a month. With inputs that were calculated before, nothing is written and the run on
  /// record is returned.
  ///
  /// - Parameters:
  ///   - isTrial: Whether everything is undone again once it is known.
  ///   - reason: Why it takes the place of a run that was submitted already.
  ///   - moment: The time as of which it is calculated, for a run that pays nobody; nil for by all that is
  ///     known.
  /// - Throws: ``BanyanError`` if no plan is in force, nothing was booked in the month or after it,
  ///   nobody has an assignment in the month, the month is posted, or the plan refuses somebody's
  ///   inputs.
  public static func run(
    month: Month, planCode: String? = nil, isTrial: Bool = false, reason: String? = nil,
    asOf moment: Moment? = nil, on connection: isolated Connection
  ) throws -> Result {
    try connection.explainingRefusals { connection in
      do {
        return try connection.transaction { connection in
          try Moment.settle(moment, on: connection)
          let stored = try PlanStore.plan(for: month, code: planCode, on: connection)
          try refuseForeignCurrency(of: stored.plan, on: connection)
          let run = PayRun(month: month, stored: stored)
          let result =
            moment == nil
            ? try run.calculateOnce(reason: reason, on: connection)
            : try run.calculateAsOf(on: connection)
          if isTrial { throw Undone(result: result) }
          return result
        }
      } catch let undone as Undone {
        return undone.result
      }
    }
  }

  /// Amounts are taken as they stand in the books, so a plan in another currency would pay nonsense.
  private static func refuseForeignCurrency(
    of plan: Plan, on connection: isolated Connection
  ) throws {
    let books = try connection.optionalRow("select currency from bank.institution", as: String.self)
    if let books, books != plan.currency.code {
      throw BanyanError.data(
        "the plan \(plan.code) pays in \(plan.currency), but the books of the bank are kept in \(books); write the plan in \(books)"
      )
    }
  }

  /// Calculates the month, and writes nothing but credits where the inputs have not changed: what was
  /// taken of the facts for this serves the next run.
  private func calculateOnce(
    reason: String?, on connection: isolated Connection
  ) throws -> Result {
    try connection.execute("select bank.lock_pay_runs(\(plan.code))")
    try refuseMonthWithoutFacts(on: connection)
    try connection.execute("select bank.take_credits(\(month.firstDay))")
    do {
      return try connection.transaction { connection in
        try calculate(reason: reason, on: connection)
      }
    } catch let undone as Undone {
      return undone.result
    }
  }

  private func calculate(
    reason: String?, on connection: isolated Connection
  ) throws -> Result {
    let standing = try standing(on: connection)
    let id = try Self.nextNumber(on: connection)
    let corrections = try PayCorrections(
      before: month, planCode: plan.code, run: id, replaced: standing?.id, on: connection)
    try connection.execute("select bank.credit_facts(\(id), \(month.firstDay))")
    let inputs = try PayInputs(
      month: month, plan: plan, run: id, replaced: standing?.id, on: connection)
    try refuseNobody(in: inputs)
    let others = try inputs.others(with: corrections.people, on: connection)
    let digest = try Self.inputDigest(
      of: inputs, stored, run: id, others: others, corrections: corrections, on: connection)
    if let standing, standing.digest == digest {
      throw Undone(result: try result(of: standing.id, isNew: false, on: connection))
    }
    if let standing, standing.isPosted {
      throw BanyanError.data(
        "pay run \(standing.id) of \(month) is posted and stays as it is; what has changed since is paid by the next month: `banyan pay run \(month.adding(months: 1))`"
      )
    }
    let pay = PersonPay.all(
      inputs, try Self.statements(of: inputs, by: plan), plan: plan, corrections: corrections,
      others: others)
    try write(pay, run: id, on: connection)
    try record(
      id, digest: digest, inputs: inputs, supersedes: standing?.id, reason: reason, partOf: nil,
      on: connection)
    return try result(
      of: id, isNew: true, supersedes: standing?.id, uncovered: inputs.uncovered, on: connection)
  }

  func refuseMonthWithoutFacts(on connection: isolated Connection) throws {
    let last = try connection.value(
      "select bank.last_booked_month()", as: CivilDate?.self)
    if let last, last >= month.firstDay { return }
    throw BanyanError.data(
      "no movement of \(month) is on record\(last.map { ", the last ones are of \($0.month)" } ?? ""); import the month's files first"
    )
  }

  func refuseNobody(in inputs: PayInputs) throws {
    guard inputs.people.isEmpty else { return }
    if let first = inputs.uncovered.first {
      throw BanyanError.data(
        "the plan \(plan.code) covers none of the \(inputs.uncovered.count) people of \(month), such as \(first); record their posts and tiers, or change whom it covers"
      )
    }
    throw BanyanError.data(
      "nobody looks after an account in \(month), so there is nobody to pay; import assignments first"
    )
  }

  private func standing(on connection: isolated Connection) throws -> Standing? {
    try connection.optionalRow(
      """
      select r.pay_run_id, r.input_digest,
        exists (select 1 from bank.pay_posting as q where q.pay_run_id = r.pay_run_id)
      from bank.pay_run as r
      join bank.plan as p using (plan_id)
      where r.month = \(month.firstDay) and p.code = \(plan.code) and r.part_of_id is null
        and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
      """, as: (Int32, [UInt8], Bool).self
    ).map { Standing(id: $0, digest: $1, isPosted: $2) }
  }

  func result(
    of id: Int32, isNew: Bool, supersedes: Int32? = nil, uncovered: [String] = [],
    on connection: isolated Connection
  ) throws -> Result {
    let (people, earned, deferred, payable) = try connection.row(
      """
      select count(*), sum(earned), sum(deferred), sum(payable) from bank.pay_statement
      where pay_run_id = \(id)
      """, as: (Int, ExactDecimal, ExactDecimal, ExactDecimal).self)
    let knownAt = try connection.value(
      "select to_char(known_at, 'YYYY-MM-DD HH24:MI:SS') from bank.pay_run where pay_run_id = \(id)",
      as: String?.self)
    let corrections = try connection.rows(
      """
      select month, sum(recalculated - paid_before) from bank.pay_correction
      where pay_run_id = \(id) group by month order by month
      """, as: (CivilDate, ExactDecimal).self)
    return Result(
      id: Int(id), month: month, plan: stored, isNew: isNew, supersedes: supersedes.map(Int.init),
      knownAt: knownAt, people: people, uncovered: uncovered, earned: earned, deferred: deferred,
      payable: payable,
      corrections: corrections.map { ($0.month, $1) })
  }
}

// MARK: - Inputs and statements

extension PayRun {
  /// A number for a run that is about to be calculated.
  static func nextNumber(on connection: isolated Connection) throws -> Int32 {
    try connection.value(
      "select nextval(pg_get_serial_sequence('bank.pay_run', 'pay_run_id'))::integer",
      as: Int32.self)
  }

  /// The digest of everything that decides the result, by codes instead of keys, so that the same
  /// bank on another server has the same digest.
  static func inputDigest(
    of inputs: PayInputs, _ stored: PlanStore.StoredPlan, run: Int32,
    others: [PayInputs.Person] = [], corrections: PayCorrections = PayCorrections(),
    on connection: isolated Connection
  ) throws -> [UInt8] {
    let digest = Digest()
    digest.update(
      "engine \(Self.engineVersion), month \(inputs.month), plan \(hexadecimal(stored.digest))\n")
    if !inputs.common.isEmpty { digest.update("\(try inputs.common.text())\n") }
    for person in inputs.people {
      digest.update("\(person.number)\t\(person.tier ?? "")\t\(try person.storedText())\n")
    }
    for person in others {
      digest.update("other\t\(person.number)\t\(try person.storedText())\n")
    }
    for recalculation in corrections.recalculations {
      digest.update("\(recalculation.month) again: \(hexadecimal(recalculation.digest))\n")
    }
    let numbers = Dictionary(
      (inputs.people + others).map { ($0.id, $0.number) }, uniquingKeysWith: { first, _ in first })
    for (number, id) in corrections.people.map({ (numbers[$0] ?? "", $0) }).sorted(by: <) {
      for line in corrections.lines[id] ?? [] {
        digest.update("\(number)\t\(line.month)\t\(line.component)\t\(line.paidBefore)\n")
      }
      for change in corrections.instalments[id] ?? [] {
        digest.update("\(number)\t\(change.month)\t\(change.dueOn)\t\(change.amount)\n")
      }
    }
    digest.update(
      hexadecimal(try connection.value("select bank.credit_digest(\(run))", as: [UInt8].self)))
    return digest.finish()
  }

  /// What a plan pays on some inputs, for everybody whom it covers.
  static func statements(
    of inputs: PayInputs, by plan: Plan
  ) throws -> [(PayInputs.Person, PayStatement)] {
    do throws(PopulationError) {
      let statements = try plan.evaluate(inputs.population, for: inputs.month)
      return zip(inputs.people, statements).compactMap { person, statement in
        statement.map { (person, $0) }
      }
    } catch {
      throw BanyanError.data(error.description)
    }
  }
}
