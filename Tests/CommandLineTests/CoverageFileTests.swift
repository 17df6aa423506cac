import Banyan
import TestSupport
import Testing

/// Files of assignments, and files that change what is on record.
@Suite struct CoverageFileTests {
  private func noAssignments() -> TinyBank {
    var bank = TinyBank()
    bank.files["assignments.csv"] = nil
    bank.mappings["assignments.yaml"] = nil
    return bank
  }

  private static let record = """
    select c.number, s.product_line, e.number, s.role, trim_scale(s.share), s.effective_from, s.effective_until
    from bank.assignment as s join bank.employee as e using (employee_id)
    join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
    where s.superseded_at is null order by c.number, s.product_line nulls first, s.effective_from, s.role, e.number
    """

  @Test func theRowsOfAClientWhoseSharesAreWrongStayOutAndTheOthersCome() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = try noAssignments().sending(
      "client_assignments",
      """
      client_number,product_line,employee_number,role,share,effective_from,effective_until
      C1,,E1,,0.5,2026-01-01,
      C1,,E2,,0.4,2026-01-01,
      C2,,E1,main,0.6,2026-01-01,2026-03-01
      C2,,E2,main,0.4,2026-01-01,2026-03-01
      C2,loans,E3,,1,2026-01-01,
      C3,,E1,,1,2026-02-01,2026-01-01
      C3,loans,E1,,0.5,2026-01-01,
      C3,loans,E1,,0.5,2026-02-01,
      C3,lones,E1,,1,2026-01-01,
      C3,deposits,E3,,1,2026-01-01,2027-01-01

      """)
    let taken = try await bank.taken(into: database)
    #expect(taken.exitCode == 3)
    #expect(
      taken.messages == [
        "client_assignments.csv:2: IMP-0404: the shares of client C1 sum to 0.9 on 2026-01-01, not to 1: line 2 has 0.5 of E1, line 3 has 0.4 of E2; correct them, or send the row that is missing",
        "client_assignments.csv:3: IMP-0404: the shares of client C1 sum to 0.9 on 2026-01-01, not to 1: line 2 has 0.5 of E1, line 3 has 0.4 of E2; correct them, or send the row that is missing",
        "client_assignments.csv:4: IMP-0404: client C2 has 2 main relationship managers on 2026-01-01: line 4 has 0.6 of E1, line 5 has 0.4 of E2; say who of them is the main one",
        "client_assignments.csv:5: IMP-0404: client C2 has 2 main relationship managers on 2026-01-01: line 4 has 0.6 of E1, line 5 has 0.4 of E2; say who of them is the main one",
        "client_assignments.csv:7: IMP-0404: the dates are reversed: it would begin on 2026-02-01 and end before 2026-01-01; the end is the day after the last day",
        "client_assignments.csv:8: IMP-0404: the shares of client C3 for loans sum to 0.5 on 2026-01-01, not to 1: line 8 has 0.5 of E1; correct them, or send the row that is missing",
        "client_assignments.csv:9: IMP-0404: lines 8 and 9 give client C3 for loans to E1 on the same days; keep one of them, with the whole share",
        "client_assignments.csv:9: IMP-0404: the shares of client C3 for loans sum to 0.5 on 2026-01-01, not to 1: line 8 has 0.5 of E1; correct them, or send the row that is missing",
        "client_assignments.csv:10: IMP-0401 product_line: the product line “lones” is not on record; send it first, or correct the code",
      ])
    #expect(
      try await psql(Self.record, in: database) == """
        C2|loans|E3|main|1|2026-01-01|
        C3|deposits|E3|main|1|2026-01-01|2027-01-01

        """)
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func whatIsOnRecordIsNotTakenBesides() async throws {
    let database = try await TestServer.migratedDatabase()
    let header = "client_number,employee_number,share,effective_from,effective_until\n"
    let first = try noAssignments().sending("client_assignments", header + "C1,E1,1,2026-01-01,\n")
    #expect(try await first.taken(into: database).exitCode == 0)
    let second = try noAssignments().sending(
      "client_assignments",
      header + """
        C1,E1,1,2026-01-01,2026-06-01
        C1,E2,1,2026-06-01,
        C2,E1,0.5,2026-01-01,
        C2,E2,0.5,2026-01-01,

        """)
    let taken = try await second.taken(into: database)
    #expect(
      taken.messages == [
        "client_assignments.csv:2: IMP-0302 effective_from: this assignment of a client is on record with other values (batch 7, line 2); send a correction as coverage_changes",
        "client_assignments.csv:3: IMP-0404: client C1 is E1's from 2026-01-01 (batch 7, line 2), and line 3 gives it to E2 from 2026-06-01; send the change as coverage_changes, or choose days on which nobody has it",
      ])
    #expect(
      try await psql(Self.record, in: database) == """
        C1||E1|main|1|2026-01-01|
        C2||E1|main|0.5|2026-01-01|
        C2||E2|assisting|0.5|2026-01-01|

        """)
  }

  @Test func tierBandRelationshipEmploymentAndCapacityAreAskedForEachRow() async throws {
    let database = try await TestServer.migratedDatabase()
    #expect(try await noAssignments().taken(into: database).exitCode == 0)
    try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, client_bands, client_capacity) values
        ('junior', '2020-01-01', '{ordinary}', 1), ('senior', '2020-01-01', '{}', 1);
      insert into bank.relationship_declaration (employee_id, client_number, relation, effective_from)
      select employee_id, 'C3', 'sibling', '2026-06-01' from bank.employee where number = 'E3';
      select bank.set_segments('band', array[bank.client_scope('C1')], '{wealth}', '2026-01-01')
      """, in: database)
    let bank = try noAssignments().sending(
      "client_assignments",
      """
      client_number,employee_number,share,effective_from,effective_until
      C1,E2,0.5,2026-01-05,
      C1,E1,0.5,2026-01-05,
      C2,E1,1,2019-01-01,2020-01-01
      C3,E3,1,2026-01-01,2026-06-01
      C3,E3,1,2026-06-01,
      C2,E3,0.9,2026-03-01,
      C2,E2,0.1,2026-03-01,

      """
    ).sending(
      "assignments",
      "account_number,employee_number,share,effective_from\nA3,E3,1,2026-03-01\nA2,E2,1,2026-01-01\n"
    )
    let taken = try await bank.taken(into: database)
    #expect(
      taken.messages == [
        "client_assignments.csv:2: IMP-0404: E2 is junior on 2026-01-05, a tier that may not serve the band wealth of client C1; choose somebody else, or see bank.coverage_rule",
        "client_assignments.csv:3: IMP-0404: E1 is junior on 2026-01-05, a tier that may not serve the band wealth of client C1; choose somebody else, or see bank.coverage_rule",
        "client_assignments.csv:4: IMP-0404: E1 joined on 2020-01-01 and cannot look after anybody from 2019-01-01; choose somebody else, or see bank.coverage_rule",
        "client_assignments.csv:5: IMP-0404: line 6 of client C3 is refused, and without it the rest is not whole; correct that line and send all of them again",
        "client_assignments.csv:6: IMP-0404: E3 has declared to be sibling of client C3 from 2026-06-01; choose somebody else, or see bank.coverage_rule",
        "client_assignments.csv:7: IMP-0404: line 4 of client C2 is refused, and without it the rest is not whole; correct that line and send all of them again",
        "client_assignments.csv:8: IMP-0404: line 4 of client C2 is refused, and without it the rest is not whole; correct that line and send all of them again",
        "assignments.csv:2: IMP-0404: E3 has declared to be sibling of client C3 from 2026-06-01; choose somebody else, or see bank.coverage_rule",
        "assignments.csv:3: IMP-0404: account A2 was opened on 2026-01-10 and cannot be looked after from 2026-01-01; choose somebody else, or see bank.coverage_rule",
      ])
    #expect(try await psql("select count(*) from bank.assignment", in: database) == "0\n")

    // Capacity warns, and the batch keeps the warning; where the bank says so, it refuses what came last.
    let crowd = """
      client_number,employee_number,share,effective_from
      C2,E3,1,2026-03-01
      C1,E3,1,2026-03-01

      """
    let warned = try await noAssignments().sending("client_assignments", crowd).taken(
      into: database)
    #expect(
      warned.messages == [
        "client_assignments.csv: E3 would have 2 clients on 2026-03-01; the tier senior has room for 1"
      ])
    #expect(warned.exitCode == 0)
    #expect(
      try await psql(
        "select e.verb, b.dataset, e.warnings from bank.coverage_entry as e join bank.batch as b using (batch_id)",
        in: database)
        == "import|client_assignments|{\"E3 would have 2 clients on 2026-03-01; the tier senior has room for 1\"}\n"
    )
    let strict = try await TestServer.migratedDatabase()
    #expect(try await noAssignments().taken(into: strict).exitCode == 0)
    try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, client_capacity) values ('senior', '2020-01-01', 1);
      update bank.coverage_rule set action = 'refuse' where code = 'capacity'
      """, in: strict)
    let refused = try await noAssignments().sending("client_assignments", crowd).taken(into: strict)
    #expect(
      refused.messages == [
        "client_assignments.csv:3: IMP-0404: E3 would have 2 clients on 2026-03-01; the tier senior has room for 1; choose somebody else, or see bank.coverage_rule"
      ])
    #expect(try await psql(Self.record, in: strict) == "C2||E3|main|1|2026-03-01|\n")
  }

  @Test func aRowThatStaysOutTakesNoRoom() async throws {
    let database = try await TestServer.migratedDatabase()
    #expect(try await noAssignments().taken(into: database).exitCode == 0)
    try await psql(
      """
      insert into bank.tier_terms (tier, effective_from, client_capacity) values ('senior', '2020-01-01', 1);
      insert into bank.relationship_declaration (employee_id, client_number, relation, effective_from)
      select employee_id, client_number, 'sibling', '2026-01-01'
      from bank.employee, (values ('E3', 'C3'), ('E2', 'C1')) as d (number, client_number) where bank.employee.number = d.number;
      update bank.coverage_rule set action = 'refuse' where code = 'capacity'
      """, in: database)
    // E3 has room for one: a relationship keeps C3 out, and the other manager's keeps C1 out.
    let taken = try await noAssignments().sending(
      "client_assignments",
      """
      client_number,employee_number,share,effective_from
      C3,E3,1,2026-03-01
      C1,E3,0.6,2026-03-01
      C1,E2,0.4,2026-03-01
      C2,E3,1,2026-03-01

      """
    ).taken(into: database)
    #expect(
      taken.messages == [
        "client_assignments.csv:2: IMP-0404: E3 has declared to be sibling of client C3 from 2026-01-01; choose somebody else, or see bank.coverage_rule",
        "client_assignments.csv:3: IMP-0404: line 4 of client C1 is refused, and without it the rest is not whole; correct that line and send all of them again",
        "client_assignments.csv:4: IMP-0404: E2 has declared to be sibling of client C1 from 2026-01-01; choose somebody else, or see bank.coverage_rule",
      ])
    #expect(try await psql(Self.record, in: database) == "C2||E3|main|1|2026-03-01|\n")
  }

  @Test func changesComeByFile() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = try noAssignments().sending(
      "client_assignments",
      """
      client_number,employee_number,share,effective_from
      C1,E1,1,2026-01-01
      C2,E1,1,2026-01-01
      C3,E3,1,2026-01-01

      """
    ).sending(
      "coverage_changes",
      """
      verb,client_number,account_number,product_line,employee_number,role,share,effective_from,effective_until,reason
      reassign,C1,,,E2,,1,2026-02-01,,moved
      reassign,C2,,,E2,,1,2026-02-01,,moved
      reassign,C1,,,E1,,0.3,2026-03-01,,shared
      reassign,C1,,,E2,,0.7,2026-03-01,,shared
      end,C3,,,,,,2026-05-01,,
      correct,C3,,,E1,,1,2026-04-01,2026-04-15,
      assign,,A2,loans,E3,,1,2026-02-01,,
      assign,C2,,,E3,,1,2026-06-01,,
      reassign,C2,,,E1,,0.5,2026-07-01,,
      end,C9,,,,,,2026-05-01,,
      end,C2,,,E1,,1,2026-05-01,,
      assign,C2,A2,,E1,,1,2026-05-01,,

      """)
    let taken = try await bank.taken(into: database)
    #expect(taken.exitCode == 3)
    let refusals = [
      "coverage_changes.csv:9: IMP-0404: client C2 is E2's from 2026-02-01; reassign it from a day on, or choose days on which nobody has it",
      "coverage_changes.csv:10: IMP-0404: the shares 0.5 sum to 0.5; they must be above 0 and sum to exactly 1",
      "coverage_changes.csv:11: IMP-0401: the client “C9” is not on record; send it first, or correct the code",
      "coverage_changes.csv:12: IMP-0404: an end names nobody; leave person, role and share out, or use another verb",
      "coverage_changes.csv:13: IMP-0404: a change is about a client or about an account; give one number",
    ]
    #expect(taken.messages == refusals)
    let expected = """
      C1||E1|main|1|2026-01-01|2026-02-01
      C1||E2|main|1|2026-02-01|2026-03-01
      C1||E2|main|0.7|2026-03-01|
      C1||E1|assisting|0.3|2026-03-01|
      C2||E1|main|1|2026-01-01|2026-02-01
      C2||E2|main|1|2026-02-01|
      C3||E3|main|1|2026-01-01|2026-04-01
      C3||E1|main|1|2026-04-01|2026-04-15
      C3||E3|main|1|2026-04-15|2026-05-01

      """
    #expect(try await psql(Self.record, in: database) == expected)
    // The two clients that moved alike are one change; every change names its file.
    #expect(
      try await psql(
        """
        select e.verb, e.reason, count(distinct s.client_id), max(b.dataset)
        from bank.coverage_entry as e join bank.assignment as s on s.entry_id = e.coverage_entry_id
        left join bank.batch as b on b.batch_id = e.batch_id
        where e.reason = 'moved' group by e.coverage_entry_id, e.verb, e.reason
        """, in: database) == "reassign|moved|2|coverage_changes\n")
    // Sent once more with a line less, the file changes nothing.
    var again = bank
    again.files["coverage_changes.csv"] = Array(
      """
      verb,client_number,employee_number,share,effective_from,effective_until,reason
      correct,C3,E1,1,2026-04-01,2026-04-15,

      """.utf8)
    again = try again.sending(
      "coverage_changes",
      String(decoding: again.files["coverage_changes.csv"] ?? [], as: UTF8.self))
    let repeated = try await again.taken(into: database)
    #expect(repeated.exitCode == 0)
    #expect(repeated.counts("coverage_changes") == ["1", "0", "0", "1"])
    #expect(try await psql(Self.record, in: database) == expected)
  }
}
