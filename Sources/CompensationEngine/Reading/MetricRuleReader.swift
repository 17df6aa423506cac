import Documents
import Quantities

/// Reads the rules that pay for what was measured.
struct MetricRuleReader {
  let draft: PlanDraft

  // MARK: - What is paid for

  /// A metric with what happens where it is missing, or a formula; both say what a negative one does.
  private func readBasis(_ own: DocumentMapping) -> Basis? {
    if own.optional("metric") != nil, let amount = own.optional("amount") {
      amount.report("a component pays for a metric or for an amount; keep one")
      return nil
    }
    if let place = own.optional("amount") {
      own.optional("missing")?.report(
        "a formula says what happens without a figure where the figure is declared; leave this out")
      let negative = own.required("negative")?.choice(Figure.Negative.self)
      guard let formula = draft.formula(place), let negative else { return nil }
      return Basis(source: .formula(formula), negative: negative)
    }
    return readMetric(own).map { figure in
      draft.figures.append(figure)
      return Basis(source: .figure(draft.figures.count - 1), negative: figure.negative)
    }
  }

  private func readMetric(_ own: DocumentMapping, over span: Span = .month) -> Figure? {
    let metric = draft.metric(own.required("metric"))
    let missing = own.required("missing")?.choice(among: ["zero", "refuse"])
    let negative = own.required("negative")?.choice(Figure.Negative.self)
    guard let metric, let missing, let negative else { return nil }
    return Figure(
      name: nil,
      source: .measure(Measure(metric: metric, isTarget: false, owner: .person, span: span)),
      missing: missing == "zero" ? .counts(.zero) : .refuse, negative: negative,
      isProrated: false, currency: nil)
  }

  // MARK: - Prices and rates

  func readUnitPrice(_ own: DocumentMapping) -> UnitPrice? {
    let basis = readBasis(own)
    let price = own.required("price")?.decimal()
    let perNode = own.required("per")
    let per = perNode?.decimal()
    if let per, per.coefficient <= 0 {
      perNode?.report("\(per) is not above zero; write how many units the price is for")
    }
    guard let basis, let price, let per else { return nil }
    return UnitPrice(basis: basis, price: price, per: per)
  }

  func readRate(_ own: DocumentMapping) -> RateTable? {
    let basis = readBasis(own)
    let rateNode = own.required("rate")
    let rate = rateNode?.decimal()
    let unit = own.required("rate_unit")?.choice(RateUnit.self)
    guard let basis, let rate, let unit else { return nil }
    if let whole = unit.whole, rate > whole || ((try? rate + whole)?.isNegative ?? false) {
      rateNode?.report(
        "a rate of \(rate) with rate_unit \(unit.rawValue) is more than the whole amount; check the "
          + "unit, or write rate_unit: price for currency for each unit of the metric")
    }
    let tier = RateTier(range: TierRange(from: .zero, upTo: nil), rate: rate, unit: unit)
    return RateTable(
      basis: basis, transactions: nil, span: .month, cumulative: nil,
      schedule: RateSchedule(mode: .whole, boundary: .lowerInclusive, unit: unit, tiers: [tier]))
  }

  func readRateTable(_ own: DocumentMapping) -> RateTable? {
    let overNode = own.optional("over")
    let over = overNode?.choice(among: ["transaction"] + Span.allCases.map(\.rawValue)) ?? "month"
    let schedule = readSchedule(own, modes: [.graduated, .whole, .interpolated, .overage])
    if over == "transaction" { return readTransactionTable(own, schedule) }
    guard let span = Span(rawValue: over), let basis = readBasis(own), let schedule else {
      return nil
    }
    var cumulative: Int?
    if span != .month {
      guard case .figure(let figure) = basis.source,
        let measure = draft.figures[figure].measure
      else {
        overNode?.report("only a metric is summed over the \(over); write `metric`, not `amount`")
        return nil
      }
      let whole = draft.figures[figure]
      draft.figures.append(
        Figure(
          name: nil,
          source: .measure(
            Measure(metric: measure.metric, isTarget: false, owner: .person, span: span)),
          missing: whole.missing, negative: whole.negative, isProrated: false, currency: nil))
      cumulative = draft.figures.count - 1
    }
    if let less = own.optional("less_paid")?.plainText, less != over {
      own.optional("less_paid")?.report(
        "the table sums over the \(over), so what was paid in the \(less) is another span; write "
          + "the same one in `over` and `less_paid`")
    }
    return RateTable(
      basis: basis, transactions: nil, span: span, cumulative: cumulative, schedule: schedule)
  }

  private func readTransactionTable(
    _ own: DocumentMapping, _ schedule: RateSchedule?
  ) -> RateTable? {
    let metric = draft.metric(own.required("metric"))
    for key in ["amount", "missing", "negative"] {
      own.optional(key)?.report(
        "transactions are paid for one by one, so that none is missing and each counts with its "
          + "sign; leave `\(key)` out")
    }
    guard let metric, let schedule else { return nil }
    return RateTable(
      basis: nil, transactions: metric, span: .month, cumulative: nil, schedule: schedule)
  }

  private func readSchedule(
    _ own: DocumentMapping, modes: [RateSchedule.Mode]
  ) -> RateSchedule? {
    let mode = own.required("mode")?.choice(among: modes.map(\.rawValue))
      .flatMap(RateSchedule.Mode.init(rawValue:))
    let boundary = own.required("boundary")?.choice(RateSchedule.Boundary.self)
    let unit = own.required("rate_unit")?.choice(RateUnit.self)
    let tiers = own.required("tiers").flatMap {
      ScheduleReader(valueKey: "rate", unit: unit, mode: mode).read($0)
    }
    guard let mode, let boundary, let unit, let tiers else { return nil }
    return RateSchedule(mode: mode, boundary: boundary, unit: unit, tiers: tiers)
  }

