import Exchange
import LibPQ
import Quantities

/// People who leave, and the audit without which nothing of theirs moves.
public enum Departures {
  /// Opens a departure with a list of what the person holds; returns its number.
  public static func open(
    person: String, kind: String, leavesOn day: CivilDate, by opener: String, reason: String?,
    on connection: isolated Connection
  ) throws -> Int64 {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.open_departure(\(person), \(kind), \(day)::date, \(opener), \(reason))",
        as: Int64.self)
    }
  }

  /// Adds to the list what the person has come to hold since; returns how many items.
  public static func refresh(_ departure: Int64, on connection: isolated Connection) throws -> Int {
    try connection.explainingRefusals { connection in
      try connection.value("select bank.refresh_departure(\(departure))", as: Int.self)
    }
  }

  /// Adds a matter of the auditor's own.
  public static func addItem(
    _ departure: Int64, description: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.add_departure_item(\(departure), \(description))")
    }
  }

  /// Settles items, all of them or none.
  public static func settle(
    _ departure: Int64, items: [Int32], by person: String, how: String,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.settle_departure_item(\(departure), item, \(person), \(how))
        from unnest(\(items)::integer[]) as item
        """)
    }
  }

  /// Closes the audit.
  public static func close(
    _ departure: Int64, auditor: String, opinion: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        "select bank.close_departure_audit(\(departure), \(auditor), \(opinion))")
    }
  }

  /// Releases the person, whose audit is closed.
  public static func release(
    _ departure: Int64, on day: CivilDate, connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.release_departure(\(departure), \(day)::date)")
    }
  }

  /// Calls a departure off.
  public static func withdraw(
    _ departure: Int64, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.withdraw_departure(\(departure), \(reason))")
    }
  }

  /// Departures: one by number, those that are not over, or all.
  public static func listing(
    _ number: Int64? = nil, onlyOpen: Bool = false, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("departure", .integer), Column("person"), Column("kind"),
          Column("leaves_on", .date), Column("audit_due", .date), Column("items", .integer),
          Column("unsettled", .integer), Column("auditor"), Column("closed_on", .date),
          Column("released_on", .date), Column("state"),
        ],
        """
        select d.departure, d.person, d.kind, d.leaves_on, d.audit_due_on, d.items, d.unsettled, d.auditor,
          d.closed_on, d.released_on, d.state
        from report.departure as d
        where (\(number)::bigint is null or d.departure = \(number))
          and not (\(onlyOpen) and d.state in ('released', 'withdrawn'))
        order by d.departure
        """, on: connection)
    }
  }

  /// The list of a departure.
  public static func items(of departure: Int64, connection: isolated Connection) throws -> Listing {
    try connection.explainingRefusals { connection in
      try connection.execute("select bank.require_number('departure', \(departure))")
      return try Listing(
        [
          Column("item", .integer), Column("kind"), Column("description"),
          Column("quantity", .amount), Column("settlement"), Column("settled_by"),
        ],
        """
        select i.item_number::bigint, replace(i.kind, '_', ' '), i.description, trim_scale(i.quantity), i.settlement,
          e.number
        from bank.departure_item as i
        left join bank.employee as e on e.employee_id = i.settled_by_id
        where i.departure_id = \(departure) order by i.item_number
        """, on: connection)
    }
  }
}
