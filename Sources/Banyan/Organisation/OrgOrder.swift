import Exchange
import LibPQ
import Quantities

/// An order to change the org tree. The database carries it out and keeps the rules; here is what a
/// command can ask for.
public enum OrgOrder: Sendable {
  /// A new unit.
  case open(code: String, name: String, level: String, parent: String?)
  /// A unit closes; its business goes on at the successor.
  case close(code: String, successor: String?)
  /// A unit has another name.
  case rename(code: String, name: String)
  /// A unit lies under another one.
  case move(code: String, parent: String)
  /// A unit is raised or lowered.
  case changeLevel(code: String, level: String)
  /// A unit closes into another, which takes its units and posts along.
  case merge(code: String, successor: String)
  /// A new unit comes out of another one, with some of its units and people.
  case split(code: String, newCode: String, newName: String, children: [String], people: [String])
  /// An earlier change was wrong.
  case withdraw(change: Int64)

  /// What came of an order.
  public struct Outcome: Sendable {
    /// The number of the change; nil when everything is on record so already.
    public let change: Int64?
    /// What the units that it touches are now, and what they were believed to be.
    public let effect: Listing
  }

  /// Carries the order out.
  ///
  /// - Parameters:
  ///   - day: First day of the new state. A withdrawal needs none.
  ///   - dryRun: Do everything, tell what came of it, and undo it.
  /// - Throws: ``BanyanError`` with the sentence of the rule that refuses.
  public func carryOut(
    from day: CivilDate?, reason: String?, dryRun: Bool = false, on connection: isolated Connection
  ) throws -> Outcome {
    try connection.explainingRefusals { connection in
      try connection.rehearsing(dryRun) { connection in
        let last = try connection.value(
          "select coalesce(max(org_change_id), 0) from bank.org_change", as: Int64.self)
        let change = try connection.value(statement(day, reason), as: Int64?.self)
        return Outcome(change: change, effect: try Self.effect(after: last, on: connection))
      }
    }
  }

  private func statement(_ day: CivilDate?, _ reason: String?) -> Query {
    switch self {
    case .open(let code, let name, let level, let parent):
      "select bank.open_org_unit(\(code), \(name), \(level)::text::bank.org_level, \(parent), \(day)::date, \(reason))"
    case .close(let code, let successor):
      "select bank.close_org_unit(\(code), \(day)::date, \(successor), \(reason))"
    case .rename(let code, let name):
      "select bank.rename_org_unit(\(code), \(name), \(day)::date, \(reason))"
    case .move(let code, let parent):
      "select bank.move_org_unit(\(code), \(parent), \(day)::date, \(reason))"
    case .changeLevel(let code, let level):
      "select bank.change_org_level(\(code), \(level)::text::bank.org_level, \(day)::date, \(reason))"
    case .merge(let code, let successor):
      "select bank.merge_org_units(\(code), \(successor), \(day)::date, \(reason))"
    case .split(let code, let newCode, let newName, let children, let people):
      "select bank.split_org_unit(\(code), \(newCode), \(newName), \(day)::date, \(children)::text[], \(people)::text[], \(reason))"
    case .withdraw(let change):
      "select bank.withdraw_org_change(\(change), \(reason))"
    }
  }

  private static func effect(
    after change: Int64, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("what"), Column("unit"), Column("since", .date), Column("until", .date),
        Column("name"), Column("level"), Column("parent"),
      ],
      """
      select e.what, e.code, e.since, e.until, e.name, e.level, e.parent
      from (
        select 2 as position, 'is' as what, u.code, v.effective_from as since, v.effective_until as until, v.name,
          v.level::text as level, p.code as parent
        from bank.org_unit_version as v
        join bank.org_unit as u using (org_unit_id)
        left join bank.org_unit as p on p.org_unit_id = v.parent_id
        where v.org_change_id > \(change) and v.superseded_at is null
        union all
        select 1, 'was', u.code, v.effective_from, v.effective_until, v.name, v.level::text, p.code
        from bank.org_unit_version as v
        join bank.org_unit as u using (org_unit_id)
        left join bank.org_unit as p on p.org_unit_id = v.parent_id
        where v.superseded_by_id > \(change) and coalesce(v.org_change_id, 0) <= \(change)
        union all
        select 3, 'post', u.code, h.effective_from, h.effective_until, e.number, h.kind, null
        from bank.post as h
        join bank.org_unit as u using (org_unit_id)
        join bank.employee as e using (employee_id)
        where h.org_change_id > \(change) and h.superseded_at is null
        union all
        select 4, 'accounts', u.code, s.effective_on, null, (
          select count(*)::text from bank.account as a where a.branch_id = s.from_unit_id), null, t.code
        from bank.org_succession as s
        join bank.org_unit as u on u.org_unit_id = s.from_unit_id
        join bank.org_unit as t on t.org_unit_id = s.to_unit_id
        where s.org_change_id > \(change)
      ) as e
      order by e.position, length(e.code), e.code, e.since
      """, on: connection)
  }
}

extension Connection {
  /// Does something in a transaction, which is undone after a rehearsal.
  @discardableResult
  func rehearsing<Result>(
    _ isRehearsal: Bool, _ body: (isolated Connection) throws -> Result
  ) throws -> Result {
    guard isRehearsal else { return try transaction(body) }
    try execute("begin")
    defer { _ = try? execute("rollback") }
    return try body(self)
  }
}
