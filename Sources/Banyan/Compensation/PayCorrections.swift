import CompensationEngine
import LibPQ
import Quantities

/// What earlier months that were posted are worth more or less by what is known now. A month about
/// which something has come to be known since it was last calculated is calculated again, and what
/// that gives, less what was paid for the month so far, is paid by the run that asked.
///
/// The new calculation goes on record as part of that run, with its credits and lines, so that a
/// correction can be explained and verified like any other line.
struct PayCorrections {
  /// A component of an earlier month that is worth something else now.
  struct Line {
    let month: Month
    let component: String
    let title: String
    let paidBefore: ExactDecimal
    let recalculated: ExactDecimal
    let amount: ExactDecimal
    let recalculation: Int32
    let causes: [Cause]
  }

  /// A change of what was deferred of an earlier month.
  struct Instalment {
    let month: Month
    let dueOn: CivilDate
    let amount: ExactDecimal
  }

  /// Something that came to be known.
  struct Cause: Hashable {
    let kind: String
    let text: String
    let madeBy: String?
    let madeAt: Timestamp?

    /// The cause as it is printed, with who recorded it.
    var sentence: String { text + (madeBy.map { ", by \($0)" } ?? "") }
  }

  /// The corrections of each person, by key, from the earliest month.
  var lines: [Int32: [Line]] = [:]
  /// The changes of what was deferred, by the key of the person.
  var instalments: [Int32: [Instalment]] = [:]
  /// The calculations that say so.
  var recalculations: [(run: Int32, month: Month, digest: [UInt8])] = []

  /// The people with any correction.
  var people: Set<Int32> { Set(lines.keys).union(instalments.keys) }

  /// None.
  init() {}

  /// Calculates the posted months before one again, where something new is known about them.
  ///
  /// - Parameters:
  ///   - run: The run that will pay the corrections.
  ///   - replaced: The run that it replaces, whose corrections count no more.
  /// - Throws: ``BanyanError`` if a month cannot be calculated by what is known now.
  init(
    before month: Month, planCode: String, run: Int32, replaced: Int32?,
    on connection: isolated Connection
  ) throws {
    let months = try connection.rows(
      "select month from bank.posted_months(\(month.firstDay), \(planCode))", as: CivilDate.self)
    for earlier in months.map(\.month) {
      let recalculation = try PayRecalculation(
        of: earlier, planCode: planCode, for: run, replaced: replaced, on: connection)
      guard let recalculation else { continue }
      recalculations.append((recalculation.run, earlier, recalculation.digest))
      try add(recalculation, replaced: replaced, on: connection)
    }
  }

  /// Reads the corrections of a run on record.
  init(of run: Int32, on connection: isolated Connection) throws {
    let rows = try connection.rows(
      """
      select k.employee_id, k.month, k.component, l.title, k.paid_before, k.recalculated, k.recalculation_id,
        k.line_number
      from bank.pay_correction as k
      join bank.pay_line as l using (branch_id, pay_run_id, employee_id, line_number)
      where k.pay_run_id = \(run) order by k.employee_id, k.line_number
      """,
      as: (Int32, CivilDate, String, String, ExactDecimal, ExactDecimal, Int32, Int32).self,
      limit: .max)
    let causes = rows.isEmpty ? [:] : try Self.causes(of: run, on: connection)
    for (person, month, component, title, before, now, recalculation, line) in rows {
      lines[person, default: []].append(
        Line(
          month: month.month, component: component, title: title, paidBefore: before,
          recalculated: now, amount: try now - before, recalculation: recalculation,
          causes: causes[LineKey(person: person, line: line)] ?? []))
    }
    try connection.forEachRow(
      """
      select employee_id, corrects_month, due_on, amount from bank.deferral_instalment
      where pay_run_id = \(run) and corrects_month is not null order by employee_id, instalment
      """, as: (Int32, CivilDate, CivilDate, ExactDecimal).self
    ) { person, month, dueOn, amount in
      instalments[person, default: []].append(
        Instalment(month: month.month, dueOn: dueOn, amount: amount))
    }
    recalculations = try connection.rows(
      "select pay_run_id, month, input_digest from bank.pay_run where part_of_id = \(run) and known_at is null order by month",
      as: (Int32, CivilDate, [UInt8]).self
    ).map { ($0, $1.month, $2) }
  }

