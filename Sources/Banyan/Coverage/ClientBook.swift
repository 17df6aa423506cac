import LibPQ
import Quantities

/// What is known of clients, and the changes to it that a person asks for.
public enum ClientBook {
  /// A fact about a client: what it is, its value, and where it comes from or since when.
  public struct Fact: Hashable, Sendable {
    /// Such as `branch`, `industry`, `resident_id` or `main`.
    public let topic: String
    /// The value; identity numbers are masked.
    public let value: String
    /// First day or other note; nil where there is none.
    public let note: String?
  }

  /// A pair of clients that may be one.
  public struct Duplicate: Hashable, Sendable {
    /// Number of one client.
    public let client: String
    /// Its name.
    public let name: String?
    /// Number of the other.
    public let other: String
    /// Its name.
    public let otherName: String?
    /// `similar name`, or `same` and the kind of identity number.
    public let evidence: String
    /// From 0 to 1, with three places.
    public let similarity: ExactDecimal
  }

  /// Everything on record about a client on a day, as it was believed at a moment.
  public static func facts(
    of number: String, on day: CivilDate, knownAt: String? = nil,
    connection: isolated Connection
  ) throws -> [Fact] {
    try connection.explainingRefusals { connection in
      let (branch, client) = try connection.row(
        "select branch_id, client_id from bank.client_scope(\(number))", as: (Int32, Int64).self)
      return try connection.rows(
        """
        select topic, value, note
        from (
          select 1 as place, 'number' as topic, number as value,
            case when number <> \(number) then 'survivor of ' || \(number) end as note
          from bank.client where branch_id = \(branch) and client_id = \(client)
          union all
          select 2, 'name', name, null from bank.client
          where branch_id = \(branch) and client_id = \(client) and name is not null
          union all
          select 3, 'kind', kind::text, null from bank.client
          where branch_id = \(branch) and client_id = \(client)
          union all
          select 4, 'branch', code, name from bank.org_unit where org_unit_id = \(branch)
          union all
          select 5, axis::text, segment, 'from ' || effective_from
          from bank.segment_as_of(\(day), bank.point_in_time(\(knownAt)::text))
          where branch_id = \(branch) and client_id = \(client)
          union all
          select 6, kind, masked, null from bank.client_identity
          where branch_id = \(branch) and client_id = \(client)
          union all
          select 7, 'key person', name, position || ', relationship ' || relationship_strength
          from bank.key_person where branch_id = \(branch) and client_id = \(client) and superseded_at is null
          union all
          select 7, 'group', g.code || ' ' || g.name, m.role || ' from ' || m.effective_from
          from bank.group_member_as_of(\(day), bank.point_in_time(\(knownAt)::text)) as m
          join bank.client_group as g using (client_group_id)
          where m.branch_id = \(branch) and m.client_id = \(client)
          union all
          select 8, s.role::text, e.number, 'share ' || s.share || coalesce(' of ' || s.product_line, '')
            || ' from ' || s.effective_from
          from bank.assignment_as_of(\(day), bank.point_in_time(\(knownAt)::text), \(branch), \(client)) as s
          join bank.employee as e using (employee_id)
          union all
          select 9, 'value of ' || to_char(month, 'YYYY-MM'), trim_scale(average_daily_balance)::text,
            'average daily balance; expected income ' || trim_scale(expected_income)
          from (
            select * from bank.client_value
            where branch_id = \(branch) and client_id = \(client) and superseded_at is null
            order by month desc limit 1
          ) as v
        ) as fact
        order by place, topic, value
        """, as: (String, String, String?).self
      ).map { Fact(topic: $0.0, value: $0.1, note: $0.2) }
    }
  }

  /// Puts a client into a segment of an axis from a day on; returns whether anything changed.
  public static func classify(
    _ number: String, axis: String, as segment: String, since: CivilDate, until: CivilDate?,
    reason: String?, on connection: isolated Connection
  ) throws -> Bool {
    try connection.explainingRefusals { connection in
      let known = try connection.value(
        "select coalesce(string_agg(code, ', ' order by rank), '') from bank.segment where axis::text = \(axis)",
        as: String.self)
      if known.isEmpty {
        throw BanyanError.data(
          "there is no axis “\(axis)”; use industry, size, risk or status")
      }
      if axis == "band" {
        throw BanyanError.data(
          "the band follows from balances; set thresholds in bank.band_threshold and run `banyan client assess MONTH`"
        )
      }
      if !known.split(separator: ", ").contains(segment[...]) {
        throw BanyanError.data("“\(segment)” is not on the axis \(axis); it has \(known)")
      }
      return try connection.transaction(retry: .serialization()) { connection in
        try connection.value(
          """
          select bank.set_segments(\(axis)::text::bank.segment_axis, array[bank.client_scope(\(number))],
            array[\(segment)], \(since), \(until), \(reason))
          """, as: Int.self) > 0
      }
    }
  }

  /// Assesses all clients for a month, and puts them into bands if there are thresholds; returns how
  /// many assessments and bands are new, the latter nil without thresholds.
  public static func assess(
    _ month: Month, on connection: isolated Connection
  ) throws -> (assessed: Int, bands: Int?) {
    try connection.explainingRefusals { connection in
      try connection.transaction(retry: .serialization()) { connection in
        let assessed = try connection.value(
          "select bank.assess_clients(\(month.firstDay))", as: Int.self)
        try connection.execute("analyze bank.client_value")
        let hasThresholds = try connection.value(
          "select exists (select 1 from bank.band_threshold)", as: Bool.self)
        if !hasThresholds { return (assessed, nil) }
        return (
          assessed, try connection.value("select bank.set_bands(\(month.firstDay))", as: Int.self)
        )
      }
    }
  }

  /// Pairs of clients that may be one.
  public static func duplicates(
    similarity: ExactDecimal, on connection: isolated Connection
  ) throws -> [Duplicate] {
    try connection.explainingRefusals { connection in
      try connection.rows(
        """
        select c.number, c.name, o.number, o.name, d.evidence, d.similarity
        from bank.client_duplicates(\(similarity)) as d
        join bank.client as c using (branch_id, client_id)
        join bank.client as o on o.branch_id = d.other_branch_id and o.client_id = d.other_client_id
        """, as: (String, String?, String, String?, String, ExactDecimal).self
      ).map {
        Duplicate(
          client: $0.0, name: $0.1, other: $0.2, otherName: $0.3, evidence: $0.4,
          similarity: $0.5)
      }
    }
  }

  /// Enters that one client is another.
  public static func merge(
    _ duplicate: String, into survivor: String, reason: String, on connection: isolated Connection
  ) throws {
    try connection.explainingRefusals { connection in
      try connection.transaction(retry: .serialization()) { connection in
        try connection.execute(
          """
          select bank.merge_clients(bank.client_scope(\(duplicate)), bank.client_scope(\(survivor)), \(reason))
          """)
      }
    }
  }
}
