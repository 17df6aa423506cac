import Exchange
import LibPQ
import Quantities

/// What is taken from people because of a record of accountability: deferred pay that is forfeited, and
/// pay that is taken back; and deferred pay that is released.
public struct PayRecovery: Sendable {
  /// Number of the person.
  public var person: String
  /// Number of the record of accountability.
  public var record: Int64
  /// How much; nil for all deferred pay that is outstanding.
  public var amount: ExactDecimal?
  /// First month of the pay that it is about; nil for all from the first.
  public var from: Month?
  /// Last month of the pay that it is about; nil for all to the last.
  public var to: Month?
  /// Why.
  public var reason: String

  /// A recovery from a person.
  public init(person: String, record: Int64, amount: ExactDecimal?, reason: String) {
    (self.person, self.record, self.amount) = (person, record, amount)
    self.reason = reason
  }

  /// Lets the person lose deferred pay.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is done.
  public func forfeit(on connection: isolated Connection) throws -> Int64? {
    try Self.waiting(on: connection) { connection in
      try connection.value(
        """
        select bank.order_malus(\(person), \(amount)::numeric, \(record), \(from?.firstDay)::date,
          \(to?.firstDay)::date, \(reason))
        """, as: Int64.self)
    }
  }

  /// Takes back what was paid, with the run of a month.
  ///
  /// - Returns: The number of the approval it waits for; nil if it is done.
  public func takeBack(
    plan: String?, month: Month?, on connection: isolated Connection
  ) throws -> Int64? {
    try Self.waiting(on: connection) { connection in
      try connection.value(
        """
        select bank.order_clawback(\(person), \(amount)::numeric, \(record), \(from?.firstDay)::date,
          \(to?.firstDay)::date, \(plan), \(month?.firstDay)::date, \(reason))
        """, as: Int64.self)
    }
  }

  /// Gives back what was forfeited or taken back because of a record that was withdrawn.
  ///
  /// - Returns: How much.
  public static func restore(
    _ record: Int64, reason: String, on connection: isolated Connection
  ) throws -> ExactDecimal {
    try connection.explainingRefusals { connection in
      try connection.value("select bank.restore_pay(\(record), \(reason))", as: ExactDecimal.self)
    }
  }

  /// Releases deferred pay that is due up to a day, of one person or of everybody.
  ///
  /// - Returns: How many instalments, or the number of the approval it waits for.
  public static func release(
    dueUntil: CivilDate, person: String?, with month: Month, on connection: isolated Connection
  ) throws -> (released: Int64, waiting: Int64?) {
    let result = try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.release_deferred_pay(\(dueUntil), \(person), \(month.firstDay))",
        as: Int64.self)
    }
    return result < 0 ? (0, -result) : (result, nil)
  }

  /// What of a person's pay can be taken back.
  public static func recoverable(
    of person: String, from: Month?, to: Month?, on connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("person"), Column("paid", .amount), Column("released", .amount),
          Column("taken_back", .amount), Column("recoverable", .amount),
        ],
        """
        select \(person), r.paid, r.released, r.taken_back, r.recoverable
        from bank.recoverable_pay(bank.require_employee(\(person)), \(from?.firstDay)::date, \(to?.firstDay)::date) as r
        """, on: connection)
    }
  }

  private static func waiting(
    on connection: isolated Connection, _ order: (isolated Connection) throws -> Int64
  ) throws -> Int64? {
    let result = try connection.explainingRefusals(order)
    return result < 0 ? -result : nil
  }
}
