import Documents
import Quantities

/// Reads the parameters, exchange rates and figures of a plan.
struct FigureReader {
  let draft: PlanDraft

  func readParameters(_ place: DocumentNode?) {
    guard let place, let keys = DocumentMapping(anyKeys: place) else { return }
    if keys.entries.count > PlanLimits.coefficients {
      place.report("there are more than \(PlanLimits.coefficients) parameters")
      return
    }
    for (name, value) in keys.entries {
      guard let name = draft.formulaName(name, value), let number = readNumber(value) else {
        continue
      }
      draft.parameters.append(Parameter(name: name, value: number))
      draft.names.parameters.append(name)
    }
  }

  /// A decimal, or one with a percent sign: 40% is 0.40.
  private func readNumber(_ place: DocumentNode) -> ExactDecimal? {
    if let text = place.plainText, text.hasSuffix("%"),
      let value = ExactDecimal(String(text.dropLast()))
    {
      return RateUnit.percent.factor(value)
    }
    return place.decimal()
  }

  func readExchange(_ place: DocumentNode?) {
    guard let place else { return }
    if place.isMapping {
      guard let keys = DocumentMapping(anyKeys: place) else { return }
      var rates: [String: ExactDecimal] = [:]
      for (code, value) in keys.entries {
        if Currency(isoCode: code) == nil {
          value.report("\"\(code)\" is not a currency; write three capital letters such as USD")
        }
        if let rate = value.decimal() {
          if rate.coefficient <= 0 { value.report("a rate is above zero; write what one unit is") }
          rates[code] = rate
        }
      }
      draft.exchange = .fixed(rates)
      draft.names.currencies = { rates[$0] != nil }
    } else if let day = place.choice(Exchange.Day.self) {
      draft.exchange = .dated(day)
      draft.names.currencies = { Currency(isoCode: $0) != nil }
    }
  }

  /// The figures with names. Any of them may name any other; a circle is refused.
  func readFigures(_ place: DocumentNode?) {
    guard let place, let keys = DocumentMapping(anyKeys: place) else { return }
    if keys.entries.count > PlanLimits.coefficients {
      place.report("there are more than \(PlanLimits.coefficients) figures")
      return
    }
    draft.names.figures = keys.entries.map(\.key)
    var uses: [[(figure: Int, offset: Int)]] = []
    for (name, value) in keys.entries {
      _ = draft.formulaName(name, value)
      let figure = read(name, value)
      uses.append(figure == nil ? [] : draft.figureUsesOfFormula(figure))
      draft.figures.append(
        figure
          ?? Figure(
            name: name, source: .formula(Formula(source: "", root: .number(.zero))),
            missing: .refuse, negative: .deduct, isProrated: false, currency: nil))
    }
    refuseCircles(uses, keys.entries)
  }

  private func refuseCircles(
    _ uses: [[(figure: Int, offset: Int)]], _ entries: [(key: String, value: DocumentNode)]
  ) {
    // 0: not visited, 1: on the path from where the search began, 2: known to be in no circle.
    var state = Array(repeating: 0, count: uses.count)
    func visit(_ figure: Int) {
      state[figure] = 1
      for use in uses[figure] {
        if state[use.figure] == 1 {
          entries[figure].value.value(of: "formula")?.report(
            use.figure == figure
              ? "\(entries[figure].key) refers to itself; a figure is made of others"
              : "\(entries[use.figure].key) is made of \(entries[figure].key), which is made of it; "
                + "figures may not refer to each other in a circle", atCharacter: use.offset)
        } else if state[use.figure] == 0 {
          visit(use.figure)
        }
      }
      state[figure] = 2
    }
    for figure in uses.indices where state[figure] == 0 { visit(figure) }
  }

  private func read(_ name: String, _ place: DocumentNode) -> Figure? {
    guard let own = DocumentMapping(anyKeys: place) else { return nil }
    let sources = ["metric", "target", "formula"].filter { own.optional($0) != nil }
    guard sources.count == 1, let kind = sources.first else {
      place.report(
        sources.isEmpty
          ? "the figure \(name) says neither metric, target nor formula; write one of them"
          : "the figure \(name) says \(alternatives(sources).replacing(" or ", with: " and ")); keep one"
      )
      return nil
    }
    if kind == "formula" {
      own.refuseKeys(otherThan: ["formula"])
      guard let formula = draft.formula(own.optional("formula")) else { return nil }
      return Figure(
        name: name, source: .formula(formula), missing: .refuse, negative: .deduct,
        isProrated: false, currency: nil)
    }
    own.refuseKeys(
      otherThan: [kind, "of", "over", "missing", "negative", "proration", "currency"])
    let metric = draft.metric(own.optional(kind))
    let owner = own.required("of")?.choice(Measure.Owner.self)
    let span = own.required("over")?.choice(Span.self)
    let missing = own.required("missing").flatMap(readMissing)
    let negative = own.required("negative").flatMap(readNegative)
    let proration = own.optional("proration")?.choice(among: ["none", "by_days"])
    let currency = own.optional("currency").flatMap(readCurrency)
    guard let metric, let owner, let span, let missing, let negative else { return nil }
    return Figure(
      name: name,
      source: .measure(
        Measure(metric: metric, isTarget: kind == "target", owner: owner, span: span)),
      missing: missing, negative: negative, isProrated: proration == "by_days",
      currency: currency)
  }

  private func readMissing(_ place: DocumentNode) -> Figure.Missing? {
    switch place.plainText {
    case "zero": return .counts(.zero)
    case "refuse": return .refuse
    default:
      if let text = place.plainText, let value = ExactDecimal(text) { return .counts(value) }
      place.report(
        "\"\(place.plainText ?? "")\" is not known here; write zero, refuse or a number")
      return nil
    }
  }

  private func readNegative(_ place: DocumentNode) -> Figure.Negative? {
    place.choice(among: ["keep", "zero", "refuse"])
      .flatMap { $0 == "keep" ? .deduct : Figure.Negative(rawValue: $0) }
  }

  private func readCurrency(_ place: DocumentNode) -> String? {
    guard let code = place.text("a currency such as USD") else { return nil }
    if draft.names.currencies(code) { return code }
    place.report("there is no rate of \(code) under `exchange_rates`; add it")
    return nil
  }
}

extension PlanDraft {
  /// The figures that a figure's formula names, directly after it was read.
  func figureUsesOfFormula(_ figure: Figure?) -> [(figure: Int, offset: Int)] {
    guard case .formula = figure?.source else { return [] }
    return figureUses
  }
}
