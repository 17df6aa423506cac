import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// An earlier month, calculated again by what is known now, as part of the run that pays the
/// difference.
struct PayRecalculation {
  /// Key of the calculation.
  let run: Int32
  /// The month.
  let month: Month
  /// The plan that pays for it now.
  let stored: PlanStore.StoredPlan
  /// Digest of its inputs.
  let digest: [UInt8]
  /// What it gives.
  let statements: [(PayInputs.Person, PayStatement)]
  /// When the month was calculated before.
  private let computedAt: Timestamp
  private let news: [News]
  private let creditChanges: [Int32: [(metric: String, cause: PayCorrections.Cause)]]
  private let former: [Int32: (tier: String?, known: PayInputs.Known)]

  /// Something that came to be known; the person is nil where it is about several.
  private struct News {
    let cause: PayCorrections.Cause
    let person: Int32?
  }

  /// Thrown to undo a calculation that gives nothing new.
  private struct NothingNew: Error {}

  /// What may have been recorded up to a day before a calculation and seen after it only: a row bears
  /// the time at which its transaction began.
  private static let margin = "1 day"

  /// Calculates a month again; nil if nothing new is known about it.
  init?(
    of month: Month, planCode: String, for owner: Int32, replaced: Int32?,
    on connection: isolated Connection
  ) throws {
    let (latest, formerPlan, formerDigest, computedAt, since, isPaid) = try connection.row(
      """
      select pay_run_id, plan_id, input_digest, computed_at, greatest(computed_at, (
          select max(c.checked_at) from bank.pay_recheck as c where c.compared_with_id = pay_run_id)
        ) - \(Self.margin)::interval,
        bank.is_paid_as_calculated(\(month.firstDay), \(planCode), \(replaced))
      from bank.pay_run
      where pay_run_id = bank.latest_calculation(\(month.firstDay), \(planCode), \(replaced))
      """, as: (Int32, Int32, [UInt8], Timestamp, Timestamp, Bool).self)
    let news = try Self.news(of: month, planCode, since, replaced, on: connection)
    if news.isEmpty, isPaid { return nil }
    let stored = try PlanStore.plan(for: month, code: planCode, on: connection)
    do {
      let (run, digest, statements) = try connection.transaction { connection in
        let run = try PayRun.nextNumber(on: connection)
        try connection.execute("select bank.credit_facts(\(run), \(month.firstDay))")
        let inputs = try PayInputs(
          month: month, plan: stored.plan, run: run, replaced: replaced, on: connection)
        let digest = try PayRun.inputDigest(of: inputs, stored, run: run, on: connection)
        if digest == formerDigest, isPaid { throw NothingNew() }
        let calculation = PayRun(month: month, stored: stored)
        let statements = try PayRun.statements(of: inputs, by: stored.plan)
        try calculation.write(
          statements.map { PersonPay(person: $0, statement: $1) }, run: run, on: connection)
        try calculation.record(
          run, digest: digest, inputs: inputs, supersedes: nil, reason: nil, partOf: owner,
          on: connection)
        return (run, digest, statements)
      }
      (self.run, self.digest, self.statements) = (run, digest, statements)
      creditChanges = try Self.creditChanges(latest, run, since, on: connection)
      former = try Self.former(latest, on: connection)
    } catch is NothingNew {
      // What was looked at once is not looked at again with the next run.
      try connection.execute(
        """
        insert into bank.pay_recheck (pay_run_id, month, compared_with_id)
        values (\(owner), \(month.firstDay), \(latest))
        """)
      return nil
    } catch let error as BanyanError {
      throw BanyanError.data(
        "\(month) was posted and is calculated again by what is known now, which is refused: \(error.description)"
      )
    }
    self.month = month
    self.stored = stored
    self.news = news.filter { $0.cause.kind != "plan" || formerPlan != stored.id }
    self.computedAt = computedAt
  }

  // MARK: - Causes

