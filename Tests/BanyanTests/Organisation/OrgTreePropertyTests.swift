import Banyan
import Foundation
import LibPQ
import Quantities
import TestSupport
import Testing

/// Random sequences of dated changes, future, back-dated and withdrawn: on every day the tree is a tree,
/// it is the one that a simple model of days says, what was believed before can be asked for, and the
/// orders applied again make the same.
@Suite struct OrgTreePropertyTests {
  private static let days = 40
  private static let levels = ["head_office", "region", "branch", "sub_branch", "outlet"]
  private static let start = CivilDate(year: 2026, month: 1, day: 1)

  private static func date(_ day: Int) -> CivilDate {
    start?.adding(days: day) ?? CivilDate(daysSinceEpoch: 0)
  }

  /// What a unit is on one day.
  private struct State: Hashable {
    var name: String
    var level: String
    var parent: String?
  }

  /// Each unit on each of the days; nil while it is not open.
  private struct Model {
    var units: [String: [State?]] = [:]

    /// From a day on, until something else was ordered for a later one.
    mutating func change(
      _ code: String, from day: Int, _ same: (State) -> String?, _ set: (inout State) -> Void
    ) {
      guard let old = units[code]?[day] else { return }
      for later in day..<OrgTreePropertyTests.days {
        guard var state = units[code]?[later], same(state) == same(old) else { return }
        set(&state)
        units[code]?[later] = state
      }
    }

    mutating func close(_ code: String, on day: Int) {
      for later in day..<OrgTreePropertyTests.days { units[code]?[later] = nil as State? }
    }

    mutating func hand(_ code: String, to successor: String, on day: Int) {
      for (child, states) in units {
        for later in day..<OrgTreePropertyTests.days where states[later]?.parent == code {
          units[child]?[later]?.parent = successor
        }
      }
    }

    mutating func open(_ code: String, _ state: State, on day: Int) {
      units[code] = (0..<OrgTreePropertyTests.days).map { $0 < day ? nil : state }
    }

    /// The tree of a day as the database is asked for it.
    func lines(on day: Int) -> [String] {
      units.compactMap { code, states in
        states[day].map { "\(code)|\($0.name)|\($0.level)|\($0.parent ?? "")" }
      }.sorted()
    }
  }

  private enum Order {
    case open(String, State)
    case close(String)
    case rename(String, String)
    case move(String, String)
    case level(String, String)
    case merge(String, String)
    case split(String, String)

    func call(_ day: Int) -> String {
      let date = "date '\(OrgTreePropertyTests.date(day))'"
      return switch self {
      case .open(let code, let state):
        "bank.open_org_unit('\(code)', '\(state.name)', '\(state.level)', '\(state.parent ?? "")', \(date))"
      case .close(let code): "bank.close_org_unit('\(code)', \(date))"
      case .rename(let code, let name): "bank.rename_org_unit('\(code)', '\(name)', \(date))"
      case .move(let code, let parent): "bank.move_org_unit('\(code)', '\(parent)', \(date))"
      case .level(let code, let level): "bank.change_org_level('\(code)', '\(level)', \(date))"
      case .merge(let code, let other): "bank.merge_org_units('\(code)', '\(other)', \(date))"
      case .split(let code, let new): "bank.split_org_unit('\(code)', '\(new)', 'N', \(date))"
      }
    }

    func apply(to model: inout Model, _ day: Int) {
      switch self {
      case .open(let code, let state): model.open(code, state, on: day)
      case .close(let code): model.close(code, on: day)
      case .rename(let code, let name): model.change(code, from: day, \.name) { $0.name = name }
      case .move(let code, let parent):
        model.change(code, from: day, \.parent) { $0.parent = parent }
      case .level(let code, let level): model.change(code, from: day, \.level) { $0.level = level }
      case .merge(let code, let other):
        model.hand(code, to: other, on: day)
        model.close(code, on: day)
      case .split(let code, let new):
        guard var state = model.units[code]?[day] else { return }
        state.name = "N"
        model.open(new, state, on: day)
      }
    }
  }

  private func randomOrder(_ count: Int, _ codes: [String], _ dice: inout Dice) -> Order {
    let code = codes.randomElement(using: &dice) ?? "HQ"
    let other = codes.randomElement(using: &dice) ?? "HQ"
    let level = Self.levels[Int.random(in: 1...4, using: &dice)]
    switch Int.random(in: 0..<12, using: &dice) {
    case 0...3: return .open("U\(count)", State(name: "N\(count)", level: level, parent: other))
    case 4: return .close(code)
    case 5, 6: return .rename(code, "N\(count)")
    case 7, 8: return .move(code, other)
    case 9: return .level(code, level)
    case 10: return .merge(code, other)
    default: return .split(code, "U\(count)")
    }
  }

  private static let tree = """
    select code, name, level, coalesce(parent, '') from (
      select t.code, t.name, t.level::text, p.code as parent
      from bank.org_tree($day, $time) as t left join bank.org_unit as p on p.org_unit_id = t.parent_id
    ) as t order by code collate "C"
    """

  private func tree(_ day: Int, knownAt time: String?, in database: TestDatabase) async throws
    -> [String]
  {
    let query = Self.tree.replacing("$day", with: "date '\(Self.date(day))'")
      .replacing("$time", with: time.map { "'\($0)'" } ?? "null")
    return try await psql(query, in: database).split(separator: "\n").map(String.init).sorted()
  }

