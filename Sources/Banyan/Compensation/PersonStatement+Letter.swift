import CompensationEngine
import Exchange
import Quantities

/// What a statement says around its figures.
private enum Phrase {
  static let title = Wording("Pay statement", chinese: "绩效薪酬单")
  static let draft = Wording("Not posted for payment yet", chinese: "尚未过账，仅供核对")
  static let person = Wording("Number", chinese: "工号")
  static let name = Wording("Name", chinese: "姓名")
  static let unit = Wording("Unit", chinese: "机构")
  static let post = Wording("Post", chinese: "岗位")
  static let tier = Wording("Tier", chinese: "等级")
  static let plan = Wording("Plan", chinese: "方案")
  static let run = Wording("Run", chinese: "核算批次")
  static let currency = Wording("Currency", chinese: "币种")
  static let earned = Wording("Earned", chinese: "应得")
  static let deferred = Wording("Deferred", chinese: "递延")
  static let payable = Wording("Paid now", chinese: "当期发放")
  static let reached = Wording("What was reached", chinese: "目标完成情况")
  static let mark = Wording(
    "The mark in each bar is the target. Percentages are cut, never rounded up.",
    chinese: "竖线为目标值。百分比直接舍去尾数，不进位。")
  static let of = Wording("of", chinese: "目标")
  static let lines = Wording("How it came about", chinese: "计算明细")
  static let corrections = Wording("Corrections", chinese: "更正与调整")
  static let number = Wording("No.", chinese: "行号")
  static let component = Wording("Component", chinese: "项目")
  static let basis = Wording("Basis", chinese: "计算基数")
  static let rate = Wording("Rate", chinese: "标准")
  static let amount = Wording("Amount", chinese: "金额")
  static let shown = Wording("for information", chinese: "仅列示，不计入应得")
  static let division = Wording("Paid now and later", chinese: "当期与递延")
  static let due = Wording("Due on", chinese: "到期日")
  static let ofThisMonth = Wording("Of this month", chinese: "本月递延")
  static let inAll = Wording("In all", chinese: "累计递延")
  static let instalments = Wording("What is deferred", chinese: "递延薪酬")
  static let total = Wording("Total", chinese: "合计")
  static let carried = Wording("Carried to the next month", chinese: "结转下月")
  static let dispute = Wording("If something seems wrong", chinese: "如有异议")
}

extension PersonStatement {
  /// The statement for the person.
  public func letter(in language: Language) throws -> Letter {
    var blocks: [Letter.Block] = []
    if !attainments.isEmpty { blocks.append(try reached(language)) }
    let (corrections, regular) = (
      lines.filter(\.isCorrection), lines.filter { !$0.isCorrection }
    )
    if !regular.isEmpty {
      blocks.append(try table(of: regular, Phrase.lines, isAll: corrections.isEmpty, language))
    }
    if !corrections.isEmpty {
      blocks.append(try table(of: corrections, Phrase.corrections, isAll: false, language))
    }
    if !deferred.isZero, let block = try division(language) { blocks.append(block) }
    if !outstanding.isEmpty || !instalments.isEmpty || !released.isZero || !forfeited.isZero {
      blocks.append(try deferral(language))
    }
    if !carried.isEmpty { blocks.append(carriedTable(language)) }
    blocks.append(.text(title: Phrase.dispute[language], dispute(language)))
    return Letter(
      title: Phrase.title[language], subtitle: language == .en ? monthName : chineseMonth,
      stamp: isPosted ? nil : Phrase.draft[language], facts: facts(language),
      figures: [
        .init(Phrase.earned[language], money(earned)),
        .init(Phrase.deferred[language], money(deferred)),
        .init(Phrase.payable[language], money(payable), isMain: true),
      ], blocks: blocks, footer: footer(language), language: language)
  }

  private func facts(_ language: Language) -> [TableNotes.Fact] {
    let facts: [(Wording, String?)] = [
      (Phrase.name, name), (Phrase.person, person),
      (Phrase.unit, unitName == unit ? unit : "\(unitName) (\(unit))"), (Phrase.post, post),
      (Phrase.tier, tier), (Phrase.run, String(run)), (Phrase.currency, currency.code),
      (Phrase.plan, "\(planTitle) (\(plan))"),
    ]
    return facts.compactMap { title, value in value.map { .init(title[language], $0) } }
  }

  private func money(_ amount: ExactDecimal) -> String { "\(amount.grouped) \(currency.code)" }