  /// Why a component of a person is worth something else: what the component is measured by, if that
  /// differs, or else what the person or others are known by.
  func causes(of person: Int32, component code: String) -> [PayCorrections.Cause] {
    let component = stored.plan.components.first { $0.code == code }
    let metrics = component.map(stored.plan.metrics) ?? []
    var causes = news.filter { $0.cause.kind == "plan" }.map(\.cause)
    let changes = creditChanges[person] ?? []
    causes += changes.filter { change in
      metrics.isEmpty
        || metrics.contains(CreditMetric(rawValue: change.metric)?.planName ?? change.metric)
    }.map(\.cause)
    let kinds = kindsOfChange(of: person)
    causes += news.filter {
      kinds.contains($0.cause.kind) && ($0.person == nil || $0.person == person)
    }.map(\.cause)
    if causes.isEmpty { causes = changes.map(\.cause) }
    if causes.isEmpty {
      causes = news.prefix(Self.shown).map {
        PayCorrections.Cause(
          kind: "others", text: "what is known of others: \($0.cause.text)",
          madeBy: $0.cause.madeBy, madeAt: $0.cause.madeAt)
      }
    }
    // What was recorded before the former calculation is a cause only where nothing else is.
    let later = causes.filter { ($0.madeAt ?? computedAt) >= computedAt }
    if !later.isEmpty { causes = later }
    var seen: Set<PayCorrections.Cause> = []
    return causes.filter { seen.insert($0).inserted }
  }

  /// How many of the month's news are named where none of them is the person's own.
  private static let shown = 3

  /// Which kinds of news changed what the calculation knew about a person beside credits.
  private func kindsOfChange(of person: Int32) -> Set<String> {
    let now = statements.first { $0.0.id == person }?.0
    guard let now, let before = former[person] else { return ["person", "assignment"] }
    let (known, earlier) = (now.known, before.known)
    var kinds: Set<String> = []
    if now.tier != before.tier || known.post != earlier.post || known.unit != earlier.unit
      || known.team != earlier.team || known.leads != earlier.leads || known.days != earlier.days
      || known.tierSpans != earlier.tierSpans
    {
      kinds.insert("person")
    }
    if known.targets != earlier.targets || known.unitTargets != earlier.unitTargets {
      kinds.insert("target")
    }
    if known.metrics["month"] != earlier.metrics["month"] {
      kinds.formUnion(["accountability", "assignment"])
    }
    let (spans, earlierSpans) = (
      known.metrics.filter { $0.key != "month" }, earlier.metrics.filter { $0.key != "month" }
    )
    if known.paid != earlier.paid || known.carried != earlier.carried || spans != earlierSpans {
      kinds.insert("earlier_month")
    }
    return kinds
  }

  private static func news(
    of month: Month, _ planCode: String, _ since: Timestamp, _ replaced: Int32?,
    on connection: isolated Connection
  ) throws -> [News] {
    try connection.rows(
      """
      select kind, cause, made_by, made_at, employee_id
      from bank.pay_news(\(month.firstDay), \(planCode), \(since), \(replaced))
      order by made_at, kind, cause collate "C"
      """, as: (String, String, String?, Timestamp?, Int32?).self, limit: .max
    ).map { kind, text, madeBy, madeAt, person in
      News(
        cause: .init(kind: kind, text: text, madeBy: madeBy, madeAt: madeAt), person: person)
    }
  }

  private static func creditChanges(
    _ former: Int32, _ latter: Int32, _ since: Timestamp, on connection: isolated Connection
  ) throws -> [Int32: [(metric: String, cause: PayCorrections.Cause)]] {
    var changes: [Int32: [(metric: String, cause: PayCorrections.Cause)]] = [:]
    try connection.forEachRow(
      """
      select employee_id, metric, kind, cause, made_by, made_at
      from bank.credit_changes(\(former), \(latter), \(since))
      order by made_at, kind, cause collate "C"
      """, as: (Int32, String, String, String, String?, Timestamp?).self
    ) { person, metric, kind, text, madeBy, madeAt in
      changes[person, default: []].append(
        (metric, .init(kind: kind, text: text, madeBy: madeBy, madeAt: madeAt)))
    }
    return changes
  }

  /// What the calculation before knew about people.
  private static func former(
    _ run: Int32, on connection: isolated Connection
  ) throws -> [Int32: (tier: String?, known: PayInputs.Known)] {
    let decoder = JSONDecoder()
    var former: [Int32: (tier: String?, known: PayInputs.Known)] = [:]
    let rows = try connection.rows(
      "select employee_id, tier, inputs from bank.pay_statement where pay_run_id = \(run) and is_regular",
      as: (Int32, String?, JSONText).self, limit: .max)
    for (person, tier, json) in rows {
      former[person] = (
        tier, try decoder.decode(PayInputs.Known.self, from: Data(json.text.utf8))
      )
    }
    return former
  }
}
