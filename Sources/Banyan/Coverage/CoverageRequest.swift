import LibPQ
import Quantities

/// A change of who looks after what, as a person asks for it. The arithmetic is SQL's; here it is
/// carried out as one transaction that is run again after a deadlock, or taken back when it is only
/// tried.
public struct CoverageRequest: Sendable {
  /// What an assignment is about.
  public enum Scope: Hashable, Sendable {
    /// A client with everything they own, by number; all products or one line.
    case client(String, line: String?)
    /// One account, by number; all products or one line.
    case account(String, line: String?)
  }

  /// A person and their share.
  public struct Member: Hashable, Sendable {
    /// Employee number.
    public let person: String
    /// Exact fraction of 1.
    public let share: ExactDecimal

    /// A person and their share.
    public init(person: String, share: ExactDecimal) {
      self.person = person
      self.share = share
    }
  }

  /// What is asked for.
  public enum Verb: Hashable, Sendable {
    /// A team, its first member the main one, where nobody is.
    case assign(Scope, [Member])
    /// Another team, or other shares, from a day on which somebody is there.
    case reassign(Scope, [Member])
    /// Nobody from a day on.
    case end(Scope)
    /// The team of these days was another, or nobody.
    case correct(Scope, [Member])
    /// One person's clients and accounts go to others, in turn: all of them, or those of a unit, or
    /// some clients.
    case transfer(giver: String, receivers: [String], unit: String?, clients: [String])
  }

  /// What is asked for.
  public let verb: Verb
  /// First day.
  public let since: CivilDate
  /// Day after the last; nil for all days from the first.
  public let until: CivilDate?
  /// Why.
  public let reason: String?

  /// Describes a change.
  public init(_ verb: Verb, since: CivilDate, until: CivilDate? = nil, reason: String? = nil) {
    self.verb = verb
    self.since = since
    self.until = until
    self.reason = reason
  }

  /// A row that was superseded or recorded.
  public struct Change: Hashable, Sendable {
    /// `superseded` or `recorded`.
    public let effect: String
    /// `client` or `account`.
    public let level: String
    /// Its number.
    public let number: String
    /// Product line; nil for all.
    public let line: String?
    /// Employee number.
    public let person: String
    /// `main` or `assisting`.
    public let role: String
    /// Exact fraction of 1.
    public let share: ExactDecimal
    /// First day.
    public let since: CivilDate
    /// Day after the last; nil while it lasts.
    public let until: CivilDate?
  }

  /// What a change means for one person on its first day.
  public struct Effect: Hashable, Sendable {
    /// Employee number.
    public let person: String
    /// Clients and accounts before.
    public let scopesBefore: Int
    /// Clients and accounts after.
    public let scopesAfter: Int
    /// Sum of the shares before.
    public let sharesBefore: ExactDecimal
    /// Sum of the shares after.
    public let sharesAfter: ExactDecimal
    /// Change of the balance that the shares stand for.
    public let balanceChange: ExactDecimal
  }

  /// What came of a request.
  public struct Outcome: Sendable {
    /// Key of the entry; nil where everything was as asked for already.
    public let entry: Int64?
    /// How many rows were superseded.
    public let superseded: Int
    /// How many rows were recorded.
    public let recorded: Int
    /// The rows, up to ``CoverageRequest/shownChanges``.
    public let changes: [Change]
    /// The effect on each person.
    public let effects: [Effect]
    /// Objections that the rules let pass.
    public let warnings: [String]
  }

  /// How many rows come back with an outcome.
  public static let shownChanges = 100

  /// Thrown inside the transaction to take back what was only tried.
  private struct Tried: Error {
    let outcome: Outcome
  }

  /// Carries the request out, or with `dryRun` tries it and takes it back.
  ///
  /// - Throws: ``BanyanError`` if the data refuse it, with who has the client, or which rule.
  public func run(on connection: isolated Connection, dryRun: Bool = false) throws -> Outcome {
    do {
      return try connection.explainingRefusals { connection in
        try connection.transaction(retry: .serialization()) { connection in
          try connection.execute("set local lock_timeout = '30s'")
          let outcome = try carryOut(on: connection)
          if dryRun { throw Tried(outcome: outcome) }
          return outcome
        }
      }
    } catch let tried as Tried {
      return tried.outcome
    }
  }

