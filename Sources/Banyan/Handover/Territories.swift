import Exchange
import LibPQ
import Quantities

/// Territories, claims to new clients, and the collision cases that come of them.
public enum Territories {
  /// What a territory is made of: an area, an industry, a size or several of these, or names.
  public struct Bounds: Sendable {
    let unit: String?
    let industry: String?
    let size: String?
    let names: [String]

    /// - Parameter names: Numbers or names of single clients; nothing else is given with them.
    public init(unit: String?, industry: String?, size: String?, names: [String] = []) {
      (self.unit, self.industry, self.size, self.names) = (unit, industry, size, names)
    }
  }

  /// The territories of a day, or all that were ever on record.
  public static func listing(
    person: String?, on day: CivilDate?, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("code"), Column("person"), Column("unit"), Column("industry"), Column("size"),
          Column("listed"), Column("from", .date), Column("until", .date), Column("reason"),
        ],
        """
        select t.code, t.person, t.unit, t.industry, t.size, t.listed, t.effective_from, t.effective_until, t.reason
        from report.territory as t
        where (\(person)::text is null or t.person = \(person))
          and (\(withSuperseded) or (t.superseded_at is null
            and daterange(t.effective_from, t.effective_until) @> coalesce(\(day)::date, current_date)))
        order by t.code, t.listed, t.unit, t.effective_from, t.recorded_at
        """, on: connection)
    }
  }

  /// Gives a person a territory; returns how many rows it has.
  @discardableResult
  public static func add(
    code: String, person: String, bounds: Bounds, from: CivilDate?, until: CivilDate?,
    reason: String?, on connection: isolated Connection
  ) throws -> Int {
    try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.add_territory(\(code), \(person), \(bounds.unit), \(bounds.industry), \(bounds.size),
          \(bounds.names)::text[], coalesce(\(from)::date, current_date), \(until)::date, \(reason))
        """, as: Int.self)
    }
  }

  /// Ends a territory; returns how many rows it had.
  @discardableResult
  public static func end(
    code: String, on day: CivilDate, reason: String?, connection: isolated Connection
  ) throws -> Int {
    try connection.explainingRefusals { connection in
      try connection.value(
        "select bank.end_territory(\(code), \(day)::date, \(reason))", as: Int.self)
    }
  }

  /// Lays claim to a client on record, or to a prospect by name; returns the number of the claim.
  public static func claim(
    person: String, client: String?, prospect: String?, bounds: Bounds, on day: CivilDate?,
    evidence: String?, connection: isolated Connection
  ) throws -> Int64 {
    try connection.explainingRefusals { connection in
      try connection.value(
        """
        select bank.file_claim(\(person), \(client), \(prospect), \(bounds.unit), \(bounds.industry),
          \(bounds.size), coalesce(\(day)::date, current_date), \(evidence))
        """, as: Int64.self)
    }
  }

  /// Joins the claim to a prospect with the client that the prospect has become.
  public static func attach(
    claim: Int64, to client: String, from day: CivilDate?, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        "select bank.attach_claim(\(claim), \(client), coalesce(\(day)::date, current_date))")
    }
  }

  /// Takes a claim back.
  public static func withdraw(claim: Int64, on connection: isolated Connection) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute("select bank.take_claim_back(\(claim))")
    }
  }

  /// Claims: one by number, those of a case, of a person or in a state, or all.
  public static func claims(
    claim: Int64? = nil, ofCase collision: Int64? = nil, person: String? = nil,
    state: String? = nil, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("claim", .integer), Column("client"), Column("person"),
          Column("claimed_on", .date),
          Column("state"), Column("territory"), Column("case", .integer), Column("evidence"),
        ],
        """
        select c.claim, c.client, c.person, c.claimed_on, c.state, c.territory, c.collision_case, c.evidence
        from report.client_claim as c
        where (\(claim)::bigint is null or c.claim = \(claim))
          and (\(collision)::bigint is null or c.collision_case = \(collision))
          and (\(person)::text is null or c.person = \(person))
          and (\(state)::text is null or c.state = \(state))
        order by c.claim
        """, on: connection)
    }
  }

  /// Collision cases: one by number, the undecided ones, or all.
  public static func collisions(
    number: Int64? = nil, onlyOpen: Bool = false, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      try Listing(
        [
          Column("case", .integer), Column("client"), Column("opened_on", .date),
          Column("claimants"), Column("winner"), Column("decided_by"), Column("reason"),
        ],
        """
        select c.collision_case, c.client, c.opened_on, c.claimants,
          coalesce(c.winner, case when c.decided_by is not null then 'nobody' end), c.decided_by, c.reason
        from report.collision_case as c
        where (\(number)::bigint is null or c.collision_case = \(number)) and not (\(onlyOpen) and c.decided_by is not null)
        order by c.collision_case
        """, on: connection)
    }
  }

  /// A named person decides whose the client of a case is; nobody's without a winner.
  public static func decide(
    collision: Int64, by person: String, winner: String?, reason: String, from day: CivilDate?,
    on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      _ = try connection.execute(
        """
        select bank.decide_collision(\(collision), \(person), \(winner), \(reason),
          coalesce(\(day)::date, current_date))
        """)
    }
  }
}
