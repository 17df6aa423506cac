import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// One calculation of a month's pay: SQL credits the facts to people, the engine makes lines of the
/// credits, and both go on record together or not at all.
public struct PayRun: Sendable {
  /// Version of what turns credits into lines; part of every run's input digest.
  public static let engineVersion = "1"

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

  private struct Person {
    let id: Int32
    let number: String
    let branch: Int32
    let tier: String?
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
      let (id, earlier) = try connection.transaction { connection in
        try run.calculate(on: connection)
      }
      return try run.result(of: id, isNew: true, supersedes: earlier, on: connection)
    } catch let unchanged as Unchanged {
      return try run.result(of: unchanged.id, isNew: false, supersedes: nil, on: connection)
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

  private func calculate(on connection: isolated Connection) throws -> (id: Int, earlier: Int?) {
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
    let people = try people(on: connection)
    if people.isEmpty {
      throw BanyanError.data(
        "nobody looks after an account in \(month), so there is nobody to pay; import assignments first"
      )
    }
    let digest = try inputDigest(run: id, people, on: connection)
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
    try write(try statements(run: id, people, on: connection), run: id, on: connection)
    return (Int(id), earlier.map { Int($0.0) })
  }

  // MARK: - Inputs

  /// Everybody who looks after an account on some day of the month, with the tier on its last day.
  private func people(on connection: isolated Connection) throws -> [Person] {
    try connection.rows(
      "select employee_id, number, branch_id, tier from bank.people_to_pay(\(month.firstDay))",
      as: (Int32, String, Int32, String?).self, limit: .max
    ).map { Person(id: $0.0, number: $0.1, branch: $0.2, tier: $0.3) }
  }

  /// The digest of everything that decides the result, by codes instead of keys, so that the same
  /// bank on another server has the same digest.
  private func inputDigest(
    run: Int32, _ people: [Person], on connection: isolated Connection
  ) throws -> [UInt8] {
    let digest = Digest()
    digest.update(
      "engine \(Self.engineVersion), month \(month), plan \(hexadecimal(stored.digest))\n")
    for person in people { digest.update("\(person.number)\t\(person.tier ?? "")\n") }
    digest.update(
      hexadecimal(try connection.value("select bank.credit_digest(\(run))", as: [UInt8].self)))
    return digest.finish()
  }

  // MARK: - Statements

  private func statements(
    run: Int32, _ people: [Person], on connection: isolated Connection
  ) throws -> [(Person, PayStatement)] {
    var metrics: [Int32: [String: MetricValue]] = [:]
    try connection.forEachRow(
      """
      select employee_id, metric, sum(credited) from bank.pay_credit
      where pay_run_id = \(run) and employee_id is not null group by employee_id, metric
      """, as: (Int32, String, ExactDecimal).self
    ) { employee, name, total in
      guard let metric = CreditMetric(rawValue: name) else { return }
      metrics[employee, default: [:]][metric.planName] = MetricValue(
        total: total, divisor: metric.divisor(in: month))
    }
    let population = Population(
      people: people.map { person in
        PersonInputs(person: person.number, tier: person.tier, metrics: metrics[person.id] ?? [:])
      })
    do throws(PopulationError) {
      let statements = try plan.evaluate(population, for: month)
      return zip(people, statements).compactMap { person, statement in
        statement.map { (person, $0) }
      }
    } catch {
      throw BanyanError.data(error.description)
    }
  }

  private func write(
    _ statements: [(Person, PayStatement)], run: Int32, on connection: isolated Connection
  ) throws {
    let key = ["branch_id", "pay_run_id", "employee_id"]
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_statement"),
      columns: key + ["tier", "earned", "deferred", "payable"]
    ) { writer in
      for (person, statement) in statements {
        try writer.row(
          person.branch, run, person.id, person.tier, statement.earned, statement.deferred,
          statement.payable)
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_line"),
      columns: key + [
        "line_number", "component", "kind", "title", "basis_total", "basis_divisor", "amount",
        "arithmetic",
      ]
    ) { writer in
      for (person, statement) in statements {
        for line in statement.lines {
          let arithmetic = String(decoding: try encoder.encode(line.arithmetic), as: UTF8.self)
          try writer.row(
            person.branch, run, person.id, Int32(line.number), line.component,
            line.kind?.rawValue ?? "rounding",
            line.title, line.basis?.total, line.basis?.divisor, line.amount, JSONText(arithmetic))
        }
      }
    }
    try connection.copyMindingPolicies(
      into: Identifier("bank", "deferral_instalment"),
      columns: key + ["instalment", "due_on", "amount"]
    ) { writer in
      for (person, statement) in statements {
        for instalment in statement.instalments {
          try writer.row(
            person.branch, run, person.id, Int32(instalment.number), instalment.dueOn,
            instalment.amount)
        }
      }
    }
  }

  private func result(
    of id: Int, isNew: Bool, supersedes: Int?, on connection: isolated Connection
  ) throws -> Result {
    let (people, earned, deferred, payable) = try connection.row(
      """
      select count(*), sum(earned), sum(deferred), sum(payable) from bank.pay_statement
      where pay_run_id = \(Int32(id))
      """, as: (Int, ExactDecimal, ExactDecimal, ExactDecimal).self)
    return Result(
      id: id, month: month, plan: stored, isNew: isNew, supersedes: supersedes, people: people,
      earned: earned, deferred: deferred, payable: payable)
  }
}
