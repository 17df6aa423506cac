import Banyan
import LibPQ
import TestSupport
import Testing

@Suite struct AuditTrailTests {
  private func check(in database: TestDatabase) async throws -> String {
    try await psql(TestServer.installedFiles().text(of: "SQL/checks/audit.sql"), in: database)
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
    try await psql("select bank.add_month('2031-07-01')", in: database)
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
        \(who)|update|1|[{"key": {"code": "funds"}, "new": {"title": "Funds and trusts"}, "old": {"code": "funds", "title": "Funds"}}]
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
    let verdict = try await ground.database.withConnection { try AuditTrail.verify(on: $0) }
    #expect(verdict.firstBreak == nil)
  }

  @Test func everybodySeesTheOwnEntriesAndAnAuditorAll() async throws {
    let ground = try await AccessGround()
    try await ground.psql("select bank.record_reading('read', 'client C1', 1, '{}')", as: "branch")
    #expect(
      try await ground.psql("select login, employee_id from platform.audit_entry", as: "branch")
        == (try await psql(
          "select 'access_branch', employee_id from bank.employee where number = 'E5'",
          in: ground.database)))
    #expect(try await ground.psql("select count(*) from platform.audit_entry", as: "hr") == "0\n")
    let all = try await psql("select count(*) from platform.audit_entry", in: ground.database)
    #expect(
      try await ground.psql("select count(*) from platform.audit_entry", as: "auditor") == all)
    #expect(
      try await ground.psql("select kind is null from bank.verify_audit()", as: "auditor") == "t\n")
    #expect(
      try await ground.refusal("select bank.verify_audit()", as: "hr").contains("permission denied")
    )
  }

  /// An import costs two entries a batch, its beginning and its end, and none a row.
  @Test func anImportIsItsBatches() async throws {
    let database = try await TestServer.tinyBankDatabase()
    #expect(
      try await psql(
        """
        select count(*) from platform.audit_entry
        where object ~ '^bank\\.(client|account|account_holder|loan|transaction.*|account_month|rejected_row)$'
        """, in: database) == "0\n")
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
        "select action, row_count > 0, changes #>> '{0,new,credits}' is not null from platform.audit_entry where object = 'bank.account_month'",
        in: database) == "update|t|t\n")
    try await psql(
      "insert into bank.client (branch_id, number, name, kind, batch_id, line_number) select branch_id, 'X1', 'X', kind, batch_id, 1 from bank.client limit 1",
      in: database)
    #expect(
      try await psql(
        "select action from platform.audit_entry where object = 'bank.client'", in: database)
        == "insert\n")
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
    let verdict = try await database.withConnection { try AuditTrail.verify(on: $0) }
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
    let verdict = try await database.withConnection { try AuditTrail.verify(on: $0) }
    #expect(verdict.firstBreak == nil)
    #expect(
      try await psql(
        "select count(*), max(sequence_number) - min(sequence_number) + 1 - count(*) from platform.audit_link join platform.audit_entry using (audit_entry_id) where object = 'bank.product_line'",
        in: database) == "\(writers * each * 2)|0\n")
  }
}
