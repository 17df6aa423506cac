import TestSupport
import Testing

/// What assignments and lists of transfers name is on record, whoever writes them, and stays there.
@Suite struct ReferenceTests {
  private static let entry = """
    insert into bank.coverage_entry (verb, effective_from, made_at) values ('assign', '2026-01-01', now());
    """

  @Test(arguments: [
    ("client_id", "9999", "employee_id", "the client with the key"),
    ("account_id", "9999", "employee_id", "the account with the key"),
    ("client_id", "client_id", "9999", "the employee with the key 9999"),
  ])
  func anAssignmentNamesWhatIsOnRecord(
    _ column: String, _ value: String, _ person: String, _ words: String
  ) async throws {
    let database = try await TestServer.tinyBankDatabase()
    let refusal = await #expect(throws: TestSupportError.self) {
      try await psql(
        """
        begin;
        \(Self.entry)
        insert into bank.assignment (branch_id, \(column), employee_id, share, effective_from, entry_id)
        select c.branch_id, \(value), \(person), 1, '2026-01-01', max(n.coverage_entry_id)
        from bank.client as c, bank.employee as e, bank.coverage_entry as n
        where c.number = 'C1' and e.number = 'E1' group by c.branch_id, c.client_id, e.employee_id;
        commit
        """, in: database)
    }
    let told = try #require(refusal).description
    #expect(
      told.contains(words.replacing("the ", with: "there is no ", maxReplacements: 1)), "\(told)")
    #expect(told.contains("on record"), "\(told)")
  }

  @Test func anEntryIsOnRecordTooWhenAnAssignmentEnds() async throws {
    let database = try await TestServer.tinyBankDatabase()
    for column in ["entry_id", "superseding_entry_id, superseded_at"] {
      let refusal = await #expect(throws: TestSupportError.self) {
        try await psql(
          """
          insert into bank.assignment (branch_id, client_id, employee_id, share, effective_from, batch_id, \(column))
          select c.branch_id, c.client_id, e.employee_id, 1, '2026-01-01', c.batch_id, 9999\(column.contains(",") ? ", now() + interval '1 day'" : "")
          from bank.client as c, bank.employee as e where c.number = 'C1' and e.number = 'E1'
          """, in: database)
      }
      #expect(try #require(refusal).description.contains("no coverage entry with the key 9999"))
    }
    let refusal = await #expect(throws: TestSupportError.self) {
      try await psql(
        "update bank.assignment set superseded_at = now(), superseding_entry_id = 9999",
        in: database)
    }
    #expect(try #require(refusal).description.contains("no coverage entry with the key 9999"))
  }

  @Test(arguments: [
    "delete from bank.client where number = 'C2'", "update bank.client set branch_id = branch_id",
    "delete from bank.account", "delete from bank.employee", "delete from bank.coverage_entry",
    "truncate bank.coverage_entry cascade", "update bank.employee set employee_id = default",
  ])
  func whatIsNamedStays(_ statement: String) async throws {
    let database = try await TestServer.tinyBankDatabase()
    let refusal = await #expect(throws: TestSupportError.self) {
      try await psql(statement, in: database)
    }
    let told = try #require(refusal).description
    #expect(
      told.contains("keeps_its_key") || told.contains("keeps its key")
        || told.contains("other rows may name it"), "\(told)")
  }
}
