import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// One calculation of a month's pay: SQL credits the facts to people, the engine makes lines of the
/// credits, and both go on record together or not at all.
public struct PayRun: Sendable {
  /// Version of what turns credits into lines; part of every run's input digest.
  public static let engineVersion = "2"

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
  }

  /// Thrown inside the transaction to undo a calculation whose inputs have not changed.
  private struct Unchanged: Error {
    let id: Int
  }

  private let month: Month
  private let stored: PlanStore.StoredPlan
  private var plan: Plan { stored.plan }

  /// Calculates a month. With inputs that were calculated before, nothing is written and the run on
  /// record is returned.
  ///
  /// - Throws: ``BanyanError`` if no plan is in force, nothing was booked in the month or after it,
  ///   nobody has an assignment in the month, or the plan refuses somebody's inputs.
  public static func run(
    month: Month, planCode: String? = nil, on connection: isolated Connection
  ) throws -> Result {
    let stored = try PlanStore.plan(for: month, code: planCode, on: connection)
    try refuseForeignCurrency(of: stored.plan, on: connection)
    let run = PayRun(month: month, stored: stored)
    do {
      let (id, earlier, uncovered) = try connection.transaction { connection in
        try run.calculate(on: connection)
      }
      return try run.result(
        of: id, isNew: true, supersedes: earlier, uncovered: uncovered, on: connection)
    } catch let unchanged as Unchanged {
      return try run.result(
        of: unchanged.id, isNew: false, supersedes: nil, uncovered: [], on: connection)
    }
  }

  /// Posts a run for payment, or proposes that where a rule asks for a second person.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is posted.
  /// - Throws: ``BanyanError`` if there is no such run, it was superseded, or it was posted already.
  public static func post(_ run: Int32, on connection: isolated Connection) throws -> Int64? {
    try connection.explainingRefusals { connection in
      try connection.value("select bank.post_pay_run(\(run))", as: Int64?.self)
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

  private func calculate(
    on connection: isolated Connection
  ) throws -> (id: Int, earlier: Int?, uncovered: [String]) {
    try connection.execute(
      "select pg_advisory_xact_lock(hashtextextended('pay run of ' || \(month.description), 0))")
    let last = try connection.value(
      "select bank.last_booked_month()", as: CivilDate?.self)
    guard let last, last >= month.firstDay else {
      throw BanyanError.data(
        "no movement of \(month) is on record\(last.map { ", the last ones are of \($0.month)" } ?? ""); import the month's files first"
      )
    }
    let id = try connection.value(
      "select nextval(pg_get_serial_sequence('bank.pay_run', 'pay_run_id'))::integer",
      as: Int32.self)
    try connection.execute("select bank.credit_facts(\(id), \(month.firstDay))")
    let inputs = try PayInputs(month: month, plan: plan, run: id, on: connection)
    if inputs.people.isEmpty, let first = inputs.uncovered.first {
      throw BanyanError.data(
        "the plan \(plan.code) covers none of the \(inputs.uncovered.count) people of \(month), such as \(first); record their posts and tiers, or change whom it covers"
      )
    }
    if inputs.people.isEmpty {
      throw BanyanError.data(
        "nobody looks after an account in \(month), so there is nobody to pay; import assignments first"
      )
    }
    let digest = try Self.inputDigest(of: inputs, stored, run: id, on: connection)
    let earlier = try connection.optionalRow(
      """
      select r.pay_run_id, r.input_digest from bank.pay_run as r
      join bank.plan as p using (plan_id)
      where r.month = \(month.firstDay) and p.code = \(plan.code)
        and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
      """, as: (Int32, [UInt8]).self)
    if let earlier, earlier.1 == digest { throw Unchanged(id: Int(earlier.0)) }
    try connection.execute(
      """
      insert into bank.pay_run
        (pay_run_id, month, plan_id, input_digest, engine_version, supersedes_id)
      overriding system value
      values (\(id), \(month.firstDay), \(stored.id), \(digest), \(Self.engineVersion), \(earlier?.0))
      """)
    try write(try Self.statements(of: inputs, by: plan), run: id, on: connection)
    return (Int(id), earlier.map { Int($0.0) }, inputs.uncovered)
  }

  // MARK: - Inputs and statements

  /// The digest of everything that decides the result, by codes instead of keys, so that the same
  /// bank on another server has the same digest.
  static func inputDigest(
    of inputs: PayInputs, _ stored: PlanStore.StoredPlan, run: Int32,
    on connection: isolated Connection
  ) throws -> [UInt8] {
    let digest = Digest()
    digest.update(
      "engine \(Self.engineVersion), month \(inputs.month), plan \(hexadecimal(stored.digest))\n")
    for person in inputs.people {
      digest.update("\(person.number)\t\(person.tier ?? "")\t\(try person.known.text())\n")
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

  private func result(
    of id: Int, isNew: Bool, supersedes: Int?, uncovered: [String],
    on connection: isolated Connection
  ) throws -> Result {
    let (people, earned, deferred, payable) = try connection.row(
      """
      select count(*), sum(earned), sum(deferred), sum(payable) from bank.pay_statement
      where pay_run_id = \(Int32(id))
      """, as: (Int, ExactDecimal, ExactDecimal, ExactDecimal).self)
    return Result(
      id: id, month: month, plan: stored, isNew: isNew, supersedes: supersedes, people: people,
      uncovered: uncovered,
      earned: earned, deferred: deferred, payable: payable)
  }
}
