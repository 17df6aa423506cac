import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Many writers at once, and many clients at once, on a real server.
@Suite struct CoverageRaceTests {
  private static func fill(_ database: TestDatabase, clients: Int) async throws {
    _ = try await psql(
      """
      insert into bank.employee (number, branch_id, joined_on, batch_id)
      select 'R' || n, branch_id, joined_on, batch_id
      from bank.employee, generate_series(1, 32) as n where number = 'E1';
      insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
      select u.org_unit_id, 'K' || n, 'Client ' || n, 'person', b.batch_id, 0
      from generate_series(1, \(clients)) as n
      join bank.org_unit as u on u.code = case n % 2 when 0 then 'B1' else 'B2' end
      cross join (select min(batch_id) as batch_id from bank.batch) as b;
      analyze bank.client
      """, in: database)
  }

  /// Every client is fought over by eight of the 32 writers; with BANYAN_TORTURE=1 by all of them.
  @Test func oneOfThirtyTwoWritersWinsEachClient() async throws {
    let all = Torture.isOn
    let ground = try await CoverageGround()
    let clients = 1_000
    try await Self.fill(ground.database, clients: clients)
    let since = try #require(CivilDate("2026-01-01"))
    let database = ground.database
    let results = try await withThrowingTaskGroup(of: (won: Int, told: [String: String]).self) {
      group in
      for writer in 1...32 {
        group.addTask {
          try await database.withConnection { connection in
            var won = 0
            var told: [String: String] = [:]
            // Everybody begins somewhere else and goes round, so that all meet all.
            for step in 0..<clients {
              let index = (step * 7 + writer * 31) % clients
              if !all, (index + writer) % 4 != 0 { continue }
              let client = "K\(index + 1)"
              let one = CoverageRequest.Member(person: "R\(writer)", share: .one)
              let request = CoverageRequest(
                .assign(.client(client, line: nil), [one]), since: since)
              do {
                _ = try request.run(on: connection)
                won += 1
              } catch let error as BanyanError {
                told[client] = error.description
              }
            }
            return (won, told)
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.map(\.won).reduce(0, +) == clients)
    #expect(results.map(\.told.count).reduce(0, +) == (all ? 31 : 7) * clients)
    let winners = try await database.withConnection { connection in
      try connection.rows(
        """
        select c.number, e.number from bank.assignment as s
        join bank.client as c using (branch_id, client_id)
        join bank.employee as e using (employee_id)
        """, as: (String, String).self)
    }
    #expect(winners.count == clients)
    let winner = Dictionary(uniqueKeysWithValues: winners)
    for (client, sentence) in results.flatMap(\.told) {
      let start = "client \(client) is \(winner[client] ?? "?")'s from 2026-01-01"
      if !sentence.hasPrefix(start) { Issue.record("\(client): \(sentence)") }
    }
  }

  /// Bulk changes that meet from both ends neither deadlock nor lose a share.
  @Test func overlappingBulkChangesTakeTurns() async throws {
    let ground = try await CoverageGround()
    try await Self.fill(ground.database, clients: 200)
    let database = ground.database
    _ = try await psql(
      """
      select count(*) from bank.change_coverage('assign',
        (select array_agg(row(branch_id, client_id, null, null)::bank.coverage_scope) from bank.client),
        bank.employee_keys('{R1,R2}'), '{main,assisting}', '{0.75,0.25}', '2026-01-01')
      """, in: database)
    let since = try #require(CivilDate("2026-02-01"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          var clients = (1...200).map { "K\($0)" }
          if writer % 2 == 0 { clients.reverse() }
          let request = CoverageRequest(
            .transfer(
              giver: "R\(1 + writer % 2)", receivers: ["R\(3 + writer)"], unit: nil,
              clients: clients), since: since)
          try await database.withConnection { connection in
            do { _ = try request.run(on: connection) } catch let error as BanyanError {
              // Who comes later finds that the giver has nothing left.
              #expect(error.description.contains("has nothing from 2026-02-01"))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let wrong = try await psql(
      """
      select client_id, sum(share), count(*) filter (where role = 'main')
      from bank.assignment_as_of('2026-03-01') group by 1
      having (sum(share), count(*) filter (where role = 'main')) <> (1, 1)
      """, in: database)
    #expect(wrong == "")
  }

  /// A fifth of them in an everyday run; with BANYAN_TORTURE=1 all.
  @Test func aHundredThousandClientsMoveInOneTransaction() async throws {
    let clients = Torture.isOn ? 100_000 : 20_000
    let ground = try await CoverageGround()
    try await Self.fill(ground.database, clients: clients)
    let database = ground.database
    _ = try await psql(
      """
      select count(*) from bank.change_coverage('assign',
        (select array_agg(row(branch_id, client_id, null, null)::bank.coverage_scope) from bank.client where number like 'K%'),
        bank.employee_keys('{R1}'), '{main}', '{1}', '2026-01-01')
      """, in: database)
    let verb = CoverageRequest.Verb.transfer(
      giver: "R1", receivers: ["R2", "R3", "R4", "R5"], unit: nil, clients: [])
    let tried = try await ground.change(verb, "2026-06-01", dryRun: true)
    #expect(tried.superseded == clients && tried.recorded == 2 * clients)
    #expect(tried.effects.map(\.person) == ["R1", "R2", "R3", "R4", "R5"])
    #expect(tried.effects.map(\.scopesBefore) == [clients, 0, 0, 0, 0])
    #expect(
      tried.effects.map(\.scopesAfter) == [0, clients / 4, clients / 4, clients / 4, clients / 4])
    let untouched = try await psql(
      "select count(*), count(superseded_at) from bank.assignment", in: database)
    #expect(untouched == "\(clients)|0\n")
    let done = try await ground.change(verb, "2026-06-01")
    #expect(done.effects == tried.effects)
    let days = try await psql(
      """
      select day, count(*), count(distinct (branch_id, client_id)), sum(share)
      from (values ('2026-05-31'::date), ('2026-06-01')) as d (day)
      cross join lateral bank.assignment_as_of(day) group by day order by day
      """, in: database)
    #expect(
      days
        == "2026-05-31|\(clients)|\(clients)|\(clients)\n2026-06-01|\(clients)|\(clients)|\(clients)\n"
    )
    let entries = try await psql(
      "select count(*) from bank.coverage_entry where verb = 'transfer'", in: database)
    #expect(entries == "1\n")
  }
}
