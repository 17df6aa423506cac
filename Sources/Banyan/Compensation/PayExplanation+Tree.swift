import CompensationEngine
import Exchange
import Quantities

extension PayExplanation {
  /// The explanation as a page whose lines open, down to the lines of the files. At each level the
  /// parts sum to what stands above them.
  ///
  /// - Parameter isWhole: Whether the totals stand around the lines; not where only some are shown.
  public func page(isWhole: Bool = true, in language: Language) throws -> TreePage {
    func said(_ english: String, _ chinese: String) -> String {
      language == .en ? english : chinese
    }
    let words = TreeWords(language: language, lines: lines)
    let notes = TableNotes(
      title: said("Pay of \(person), \(month)", "\(person) \(month) 绩效薪酬计算说明"),
      description: said(
        "Each line opens and shows what it is made of, down to the lines of the files. At each level the parts sum to what stands above them.",
        "逐行展开可见其构成，直至原始文件的行。每一层各部分之和等于其上一行。"),
      facts: [
        .init(said("Name", "姓名"), name ?? "–"), .init(said("Tier", "等级"), tier ?? "–"),
        .init(said("Plan", "方案"), plan), .init(said("Run", "核算批次"), String(run)),
        .init(said("Currency", "币种"), currency),
      ])
    if !isWhole {
      return TreePage(
        try lines.map { try words.node($0, isOpen: true) }, notes: notes, language: language)
    }
    let paid = try lines.filter(\.isPaid).map { try words.node($0, isOpen: false) }
    let shown = try lines.filter { !$0.isPaid }.map { try words.node($0, isOpen: false) }
    let later = TreeNode(
      said("Deferred", "递延"), deferred,
      parts: instalments.map { TreeNode(said("due \($0.dueOn)", "\($0.dueOn) 到期"), $0.amount) })
    return TreePage(
      [
        TreeNode(said("Earned", "应得"), earned, parts: paid, isOpen: true),
        TreeNode(
          said("Earned, divided", "应得的分配"), earned,
          parts: [TreeNode(said("Paid now", "当期发放"), payable), later], isOpen: true),
      ] + shown, notes: notes, language: language)
  }
}

/// What the branches of the tree are called.
private struct TreeWords {
  let language: Language
  let names: [String: String]

  init(language: Language, lines: [PayExplanation.Line]) {
    self.language = language
    names = MetricWording.names(
      lines.map { ($0.component, $0.title) }, in: language == .en ? .english : .chinese)
  }

  private func said(_ english: String, _ chinese: String) -> String {
    language == .en ? english : chinese
  }

  func node(_ line: PayExplanation.Line, isOpen: Bool) throws -> TreeNode {
    let words: StepLanguage = language == .en ? .english : .chinese
    var parts: [TreeNode] = []
    if let total = line.basisTotal, !(line.credits.isEmpty && line.facts.isEmpty) {
      parts.append(
        TreeNode(
          said("What it was measured on", "计量基础"), total.normalized,
          parts: try line.credits.map(node) + line.facts.map(node), isOpen: isOpen))
    }
    if let correction = line.correction {
      parts += try self.parts(of: correction)
    }
    let title =
      "\(line.number). \(line.title)" + (line.isPaid ? "" : said(" (shown, not paid)", "（仅列示，不计发）"))
    return TreeNode(
      title, line.amount,
      notes: line.steps.map { $0.text(in: words, names: names) }, parts: parts, isOpen: isOpen)
  }

  /// What an earlier month is worth now, less each amount that had been paid for it.
  private func parts(of correction: PayExplanation.Correction) throws -> [TreeNode] {
    let again = TreeNode(
      said(
        "\(correction.month) calculated again, run \(correction.recalculation)",
        "\(correction.month) 重新核算，批次 \(correction.recalculation)"),
      correction.recalculated,
      parts: try correction.lines.filter(\.isPaid).map { try node($0, isOpen: false) })
    return [again]
      + (try correction.payments.map { payment in
        TreeNode(
          said(
            "less what run \(payment.run) of \(payment.month) paid, line \(payment.line)",
            "减：\(payment.month) 批次 \(payment.run) 第 \(payment.line) 行已发"),
          try .zero - payment.amount)
      })
  }

  private func node(_ credit: PayExplanation.Credit) throws -> TreeNode {
    let span = "\(credit.countedFrom) – \(credit.countedTo)"
    let title =
      credit.loan.map {
        said("Loan \($0), account \(credit.account)", "贷款 \($0)，账户 \(credit.account)")
      } ?? said("Account \(credit.account), \(span)", "账户 \(credit.account)，\(span)")
    let measured = try parts(of: credit)
    guard credit.share != .one else {
      return TreeNode(title, credit.credited, source: credit.source, parts: measured)
    }
    return TreeNode(
      title, credit.credited, source: credit.source,
      notes: [
        "\(credit.measured.normalized.grouped) × \(said("share", "份额")) \(credit.share) = \(credit.credited.normalized.grouped)"
      ],
      parts: measured.isEmpty
        ? [] : [TreeNode(said("Measured", "计量"), credit.measured, parts: measured, isOpen: true)])
  }

  private func node(_ fact: PayExplanation.Fact) -> TreeNode {
    let about = [fact.client, fact.product, fact.number].compactMap(\.self).joined(separator: " · ")
    let share =
      fact.share == .one
      ? "" : " \(fact.measured.grouped) × \(said("share", "份额")) \(fact.share)"
    return TreeNode(
      "\(fact.bookedOn) \(about)\(share)", fact.credited.normalized, source: fact.source)
  }

  /// The opening balance and the movements, each times its days.
  private func parts(of credit: PayExplanation.Credit) throws -> [TreeNode] {
    guard let opening = credit.openingBalance, let days = credit.days else { return [] }
    let first = TreeNode(
      "\(said("Opening balance", "期初余额")) \(opening.grouped) × \(counted(days))",
      try opening * ExactDecimal(days))
    return [first]
      + credit.movements.map { movement in
        TreeNode(
          "\(movement.bookedOn) \(movement.amount.grouped) × \(counted(movement.days))",
          movement.balanceDays, source: "\(movement.number) · \(movement.source)")
      }
  }

  private func counted(_ days: Int) -> String {
    language == .zh ? "\(days) 天" : days == 1 ? "1 day" : "\(days) days"
  }
}
