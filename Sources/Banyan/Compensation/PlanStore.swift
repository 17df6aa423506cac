import CompensationEngine
import Documents
import Foundation
import LibPQ
import Quantities

/// Plans on record. A plan is never edited: another text of the same code is its next version.
public enum PlanStore {
  /// A plan on record.
  public struct StoredPlan: Sendable {
    /// Surrogate key.
    let id: Int32
    /// Counts the versions of the code from 1.
    public let version: Int
    /// SHA-256 of the document.
    let digest: [UInt8]
    /// The plan itself.
    let plan: Plan
    /// Code of the plan.
    public var code: String { plan.code }
    /// Currency of the pay.
    public var currency: Currency { plan.currency }
    /// What is allowed but unusual in it.
    public var warnings: [String] { plan.warnings.map(\.description) }
  }

  /// Reads and checks a plan file, and puts it on record as a new version of its code unless the
  /// very same text is there already.
  ///
  /// - Returns: The plan, and whether it is new.
  /// - Throws: ``BanyanError`` that lists everything that is wrong with the file.
  public static func load(
    path: String, on connection: isolated Connection
  ) throws -> (plan: StoredPlan, isNew: Bool) {
    let document = try text(of: path)
    let plan = try parse(document, path: path, metrics: MetricCatalogue(on: connection))
    let digest = Digest.of(document)
    return try connection.transaction { connection in
      try connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('versions of plans', 0))")
      if let (id, version) = try connection.optionalRow(
        "select plan_id, version from bank.plan where digest = \(digest)", as: (Int32, Int).self)
      {
        return (StoredPlan(id: id, version: version, digest: digest, plan: plan), false)
      }
      let (id, version) = try connection.row(
        """
        insert into bank.plan
          (code, version, title, currency, effective_from, effective_until, document, digest)
        select \(plan.code), coalesce(max(version), 0) + 1, \(plan.title), \(plan.currency.code),
          \(plan.effectiveFrom), \(plan.effectiveUntil), \(document), \(digest)
        from bank.plan where code = \(plan.code)
        returning plan_id, version
        """, as: (Int32, Int).self)
      return (StoredPlan(id: id, version: version, digest: digest, plan: plan), true)
    }
  }

  /// The number of the approval that a plan waits for before it may pay; nil if it may.
  public static func waiting(
    _ stored: StoredPlan, on connection: isolated Connection
  ) throws -> Int64? {
    try Approvals.waiting("plan_activation", for: String(stored.id), on: connection)
  }

  /// The plan that pays for a month: the latest active version of the only code in force, or of the code
  /// that is named.
  ///
  /// - Throws: ``BanyanError`` if there is none, or if several codes are in force and none is named.
  static func plan(
    for month: Month, code: String?, on connection: isolated Connection
  ) throws -> StoredPlan {
    let rows = try connection.rows(
      """
      select distinct on (code) plan_id, code, version, digest, document from bank.plan
      where (\(code)::text is null or code = \(code))
        and effective_from <= \(month.firstDay)
        and (effective_until is null or effective_until > \(month.lastDay))
        and plan_id in (
          select a.plan_id from bank.plan_activation as a where a.activated_at <= bank.known_at())
      order by code, version desc
      """, as: (Int32, String, Int, [UInt8], String).self)
    if rows.count > 1 {
      throw BanyanError.usage(
        "several plans are in force in \(month): \(rows.map(\.1).joined(separator: ", ")); choose one with --plan"
      )
    }
    guard let (id, planCode, version, digest, document) = rows.first else {
      if let (inactive, waiting) = try connection.optionalRow(
        """
        select p.code, bank.open_approval('plan_activation', p.plan_id::text) from bank.plan as p
        where (\(code)::text is null or p.code = \(code)) and p.effective_from <= \(month.firstDay)
          and p.loaded_at <= bank.known_at()
          and (p.effective_until is null or p.effective_until > \(month.lastDay))
        order by p.code, p.version desc limit 1
        """, as: (String, Int64?).self)
      {
        throw BanyanError.data(
          "the plan \(inactive) may not pay yet: \(waiting.map { "it waits for approval \($0); let another person decide with `banyan approval approve \($0)`" } ?? "its activation was not approved; load another version of it")"
        )
      }
      throw BanyanError.data(
        "no plan\(code.map { " “\($0)”" } ?? "") is in force for all of \(month); load one with `banyan plan load FILE`"
      )
    }
    let plan = try parse(document, path: "version \(version) of plan \(planCode) on record")
    return StoredPlan(id: id, version: version, digest: digest, plan: plan)
  }

  /// A version of a plan by its key.
  static func plan(id: Int32, on connection: isolated Connection) throws -> StoredPlan {
    let (code, version, digest, document) = try connection.row(
      "select code, version, digest, document from bank.plan where plan_id = \(id)",
      as: (String, Int, [UInt8], String).self)
    let plan = try parse(document, path: "version \(version) of plan \(code) on record")
    return StoredPlan(id: id, version: version, digest: digest, plan: plan)
  }

  /// Reads and checks a plan file without putting it on record.
  ///
  /// - Parameter metrics: The metrics that it may name.
  /// - Returns: One sentence for a good plan, and what is allowed but unusual in it.
  /// - Throws: ``BanyanError`` that lists everything that is wrong with the file.
  public static func check(
    path: String, metrics: MetricCatalogue
  ) throws -> (summary: String, warnings: [String]) {
    let plan = try parse(try text(of: path), path: path, metrics: metrics)
    let count = plan.components.count
    return (
      "Plan \(plan.code) is a plan of \(count) component\(count == 1 ? "" : "s") in \(plan.currency).",
      plan.warnings.map(\.description)
    )
  }

  private static func text(of path: String) throws -> String {
    guard let document = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw BanyanError.data("the plan file “\(path)” is missing or is not UTF-8 text")
    }
    return document
  }

  /// - Parameter metrics: The metrics that it may name; nil for a plan that is on record, and was checked then.
  static func parse(
    _ document: String, path: String, metrics: MetricCatalogue? = nil,
    changes: [DocumentChange] = []
  ) throws -> Plan {
    let plan: Plan
    do {
      plan = try Plan(yaml: document, knownMetrics: metrics?.names, changes: changes)
    } catch {
      throw BanyanError.data(error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
    }
    if let missing = plan.askingForMore {
      throw BanyanError.data("\(path): \(missing)")
    }
    return plan
  }
}

