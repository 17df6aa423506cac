import CompensationEngine
import LibPQ
import Quantities

/// Whether a run on record is what its plan gives on its own inputs: everything is read from the run
/// itself, calculated again and compared to the last digit.
public struct PayVerification: Sendable {
  /// Month of the run.
  public let month: Month
  /// People whose statements were compared.
  public let people: Int
  /// Lines that were compared.
  public let lines: Int
  /// What differs, in a sentence each; none if the run is proved.
  public let findings: [String]

  /// Recalculates a run and compares.
  ///
  /// - Throws: ``BanyanError`` if there is no such run, or another version of the engine calculated it.
  public init(run: Int32, on connection: isolated Connection) throws {
    guard
      let (monthStart, planID, digest, engine) = try connection.optionalRow(
        "select month, plan_id, input_digest, engine_version from bank.pay_run where pay_run_id = \(run)",
        as: (CivilDate, Int32, [UInt8], String).self)
    else {
      throw BanyanError.usage("there is no pay run \(run) on record; check the number")
    }
    if engine != PayRun.engineVersion {
      throw BanyanError.data(
        "pay run \(run) was calculated by version \(engine) of the engine, and this is version \(PayRun.engineVersion); verify it with the release that calculated it"
      )
    }
    let stored = try PlanStore.plan(id: planID, on: connection)
    month = monthStart.month
    let inputs = try PayInputs(of: run, month: month, plan: stored.plan, on: connection)
    let others = try PayInputs.others(of: run, on: connection)
    let corrections = try PayCorrections(of: run, on: connection)
    var findings: [String] = []
    let found = try PayRun.inputDigest(
      of: inputs, stored, run: run, others: others, corrections: corrections, on: connection)
    if found != digest {
      findings.append("the digest of the inputs is not the one that the run bears")
    }
    findings += try connection.rows(
      "select unit_code from bank.changed_credit_sets(\(run))", as: String.self, limit: .max
    ).map { "the credits of \($0) are not those that the run was calculated from" }
    let pay = PersonPay.all(
      inputs, try PayRun.statements(of: inputs, by: stored.plan), plan: stored.plan,
      corrections: corrections, others: others)
    let recorded = try Self.recordedLines(of: run, on: connection)
    var compared = 0
    for pay in pay {
      let expected = try pay.lines().map(\.line)
      let lines = recorded[pay.person.id] ?? [:]
      if lines.count != expected.count {
        findings.append(
          "\(pay.person.number) has \(lines.count) lines on record and \(expected.count) when calculated again"
        )
      }
      for line in expected {
        compared += 1
        if let amount = lines[line.number], amount == line.amount { continue }
        findings.append(
          "\(pay.person.number), line \(line.number): \(lines[line.number].map { "\($0)" } ?? "nothing") on record, \(line.amount) when calculated again"
        )
      }
    }
    if pay.count != recorded.count {
      findings.append(
        "\(recorded.count) people have lines on record, \(pay.count) when calculated again")
    }
    for recalculation in corrections.recalculations {
      findings += try Self.findings(
        of: recalculation.run, month: recalculation.month, run: run, on: connection)
    }
    (people, lines, self.findings) = (pay.count, compared, findings)
  }

  /// What is wrong with a calculation of an earlier month that a run pays the difference to.
  private static func findings(
    of recalculation: Int32, month: Month, run: Int32, on connection: isolated Connection
  ) throws -> [String] {
    var findings = try PayVerification(run: recalculation, on: connection).findings.map {
      "\(month) by run \(recalculation): \($0)"
    }
    try connection.forEachRow(
      """
      select e.number, k.line_number, k.recalculated, coalesce(sum(l.amount) filter (where l.is_paid), 0)
      from bank.pay_correction as k
      join bank.employee as e using (employee_id)
      left join bank.pay_line as l
        on l.pay_run_id = k.recalculation_id and l.employee_id = k.employee_id and l.component = k.component
      where k.pay_run_id = \(run) and k.recalculation_id = \(recalculation)
      group by e.number, k.line_number, k.recalculated
      having k.recalculated <> coalesce(sum(l.amount) filter (where l.is_paid), 0)
      order by e.number, k.line_number
      """, as: (String, Int, ExactDecimal, ExactDecimal).self
    ) { number, line, said, worth in
      findings.append(
        "\(number), line \(line): it takes \(month) to be worth \(said), and run \(recalculation) says \(worth)"
      )
    }
    return findings
  }

  private static func recordedLines(
    of run: Int32, on connection: isolated Connection
  ) throws -> [Int32: [Int: ExactDecimal]] {
    var lines: [Int32: [Int: ExactDecimal]] = [:]
    try connection.forEachRow(
      "select employee_id, line_number, amount from bank.pay_line where pay_run_id = \(run)",
      as: (Int32, Int, ExactDecimal).self
    ) { employee, number, amount in lines[employee, default: [:]][number] = amount }
    return lines
  }
}
