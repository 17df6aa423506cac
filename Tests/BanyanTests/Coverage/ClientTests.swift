import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Clients beyond their accounts: segments, bands, identity numbers, duplicates.
@Suite struct ClientTests {
  private func classify(
    _ segment: String, _ since: String, _ until: String? = nil, in ground: CoverageGround
  ) async throws -> Bool {
    let since = try #require(CivilDate(since))
    let until = try until.map { try #require(CivilDate($0)) }
    return try await ground.database.withConnection { connection in
      try ClientBook.classify(
        "C1", axis: "risk", as: segment, since: since, until: until, reason: nil, on: connection)
    }
  }

  @Test func segmentsKeepBothTimes() async throws {
    let ground = try await CoverageGround()
    #expect(try await classify("low", "2026-01-01", in: ground))
    let moment = try await psql("select clock_timestamp()", in: ground.database)
    #expect(try await classify("high", "2026-01-10", "2026-01-20", in: ground))
    #expect(try await !classify("high", "2026-01-12", "2026-01-15", in: ground))
    for (day, known, segment) in [
      ("2026-01-15", "null", "high"), ("2026-01-20", "null", "low"),
      ("2026-01-15", "'\(moment.dropLast())'", "low"),
    ] {
      let found = try await psql(
        "select segment from bank.segment_as_of('\(day)', \(known)) where axis = 'risk'",
        in: ground.database)
      #expect(found == segment + "\n")
    }
    await #expect(throws: BanyanError.self) { try await classify("odd", "2026-01-01", in: ground) }
  }

  @Test func bandsFollowBalancesByTheThresholdsOfTheDay() async throws {
    let ground = try await CoverageGround()
    _ = try await psql(
      """
      insert into bank.band_threshold (band, effective_from, from_balance) values
        ('ordinary', '2020-01-01', 0), ('gold', '2020-01-01', 30000),
        ('private_banking', '2020-01-01', 793548.1290);
      insert into bank.income_rate values ('deposits', '2020-01-01', null, 0.0365)
      """, in: ground.database)
    let month = try #require(Month("2026-01"))
    let (first, again) = try await ground.database.withConnection { connection in
      (
        try ClientBook.assess(month, on: connection), try ClientBook.assess(month, on: connection)
      )
    }
    #expect(first == (3, 3) && again == (0, 0))
    // C1: 24,599,992.00 balance days / 31 = 793,548.1290; x 0.0365 / 365 x 31 days = 2,459.9992.
    let values = try await psql(
      """
      select c.number, v.average_daily_balance, v.expected_income, s.segment, s.effective_from
      from bank.client_value as v join bank.client as c using (branch_id, client_id)
      join bank.segment_as_of('2026-02-01') as s using (branch_id, client_id) order by 1
      """, in: ground.database)
    #expect(
      values == """
        C1|793548.1290|2459.9992|private_banking|2026-02-01
        C2|35483.8710|110.0000|gold|2026-02-01
        C3|1.0003|0.0031|ordinary|2026-02-01

        """)
  }

  private static let number = "11010119900307761X"

  private func withIdentities(_ ground: CoverageGround) async throws -> [BatchResult] {
    let identities = try #require(Dataset.named("client_identities"))
    let bank = TinyBank().sending(
      identities,
      """
      client_number,kind,number
      C1,resident_id,\(Self.number)
      C3,resident_id,110101 19900307-761x
      C9,resident_id,\(Self.number)
      C2,,\(Self.number)

      """)
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    return try await ground.database.withConnection { connection in
      try folderImport.run(on: connection).files
    }
  }

