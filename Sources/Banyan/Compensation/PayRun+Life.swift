import LibPQ
import Quantities

extension PayRun {
  /// Hands a run in to be decided.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is approved, because no rule asks
  ///   for another person.
  /// - Throws: ``BanyanError`` if there is no such run, or it was superseded or posted.
  public static func submit(
    _ run: Int32, reason: String?, on connection: isolated Connection
  ) throws -> Int64? {
    try connection.explainingRefusals { connection in
      try connection.value("select bank.submit_pay_run(\(run), \(reason))", as: Int64?.self)
    }
  }

  /// The person of the connection's login approves a run that waits to be approved or posted.
  ///
  /// - Throws: ``BanyanError`` if the run waits for nobody, or the person may not decide about it.
  public static func approve(
    _ run: Int32, reason: String?, on connection: isolated Connection
  ) throws -> (approval: Int64, outcome: Approvals.Outcome) {
    let waiting = try connection.explainingRefusals { connection in
      try connection.value(
        """
        select coalesce(bank.open_approval('pay_run_approval', \(run)::text),
          bank.open_approval('pay_run_posting', \(run)::text))
        """, as: Int64?.self)
    }
    guard let waiting else {
      throw BanyanError.data(
        "pay run \(run) waits for nobody; submit it first with `banyan pay submit \(run)`, or see what became of it with `banyan pay show \(run)`"
      )
    }
    return (waiting, try Approvals.approve(waiting, reason: reason, on: connection))
  }

  /// Posts a run for payment, or proposes that where a rule asks for a second person.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is posted.
  /// - Throws: ``BanyanError`` if there is no such run, it was superseded, or it was posted already.
  public static func post(_ run: Int32, on connection: isolated Connection) throws -> Int64? {
    try connection.explainingRefusals { connection in
      try connection.value("select bank.post_pay_run(\(run))", as: Int64?.self)
    }
  }

  /// Calculates the month of a run again, with a reason, so that a run that was submitted gives way.
  ///
  /// - Throws: ``BanyanError`` if there is no such run, or it was superseded or posted.
  public static func supersede(
    _ run: Int32, reason: String, on connection: isolated Connection
  ) throws -> Result {
    let (month, code, isPosted) = try connection.explainingRefusals { connection in
      try connection.row(
        """
        select r.month, p.code, exists (select 1 from bank.pay_posting as q where q.pay_run_id = r.pay_run_id)
        from bank.current_pay_run(\(run)) as r
        join bank.plan as p using (plan_id)
        """, as: (CivilDate, String, Bool).self)
    }
    if isPosted {
      throw BanyanError.data(
        "pay run \(run) is posted and is never superseded; what has changed since is paid by the next month: `banyan pay run \(month.month.adding(months: 1))`"
      )
    }
    return try Self.run(month: month.month, planCode: code, reason: reason, on: connection)
  }
}