extension Plan {
  /// What the plan asks for and the platform does not hold, in a sentence; nil if it holds all.
  fileprivate var askingForMore: String? {
    for component in components {
      switch component.rule {
      case .dealSplit(let split) where split.metric != CreditMetric.loansGrantedAmount.planName:
        return
          "component \(component.code) shares deals of \(split.metric); of the metrics on record only loans_granted_amount has deals"
      case .rateTable(let table)
      where table.transactions.map({ $0 != CreditMetric.loansGrantedAmount.planName }) ?? false:
        return
          "component \(component.code) pays for each transaction; of the metrics on record only loans_granted_amount has them"
      default: break
      }
    }
    for measure in figures.compactMap(\.measure) {
      if measure.owner == .team || (measure.isTarget && measure.owner == .bank) {
        return
          "a figure \(measure.isTarget ? "is a target" : "is a metric") of the \(measure.owner.rawValue), which is not on record; take that of the person or the unit"
      }
      if !measure.isTarget, measure.span != .month,
        measure.owner != .person || PayInputs.personMetrics.contains(measure.metric)
      {
        return
          "the metric \(measure.metric) is summed over the \(measure.span.rawValue) for people's credits only; take the month"
      }
    }
    return nil
  }
}

/// What credits measure, in the database and in plans.
public enum CreditMetric: String, CaseIterable, Sendable {
  /// The balance of deposits, summed over the days of the month.
  case depositBalanceDays = "deposit_balance_days"
  /// The principal of loans granted in the month.
  case loansGrantedAmount = "loans_granted_amount"
  /// The number of loans granted in the month; a shared one counts by its share.
  case loansGrantedCount = "loans_granted_count"
  /// The interest that was due in the month.
  case interestDueAmount = "interest_due_amount"
  /// The interest that was paid in the month, whenever it was due.
  case interestPaidAmount = "interest_paid_amount"

  /// The name in plans.
  public var planName: String {
    self == .depositBalanceDays ? "deposit_average_daily_balance" : rawValue
  }

  /// What the plan's metric is divided by: balance days become an average over the month.
  func divisor(in month: Month) -> ExactDecimal {
    self == .depositBalanceDays ? ExactDecimal(month.dayCount) : .one
  }
}
