import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// Everything that decides what a month pays: who is paid, what is known about each, and what the
/// credits of a run sum to. It is read once, kept with the run, and can be read back from it.
struct PayInputs {
  /// A person who is paid.
  struct Person {
    let id: Int32
    let number: String
    let branch: Int32
    let tier: String?
    var known: Known
    /// What is known, as it is stored, once all of it is read.
    fileprivate(set) var knownText: String?

    /// What is known, as it is stored.
    func storedText() throws -> String { try knownText ?? known.text() }
  }

  /// What is known about a person beside tier and credits, as it is stored with the statement.
  struct Known: Codable, Hashable {
    var post: String?
    var unit: String?
    var team: String?
    var leads: [String] = []
    var days: Int?
    /// Metrics that are no credits, and those of spans that began before the month.
    var metrics: [String: [String: MetricValue]] = [:]
    var targets: [String: [String: MetricValue]] = [:]
    var unitTargets: [String: [String: MetricValue]] = [:]
    var paid: [String: [String: ExactDecimal]] = [:]
    var carried: [String: ExactDecimal] = [:]
    /// The tiers held within the month, where they were several and the plan goes by their days.
    var tierSpans: [TierSpan]?
    /// Amounts that were decided for the person; nil for none.
    var entries: [DecidedAmount]?

    /// As a JSON text that is the same for the same content.
    func text() throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// An amount that was decided for a person and a month, with what it rests on.
  struct DecidedAmount: Codable, Hashable {
    let entryClass: String
    let record: String
    let amount: ExactDecimal
    let reason: String

    var entry: Entry { Entry(entryClass: entryClass, record: record, amount: amount) }
  }

  let month: Month
  var people: [Person]
  /// Numbers of those who would be paid if the plan covered them.
  var uncovered: [String] = []
  /// What the credits of the month sum to for each person, by metric.
  var credited: [Int32: [String: MetricValue]] = [:]
  /// What they sum to for each unit of the accounts, the pools of branches included.
  var creditedOfUnits: [String: [String: MetricValue]] = [:]
  /// Loans granted, one by one, where the plan asks for them.
  var transactions: [Int32: [String: [Transaction]]] = [:]
  /// What is known about no single person.
  var common = Common()
  /// Amounts decided for people whom the plan is not applied to, such as those who have left.
  var entriesOfOthers: [Int32: [DecidedAmount]] = [:]

  /// Metrics of people that are no credits.
  static let personMetrics = ["clients_managed_count", "violation_points"]

  /// What the engine needs.
  var population: Population {
    var units: [String: FigureInputs] = [:]
    var bank: [String: MetricValue] = [:]
    for (code, metrics) in creditedOfUnits {
      units[code, default: FigureInputs()].metrics[.month] = metrics
      for (name, value) in metrics {
        let sum = try? (bank[name]?.total ?? .zero) + value.total
        bank[name] = sum.map { MetricValue(total: $0, divisor: value.divisor) }
      }
    }
    for person in people {
      guard let unit = person.known.unit else { continue }
      units[unit, default: FigureInputs()].targets = Self.spans(person.known.unitTargets)
    }
    return Population(
      people: people.map(inputs), units: units, bank: FigureInputs(metrics: [.month: bank]),
      deals: common.deals.map(\.deal), exchangeRates: common.rates)
  }

  private func inputs(of person: Person) -> PersonInputs {
    var inputs = PersonInputs(
      person: person.number, tier: person.tier, metrics: credited[person.id] ?? [:],
      unit: person.known.unit, post: person.known.post)
    inputs.team = person.known.team
    inputs.leads = person.known.leads
    inputs.daysActive = person.known.days
    inputs.tierSpans = person.known.tierSpans ?? []
    for (span, metrics) in Self.spans(person.known.metrics) {
      inputs.figures.metrics[span, default: [:]].merge(metrics) { _, later in later }
    }
    inputs.figures.targets = Self.spans(person.known.targets)
    inputs.carried = person.known.carried
    inputs.paid = Self.spans(person.known.paid)
    inputs.transactions = transactions[person.id] ?? [:]
    inputs.entries = (person.known.entries ?? []).map(\.entry)
    return inputs
  }