  private struct LineKey: Hashable {
    let person: Int32
    let line: Int32
  }

  private static func causes(
    of run: Int32, on connection: isolated Connection
  ) throws -> [LineKey: [Cause]] {
    var causes: [LineKey: [Cause]] = [:]
    try connection.forEachRow(
      """
      select employee_id, line_number, kind, cause, made_by, made_at from bank.pay_correction_cause
      where pay_run_id = \(run) order by employee_id, line_number, cause_number
      """, as: (Int32, Int32, String, String, String?, Timestamp?).self
    ) { person, line, kind, text, madeBy, madeAt in
      causes[LineKey(person: person, line: line), default: []].append(
        Cause(kind: kind, text: text, madeBy: madeBy, madeAt: madeAt))
    }
    return causes
  }

  /// Compares what a month is worth now with what was paid for it.
  private mutating func add(
    _ recalculation: PayRecalculation, replaced: Int32?, on connection: isolated Connection
  ) throws {
    struct Key: Hashable {
      let person: Int32
      let component: String
    }
    let (month, code) = (recalculation.month, recalculation.stored.code)
    var paid: [Key: (title: String?, amount: ExactDecimal)] = [:]
    try connection.forEachRow(
      """
      select employee_id, component, title, amount
      from bank.paid_for(\(month.firstDay), \(code), \(replaced))
      """, as: (Int32, String, String?, ExactDecimal).self
    ) { paid[Key(person: $0, component: $1)] = ($2, $3) }
    var worth: [Key: (title: String, amount: ExactDecimal)] = [:]
    for (person, statement) in recalculation.statements {
      for line in statement.lines {
        worth[Key(person: person.id, component: line.component)] = (
          line.title, line.isPaid ? line.amount : .zero
        )
      }
    }
    let order = Dictionary(
      recalculation.stored.plan.components.enumerated().map { ($1.code, $0) },
      uniquingKeysWith: { first, _ in first })
    let keys = Set(paid.keys).union(worth.keys).sorted {
      ($0.person, order[$0.component] ?? .max, $0.component)
        < ($1.person, order[$1.component] ?? .max, $1.component)
    }
    for key in keys {
      let (before, now) = (paid[key]?.amount ?? .zero, worth[key]?.amount ?? .zero)
      if before == now { continue }
      lines[key.person, default: []].append(
        Line(
          month: month, component: key.component,
          title:
            "\(worth[key]?.title ?? paid[key]?.title ?? key.component), correction of \(month)",
          paidBefore: before,
          recalculated: now, amount: try now - before, recalculation: recalculation.run,
          causes: recalculation.causes(of: key.person, component: key.component)))
    }
    try addInstalments(of: recalculation, replaced: replaced, on: connection)
  }

  /// Compares what is deferred of a month now with what was. What was released or forfeited already
  /// is not deferred any more, so no correction takes back more than is outstanding.
  private mutating func addInstalments(
    of recalculation: PayRecalculation, replaced: Int32?, on connection: isolated Connection
  ) throws {
    struct Key: Hashable {
      let person: Int32
      let dueOn: CivilDate
    }
    let month = recalculation.month
    var known: [Key: (amount: ExactDecimal, outstanding: ExactDecimal)] = [:]
    try connection.forEachRow(
      """
      select employee_id, due_on, amount, outstanding
      from bank.deferred_for(\(month.firstDay), \(recalculation.stored.code), \(replaced))
      """, as: (Int32, CivilDate, ExactDecimal, ExactDecimal).self
    ) { known[Key(person: $0, dueOn: $1)] = ($2, $3) }
    var now: [Key: ExactDecimal] = [:]
    for (person, statement) in recalculation.statements {
      for instalment in statement.instalments {
        now[Key(person: person.id, dueOn: instalment.dueOn), default: .zero] =
          instalment.amount
      }
    }
    for key in Set(known.keys).union(now.keys).sorted(by: {
      ($0.person, $0.dueOn) < ($1.person, $1.dueOn)
    }) {
      var change = try (now[key] ?? .zero) - (known[key]?.amount ?? .zero)
      let outstanding = max(known[key]?.outstanding ?? .zero, .zero)
      if change.isNegative { change = max(change, try .zero - outstanding) }
      if change.isZero { continue }
      instalments[key.person, default: []].append(
        Instalment(month: month, dueOn: key.dueOn, amount: change))
    }
  }
}
