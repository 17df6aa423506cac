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
    var findings: [String] = []
    let found = try PayRun.inputDigest(of: inputs, stored, run: run, on: connection)
    if found != digest {
      findings.append("the digest of the inputs is not the one that the run bears")
    }
    let statements = try PayRun.statements(of: inputs, by: stored.plan)
    let recorded = try Self.recordedLines(of: run, on: connection)
    var compared = 0
    for (person, statement) in statements {
      let lines = recorded[person.id] ?? [:]
      if lines.count != statement.lines.count {
        findings.append(
          "\(person.number) has \(lines.count) lines on record and \(statement.lines.count) when calculated again"
        )
      }
      for line in statement.lines {
        compared += 1
        if let amount = lines[line.number], amount == line.amount { continue }
        findings.append(
          "\(person.number), line \(line.number): \(lines[line.number].map { "\($0)" } ?? "nothing") on record, \(line.amount) when calculated again"
        )
      }
    }
    if statements.count != recorded.count {
      findings.append(
        "\(recorded.count) people have lines on record, \(statements.count) when calculated again")
    }
    (people, lines, self.findings) = (statements.count, compared, findings)
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