  private static func spans<Value>(_ named: [String: Value]) -> [Span: Value] {
    var spans: [Span: Value] = [:]
    for (name, value) in named {
      if let span = Span(rawValue: name) { spans[span] = value }
    }
    return spans
  }
}

// MARK: - Reading

extension PayInputs {
  /// Reads the inputs of a month, for a run whose credits are there already.
  ///
  /// - Parameter replaced: The run that is being replaced, whose corrections count no more.
  init(
    month: Month, plan: Plan, run: Int32, replaced: Int32? = nil,
    on connection: isolated Connection
  ) throws {
    self.month = month
    let rows = try connection.rows(
      """
      select employee_id, number, branch_id, tier, post, unit_code, team_code,
        array_to_json(leads)::text, days_active
      from bank.people_to_pay(\(month.firstDay), \(plan.covers.posts != nil))
      """,
      as: (Int32, String, Int32, String?, String?, String?, String?, String, Int32).self,
      limit: .max)
    people = []
    let decoder = JSONDecoder()
    for (id, number, branch, tier, post, unit, team, leads, days) in rows {
      let known = Known(
        post: post, unit: unit, team: team,
        leads: try decoder.decode([String].self, from: Data(leads.utf8)), days: Int(days))
      let person = Person(id: id, number: number, branch: branch, tier: tier, known: known)
      if plan.covers.includes(inputs(of: person)) {
        people.append(person)
      } else {
        uncovered.append(number)
      }
    }
    let positions = Dictionary(uniqueKeysWithValues: people.enumerated().map { ($1.id, $0) })
    try readCredits(of: run, plan, on: connection)
    try readTierSpans(plan, positions, on: connection)
    try readPersonMetrics(plan, positions, on: connection)
    try readTargets(plan, positions, on: connection)
    try readPast(plan, replaced, positions, on: connection)
    try readEntries(plan, positions, on: connection)
    try keepTexts()
    common = try Common(month: month, plan: plan, on: connection)
  }

  /// Reads the inputs that a run on record was calculated from.
  init(
    of run: Int32, month: Month, plan: Plan, on connection: isolated Connection
  ) throws {
    self.month = month
    let decoder = JSONDecoder()
    people = try connection.rows(
      """
      select s.employee_id, e.number, s.branch_id, s.tier, s.inputs
      from bank.pay_statement as s join bank.employee as e using (employee_id)
      where s.pay_run_id = \(run) and s.is_regular order by e.number collate "C"
      """, as: (Int32, String, Int32, String?, JSONText).self, limit: .max
    ).map { id, number, branch, tier, json in
      Person(
        id: id, number: number, branch: branch, tier: tier,
        known: try decoder.decode(Known.self, from: Data(json.text.utf8)))
    }
    try readCredits(of: run, plan, on: connection)
    common = try Common(of: run, on: connection)
  }

  /// Writes what is known about each person once, and what is known about many only once for all.
  private mutating func keepTexts() throws {
    var texts: [Known: String] = [:]
    for position in people.indices {
      let known = people[position].known
      let text = try texts[known] ?? known.text()
      texts[known] = text
      people[position].knownText = text
    }
  }

