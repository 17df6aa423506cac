import Banyan
import LibPQ
import Quantities

extension TestDatabase {
  /// Takes in what the tiny bank sends later: whole files by name, beside those that are there.
  public func takeIn(_ files: [String: String], bank: TinyBank = TinyBank()) async throws {
    var bank = bank
    for (name, text) in files { bank = bank.with(name, text) }
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let rejected = try await withConnection { connection in
      try folderImport.run(on: connection).files.filter { files[$0.fileName] != nil }
        .map(\.rejected).reduce(0, +)
    }
    if rejected > 0 { throw TestSupportError("\(rejected) late rows were rejected") }
  }

  /// Takes in movements: lines of number, account, day, direction and amount.
  public func takeInMovements(_ lines: String...) async throws {
    try await takeIn(["transactions.csv": TinyBank.movements(lines)])
  }

  /// Calculates the pay of a month.
  @discardableResult
  public func pay(
    _ month: String, plan: String? = nil, isTrial: Bool = false
  ) async throws -> PayRun.Result {
    guard let month = Month(month) else { throw TestSupportError("\(month) is no month") }
    return try await withConnection { connection in
      try PayRun.run(month: month, planCode: plan, isTrial: isTrial, on: connection)
    }
  }

  /// Calculates the pay of a month and posts it.
  @discardableResult
  public func payAndPost(_ month: String, plan: String? = nil) async throws -> PayRun.Result {
    let run = try await pay(month, plan: plan)
    try await withConnection { connection in
      _ = try PayRun.post(Int32(run.id), on: connection)
    }
    return run
  }

  /// What differs when a run is calculated again.
  public func verificationFindings(of run: Int) async throws -> [String] {
    try await withConnection { connection in
      try PayVerification(run: Int32(run), on: connection).findings
    }
  }

  /// The correction lines of a run: person, month, component, amount and causes, a line each.
  public func corrections(of run: Int) async throws -> String {
    try await psql(
      """
      select e.number, to_char(k.month, 'YYYY-MM'), k.component, l.amount, (
        select string_agg(c.kind || ': ' || c.cause, '; ' order by c.cause_number)
        from bank.pay_correction_cause as c
        where (c.branch_id, c.pay_run_id, c.employee_id, c.line_number) = (k.branch_id, k.pay_run_id, k.employee_id, k.line_number))
      from bank.pay_correction as k
      join bank.pay_line as l using (branch_id, pay_run_id, employee_id, line_number)
      join bank.employee as e on e.employee_id = k.employee_id
      where k.pay_run_id = \(run) order by e.number, k.line_number
      """, in: self)
  }
}

extension TinyBank {
  /// A file of movements: lines of number, account, day, direction and amount.
  public static func movements(_ lines: [String]) -> String {
    "number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account\n"
      + lines.map { $0 + ",,,,,\n" }.joined()
  }
}