  // MARK: - Targets and scores

  func readAttainment(_ own: DocumentMapping) -> Attainment? {
    let actual = draft.formula(own.required("actual"))
    let target = draft.formula(own.required("target"))
    let noTarget = own.required("no_target")?.choice(Attainment.NoTarget.self)
    let worth = draft.formula(own.required("worth"))
    let mode = own.required("mode")?.choice(RateSchedule.Mode.self)
    let isLine = mode == .line
    let boundary =
      isLine ? .lowerInclusive : own.required("boundary")?.choice(RateSchedule.Boundary.self)
    let unit = own.required("bound_unit")?.choice(among: ["percent", "fraction"])
    own.optional(isLine ? "tiers" : "points")?.report(
      isLine
        ? "a line goes through `points`, not tiers" : "`points` belong to mode: line; write tiers")
    let tiersNode = own.required(isLine ? "points" : "tiers")
    let tiers = tiersNode.flatMap {
      ScheduleReader(
        valueKey: "multiplier", unit: .price, mode: mode,
        boundUnit: unit == "percent" ? ExactDecimal(100) : .one, refusesLargeRates: false
      ).read($0)
    }
    if let tiers, let tiersNode { checkBounds(tiers, unit, tiersNode) }
    guard let actual, let target, let noTarget, let worth, let mode, let boundary, unit != nil,
      let tiers
    else { return nil }
    return Attainment(
      actual: actual, target: target, noTarget: noTarget, worth: worth,
      schedule: RateSchedule(mode: mode, boundary: boundary, unit: .price, tiers: tiers))
  }

  /// Percentages that look like fractions, and fractions that look like percentages.
  private func checkBounds(_ tiers: [RateTier], _ unit: String?, _ place: DocumentNode) {
    guard let highest = tiers.map(\.range.from).max(), highest.coefficient > 0 else { return }
    if unit == "percent", highest < ExactDecimal(coefficient: 5, scale: 2) {
      place.report(
        "the highest bound is below 5 percent of the target; with bounds such as 1.20, write "
          + "bound_unit: fraction")
    } else if unit == "fraction", highest >= ExactDecimal(20) {
      place.report(
        "the highest bound is \(highest) times the target; with bounds such as 120, write "
          + "bound_unit: percent")
    }
  }

  func readScorecard(_ own: DocumentMapping) -> Scorecard? {
    let worth = draft.formula(own.required("worth"))
    let full = own.required("full_score")?.choice(among: ["1", "100"]).flatMap(ExactDecimal.init)
    guard let place = own.required("items"),
      let nodes = place.list(of: "the items", atMost: PlanLimits.components)
    else { return nil }
    let items = nodes.compactMap(readItem)
    let (least, most) = readClamp(own)
    guard let worth, let full, items.count == nodes.count else { return nil }
    let sum = try? items.reduce(ExactDecimal.zero) { try $0 + $1.weight }
    if sum != ExactDecimal(100) {
      place.report(
        "the weights sum to \(sum.map { "\($0.normalized)" } ?? "more than fits"), not to 100; "
          + "weights are percentages of the whole score")
    }
    return Scorecard(worth: worth, fullScore: full, items: items, atLeast: least, atMost: most)
  }

  private func readItem(_ place: DocumentNode) -> Scorecard.Item? {
    guard
      let own = DocumentMapping(place, keys: ["title", "weight", "score", "at_least", "at_most"])
    else { return nil }
    let title = own.required("title")?.text("what people call the item")
    let weight = own.required("weight")?.decimalNotNegative()
    let score = draft.formula(own.required("score"))
    let (least, most) = readClamp(own)
    guard let title, let weight, let score else { return nil }
    return Scorecard.Item(
      title: title, weight: weight, score: score, atLeast: least, atMost: most)
  }

  private func readClamp(_ own: DocumentMapping) -> (ExactDecimal?, ExactDecimal?) {
    let least = own.optional("at_least")?.decimal()
    let mostNode = own.optional("at_most")
    let most = mostNode?.decimal()
    if let least, let most, most < least {
      mostNode?.report("\(most) is below at_least; swap them")
    }
    return (least, most)
  }

  // MARK: - Deals

  func readDealSplit(_ own: DocumentMapping) -> DealSplit? {
    let metric = draft.metric(own.required("deals"))
    let schedule = readSchedule(
      own, modes: [.graduated, .whole, .interpolated, .overage, .level])
    let absent = own.required("absent_role")?.choice(DealSplit.AbsentRole.self)
    var roles: [DealSplit.Role] = []
    if let place = own.required("roles"), let keys = DocumentMapping(anyKeys: place) {
      for (name, value) in keys.entries {
        if let share = value.decimalNotNegative() {
          roles.append(DealSplit.Role(name: name, share: share))
        }
      }
      let sum = try? roles.reduce(ExactDecimal.zero) { try $0 + $1.share }
      if roles.count == keys.entries.count, sum != .one {
        place.report(
          "the shares sum to \(sum.map { "\($0.normalized)" } ?? "more than fits"), not to 1; write "
            + "fractions, such as 0.60 and 0.40")
      }
    }
    guard let metric, let schedule, let absent, !roles.isEmpty else { return nil }
    return DealSplit(metric: metric, schedule: schedule, roles: roles, absentRole: absent)
  }
}