  mutating func readCredits(
    of run: Int32, _ plan: Plan, on connection: isolated Connection
  ) throws {
    try connection.forEachRow(
      """
      select employee_id, metric, sum(credited) from report.pay_credit_total
      where pay_run_id = \(run) and employee_id is not null group by employee_id, metric
      """, as: (Int32, String, ExactDecimal).self
    ) { employee, name, total in
      let (planName, value) = measured(name, total)
      credited[employee, default: [:]][planName] = value
    }
    if plan.figures.contains(where: { $0.measure.map { $0.owner != .person } ?? false }) {
      try connection.forEachRow(
        """
        select u.code, c.metric, sum(c.credited) from report.pay_credit_total as c
        join bank.org_unit as u on u.org_unit_id = c.branch_id
        where c.pay_run_id = \(run) group by u.code, c.metric
        """, as: (String, String, ExactDecimal).self
      ) { unit, name, total in
        let (planName, value) = measured(name, total)
        creditedOfUnits[unit, default: [:]][planName] = value
      }
    }
    guard plan.components.contains(where: \.paysForTransactions) else { return }
    try connection.forEachRow(
      """
      select c.employee_id, l.number, c.counted_from, c.credited
      from bank.pay_run_credit_set as r
      join bank.pay_credit as c using (branch_id, credit_set_id)
      join (
        select branch_id, loan_id, number from bank.loan
        union all select branch_id, loan_id, number from bank.replaced_loan
      ) as l on l.branch_id = c.branch_id and l.loan_id = c.loan_id
      where r.pay_run_id = \(run) and c.loan_id is not null and c.metric = \(CreditMetric.loansGrantedAmount.rawValue)
        and c.employee_id is not null
      """, as: (Int32, String, CivilDate, ExactDecimal).self
    ) { employee, loan, _, amount in
      transactions[employee, default: [:]][
        CreditMetric.loansGrantedAmount.planName, default: []
      ].append(Transaction(number: loan, amount: amount))
    }
  }

  /// What a metric of the credits is called in plans, and its value.
  private func measured(_ name: String, _ total: ExactDecimal) -> (String, MetricValue) {
    guard let metric = CreditMetric(rawValue: name) else { return (name, MetricValue(total)) }
    return (metric.planName, MetricValue(total: total, divisor: metric.divisor(in: month)))
  }

  private mutating func readPersonMetrics(
    _ plan: Plan, _ positions: [Int32: Int], on connection: isolated Connection
  ) throws {
    guard !plan.metrics.isDisjoint(with: Self.personMetrics) else { return }
    var found: [(Int, String, ExactDecimal)] = []
    try connection.forEachRow(
      "select employee_id, metric, amount from bank.person_metrics(\(month.firstDay))",
      as: (Int32, String, ExactDecimal).self
    ) { employee, metric, amount in
      if let position = positions[employee] { found.append((position, metric, amount)) }
    }
    for (position, metric, amount) in found {
      people[position].known.metrics["month", default: [:]][metric] = MetricValue(amount)
    }
  }

  private mutating func readTargets(
    _ plan: Plan, _ positions: [Int32: Int], on connection: isolated Connection
  ) throws {
    guard plan.figures.contains(where: { $0.measure?.isTarget == true }) else { return }
    let rows = try connection.rows(
      "select employee_id, unit_code, metric, span, amount from bank.targets_for_pay(\(month.firstDay))",
      as: (Int32?, String?, String, String, ExactDecimal).self, limit: .max)
    for (employee, unit, metric, span, amount) in rows {
      if let employee, let position = positions[employee] {
        people[position].known.targets[span, default: [:]][metric] = MetricValue(amount)
      } else if let unit {
        for position in people.indices where people[position].known.unit == unit {
          people[position].known.unitTargets[span, default: [:]][metric] = MetricValue(amount)
        }
      }
    }
  }

