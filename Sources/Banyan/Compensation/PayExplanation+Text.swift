import Quantities

extension PayExplanation {
  /// The explanation as a tree for a terminal.
  public var text: String {
    var text = """
      \(person)\(name.map { " " + $0 } ?? ""), \(month)   tier \(tier ?? "none")
      plan \(plan), run \(run), amounts in \(currency)

      """
    for line in lines {
      text +=
        "\n\(line.number). \(line.title)\(pad(line.amount.grouped, after: "\(line.number). \(line.title)"))\n"
      for step in line.arithmetic { text += "     \(step)\n" }
      if !line.credits.isEmpty { text += creditText(line) }
    }
    text += "\nEarned\(pad(earned.grouped, after: "Earned"))   = the sum of the lines\n"
    text += "Deferred\(pad(deferred.grouped, after: "Deferred"))\n"
    for instalment in instalments {
      let title = "     due \(instalment.dueOn)"
      text += "\(title)\(pad(instalment.amount.grouped, after: title))\n"
    }
    text += "Paid now\(pad(payable.grouped, after: "Paid now"))   = earned − deferred\n"
    return text
  }

  private func creditText(_ line: Line) -> String {
    var text = "     made of:\n"
    for credit in line.credits {
      let share =
        credit.share == .one ? "" : " × share \(credit.share) = \(credit.credited.grouped)"
      if let loan = credit.loan {
        text +=
          "       loan \(loan) on account \(credit.account): \(credit.measured.grouped)\(share)   [\(credit.source)]\n"
        continue
      }
      let opening = credit.openingBalance ?? .zero
      text +=
        "       account \(credit.account), \(credit.countedFrom) to \(credit.countedTo): \(credit.measured.grouped) balance days\(share)\n"
      text += "         opening balance \(opening.grouped) × \(credit.days ?? 0) days\n"
      for movement in credit.movements {
        text +=
          "         \(movement.bookedOn)  \(movement.amount.grouped) × \(movement.days) days = \(movement.balanceDays.grouped)   transaction \(movement.number) [\(movement.source)]\n"
      }
    }
    return text
  }

  /// Blanks and an amount so that amounts end in one column.
  private func pad(_ amount: String, after title: String) -> String {
    String(repeating: " ", count: max(2, 64 - title.count - amount.count)) + amount
  }
}
