import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Random sequences of dated changes against a calendar kept day by day, and that at every moment.
@Suite struct CoveragePropertyTests {
  /// A share in thousandths, and whether its holder is the main manager.
  private struct Part: Hashable {
    var share: Int
    var isMain: Bool
  }

  /// Who has a client on each day, counted from 1 January 2026; after the last day nothing changes.
  private typealias Calendar = [[String: Part]]

  private static let days = 70
  private static let clients = ["C1", "C2", "C3"]

  private func date(_ day: Int) -> String {
    CivilDate(year: 2026, month: 1, day: 1)?.adding(days: day).description ?? ""
  }

  private func randomTeam(_ dice: inout Dice) -> [(person: String, share: Int)] {
    let splits = [[1000], [700, 300], [334, 333, 333], [999, 1], [273, 727]]
    let split = splits.randomElement(using: &dice) ?? []
    return zip(["E1", "E2", "E3"].shuffled(using: &dice), split).map { ($0, $1) }
  }

  /// One random change: what is asked for, and what the calendar says must come of it; nil where it
  /// must be refused.
  private func change(
    _ client: String, _ calendar: Calendar, _ dice: inout Dice
  ) -> (verb: CoverageRequest.Verb, since: Int, until: Int?, after: Calendar?) {
    let since = Int.random(in: 0..<60, using: &dice)
    let until = Bool.random(using: &dice) ? nil : since + Int.random(in: 1...10, using: &dice)
    let span = since..<(until ?? Self.days)
    let team = randomTeam(&dice)
    let members = team.map { person, share in
      CoverageRequest.Member(
        person: person, share: ExactDecimal(coefficient: Int128(share), scale: 3))
    }
    var parts: [String: Part] = [:]
    for (index, member) in team.enumerated() {
      parts[member.person] = Part(share: member.share, isMain: index == 0)
    }
    func replaced(by parts: [String: Part]) -> Calendar {
      var after = calendar
      for day in span { after[day] = parts }
      return after
    }
    let scope = CoverageRequest.Scope.client(client, line: nil)
    switch Int.random(in: 0..<6, using: &dice) {
    case 0:
      let isFree = span.allSatisfy { calendar[$0].isEmpty }
      return (.assign(scope, members), since, until, isFree ? replaced(by: parts) : nil)
    case 1, 2:
      let isThere = !calendar[since].isEmpty
      return (.reassign(scope, members), since, until, isThere ? replaced(by: parts) : nil)
    case 3:
      return (.end(scope), since, until, calendar[since].isEmpty ? nil : replaced(by: [:]))
    case 4:
      return (.correct(scope, members), since, until, replaced(by: parts))
    default:
      let (giver, receiver) = (team[0].person, team[0].person == "E1" ? "E2" : "E1")
      var after = calendar
      for day in span {
        guard let given = after[day].removeValue(forKey: giver) else { continue }
        let own = after[day][receiver]
        after[day][receiver] = Part(
          share: given.share + (own?.share ?? 0), isMain: given.isMain || own?.isMain == true)
      }
      let has = span.contains { calendar[$0][giver] != nil }
      return (
        .transfer(giver: giver, receivers: [receiver], unit: nil, clients: [client]), since, until,
        has ? after : nil
      )
    }
  }

  private func text(_ team: [String: Part]) -> String {
    team.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.share) \($0.value.isMain ? "main" : "assisting")" }
      .joined(separator: ", ")
  }

  @Test(arguments: Torture.seeds(4, of: 40))
  func everyMomentReplays(seed: UInt64) async throws {
    var dice = Dice(seed: seed)
    let ground = try await CoverageGround()
    var calendars = Dictionary(
      uniqueKeysWithValues: Self.clients.map {
        ($0, Calendar(repeating: [:], count: Self.days))
      })
    var believed: [Int64: [String: Calendar]] = [:]
    var refusals = 0
    for _ in 0..<(Torture.isOn ? 150 : 60) {
      let client = Self.clients.randomElement(using: &dice) ?? "C1"
      let calendar = try #require(calendars[client])
      let (verb, since, until, after) = change(client, calendar, &dice)
      do {
        let outcome = try await ground.change(verb, date(since), until.map(date))
        let after = try #require(after, "\(verb) from \(date(since)) should have been refused")
        calendars[client] = after
        if let entry = outcome.entry {
          believed[entry] = calendars
        } else {
          #expect(after == calendar, "\(verb) said that nothing changed")
        }
      } catch let error as BanyanError {
        refusals += 1
        #expect(after == nil, "\(verb) from \(date(since)): \(error.description)")
      }
    }
    #expect(believed.count > 15 && refusals > 0)

    var replayed: [Int64: [String: [String]]] = [:]
    let rows = try await ground.database.withConnection { connection in
      try connection.rows(
        """
        select n.coverage_entry_id, c.number, d.day - date '2026-01-01',
          string_agg(e.number || ' ' || (s.share * 1000)::integer || ' ' || s.role, ', ' order by e.number),
          sum(s.share)
        from bank.coverage_entry as n
        cross join (select date '2026-01-01' + g as day from generate_series(0, \(Int32(Self.days - 1))) as g) as d
        cross join lateral bank.assignment_as_of(d.day, n.made_at) as s
        join bank.client as c using (branch_id, client_id)
        join bank.employee as e using (employee_id)
        group by 1, 2, 3
        """, as: (Int64, String, Int, String, ExactDecimal).self)
    }
    for (entry, client, day, team, shares) in rows {
      #expect(shares == .one, "\(client) on \(date(day)) after entry \(entry)")
      replayed[entry, default: [:]][
        client, default: Array(repeating: "", count: Self.days)][day] = team
    }
    for (entry, expected) in believed {
      for (client, calendar) in expected {
        let found = replayed[entry]?[client] ?? Array(repeating: "", count: Self.days)
        #expect(found == calendar.map(text), "\(client) after entry \(entry)")
      }
    }
  }
}
