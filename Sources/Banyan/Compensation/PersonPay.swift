import CompensationEngine
import Quantities

/// Everything that a run pays one person: what the plan gives for the month, corrections of earlier
/// months, and amounts that were decided and that no component of the plan asks for.
struct PersonPay {
  let person: PayInputs.Person
  /// What the plan gives; nil for somebody whom it is not applied to, such as who has left.
  let statement: PayStatement?
  var corrections: [PayCorrections.Line] = []
  var deferralCorrections: [PayCorrections.Instalment] = []
  /// Decided amounts that become lines by themselves.
  var entries: [PayInputs.DecidedAmount] = []

  /// A line with what it is, in the words of the database.
  typealias KindOfLine = (kind: String, line: PayLine)

  /// All lines, numbered from 1: those of the plan, then entries, then corrections.
  func lines() throws -> [KindOfLine] {
    var lines: [KindOfLine] = (statement?.lines ?? []).map {
      ($0.kind?.rawValue ?? "rounding", $0)
    }
    for entry in entries {
      lines.append(
        ("entry", .entry(number: lines.count + 1, entry.entry, title: entry.reason)))
    }
    for correction in corrections {
      lines.append(
        (
          "correction",
          try .correction(
            number: lines.count + 1, component: correction.component,
            title: correction.title,
            month: correction.month, recalculation: Int(correction.recalculation),
            recalculated: correction.recalculated, paidBefore: correction.paidBefore,
            causes: correction.causes.map(\.sentence))
        ))
    }
    return lines
  }

  /// Number of the first line that is a correction.
  var firstCorrection: Int { (statement?.lines.count ?? 0) + entries.count + 1 }

  /// The totals, which are exact sums of the lines and instalments.
  func totals() throws -> (earned: ExactDecimal, deferred: ExactDecimal, payable: ExactDecimal) {
    var earned = statement?.earned ?? .zero
    var deferred = statement?.deferred ?? .zero
    for entry in entries { earned = try earned + entry.amount }
    for line in corrections { earned = try earned + line.amount }
    for instalment in deferralCorrections { deferred = try deferred + instalment.amount }
    return (earned, deferred, try earned - deferred)
  }
}

extension PersonPay {
  /// What a run pays everybody: those whom the plan is applied to, and others with a correction or a
  /// decided amount, in the order of their numbers.
  static func all(
    _ inputs: PayInputs, _ statements: [(PayInputs.Person, PayStatement)], plan: Plan,
    corrections: PayCorrections, others: [PayInputs.Person]
  ) -> [PersonPay] {
    let classes = Set(plan.components.compactMap(\.entryClass))
    var pay = statements.map { person, statement in
      var pay = PersonPay(person: person, statement: statement)
      pay.entries = (person.known.entries ?? []).filter { !classes.contains($0.entryClass) }
      return pay
    }
    pay += others.map { person in
      var pay = PersonPay(person: person, statement: nil)
      pay.entries = person.known.entries ?? []
      return pay
    }
    for position in pay.indices {
      let id = pay[position].person.id
      pay[position].corrections = corrections.lines[id] ?? []
      pay[position].deferralCorrections = corrections.instalments[id] ?? []
    }
    return pay
  }
}

extension Component {
  /// The class of decided amounts that the component pays; nil for other kinds.
  var entryClass: String? {
    if case .entries(let entryClass) = rule { entryClass } else { nil }
  }
}
