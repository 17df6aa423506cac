import CompensationEngine
import LibPQ
import Quantities

extension PayRun {
  /// The columns that name a statement.
  private static let key = ["branch_id", "pay_run_id", "employee_id"]

  /// Puts the run itself on record, which seals what was written of it.
  func record(
    _ run: Int32, digest: [UInt8], inputs: PayInputs, supersedes: Int32?, reason: String?,
    partOf owner: Int32?, on connection: isolated Connection
  ) throws {
    try connection.execute(
      """
      insert into bank.pay_run
        (pay_run_id, month, plan_id, input_digest, engine_version, supersedes_id, reason, part_of_id, known_at,
          inputs)
      overriding system value
      values (\(run), \(inputs.month.firstDay), \(planKey), \(digest), \(Self.engineVersion), \(supersedes),
        \(reason), \(owner), nullif(bank.known_at(), 'infinity'), \(JSONText(try inputs.common.text())))
      """)
  }

  /// Puts statements on record, with their lines, instalments and balances.
  func write(_ pay: [PersonPay], run: Int32, on connection: isolated Connection) throws {
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_statement"),
      columns: Self.key + ["tier", "earned", "deferred", "payable", "is_regular", "inputs"]
    ) { writer in
      for pay in pay {
        let totals = try pay.totals()
        try writer.row(
          pay.person.branch, run, pay.person.id, pay.person.tier, totals.earned, totals.deferred,
          totals.payable, pay.statement != nil, JSONText(try pay.person.storedText()))
      }
    }
    // The server looks at all lines of the statement once more, and need not put them on disk for that.
    try connection.execute("select set_config('work_mem', '256MB', true)")
    try writeLines(of: pay, run: run, on: connection)
    try writeInstalments(of: pay, run: run, on: connection)
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_balance"), columns: Self.key + ["component", "amount"]
    ) { writer in
      for pay in pay {
        for (component, amount) in (pay.statement?.carried ?? [:]).sorted(by: { $0.key < $1.key }) {
          try writer.row(pay.person.branch, run, pay.person.id, component, amount)
        }
      }
    }
    if pay.contains(where: { !$0.corrections.isEmpty }) {
      try writeCorrections(of: pay, run: run, on: connection)
    }
  }

  private func writeLines(
    of pay: [PersonPay], run: Int32, on connection: isolated Connection
  ) throws {
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_line"),
      columns: Self.key + [
        "line_number", "component", "kind", "title", "basis_total", "basis_divisor", "amount",
        "is_paid", "arithmetic",
      ]
    ) { writer in
      for pay in pay {
        for (kind, line) in try pay.lines() {
          try writer.row(
            pay.person.branch, run, pay.person.id, Int32(line.number), line.component, kind,
            line.title, line.basis?.total, line.basis?.divisor, line.amount, line.isPaid,
            JSONText(line.arithmeticJSON))
        }
      }
    }
  }

  private func writeInstalments(
    of pay: [PersonPay], run: Int32, on connection: isolated Connection
  ) throws {
    try connection.copyMindingPolicies(
      into: Identifier("bank", "deferral_instalment"),
      columns: Self.key + ["instalment", "due_on", "amount", "corrects_month"]
    ) { writer in
      for pay in pay {
        let own = pay.statement?.instalments ?? []
        for instalment in own {
          try writer.row(
            pay.person.branch, run, pay.person.id, Int32(instalment.number), instalment.dueOn,
            instalment.amount, CivilDate?.none)
        }
        for (position, change) in pay.deferralCorrections.enumerated() {
          try writer.row(
            pay.person.branch, run, pay.person.id, Int32(own.count + position + 1), change.dueOn,
            change.amount, CivilDate?.some(change.month.firstDay))
        }
      }
    }
  }

  private func writeCorrections(
    of pay: [PersonPay], run: Int32, on connection: isolated Connection
  ) throws {
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_correction"),
      columns: Self.key + [
        "line_number", "month", "component", "paid_before", "recalculated", "recalculation_id",
      ]
    ) { writer in
      for pay in pay {
        for (position, line) in pay.corrections.enumerated() {
          try writer.row(
            pay.person.branch, run, pay.person.id, Int32(pay.firstCorrection + position),
            line.month.firstDay, line.component, line.paidBefore, line.recalculated,
            line.recalculation)
        }
      }
    }
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_correction_cause"),
      columns: Self.key + ["line_number", "cause_number", "kind", "cause", "made_by", "made_at"]
    ) { writer in
      for pay in pay {
        for (position, line) in pay.corrections.enumerated() {
          for (number, cause) in line.causes.enumerated() {
            try writer.row(
              pay.person.branch, run, pay.person.id, Int32(pay.firstCorrection + position),
              Int32(number + 1), cause.kind, cause.text, cause.madeBy, cause.madeAt)
          }
        }
      }
    }
  }
}
