import TestSupport
import Testing

/// Groups, key persons and prospects by command, and the history that they keep.
@Suite struct ClientGroupTests {
  @Test func groupsHaveMembersAndOneHead() async throws {
    let ground = try await HandoverGround()
    #expect(
      try await ground.refusal("client", "group", "put", "JADE", "N1", "--from", "2026-01-01")
        == "banyan: there is no group “JADE” on record; see the codes with banyan client group list, or give a name to make it"
    )
    try await ground.run(
      "client", "group", "put", "JADE", "N1", "--head", "--name", "Jade Holding", "--from",
      "2026-01-01")
    try await ground.run("client", "group", "put", "JADE", "N2", "--from", "2026-01-01")
    #expect(
      try await ground.run("client", "group", "put", "JADE", "N2", "--from", "2026-02-01")
        == "N2: that is on record already.\n")
    #expect(
      try await ground.refusal(
        "client", "group", "put", "JADE", "N2", "--head", "--from", "2026-06-01")
        == "banyan: client N2 cannot lead the group JADE from 2026-06-01 on: client N1 leads it from 2026-01-01 on; make the one on record a member first, or let it leave"
    )
    try await ground.run("client", "group", "put", "JADE", "N1", "--from", "2026-06-01")
    try await ground.run("client", "group", "put", "JADE", "N2", "--head", "--from", "2026-06-01")
    try await ground.run(
      "client", "group", "leave", "JADE", "N1", "--from", "2026-09-01", "--reason", "sold")
    func members(_ day: String) async throws -> [String] {
      try await ground.rows("client", "group", "list", "JADE", "--as-of", day).map {
        ($0["client"] ?? "") + " " + ($0["role"] ?? "")
      }
    }
    #expect(try await members("2026-03-01") == ["N1 head", "N2 member"])
    #expect(try await members("2026-07-01") == ["N2 head", "N1 member"])
    #expect(try await members("2026-10-01") == ["N2 head"])
    #expect(
      try await ground.rows(
        "client", "group", "list", "JADE", "--as-of", "2026-10-01", "--known-at",
        "2020-01-01 00:00+00"
      ).map { $0["client"] } == [""])
    #expect(
      try await ground.refusal("client", "group", "leave", "JADE", "N3", "--from", "2026-09-01")
        .hasPrefix("banyan: client N3 is not in the group JADE on 2026-09-01 or later"))
    #expect(
      try await ground.rows("client", "show", "N2", "--as-of", "2026-07-01")
        .first { $0["topic"] == "group" }?["value"] == "JADE Jade Holding")
  }

  @Test func twoWritersDoNotMakeTwoHeads() async throws {
    let ground = try await HandoverGround()
    try await ground.run(
      "client", "group", "put", "JADE", "N5", "--name", "Jade", "--from", "2026-01-01")
    let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
      for number in 1...4 {
        group.addTask {
          try await banyan(
            "client", "group", "put", "JADE", "N\(number)", "--head", "--from", "2026-01-01",
            on: ground.database
          ).exitCode
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes.sorted() == [0, 3, 3, 3])
    #expect(
      try await psql(
        "select count(*) from bank.client_group_member where role = 'head' and superseded_at is null",
        in: ground.database) == "1\n")
  }

  @Test func keyPersonsAreEditedAndProspectsEntered() async throws {
    let ground = try await HandoverGround()
    let person = ["client", "key-person", "set", "N1", "Li Mei", "--position"]
    func set(_ position: String, _ strength: String) async throws -> ProgramOutcome {
      try await BanyanProcess.run(
        person + [position, "--strength", strength],
        environment: ["DATABASE_URL": ground.database.url])
    }
    #expect(
      try await set("treasurer", "2").output == "Li Mei is treasurer of N1, relationship 2.\n")
    #expect(try await set("treasurer", "2").output == "N1: that is on record already.\n")
    #expect(
      try await set("treasurer", "6").messages() == [
        "banyan: the strength of a relationship goes from 1, hardly known, to 5, trusted; correct it"
      ])
    #expect(try await set("chair", "4").exitCode == 0)
    #expect(
      try await ground.rows("client", "show", "N1").first { $0["topic"] == "key person" }?["note"]
        == "chair, relationship 4")
    #expect(
      try await ground.refusal("client", "key-person", "remove", "N1", "Wu", "--reason", "left")
        == "banyan: client N1 has no key person “Wu”; there are Li Mei; use the name as it is on record"
    )
    try await ground.run("client", "key-person", "remove", "N1", "Li Mei", "--reason", "retired")
    #expect(
      try await psql(
        "select position, reason, superseded_at is null from bank.key_person order by recorded_at",
        in: ground.database) == "treasurer||f\nchair|retired|f\n")

    try await ground.run(
      "client", "prospect", "P1", "Opal Ltd", "--company", "--unit", "B1", "--from", "2026-01-01")
    #expect(
      try await ground.refusal("client", "prospect", "P1", "Opal", "--unit", "B2")
        == "banyan: the number “P1” is taken by Opal Ltd at B1; use another number, or put that client back to prospect with banyan client segment"
    )
    try await ground.run("client", "segment", "P1", "status", "client", "--from", "2026-05-01")
    #expect(
      try await psql(
        "select segment, effective_from, effective_until from bank.segment_as_of('2026-02-01') where axis = 'status'",
        in: ground.database) == "prospect|2026-01-01|2026-05-01\n")
  }

  @Test func whatIsBelievedOfAClientIsOnlySuperseded() async throws {
    let ground = try await HandoverGround()
    try await ground.run("client", "segment", "N1", "risk", "low", "--from", "2026-01-01")
    try await ground.run("client", "segment", "N1", "risk", "high", "--from", "2026-02-01")
    try await ground.run(
      "client", "group", "put", "JADE", "N1", "--name", "Jade", "--from", "2026-01-01")
    try await ground.run(
      "client", "key-person", "set", "N1", "Li", "--position", "chair", "--strength", "4")
    for (statement, rule) in [
      (
        "update bank.client_segment set segment = 'medium' where superseded_at is null",
        "client_segment"
      ),
      (
        "update bank.client_segment set effective_until = '2030-01-01' where superseded_at is null",
        "client_segment"
      ),
      (
        "update bank.client_segment set superseded_at = null where superseded_at is not null",
        "client_segment"
      ),
      ("delete from bank.client_segment", "client_segment"),
      ("truncate bank.client_segment", "client_segment"),
      ("update bank.client_group_member set role = 'head'", "client_group_member"),
      ("delete from bank.client_group_member", "client_group_member"),
      ("update bank.key_person set relationship_strength = 5", "key_person"),
      ("delete from bank.key_person", "key_person"),
    ] {
      let told = try await psql(
        """
        do $$ declare rule text; begin
          \(statement);
          raise notice 'taken';
        exception when restrict_violation then
          get stacked diagnostics rule = constraint_name;
          perform set_config('test.rule', rule, false);
        end $$;
        select current_setting('test.rule')
        """, in: ground.database)
      #expect(told == "\(rule)_keeps_its_history\n", "\(statement)")
    }
    // To supersede is what the verbs do, once.
    try await psql(
      "update bank.client_segment set superseded_at = clock_timestamp() where superseded_at is null",
      in: ground.database)
  }
}