  /// What is wrong with the tree of any day; empty when it is a tree.
  private func faults(in database: TestDatabase) async throws -> String {
    try await psql(
      """
      with tree as (
        select d::date as day, t.* from generate_series(date '2026-01-01', date '2026-02-09', interval '1 day') as d
        cross join lateral bank.org_tree(d::date) as t
      )
      select 'twice', day, code from tree group by 1, 2, 3 having count(*) > 1
      union all
      select 'roots', day, count(*)::text from tree where parent_id is null group by 1, 2 having count(*) <> 1
      union all
      select 'parent', t.day, t.code from tree as t
      left join tree as p on p.day = t.day and p.org_unit_id = t.parent_id
      where t.parent_id is not null and (p.org_unit_id is null or p.level >= t.level or t.path <> p.path || t.org_unit_id::text)
      union all
      -- Two units that are not above each other have nothing in common below them: each unit is below as
      -- many as its path is long.
      select 'overlap', t.day, t.code from tree as t
      join tree as a on a.day = t.day and t.path <@ a.path
      group by t.day, t.code, t.path having count(*) <> nlevel(t.path)
      union all
      -- Closed and future units have their place too: nobody's business is lost or counted twice.
      select 'place', d::date, count(*)::text from generate_series(date '2026-01-01', date '2026-02-09', interval '1 day') as d
      cross join lateral bank.org_places(d::date) as p
      group by 2
      having count(*) <> count(distinct p.org_unit_id)
        or count(*) <> (select count(distinct org_unit_id) from bank.org_unit_version where superseded_at is null)
      """, in: database)
  }

  @Test(arguments: Torture.seeds(3, of: 30))
  func everyDayHasATree(seed: UInt64) async throws {
    let database = try await TestServer.migratedDatabase()
    let root = "select bank.open_org_unit('HQ', 'Head', 'head_office', null, '2026-01-01')"
    try await psql(root, in: database)
    var dice = Dice(seed: seed)
    var model = Model()
    model.open("HQ", State(name: "Head", level: "head_office", parent: nil), on: 0)
    var codes = ["HQ"]
    var accepted = 1
    var refused = 0
    var before: (change: String, model: Model)?
    var beliefs: [(time: String, day: Int, lines: [String])] = []
    for count in 1...70 {
      if count % 9 == 0, let last = before {
        try await psql("select bank.withdraw_org_change(\(last.change))", in: database)
        model = last.model
        codes = codes.filter { model.units[$0] != nil }
        before = nil
        continue
      }
      let day = Int.random(in: 1..<Self.days, using: &dice)
      let order = randomOrder(count, codes, &dice)
      let known = model
      let change: String
      do {
        change = try await psql("select \(order.call(day))", in: database)
          .trimmingCharacters(in: .whitespacesAndNewlines)
      } catch {
        let text = "\(error)"
        #expect(text.contains("ERROR:") && text.contains("HINT:"), "\(text)")
        refused += 1
        continue
      }
      if change.isEmpty { continue }
      accepted += 1
      order.apply(to: &model, day)
      before = (change, known)
      switch order {
      case .open(let code, _), .split(_, let code): codes.append(code)
      default: break
      }
      let asked = Int.random(in: 0..<Self.days, using: &dice)
      let time = try await psql("select clock_timestamp()", in: database)
      beliefs.append(
        (time.trimmingCharacters(in: .whitespacesAndNewlines), asked, model.lines(on: asked)))
      if count % 10 == 0 {
        #expect(try await faults(in: database) == "", "seed \(seed), step \(count)")
      }
    }
    #expect(accepted > 10 && refused > 5, "seed \(seed): \(accepted) accepted, \(refused) refused")
    #expect(try await faults(in: database) == "", "seed \(seed)")
    for day in 0..<Self.days {
      #expect(
        try await tree(day, knownAt: nil, in: database) == model.lines(on: day),
        "seed \(seed), day \(day)")
    }
    for belief in beliefs {
      #expect(
        try await tree(belief.day, knownAt: belief.time, in: database) == belief.lines,
        "seed \(seed), day \(belief.day) as known at \(belief.time)")
    }
    try await replay(of: database, seed: seed)
  }

  /// The orders on record, applied again in a database of their own, make the same tree.
  private func replay(of database: TestDatabase, seed: UInt64) async throws {
    let orders = try await database.withConnection { connection in
      try connection.rows(
        """
        select c.org_change_id, format(
          'select bank.apply_org_change(row(null, %L, %L, %L, %L, %L, %L, %L, %L, %L, %s, %L, null, null, null, null)::bank.org_change)',
          c.kind, c.code, c.effective_on, c.former_name, c.name, c.level, c.parent_code, c.other_code, c.known_since,
          case when c.withdraws_id is null then 'null' else '$' || c.withdraws_id || '$' end, c.reason)
        from bank.org_change as c order by c.org_change_id
        """, as: (Int64, String).self)
    }
    let other = try await TestServer.migratedDatabase()
    var numbers: [String: String] = [:]
    for (change, statement) in orders {
      var statement = statement
      for (old, new) in numbers { statement = statement.replacing("$\(old)$", with: new) }
      numbers["\(change)"] = try await psql(statement, in: other)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let state = """
      select code, name, level, parent_code, effective_from, effective_until from report.org_history
      where superseded_at is null order by code collate "C", effective_from
      """
    #expect(try await psql(state, in: database) == psql(state, in: other), "seed \(seed)")
    let today = "select code, name, level, closed_on from bank.org_unit order by code collate \"C\""
    #expect(try await psql(today, in: database) == psql(today, in: other), "seed \(seed)")
  }
}
