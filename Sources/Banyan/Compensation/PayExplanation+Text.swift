import Quantities

extension PayExplanation {
  /// The explanation for a terminal: the statement first, with the arithmetic of each line; then
  /// what each line was measured on, down to the lines of the files.
  public var text: String { text(isWhole: true) }

  /// The same; without the totals where only some lines are shown.
  public func text(isWhole: Bool) -> String {
    var text = """
      \(person)\(name.map { " " + $0 } ?? ""), \(month)   tier \(tier ?? "none")
      plan \(plan), run \(run), amounts in \(currency)


      """
    for line in lines {
      text += row(
        "\(line.number). \(line.title)\(line.isPaid ? "" : " (shown, not paid)")", line.amount)
      for step in line.arithmetic { text += "     \(step)\n" }
    }
    if isWhole { text += totals }
    for line in lines {
      if !(line.credits.isEmpty && line.facts.isEmpty) {
        text += "\n" + madeOf(line, called: "line \(line.number)")
      }
      if let correction = line.correction { text += "\n" + madeOf(correction, of: line) }
    }
    return text
  }

  /// How the month that a line corrects is calculated now, and what had been paid for it.
  private func madeOf(_ correction: Correction, of line: Line) -> String {
    var text =
      "What line \(line.number) corrects: \(correction.month), calculated again by run \(correction.recalculation)\n"
    for line in correction.lines {
      text += "  " + row("\(line.number). \(line.title)", line.amount)
      for step in line.arithmetic { text += "       \(step)\n" }
    }
    for payment in correction.payments {
      text +=
        "  "
        + row(
          "paid by run \(payment.run) of \(payment.month), line \(payment.line)", payment.amount)
    }
    for nested in correction.lines where !(nested.credits.isEmpty && nested.facts.isEmpty) {
      text += madeOf(nested, called: "line \(nested.number) of \(correction.month)")
    }
    return text
  }

  private var totals: String {
    var text = "\n" + row("Earned, the sum of the lines", earned)
    text += row("Deferred", deferred)
    for instalment in instalments { text += row("     due \(instalment.dueOn)", instalment.amount) }
    return text + row("Paid now, earned less deferred", payable)
  }

  private func madeOf(_ line: Line, called place: String) -> String {
    var text = "What \(place) was measured on"
    text += line.basisTotal.map { ": the parts sum to \($0.normalized.grouped)\n" } ?? "\n"
    for credit in line.credits {
      let share =
        credit.share == .one ? "" : " × share \(credit.share) = \(credit.credited.grouped)"
      guard let opening = credit.openingBalance, let days = credit.days else {
        text +=
          "  loan \(credit.loan ?? ""), account \(credit.account): \(credit.measured.grouped)\(share)   [\(credit.source)]\n"
        continue
      }
      text +=
        "  account \(credit.account), \(credit.countedFrom) to \(credit.countedTo): \(credit.measured.grouped) balance days\(share)\n"
      text += "    opening balance  \(opening.grouped) × \(counted(days))\n"
      for movement in credit.movements {
        text +=
          "    \(movement.bookedOn)  \(movement.amount.grouped) × \(counted(movement.days)) = \(movement.balanceDays.grouped)   transaction \(movement.number) [\(movement.source)]\n"
      }
    }
    for fact in line.facts {
      let about = [
        fact.product, fact.client.map { "client \($0)" }, fact.number.map { "number \($0)" },
      ].compactMap(\.self).joined(separator: ", ")
      let share = fact.share == .one ? "" : " × share \(fact.share) = \(fact.credited.grouped)"
      text +=
        "  \(fact.bookedOn)  \(about.isEmpty ? fact.branch : about): \(fact.measured.grouped)\(share)   [\(fact.source)]\n"
    }
    return text
  }

  private func counted(_ days: Int) -> String { days == 1 ? "1 day" : "\(days) days" }

  /// A title and an amount, so that all amounts end in one column.
  private func row(_ title: String, _ amount: ExactDecimal) -> String {
    let figure = amount.grouped
    let gap = String(repeating: " ", count: max(2, 64 - title.count - figure.count))
    return title + gap + figure + "\n"
  }
}