  private func carryOut(on connection: isolated Connection) throws -> Outcome {
    // One statement and no temporary table: whoever is refused has written nothing.
    let rows = try connection.rows(
      """
      with changed as materialized (select * from \(query: call)), total as (
        select count(*) filter (where effect = 'superseded') as superseded,
          count(*) filter (where effect = 'recorded') as recorded, max(entry_id) as entry_id
        from changed
      ), shown as (
        select r.effect, case when r.client_id is null then 'account' else 'client' end as level,
          coalesce(c.number, a.number) as number, r.product_line, e.number as person, r.role, r.share,
          r.effective_from, r.effective_until
        from changed as r
        join bank.employee as e using (employee_id)
        left join bank.client as c on c.branch_id = r.branch_id and c.client_id = r.client_id
        left join bank.account as a on a.branch_id = r.branch_id and a.account_id = r.account_id
        order by coalesce(c.number, a.number), r.effect desc, r.effective_from, r.role, e.number
        limit \(Self.shownChanges)
      )
      select t.superseded, t.recorded, t.entry_id, s.effect, s.level, s.number, s.product_line, s.person, s.role::text,
        s.share, s.effective_from, s.effective_until
      from total as t
      left join shown as s on true
      order by s.number, s.effect desc, s.effective_from, s.role, s.person
      """,
      as: (
        Int, Int, Int64?, String?, String?, String?, String?, String?, String?, ExactDecimal?,
        CivilDate?, CivilDate?
      ).self)
    let (superseded, recorded, entry) = (
      rows.first?.0 ?? 0, rows.first?.1 ?? 0, rows.first.flatMap(\.2)
    )
    let changes = rows.compactMap { row -> Change? in
      guard let effect = row.3, let level = row.4, let number = row.5, let person = row.7,
        let role = row.8, let share = row.9, let since = row.10
      else { return nil }
      return Change(
        effect: effect, level: level, number: number, line: row.6, person: person, role: role,
        share: share, since: since, until: row.11)
    }
    let effects = try connection.rows(
      """
      select person, scopes_before, scopes_after, shares_before, shares_after, balance_change
      from bank.coverage_effect(\(entry))
      """, as: (String, Int, Int, ExactDecimal, ExactDecimal, ExactDecimal).self
    ).map {
      Effect(
        person: $0.0, scopesBefore: $0.1, scopesAfter: $0.2, sharesBefore: $0.3, sharesAfter: $0.4,
        balanceChange: $0.5)
    }
    let warnings = try connection.rows(
      "select unnest(warnings) from bank.coverage_entry where coverage_entry_id = \(entry)",
      as: String.self)
    return Outcome(
      entry: entry, superseded: superseded, recorded: recorded, changes: changes, effects: effects,
      warnings: warnings)
  }

  private var call: Query {
    switch verb {
    case .assign(let scope, let team):
      let (people, shares) = arrays(team)
      return
        "bank.assign(\(query: scope.query), \(people)::text[], \(shares)::numeric[], \(since), \(until), \(reason))"
    case .reassign(let scope, let team):
      let (people, shares) = arrays(team)
      return
        "bank.reassign(\(query: scope.query), \(people)::text[], \(shares)::numeric[], \(since), \(until), \(reason))"
    case .correct(let scope, let team):
      let (people, shares) = arrays(team)
      return
        "bank.correct_assignment(\(query: scope.query), \(people)::text[], \(shares)::numeric[], \(since), \(until), \(reason))"
    case .end(let scope):
      return "bank.end_assignment(\(query: scope.query), \(since), \(until), \(reason))"
    case .transfer(let giver, let receivers, let unit, let clients):
      let scopes: Query =
        clients.isEmpty
        ? "bank.coverage_scopes(\(giver), \(unit), \(since))"
        : "(select array_agg(bank.client_scope(number)) from unnest(\(clients)::text[]) as number)"
      return
        "bank.transfer_coverage(\(query: scopes), \(giver), \(receivers)::text[], \(since), \(until), \(reason))"
    }
  }

  private func arrays(_ team: [Member]) -> (people: [String], shares: [ExactDecimal]) {
    (team.map(\.person), team.map(\.share))
  }
}

extension CoverageRequest.Scope {
  /// The scope by its keys.
  var query: Query {
    switch self {
    case .client(let number, let line): "bank.client_scope(\(number), \(line))"
    case .account(let number, let line): "bank.account_scope(\(number), \(line))"
    }
  }
}
