import CompensationEngine
import LibPQ
import Quantities

extension PayRun {
  /// Puts statements on record, with their lines, instalments and balances.
  func write(
    _ statements: [(PayInputs.Person, PayStatement)], run: Int32, on connection: isolated Connection
  ) throws {
    let key = ["branch_id", "pay_run_id", "employee_id"]
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_statement"),
      columns: key + ["tier", "earned", "deferred", "payable", "inputs"]
    ) { writer in
      for (person, statement) in statements {
        try writer.row(
          person.branch, run, person.id, person.tier, statement.earned, statement.deferred,
          statement.payable, JSONText(try person.known.text()))
      }
    }
    try writeLines(of: statements, run: run, key, on: connection)
    try connection.copyMindingPolicies(
      into: Identifier("bank", "deferral_instalment"),
      columns: key + ["instalment", "due_on", "amount"]
    ) { writer in
      for (person, statement) in statements {
        for instalment in statement.instalments {
          try writer.row(
            person.branch, run, person.id, Int32(instalment.number), instalment.dueOn,
            instalment.amount)
        }
      }
    }
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_balance"), columns: key + ["component", "amount"]
    ) { writer in
      for (person, statement) in statements {
        for (component, amount) in statement.carried.sorted(by: { $0.key < $1.key }) {
          try writer.row(person.branch, run, person.id, component, amount)
        }
      }
    }
  }

  private func writeLines(
    of statements: [(PayInputs.Person, PayStatement)], run: Int32, _ key: [String],
    on connection: isolated Connection
  ) throws {
    try connection.copyMindingPolicies(
      into: Identifier("bank", "pay_line"),
      columns: key + [
        "line_number", "component", "kind", "title", "basis_total", "basis_divisor", "amount",
        "is_paid", "arithmetic",
      ]
    ) { writer in
      for (person, statement) in statements {
        for line in statement.lines {
          try writer.row(
            person.branch, run, person.id, Int32(line.number), line.component,
            line.kind?.rawValue ?? "rounding", line.title, line.basis?.total, line.basis?.divisor,
            line.amount, line.isPaid, JSONText(line.arithmeticJSON))
        }
      }
    }
  }
}