  private var monthName: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    return "\(names[month.number - 1]) \(month.year)"
  }

  private var chineseMonth: String { "\(month.year) 年 \(month.number) 月" }

  // MARK: - Parts

  private func reached(_ language: Language) throws -> Letter.Block {
    let gauges = try attainments.map { attainment in
      let share = try attainment.share()
      let percent = try (share * ExactDecimal(100)).rounded(toScale: 2, .down)
      let (actual, target) = (
        try attainment.actual.rounded(places: 2, .halfUp), attainment.target.total
      )
      return Letter.Gauge(
        "\(MetricWording.title(of: attainment.metric)[language]) · \(MetricWording.title(of: attainment.span)[language])",
        detail: "\(actual.grouped) \(Phrase.of[language]) \(target.grouped)",
        text: "\(percent) %", attained: share)
    }
    return .gauges(title: Phrase.reached[language], gauges, note: Phrase.mark[language])
  }

  private func table(
    of lines: [Line], _ title: Wording, isAll: Bool, _ language: Language
  ) throws -> Letter.Block {
    let columns = [
      Column("number", .integer, alignment: .left, title: Phrase.number[language]),
      Column("component", title: Phrase.component[language]),
      Column("basis", .amount, title: Phrase.basis[language]),
      Column("rate", alignment: .right, title: Phrase.rate[language]),
      Column("amount", .amount, title: Phrase.amount[language]),
    ]
    let words: StepLanguage = language == .en ? .english : .chinese
    let names = MetricWording.names(self.lines.map { ($0.component, $0.title) }, in: words)
    var rows = try lines.map { line in
      let title = line.isPaid ? line.title : "\(line.title) (\(Phrase.shown[language]))"
      return Letter.Row(
        [
          .integer(Int64(line.number)), .text(title),
          try line.shownBasis.map { .decimal(try $0.rounded(places: 2, .halfUp)) } ?? .null,
          .text(line.rate), .decimal(line.amount),
        ], notes: line.arithmetic.map { $0.text(in: words, names: names) })
    }
    let sum = try lines.filter(\.isPaid).reduce(ExactDecimal.zero) { try $0 + $1.amount }
    let word = isAll ? Phrase.earned : Phrase.total
    rows.append(
      Letter.Row([.null, .text(word[language]), .null, .null, .decimal(sum)], isTotal: true))
    return .table(title: title[language], columns, rows, note: "")
  }

  /// Nil where what is paid and what is deferred are no parts of one whole.
  private func division(_ language: Language) throws -> Letter.Block? {
    guard !payable.isNegative, !deferred.isNegative else { return nil }
    let now = try payable.divided(by: earned, scale: 4, rounding: .halfUp)
    return .split(
      title: Phrase.division[language],
      [
        .init(Phrase.payable[language], money(payable), share: now),
        .init(Phrase.deferred[language], money(deferred), share: try .one - now),
      ])
  }

  /// The most days on which something falls due that are told one by one.
  private static let mostDueDays = 12

  private func deferral(_ language: Language) throws -> Letter.Block {
    let columns = [
      Column("due_on", title: Phrase.due[language]),
      Column("of_this_month", .amount, title: Phrase.ofThisMonth[language]),
      Column("in_all", .amount, title: Phrase.inAll[language]),
    ]
    // Many days are told by their years, which keeps the statement to a page.
    let isByYear = outstanding.count > Self.mostDueDays
    func label(_ day: CivilDate) -> String { isByYear ? String(day.month.year) : day.description }
    var (labels, own, all) = ([String](), [String: ExactDecimal](), [String: ExactDecimal]())
    for part in outstanding {
      if all[label(part.dueOn)] == nil { labels.append(label(part.dueOn)) }
      all[label(part.dueOn)] = try (all[label(part.dueOn)] ?? .zero) + part.amount
    }
    for part in instalments {
      own[label(part.dueOn)] = try (own[label(part.dueOn)] ?? .zero) + part.amount
    }
    var rows = labels.map { label in
      Letter.Row([
        .text(label), own[label].map { .decimal($0) } ?? .null,
        all[label].map { .decimal($0) } ?? .null,
      ])
    }
    rows.append(
      Letter.Row(
        [
          .text(Phrase.total[language]), .decimal(deferred),
          .decimal(try outstandingTotal()),
        ], isTotal: true))
    var notes: [String] = []
    if !released.isZero {
      notes.append(
        language == .en
          ? "Of what was deferred before, \(money(released)) is paid with this month, beside the amount above."
          : "以前递延的薪酬 \(money(released)) 随本月发放，不含在上列金额内。")
    }
    if !forfeited.isZero {
      notes.append(
        language == .en
          ? "Of what was deferred, \(money(forfeited)) was forfeited so far."
          : "递延薪酬累计扣减 \(money(forfeited))。")
    }
    return .table(
      title: Phrase.instalments[language], columns, rows,
      note: notes.joined(separator: " "))
  }

  private func carriedTable(_ language: Language) -> Letter.Block {
    let titles = Dictionary(lines.map { ($0.component, $0.title) }) { first, _ in first }
    return .table(
      title: Phrase.carried[language],
      [
        Column("component", title: Phrase.component[language]),
        Column("amount", .amount, title: Phrase.amount[language]),
      ],
      carried.map {
        Letter.Row([.text(titles[$0.component] ?? $0.component), .decimal($0.amount)])
      }, note: "")
  }

  private func dispute(_ language: Language) -> [String] {
    language == .en
      ? [
        "Each line above shows how it was calculated, step by step; the lines sum to what was earned, and that is what is paid now and later.",
        "Open a dispute, or let HR open it for you, and name the line: banyan pay dispute open \(person) \(month) --line N --claim \"what is wrong\". You get an answer with its reasons by a day that is told then. What was wrong is paid with a later month; what was paid once is never changed.",
      ]
      : [
        "以上每行均列明逐步计算过程；各行之和即应得，应得等于当期发放加递延。",
        "如有异议，请本人或由人力资源部门代为提出，并指明行号：banyan pay dispute open \(person) \(month) --line 行号 --claim \"异议内容\"。将在规定期限内书面答复并说明理由。确有错误的，在以后月份补正；已过账的记录不作修改。",
      ]
  }

  private func footer(_ language: Language) -> String {
    language == .en
      ? "Personal and confidential. \(person), \(month), run \(run), plan \(plan)."
      : "个人资料，请勿外传。\(person)，\(month)，核算批次 \(run)，方案 \(plan)。"
  }
}
