import LibPQ
import Quantities

extension PayRun {
  /// A time as of which a month is calculated: as if nothing had been recorded after it.
  public struct Moment: Hashable, Sendable {
    /// As it was written.
    private let text: String
    /// Whether it is a day, all of which counts.
    private let isDay: Bool

    /// Reads a day, `2026-04-02`, or a time of it, `2026-04-02 18:30` or `2026-04-02T18:30:00+08`.
    public init?(_ text: String) {
      let isDay = CivilDate(text) != nil
      guard isDay || CivilDate(String(text.prefix(10))) != nil && text.count > 10 else {
        return nil
      }
      (self.text, self.isDay) = (text, isDay)
    }

    /// Makes the transaction see pay as of a moment, or by all that is known.
    ///
    /// - Throws: ``BanyanError`` if it is no time, or one that has not been.
    static func settle(_ moment: Moment?, on connection: isolated Connection) throws {
      guard let moment else {
        try connection.execute("select set_config('banyan.known_at', '', true)")
        return
      }
      let isPast: Bool
      do {
        isPast = try connection.transaction { connection in
          try connection.value(
            """
            with wanted as (
              select \(moment.text)::timestamptz as since
            ), moment as (
              -- Of today, everything until now.
              select case when \(moment.isDay) and w.since <= now()
                then least(w.since + interval '1 day' - interval '1 microsecond', now()) else w.since end as known_at
              from wanted as w
            )
            select set_config('banyan.known_at', m.known_at::text, true) <> '' and m.known_at <= now() from moment as m
            """, as: Bool.self)
        }
      } catch let error as PostgresError where error.sqlState?.rawValue.hasPrefix("22") ?? false {
        throw BanyanError.usage(
          "“\(moment.text)” is no time; write a day, 2026-04-02, or a time of it, 2026-04-02 18:30")
      }
      if isPast { return }
      throw BanyanError.usage(
        "nothing is known yet as of \(moment.text), which is in the future; name a time that has been"
      )
    }
  }

  /// Calculates the month by what was known at the moment of the transaction. The run goes on record and
  /// pays nobody; one that is there already is returned.
  func calculateAsOf(on connection: isolated Connection) throws -> Result {
    try refuseMonthWithoutFacts(on: connection)
    let id = try Self.nextNumber(on: connection)
    try connection.execute("select bank.credit_facts(\(id), \(month.firstDay))")
    let inputs = try PayInputs(month: month, plan: plan, run: id, on: connection)
    try refuseNobody(in: inputs)
    let others = try inputs.others(with: [], on: connection)
    let digest = try Self.inputDigest(of: inputs, stored, run: id, others: others, on: connection)
    let pay = PersonPay.all(
      inputs, try Self.statements(of: inputs, by: plan), plan: plan,
      corrections: PayCorrections(), others: others)
    try write(pay, run: id, on: connection)
    try record(
      id, digest: digest, inputs: inputs, supersedes: nil, reason: nil, partOf: id, on: connection)
    return try result(of: id, isNew: true, uncovered: inputs.uncovered, on: connection)
  }
}
