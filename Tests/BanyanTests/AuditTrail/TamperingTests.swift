import Banyan
import LibPQ
import TestSupport
import Testing

/// What a superuser does to the trail with its triggers switched off: each is found and named.
@Suite struct TamperingTests {
  /// A trail of at least twelve links whose last eight are additions of product lines.
  private func ground() async throws -> TestDatabase {
    let database = try await TestServer.migratedDatabase()
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
      try await psql("insert into bank.product_line values ('\(name)', 'Line')", in: database)
    }
    return database
  }

  private func tamper(_ sql: String, in database: TestDatabase) async throws {
    try await psql(
      """
      begin;
      alter table platform.audit_entry disable trigger all;
      alter table platform.audit_link disable trigger all;
      alter table platform.audit_head disable trigger all;
      \(sql);
      select format('alter table %s enable always trigger %I', g.tgrelid::regclass, g.tgname) from pg_trigger as g
      where g.tgrelid::regclass::text in ('platform.audit_entry', 'platform.audit_link', 'platform.audit_head') \\gexec
      commit;
      """, in: database)
  }

  private func verdict(
    in database: TestDatabase, against kept: AuditTrail.Head? = nil
  ) async throws -> AuditTrail.Verdict {
    try await database.withConnection { connection in
      try AuditTrail.verify(
        against: kept, files: TestServer.installedFiles(), on: connection)
    }
  }

  @Test func whatNobodyTouchedFits() async throws {
    let database = try await ground()
    let head = try await database.withConnection { try AuditTrail.head(on: $0) }
    let verdict = try await verdict(in: database, against: head)
    #expect(verdict.firstBreak == nil && verdict.gaps == [])
    #expect(verdict.head == head)
    #expect(head.sequenceNumber >= 12)
  }

  /// What is done, with the place and the name of what is found.
  private static let attacks: [(name: String, sql: String, found: String)] = [
    (
      "another login",
      "update platform.audit_entry set login = 'somebody' where audit_entry_id = entry(5)",
      "link 5, altered: entry"
    ),
    (
      "another value",
      "update platform.audit_entry set changes = replace(changes::text, 'Line', 'Lime')::jsonb where audit_entry_id = entry(5)",
      "link 5, altered: entry"
    ),
    (
      "another time",
      "update platform.audit_entry set recorded_at = recorded_at - interval '1 microsecond' where audit_entry_id = entry(5)",
      "link 5, altered: entry"
    ),
    (
      "another reason",
      "update platform.audit_entry set reason = 'because' where audit_entry_id = entry(5)",
      "link 5, altered: entry"
    ),
    (
      "an entry deleted", "delete from platform.audit_entry where audit_entry_id = entry(5)",
      "link 5, deleted: the entry of link 5 is missing"
    ),
    (
      "an entry deleted with its link",
      "with gone as (delete from platform.audit_link where sequence_number = 5 returning audit_entry_id) delete from platform.audit_entry where audit_entry_id = (select audit_entry_id from gone)",
      "link 5, deleted: link 5 is missing"
    ),
    (
      "several deleted",
      "delete from platform.audit_link where sequence_number between 5 and 7",
      "link 5, deleted: links 5 to 7 are missing"
    ),
    (
      "deleted, and the rest moved up",
      """
      with gone as (delete from platform.audit_link where sequence_number = 5 returning audit_entry_id)
        delete from platform.audit_entry where audit_entry_id = (select audit_entry_id from gone);
      update platform.audit_link set sequence_number = -sequence_number where sequence_number > 5;
      update platform.audit_link set sequence_number = -sequence_number - 1 where sequence_number < 0
      """,
      "link 5, deleted: link 5 follows on a link that is not there"
    ),
    (
      "neighbours exchanged",
      """
      update platform.audit_link set sequence_number = -sequence_number where sequence_number in (5, 6);
      update platform.audit_link set sequence_number = 11 + sequence_number where sequence_number < 0
      """,
      "link 5, reordered: link 5 follows on link 6"
    ),
    (
      "entries exchanged under their links",
      """
      create temporary table pair as select sequence_number, audit_entry_id from platform.audit_link where sequence_number in (5, 9);
      update platform.audit_link set audit_entry_id = -sequence_number where sequence_number in (5, 9);
      update platform.audit_link as l set audit_entry_id = p.audit_entry_id from pair as p where p.sequence_number = 14 - l.sequence_number
      """,
      "link 5, reordered: the entry that belongs to link 5 stands at link 9"
    ),
    (
      "an entry put in without a link",
      "insert into platform.audit_entry (recorded_at, transaction_id, login, action, object) values (now(), 1, 'x', 'read', 'client C1')",
      "inserted: entry"
    ),
    (
      "an entry put in with a link that fits before",
      """
      insert into platform.audit_entry (audit_entry_id, recorded_at, transaction_id, login, action, object)
        overriding system value values (999999, now(), 1, 'x', 'read', 'client C1');
      update platform.audit_link set sequence_number = -sequence_number where sequence_number >= 5;
      update platform.audit_link set sequence_number = -sequence_number + 1 where sequence_number < 0;
      insert into platform.audit_link select 5, 999999, l.digest, sha256(l.digest || bank.audit_content(e, 5))
        from platform.audit_link as l, platform.audit_entry as e where l.sequence_number = 4 and e.audit_entry_id = 999999
      """,
      "link 6, inserted: link 6 follows on link 4"
    ),
    (
      "the end cut off and the head left",
      "delete from platform.audit_link where sequence_number > 8",
      "link 9, cut: the chain ends at link 8"
    ),
    (
      "all of it gone",
      "delete from platform.audit_link; delete from platform.audit_entry",
      "link 1, cut: the chain ends at link 0"
    ),
  ]

  @Test(arguments: attacks.indices)
  func isFoundAndNamed(_ index: Int) async throws {
    let (name, sql, found) = Self.attacks[index]
    let database = try await ground()
    let statement = sql.replacing(
      "entry(5)", with: "(select audit_entry_id from platform.audit_link where sequence_number = 5)"
    )
    try await tamper(statement, in: database)
    let verdict = try await verdict(in: database)
    #expect(
      verdict.firstBreak?.hasPrefix(found) == true, "\(name): \(verdict.firstBreak ?? "nothing")")
    #expect(verdict.gaps == [])
  }

  /// Whoever cuts the end and sets the head back leaves a chain that fits, which is why the head is kept outside.
  @Test func aHeadThatWasKeptFindsWhatTheChainCannot() async throws {
    let database = try await ground()
    let kept = try await database.withConnection { try AuditTrail.head(on: $0) }
    try await tamper(
      """
      delete from platform.audit_entry where audit_entry_id in (select audit_entry_id from platform.audit_link where sequence_number > 8);
      delete from platform.audit_link where sequence_number > 8;
      update platform.audit_head as h set sequence_number = 8, digest = l.digest
        from platform.audit_link as l where l.sequence_number = 8
      """, in: database)
    #expect(try await verdict(in: database).firstBreak == nil)
    let cut = try await verdict(in: database, against: kept).firstBreak
    #expect(cut?.hasPrefix("link 9, cut: ") == true, "\(cut ?? "nothing")")
    for count in 1...20 {
      try await psql("insert into bank.product_line values ('more\(count)', 'Line')", in: database)
    }
    let replaced = try await verdict(in: database, against: kept).firstBreak
    #expect(
      replaced?.hasPrefix("link \(kept.sequenceNumber), replaced: ") == true,
      "\(replaced ?? "nothing")")
  }

  @Test func aTriggerThatIsOffIsNamed() async throws {
    let database = try await ground()
    for (change, gap) in [
      (
        "alter table bank.assignment disable trigger audit_update",
        "table whose changes are not recorded: bank.assignment: update"
      ),
      (
        "alter table bank.pay_run disable trigger user",
        "table whose changes are not recorded: bank.pay_run: delete"
      ),
      (
        "alter table bank.assignment enable trigger audit_update",
        "table whose changes are not recorded: bank.assignment: update"
      ),
      (
        "drop trigger audit_insert on bank.plan",
        "table whose changes are not recorded: bank.plan: insert"
      ),
      (
        "alter table platform.audit_entry disable trigger audit_entry_is_sealed",
        "trigger of the trail itself that is off: platform.audit_entry: audit_entry_is_sealed"
      ),
    ] {
      try await psql(change, in: database)
      let gaps = try await verdict(in: database).gaps
      #expect(gaps.contains(gap), "\(change): \(gaps)")
    }
  }

  /// Who replaces a function of the platform in the database is found, because the digests are computed
  /// outside of it and its functions are compared with the installation's.
  @Test func aReplacedFunctionDeceivesNobody() async throws {
    let database = try await ground()
    try await psql(
      """
      create or replace function bank.audit_content(entry platform.audit_entry, sequence_number bigint) returns bytea
      language sql as $$ select '\\x00'::bytea $$;
      insert into bank.product_line values ('m', 'Line');
      """, in: database)
    let lying = try await verdict(in: database)
    #expect(lying.firstBreak?.contains("altered: entry") == true, "\(lying.firstBreak ?? "")")
    #expect(
      lying.gaps == [
        "function that is not as the installation has it: bank.audit_content(entry platform.audit_entry, sequence_number bigint)"
      ])

    let silent = try await self.ground()
    try await psql(
      """
      create or replace function bank.record_change() returns trigger language plpgsql security definer
      set search_path = pg_catalog, bank, public, pg_temp as $$ begin return null; end $$;
      create function bank.back_door() returns void language sql as 'select null::void';
      alter function bank.stamp_audit_entry() security invoker;
      alter table bank.access_grant disable trigger access_grant_stays;
      """, in: silent)
    let verdict = try await verdict(in: silent)
    #expect(verdict.firstBreak == nil)
    for gap in [
      "function that is not as the installation has it: bank.record_change()",
      "function that is not as the installation has it: bank.back_door()",
      "trigger of the trail itself that is off: platform.audit_entry: audit_entry_is_stamped",
      "rule that is switched off: bank.access_grant: access_grant_stays",
    ] {
      #expect(verdict.gaps.contains(gap), "\(gap): \(verdict.gaps)")
    }
  }
}
