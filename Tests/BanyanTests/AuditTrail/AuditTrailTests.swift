import Banyan
import Foundation
import LibPQ
import TestSupport
import Testing

@Suite struct AuditTrailTests {
  private func check(in database: TestDatabase) async throws -> String {
    try await psql(TestServer.installedFiles().text(of: "SQL/checks/audit-trail.sql"), in: database)
  }

  @Test func everyTableLeavesATrace() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(try await check(in: database) == "")
    try await psql("create table bank.new (n integer primary key)", in: database)
    #expect(
      try await check(in: database)
        == ["delete", "insert", "truncate", "update"].map {
          "table whose changes are not recorded|bank.new: \($0)\n"
        }.joined())
    try await psql("select bank.attach_audit()", in: database)
    #expect(try await check(in: database) == "")
    try await psql("select bank.add_month('transaction', '2031-07-01')", in: database)
    #expect(try await check(in: database) == "")
  }

  @Test func anEntrySaysWhoWhyOldAndNew() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql(
      """
      set application_name = 'a script';
      set banyan.reason = 'the committee said so'; set banyan.command = 'psql -f change.sql';
      insert into bank.product_line values ('cards', 'Cards'), ('funds', 'Funds');
      update bank.product_line set title = 'Funds and trusts' where code = 'funds';
      update bank.product_line set title = title;
      delete from bank.product_line where code = 'cards';
      """, in: database)
    let entries = try await psql(
      """
      select login = session_user, application, command, reason, action, row_count, changes
      from platform.audit_entry where object = 'bank.product_line' order by audit_entry_id
      """, in: database)
    let who = "t|a script|psql -f change.sql|the committee said so"
    #expect(
      entries == """
        \(who)|insert|2|[{"key": {"code": "cards"}, "new": {"code": "cards", "title": "Cards"}}, {"key": {"code": "funds"}, "new": {"code": "funds", "title": "Funds"}}]
        \(who)|update|1|[{"key": {"code": "funds"}, "new": {"title": "Funds and trusts"}, "old": {"title": "Funds"}}]
        \(who)|delete|1|[{"key": {"code": "cards"}, "old": {"code": "cards", "title": "Cards"}}]

        """)
  }

  @Test func aManyRowedStatementIsCutIntoEntries() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql(
      "insert into bank.product_line select 'line' || n, 'Line' from generate_series(1, 2500) as n",
      in: database)
    #expect(
      try await psql(
        """
        select row_count, jsonb_array_length(changes) from platform.audit_entry
        where object = 'bank.product_line' order by audit_entry_id
        """, in: database) == "1000|1000\n1000|1000\n500|500\n")
  }

  /// Superusers too: the triggers fire even where a session has switched the ordinary ones off.
  @Test func nobodyChangesTheTrail() async throws {
    let ground = try await AccessGround()
    for setting in ["origin", "replica"] {
      for statement in [
        "update platform.audit_entry set login = 'x'", "delete from platform.audit_entry",
        "truncate platform.audit_entry", "update platform.audit_link set digest = digest",
        "delete from platform.audit_link", "truncate platform.audit_link",
        "delete from platform.audit_head",
        "update platform.audit_head set sequence_number = 1", "truncate platform.audit_head",
      ] {
        await #expect(throws: TestSupportError.self, "\(statement)") {
          try await psql(
            "set session_replication_role = \(setting); \(statement)", in: ground.database)
        }
        for role in AccessGround.roles {
          #expect(try await ground.refusal(statement, as: role).contains("permission denied"))
        }
      }
    }
    try await psql(
      "set session_replication_role = replica; insert into bank.product_line values ('cards', 'Cards')",
      in: ground.database)
    try await psql(
      "insert into platform.audit_entry (login, recorded_at, action, object) values ('forged', 'epoch', 'read', 'client C1')",
      in: ground.database)
    #expect(
      try await psql(
        """
        select login = session_user, recorded_at > now() - interval '1 hour', action
        from platform.audit_entry order by audit_entry_id desc limit 2
        """, in: ground.database) == "t|t|read\nt|t|insert\n")
    let verdict = try await ground.database.withConnection {
      try AuditTrail.verify(files: TestServer.installedFiles(), on: $0)
    }
    #expect(verdict.firstBreak == nil)
  }

  @Test func auditorsAloneReadTheTrail() async throws {
    let ground = try await AccessGround()
    try await ground.psql("select bank.record_reading('read', 'client C1', 1, '{}')", as: "branch")
    for role in AccessGround.roles where role != "auditor" {
      for table in ["audit_entry", "audit_link", "audit_head"] {
        #expect(
          try await ground.refusal("select 1 from platform.\(table)", as: role)
            .contains("permission denied"))
      }
    }
    for table in ["audit_entry", "audit_link", "audit_head"] {
      let all = try await psql("select count(*) from platform.\(table)", in: ground.database)
      #expect(
        try await ground.psql("select count(*) from platform.\(table)", as: "auditor") == all)
    }
    #expect(
      try await ground.psql(
        "select login, object from platform.audit_entry order by audit_entry_id desc limit 1",
        as: "auditor") == "access_branch|client C1\n")
  }

  /// An import costs two entries a batch, its beginning and its end, one a table, and none a row.
  @Test func anImportIsItsBatches() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(
      try await psql(
        """
        select count(*) > 0, count(*) filter (where action <> 'insert' or changes is not null), max(n)
        from (
          select e.*, count(*) over (partition by e.transaction_id, e.object, e.action) as n
          from platform.audit_entry as e
          where object ~ '^bank\\.(client|account|account_holder|loan|transaction.*|account_month|rejected_row)$') as e
        """, in: database) == "t|0|1\n")
    #expect(
      try await psql(
        """
        select count(*) filter (where n <> 2), count(*) = (select count(*) from bank.batch), bool_and(has_digest)
        from (
          select c.change #>> '{key,batch_id}' as batch, count(*) as n,
            bool_or(c.change #>> '{new,content_digest}' = b.content_digest::text) as has_digest
          from platform.audit_entry as e cross join lateral jsonb_array_elements(e.changes) as c (change)
          join bank.batch as b on b.batch_id = (c.change #>> '{key,batch_id}')::bigint
          where e.object = 'bank.batch' group by 1) as a
        """, in: database) == "0|t|t\n")
    try await psql("update bank.account_month set credits = credits + 1", in: database)
    #expect(
      try await psql(
        """
        select action, row_count > 0, changes #>> '{0,new,credits}' is not null from platform.audit_entry
        where object = 'bank.account_month' order by audit_entry_id desc limit 1
        """, in: database) == "update|t|t\n")
  }

  /// A batch that somebody makes up covers nothing: what is put in, changed or taken away beside it in
  /// one transaction has entries of its own.
  @Test func aBatchMadeByHandHidesNothing() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let last = try await psql("select max(audit_entry_id) from platform.audit_entry", in: database)
      .trimmingCharacters(in: .newlines)
    try await psql(
      """
      begin;
      insert into bank.batch (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
        select dataset, 'made up', sha256('made up'), mapping_name, mapping_digest, state from bank.batch limit 1;
      insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
        select branch_id, 'X' || n, 'X', kind, batch_id, n from (select * from bank.client limit 1) as c, generate_series(1, 3) as n;
      update bank.account_month set credits = credits + 1
        where (account_id, month) = (select account_id, month from bank.account_month limit 1);
      insert into bank.rejected_row (batch_id, line_number, reason_number, code, reason) select max(batch_id), 1, 1, 'x', 'x' from bank.batch;
      delete from bank.rejected_row where code = 'x';
      insert into bank.product_line values ('cards', 'Cards');
      commit;
      """, in: database)
    let entries = try await psql(
      """
      select action, object, row_count, changes is not null,
        (select string_agg(d.key || ' ' || length(d.value), ', ' order by d.key) from jsonb_each_text(detail) as d)
      from platform.audit_entry
      where audit_entry_id > \(last) and object <> 'bank.batch' order by audit_entry_id
      """, in: database)
    #expect(
      entries == """
        insert|bank.client||f|
        update|bank.branch_month|1|f|new_sha256 64, old_sha256 64
        update|bank.account_month|1|f|new_sha256 64, old_sha256 64
        insert|bank.rejected_row||f|
        delete|bank.rejected_row|1|f|old_sha256 64
        insert|bank.product_line|1|t|

        """)
  }

  /// Of a change in bulk there are digests of the rows, which a session cannot make others by its settings.
  @Test func digestsDoNotDependOnTheSession() async throws {
    let database = try await TestServer.tinyBankDatabase()
    try await psql(
      """
      create table bank.mass (n integer primary key, at timestamptz, day date, bytes bytea, gap interval, ratio double precision);
      insert into platform.audit_scope (table_name, way) values ('mass', 'bulk');
      select bank.attach_audit();
      insert into bank.mass select n, timestamptz '2026-01-01 00:00+00' + n * interval '1 minute', date '2026-01-01' + n % 100,
        sha256(n::text::bytea), n * interval '1 hour', n / 7.0 from generate_series(1, 10001) as n;
      """, in: database)
    for settings in [
      "set timezone = 'UTC'",
      """
      set timezone = 'Asia/Shanghai'; set datestyle = 'German'; set bytea_output = 'escape';
      set intervalstyle = 'iso_8601'; set extra_float_digits = -3
      """,
    ] {
      try await psql("\(settings); update bank.mass set n = n", in: database)
      try await psql("\(settings); update bank.mass set day = day where n < 3", in: database)
    }
    let digests = try await psql(
      """
      select row_count, detail ->> 'old_sha256', detail ->> 'new_sha256' from platform.audit_entry
      where object = 'bank.mass' and action = 'update' order by audit_entry_id
      """, in: database)
    // The rows' own digests, sorted and digested by their first byte, then those in their order.
    let expected = try await psql(
      """
      set timezone = 'UTC';
      with line as (select sha256(convert_to(row_to_json(m)::text, 'UTF8')) as digest from bank.mass as m),
      part as (
        select get_byte(digest, 0) as first, sha256(string_agg(digest, '' order by digest)) as digest from line group by 1)
      select encode(sha256(string_agg(digest, '' order by first)), 'hex') from part
      """, in: database
    ).trimmingCharacters(in: .newlines)
    #expect(
      digests == "10001|\(expected)|\(expected)\n10001|\(expected)|\(expected)\n", "\(expected)")
  }

  /// A row whose key changes is an old one that goes and a new one that comes.
  @Test func aChangeOfTheKeyShowsBothRows() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql(
      """
      insert into bank.product_line values ('cards', 'Cards'), ('funds', 'Funds');
      update bank.product_line set code = 'notes' where code = 'cards';
      """, in: database)
    #expect(
      try await psql(
        """
        select c.change from platform.audit_entry cross join lateral jsonb_array_elements(changes) as c (change)
        where object = 'bank.product_line' and action = 'update' order by 1
        """, in: database) == """
          {"key": {"code": "cards"}, "old": {"code": "cards", "title": "Cards"}}
          {"key": {"code": "notes"}, "new": {"code": "notes", "title": "Cards"}}

          """)
  }

  @Test func keysAreNotKept() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql("update bank.pseudonym_secret set key = '\\x00010203'", in: database)
    let entry = try await psql(
      "select changes from platform.audit_entry where object = 'bank.pseudonym_secret'",
      in: database)
    #expect(!entry.contains("00010203") && entry.contains("sha256:"))
  }

  /// A transaction that has written and not ended keeps nobody waiting.
  @Test func writersDoNotWaitForEachOther() async throws {
    let database = try await TestServer.migratedDatabase()
    let slow = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    try await slow.withConnection { connection in
      try connection.execute("begin")
      try connection.execute("insert into bank.product_line values ('slow', 'Slow')")
    }
    try await psql(
      "set lock_timeout = '20s'; insert into bank.product_line values ('quick', 'Quick')",
      in: database)
    try await slow.withConnection { connection in try connection.execute("commit") }
    await slow.close()
    #expect(
      try await psql(
        """
        select e.changes #>> '{0,key,code}' from platform.audit_entry as e join platform.audit_link as l using (audit_entry_id)
        order by l.sequence_number
        """, in: database) == "quick\nslow\n")
    let verdict = try await database.withConnection {
      try AuditTrail.verify(files: TestServer.installedFiles(), on: $0)
    }
    #expect(verdict.firstBreak == nil)
  }

  @Test func aRaceOfWritersMakesOneChain() async throws {
    let database = try await TestServer.migratedDatabase()
    let (writers, each) = (8, 25)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<writers {
        group.addTask {
          try await database.withConnection { connection in
            for number in 0..<each {
              try connection.transaction { connection in
                let code = "w\(writer)n\(number)"
                try connection.execute("insert into bank.product_line values (\(code), 'Line')")
                try connection.execute(
                  "update bank.product_line set title = 'Other' where code = \(code)")
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let verdict = try await database.withConnection {
      try AuditTrail.verify(files: TestServer.installedFiles(), on: $0)
    }
    #expect(verdict.firstBreak == nil)
    #expect(
      try await psql(
        "select count(*), max(sequence_number) - min(sequence_number) + 1 - count(*) from platform.audit_link join platform.audit_entry using (audit_entry_id) where object = 'bank.product_line'",
        in: database) == "\(writers * each * 2)|0\n")
  }
}