  @Test func identityNumbersAreFoundAndNotRead() async throws {
    let ground = try await CoverageGround()
    let files = try await withIdentities(ground)
    let result = try #require(files.first { $0.dataset == "client_identities" })
    #expect(result.loaded == 2 && result.rejected == 2)
    #expect(try await ground.database.unaccountedRows() == "")
    let (facts, pairs) = try await ground.database.withConnection { connection in
      (
        try ClientBook.facts(
          of: "C1", on: #require(CivilDate("2026-01-31")), connection: connection),
        try ClientBook.duplicates(
          similarity: ExactDecimal(coefficient: 9, scale: 1), on: connection)
      )
    }
    #expect(facts.first { $0.topic == "resident_id" }?.value == "**************761X")
    #expect(pairs.map(\.evidence) == ["same resident_id"])
    #expect(Set(pairs.flatMap { [$0.client, $0.other] }) == ["C1", "C3"])
    // The number stands nowhere in the database in clear, quarantine included.
    let tables = try await psql(
      """
      select format('select %L where exists (select 1 from %s as t where t::text ilike %L)',
        c.oid::regclass, c.oid::regclass, '%199003%')
      from pg_class as c where c.relnamespace = 'bank'::regnamespace and c.relkind in ('r', 'p')
      """, in: ground.database)
    let leaks = try await psql(
      tables.split(separator: "\n").joined(separator: ";\n"), in: ground.database)
    #expect(leaks == "")
    // A login that may read the table cannot read the number; the owner can, and leaves a trace.
    let refused = try await psql(
      """
      create role teller_of_\(ground.database.name);
      grant usage on schema bank to teller_of_\(ground.database.name);
      grant select on bank.client_identity to teller_of_\(ground.database.name);
      select has_table_privilege('teller_of_\(ground.database.name)', 'bank.identity_secret', 'select'),
        has_function_privilege('teller_of_\(ground.database.name)',
          'bank.read_identity(integer, bigint, text, text)', 'execute'),
        has_function_privilege('teller_of_\(ground.database.name)', 'bank.identity_digest(text, text)', 'execute');
      """, in: ground.database)
    #expect(refused == "f|f|f\n")
    let read = try await psql(
      """
      select bank.read_identity(branch_id, client_id, kind, 'court order 7')
      from bank.client_identity order by line_number limit 1;
      select reason, count(*) from bank.identity_reading group by 1
      """, in: ground.database)
    #expect(read.hasPrefix(Self.number) && read.contains("court order 7|"))
  }

  @Test func aMergedClientLeadsToTheSurvivor() async throws {
    let ground = try await CoverageGround()
    try await ground.database.withConnection { connection in
      try ClientBook.merge("C3", into: "C1", reason: "same card", on: connection)
    }
    try await ground.change(
      .assign(.client("C3", line: nil), team(("E1", "1"))), "2026-01-01")
    #expect(try await ground.record("C1") == "E1|main|1|2026-01-01|\n")
    // Facts stay where they are, and the survivor's value has them.
    let month = try #require(Month("2026-01"))
    _ = try await ground.database.withConnection { connection in
      try ClientBook.assess(month, on: connection)
    }
    let values = try await psql(
      """
      select c.number, v.balance_end from bank.client_value as v
      join bank.client as c using (branch_id, client_id) order by 1
      """, in: ground.database)
    #expect(values == "C1|600030.51\nC2|50000.00\n")
    let error = await #expect(throws: BanyanError.self) {
      try await ground.database.withConnection { connection in
        try ClientBook.merge("C3", into: "C1", reason: "again", on: connection)
      }
    }
    #expect(error?.description.hasPrefix("client C1 cannot be merged into itself") == true)
  }

  @Test func assignmentsOfClientsComeByFile() async throws {
    let ground = try await CoverageGround()
    let assignments = try #require(Dataset.named("client_assignments"))
    let bank = TinyBank().sending(
      assignments,
      """
      client_number,employee_number,share,effective_from,effective_until
      C1,E1,0.3,2026-01-01,
      C1,E2,0.7,2026-01-01,
      C2,E1,1,2026-01-01,2026-02-01
      C2,E2,1,2026-02-01,

      """)
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let files = try await ground.database.withConnection { connection in
      try folderImport.run(on: connection).files
    }
    #expect(files.first { $0.dataset == "client_assignments" }?.loaded == 4)
    #expect(
      try await ground.record() == """
        E2|main|0.7|2026-01-01|
        E1|assisting|0.3|2026-01-01|

        """)
    #expect(try await ground.database.unaccountedRows() == "")
  }
}
