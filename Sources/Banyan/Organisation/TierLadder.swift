import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

/// The ladder of tiers: what each may do and gets from a day on.
public struct TierLadder: Sendable {
  struct Terms: Sendable {
    let tier: String
    let title: String
    let bands: [String]
    let powers: [String]
    let ticketLimit: ExactDecimal?
    let capacity: Int32?
    let coefficient: ExactDecimal?
    let basePay: ExactDecimal?
  }

  let effectiveFrom: CivilDate
  let terms: [Terms]

  /// Reads a ladder in YAML; the error holds everything that is wrong, each with its line.
  public init(yaml: String) throws(DocumentError) {
    let meanings = [
      "effective_from": "the first day on which the ladder holds",
      "tiers": "the tiers from the lowest, each with what it may do and gets",
      "title": "the title as printed",
    ]
    self = try Document.read(yaml: yaml, kind: "ladder", meanings: meanings) { root in
      guard let top = DocumentMapping(root, keys: ["effective_from", "tiers"]),
        let from = top.required("effective_from")?.date(),
        let tiers = top.required("tiers").flatMap({ DocumentMapping(anyKeys: $0) })
      else { return nil }
      return TierLadder(effectiveFrom: from, terms: tiers.entries.compactMap(Self.readTerms))
    }
  }

  private static func readTerms(_ entry: (key: String, value: DocumentNode)) -> Terms? {
    guard
      let keys = DocumentMapping(
        entry.value,
        keys: [
          "title", "client_bands", "powers", "ticket_limit", "client_capacity", "coefficient",
          "base_pay",
        ]),
      let title = keys.required("title")?.text("a title")
    else { return nil }
    func codes(_ key: String) -> [String] {
      keys.optional(key)?.list(of: "codes", atMost: 100)?.compactMap { $0.code() } ?? []
    }
    return Terms(
      tier: entry.key, title: title, bands: codes("client_bands"), powers: codes("powers"),
      ticketLimit: keys.optional("ticket_limit")?.decimalNotNegative(),
      capacity: keys.optional("client_capacity")?.wholeNumber(in: 0...1_000_000).map(Int32.init),
      coefficient: keys.optional("coefficient")?.decimalNotNegative(),
      basePay: keys.optional("base_pay")?.decimalNotNegative())
  }

  private init(effectiveFrom: CivilDate, terms: [Terms]) {
    self.effectiveFrom = effectiveFrom
    self.terms = terms
  }

  /// Puts a ladder on record from its first day on. Tiers that are new come above those on record.
  ///
  /// - Returns: How many tiers mean something else from that day on.
  public static func load(path: String, on connection: isolated Connection) throws -> Int {
    guard let document = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw BanyanError.data("the ladder “\(path)” is missing or is not UTF-8 text")
    }
    let ladder: TierLadder
    do {
      ladder = try TierLadder(yaml: document)
    } catch {
      throw BanyanError.data(error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
    }
    return try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        var changed = 0
        for terms in ladder.terms {
          let key = try connection.value(
            """
            select bank.set_tier_terms(\(terms.tier), \(ladder.effectiveFrom), null, \(terms.bands)::text[],
              \(terms.powers)::text[], \(terms.ticketLimit), \(terms.capacity), \(terms.coefficient), \(terms.basePay),
              \(terms.title))
            """, as: Int64?.self)
          if key != nil { changed += 1 }
        }
        return changed
      }
    }
  }

  /// The ladder of a day from the lowest tier.
  public static func listing(
    on day: CivilDate?, connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("rank", .integer), Column("tier"), Column("title"), Column("since", .date),
        Column("client_bands"), Column("powers"), Column("ticket_limit", .amount),
        Column("client_capacity", .integer), Column("coefficient", .amount),
        Column("base_pay", .amount), Column("people", .integer),
      ],
      """
      with day as (select coalesce(\(day)::date, current_date) as day)
      select t.rank, t.code, t.title, m.effective_from, nullif(array_to_string(m.client_bands, ' '), ''),
        nullif(array_to_string(m.powers, ' '), ''), m.ticket_limit, m.client_capacity, m.coefficient, m.base_pay,
        (select count(*) from bank.employee_tier as h
         where h.tier = t.code and h.superseded_at is null and daterange(h.effective_from, h.effective_until) @> day.day)
      from bank.tier as t
      cross join day
      left join bank.tier_terms as m on m.tier = t.code and m.superseded_at is null
        and daterange(m.effective_from, m.effective_until) @> day.day
      order by t.rank
      """, on: connection)
  }

  /// The tiers of a person from the first, with what was believed before if asked for.
  public static func history(
    of number: String, withSuperseded: Bool, connection: isolated Connection
  ) throws -> Listing {
    try connection.explainingRefusals { connection in
      _ = try connection.value("select bank.require_employee(\(number))", as: Int32.self)
      return try Listing(
        [
          Column("tier"), Column("since", .date), Column("until", .date),
          Column("review", .integer),
          Column("decided_by"), Column("recorded_at"), Column("superseded_at"),
        ],
        """
        select h.tier, h.effective_from, h.effective_until, h.tier_review_id, d.number,
          to_char(h.recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
          to_char(h.superseded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        from bank.employee as e
        join bank.employee_tier as h using (employee_id)
        left join bank.tier_review as r using (tier_review_id)
        left join bank.employee as d on d.employee_id = r.decided_by_id
        where e.number = \(number) and (\(withSuperseded) or h.superseded_at is null)
        order by h.effective_from, h.recorded_at
        """, on: connection)
    }
  }
}