  /// What earlier months of the quarter and the year credited, paid and left to carry.
  private mutating func readPast(
    _ plan: Plan, _ replaced: Int32?, _ positions: [Int32: Int],
    on connection: isolated Connection
  ) throws {
    let spans = plan.spansOfMetrics
    if !spans.isEmpty {
      try readCreditedBefore(plan, replaced, spans, positions, on: connection)
    }
    if plan.takesOffWhatWasPaid {
      let rows = try connection.rows(
        "select employee_id, component, span, amount from bank.paid_before(\(month.firstDay), \(plan.code), \(replaced))",
        as: (Int32, String, String, ExactDecimal).self, limit: .max)
      for (employee, component, span, amount) in rows {
        guard let position = positions[employee] else { continue }
        people[position].known.paid[span, default: [:]][component] = amount
      }
    }
    let balances = try connection.rows(
      "select employee_id, component, amount from bank.carried_before(\(month.firstDay), \(plan.code), \(replaced))",
      as: (Int32, String, ExactDecimal).self, limit: .max)
    for (employee, component, amount) in balances {
      if let position = positions[employee] {
        people[position].known.carried[component] = amount
      }
    }
  }

  private mutating func readCreditedBefore(
    _ plan: Plan, _ replaced: Int32?, _ spans: Set<Span>, _ positions: [Int32: Int],
    on connection: isolated Connection
  ) throws {
    var sums: [Int32: [Span: [String: ExactDecimal]]] = [:]
    let rows = try connection.rows(
      """
      select employee_id, metric, span, amount, months
      from bank.credited_before(\(month.firstDay), \(plan.code), \(replaced))
      """, as: (Int32, String, String, ExactDecimal, Int).self, limit: .max)
    var monthsFound: [Span: Int] = [:]
    for (employee, metric, name, amount, months) in rows {
      guard let span = Span(rawValue: name) else { continue }
      sums[employee, default: [:]][span, default: [:]][metric] = amount
      monthsFound[span] = months
    }
    for span in spans {
      let earlier = span.earlierMonths(of: month).filter { plan.isInForce(for: $0) }
      if earlier.count > monthsFound[span] ?? 0 {
        throw BanyanError.data(
          "the plan \(plan.code) sums over the \(span.rawValue), and \(earlier.count - (monthsFound[span] ?? 0)) earlier months of it have no run; run \(earlier[0]) and those after it first"
        )
      }
      // Free metrics as they are: each month's facts add up.
      let free = plan.metrics.subtracting(CreditMetric.allCases.map(\.planName))
        .subtracting(Self.personMetrics)
      let measures =
        CreditMetric.allCases.map { ($0.rawValue, $0.planName, $0) }
        + free.sorted().map { ($0, $0, nil as CreditMetric?) }
      for position in people.indices {
        for (name, planName, metric) in measures {
          let before = sums[people[position].id]?[span]?[name] ?? .zero
          let now = credited[people[position].id]?[planName]?.total ?? .zero
          var divisor = metric?.divisor(in: month) ?? .one
          for month in earlier where divisor != .one {
            divisor = try divisor + (metric?.divisor(in: month) ?? .one)
          }
          people[position].known.metrics[span.rawValue, default: [:]][planName] =
            MetricValue(total: try before + now, divisor: divisor)
        }
      }
    }
  }
}

extension Span {
  /// The months of the span before a month, from the first.
  fileprivate func earlierMonths(of month: Month) -> [Month] {
    let count =
      switch self {
      case .month: 0
      case .quarter: (month.number - 1) % 3
      case .year: month.number - 1
      }
    return (0..<count).map { month.adding(months: $0 - count) }
  }
}

extension Plan {
  /// The spans beyond the month over which metrics are summed.
  fileprivate var spansOfMetrics: Set<Span> {
    Set(
      figures.compactMap(\.measure).filter { !$0.isTarget && $0.span != .month }.map(\.span))
  }

  /// Whether it matters what components paid earlier in the quarter or the year.
  fileprivate var takesOffWhatWasPaid: Bool {
    components.contains { component in
      if component.lessPaid != nil { return true }
      if case .limit(let limit) = component.rule { return limit.period != .month }
      return false
    }
  }
}

extension Component {
  /// Whether the component pays for each transaction by itself.
  var paysForTransactions: Bool {
    if case .rateTable(let table) = rule { table.transactions != nil } else { false }
  }
}
