import Exchange
import LibPQ
import Quantities

/// Records of handing over: an item list, three people, three signatures, and an opinion afterwards.
public enum Handovers {
  /// The three people of a handover.
  public struct People: Sendable {
    let giver: String
    let receiver: String
    let witness: String

    /// Names the three by their employee numbers; the database asks that they differ.
    public init(giver: String, receiver: String, witness: String) {
      (self.giver, self.receiver, self.witness) = (giver, receiver, witness)
    }
  }

  /// Plans a handover; returns its number.
  public static func open(
    subject: String, people: People, on day: CivilDate, transfer: Int64?, departure: Int64?,
    reference: String?, connection: isolated Connection
  ) throws -> Int64 {
    try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.open_handover(\(subject), \(people.giver), \(people.receiver), \(people.witness), \(day)::date,
          \(transfer)::bigint, \(departure)::bigint, \(reference))
        """, as: Int64.self)
    }
  }

  /// Adds something to the list.
  public static func addItem(
    _ handover: Int64, kind: String, description: String, reference: String?, quantity: Int32,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.add_handover_item(\(handover), \(kind)::text::bank.handover_item_kind, \(description), \(reference),
          \(quantity)::integer)
        """)
    }
  }

  /// Records that items, or all of them, were given, received, or what is wrong about them.
  public static func pass(
    _ handover: Int64, items: [Int32]?, given: CivilDate?, received: CivilDate?, finding: String?,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.pass_handover_items(\(handover), \(items)::integer[], \(given)::date, \(received)::date, \(finding))
        """)
    }
  }

  /// One of the three signs; returns as what.
  public static func sign(
    _ handover: Int64, by person: String, on day: CivilDate?, connection: isolated Connection
  ) throws -> String {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.sign_handover(\(handover), \(person), coalesce(\(day)::date, current_date))",
        as: String.self)
    }
  }

  /// The receiver writes an opinion.
  public static func writeOpinion(
    _ handover: Int64, by person: String, text: String, on day: CivilDate?,
    connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.write_handover_opinion(\(handover), \(person), \(text), coalesce(\(day)::date, current_date))
        """)
    }
  }

  /// Handovers: one by number, those of a person, those that are not complete, or all.
  public static func listing(
    _ number: Int64? = nil, person: String? = nil, onlyOpen: Bool = false,
    connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try connection.requireEmployee(person)
      return try Listing(
        [
          Column("handover", .integer), Column("subject"), Column("transfer", .integer),
          Column("departure", .integer), Column("giver"), Column("receiver"), Column("witness"),
          Column("planned_on", .date), Column("giver_signed", .date),
          Column("receiver_signed", .date), Column("witness_signed", .date),
          Column("opinion_due", .date), Column("opinion"), Column("state"), Column("reference"),
        ],
        """
        select h.handover, h.subject, h.transfer, h.departure, h.giver, h.receiver, h.witness, h.planned_on,
          h.giver_signed_on, h.receiver_signed_on, h.witness_signed_on, h.opinion_due_on, h.opinion, h.state, h.reference
        from report.handover as h
        where (\(number)::bigint is null or h.handover = \(number))
          and (\(person)::text is null or \(person) in (h.giver, h.receiver, h.witness))
          and not (\(onlyOpen) and h.state = 'complete')
        order by h.handover
        """, on: connection)
    }
  }

  /// The list of a handover.
  public static func items(of handover: Int64, connection: isolated Connection) throws -> Listing {
    try connection.explainingRefusals { connection in
      try connection.execute("select bank.require_number('handover', \(handover))")
      return try Listing(
        [
          Column("item", .integer), Column("kind"), Column("description"), Column("reference"),
          Column("quantity", .integer), Column("given_on", .date), Column("received_on", .date),
          Column("finding"),
        ],
        """
        select i.item_number::bigint, replace(i.kind::text, '_', ' '), i.description, i.reference, i.quantity::bigint,
          i.given_on, i.received_on, i.finding
        from bank.handover_item as i where i.handover_id = \(handover) order by i.item_number
        """, on: connection)
    }
  }
}
