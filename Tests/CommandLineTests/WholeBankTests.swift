import Foundation
import TestSupport
import Testing

/// `banyan export --all` and `banyan import` of its folder: a bank goes to another database, and both are equal.
@Suite struct WholeBankTests {
  /// What guards the rows, as the catalogue tells it: constraints, triggers and how they are enabled, comments.
  private static let guards = """
    select k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) || coalesce(d.description, '')
    from pg_constraint as k
    left join pg_description as d on d.objoid = k.oid and d.classoid = 'pg_constraint'::regclass
    where k.connamespace in ('bank'::regnamespace, 'platform'::regnamespace)
    union all
    select g.tgenabled::text || pg_get_triggerdef(g.oid) from pg_trigger as g
    join pg_class as c on c.oid = g.tgrelid
    where c.relnamespace in ('bank'::regnamespace, 'platform'::regnamespace) and not g.tgisinternal
    union all
    select c.relname || ' ' || c.relrowsecurity || coalesce(c.relacl::text, '') from pg_class as c
    where c.relnamespace in ('bank'::regnamespace, 'platform'::regnamespace)
    order by 1
    """

  @Test func aBankGoesToAnotherDatabaseAndBothAreEqual() async throws {
    let ground = try await WholeBankGround()
    let written = try await ground.export(from: ground.database, to: ground.path)
    let other = try await TestServer.migratedDatabase()
    let restored = try await banyan("import", ground.path, on: other)
    #expect(restored.exitCode == 0, "\(restored.errorOutput)")
    #expect(ground.digest(in: restored) == written)
    #expect(
      restored.messages().last?.hasPrefix(
        "Logins that have grants and are not on this server: \(ground.lostLogin);") == true)

    let again = ground.folder.path + "/again"
    #expect(try await ground.export(from: other, to: again) == written)
    let (first, second) = (
      try contents(of: ground.path + "/tables"), try contents(of: again + "/tables")
    )
    #expect(first.keys.sorted() == second.keys.sorted())
    for name in [
      "transaction_2026_01", "fact_2026_01", "account_balance_2026_01", "replaced_account_balance",
    ] {
      #expect((first["bank.\(name).csv"]?.split(separator: 10).count ?? 0) > 1, "\(name)")
    }
    for name in first.keys.sorted() where !name.hasPrefix("platform.audit_") {
      #expect(first[name] == second[name], "\(name)")
    }
    // The trail goes on from where it was.
    for name in ["platform.audit_entry.csv", "platform.audit_link.csv"] {
      let (old, new) = (try #require(first[name]), try #require(second[name]))
      #expect(new.count > old.count && new.starts(with: old), "\(name)")
    }
    let (old, new) = (
      try await psql(Self.guards, in: ground.database), try await psql(Self.guards, in: other)
    )
    #expect(Set(old.split(separator: "\n")).symmetricDifference(new.split(separator: "\n")) == [])
    try await sameAnswers(ground.database, other)
    try await lifeGoesOn(in: other)
  }

  /// What people ask is answered alike, and what was proved once is proved again.
  private func sameAnswers(_ one: TestDatabase, _ other: TestDatabase) async throws {
    let head = try await banyan("audit", "head", on: one).output
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(!head.isEmpty)
    for arguments in [
      ["pay", "verify", "2"], ["pay", "explain", "E1", "2026-02"],
      ["approval", "list"], ["report", "run", "branch-month", "from=2026-01", "to=2026-03"],
      ["report", "run", "batches"], ["report", "run", "manager-portfolio", "month=2026-01"],
      ["report", "run", "assignment-changes", "from=2026-01-01", "to=2026-12-31"],
      ["org", "tree"], ["access", "list"],
    ] {
      let answers = [
        try await BanyanProcess.run(arguments, environment: ["DATABASE_URL": one.url]),
        try await BanyanProcess.run(arguments, environment: ["DATABASE_URL": other.url]),
      ]
      #expect(answers[0].exitCode == 0, "\(arguments): \(answers[0].errorOutput)")
      #expect(answers[0].exitCode == answers[1].exitCode, "\(arguments)")
      #expect(answers[0].output == answers[1].output, "\(arguments)")
    }
    let proof = try await banyan("audit", "verify", on: other)
    #expect(proof.exitCode == 0, "\(proof.output)\(proof.errorOutput)")
  }

  /// New keys follow on the old ones, rules hold, and what is done leaves its trace.
  private func lifeGoesOn(in database: TestDatabase) async throws {
    let bank = TinyBank().adding("T10,A3,2026-03-01,credit,5.00,,,,,\n", to: "transactions.csv")
    let files = try bank.write()
    let taken = try await banyan(
      "import", files.path + "/files/transactions.csv", "--mapping", files.path + "/mapping",
      "--format", "csv", on: database)
    #expect(taken.exitCode == 0, "\(taken.errorOutput)")
    #expect(taken.output.contains("loaded,5,1,0,4\n"), "\(taken.output)")
    try files.write(
      "account_number,balanced_on,balance\nA7,2026-01-15,200.00\n".utf8, to: "late/balances.csv")
    try files.write(
      "branch_code,booked_on,metric,product_code,client_number,employee_number,number,amount\nB1,2026-03-05,sales_amount,FUND,C1,E2,S1,5.00\n"
        .utf8, to: "late/facts.csv")
    for dataset in ["balances", "facts"] {
      let late = try await banyan(
        "import", files.path + "/late/\(dataset).csv", "--dataset", dataset, on: database)
      #expect(late.exitCode == 0, "\(late.errorOutput)")
    }
    // 100 for five days of January and 200 for the other seventeen of it.
    #expect(
      try await psql(
        """
        select m.movement_days from bank.account_month as m join bank.account as a using (branch_id, account_id)
        where a.number = 'A7' and m.month = '2026-01-01'
        """, in: database) == "3900.00\n")
    #expect(try await banyan("pay", "run", "2026-03", on: database).exitCode == 0)
    #expect(
      try await psql(
        "select min(pay_run_id) from bank.pay_run where pay_run_id > 2", in: database) == "3\n")
    let refusal = try await wordsOf("delete from bank.pay_run", in: database)
    #expect(refusal.contains("refused"), "\(refusal)")
    #expect(
      try await wordsOf("update bank.employee set branch_id = 999999", in: database).contains(
        "foreign key"))
    #expect(try await banyan("audit", "verify", on: database).exitCode == 0)
    #expect(try await database.unaccountedRows() == "")
  }

  private func wordsOf(_ statement: String, in database: TestDatabase) async throws -> String {
    do {
      return try await psql(statement, in: database)
    } catch let error as TestSupportError {
      return error.description
    }
  }

  @Test func packedFilesSayTheSameAndOnlyTheOwnerReadsThem() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    var told: Set<String> = []
    for (name, more) in [
      ("plain", []), ("packed", ["--compress", "zst"]), ("gz", ["--compress", "gz"]),
    ] {
      let outcome = try await BanyanProcess.run(
        ["export", "--all", "\(folder.path)/\(name)"] + more,
        environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      told.insert(
        outcome.errorOutput.firstMatch(of: /bank ([0-9a-f]{64})/).map { String($0.output.1) } ?? "")
    }
    #expect(told.count == 1 && told.first?.count == 64)
    let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/packed")
    #expect(mode[.posixPermissions] as? Int == 0o700)
    let other = try await TestServer.migratedDatabase()
    let trial = try await banyan("import", folder.path + "/packed", "--dry-run", on: other)
    #expect(trial.exitCode == 0, "\(trial.errorOutput)")
    #expect(trial.messages().last == "This was a dry run: nothing was written.")
    #expect(try await psql("select count(*) from bank.institution", in: other) == "0\n")
    let restored = try await banyan("import", folder.path + "/packed", "--quiet", on: other)
    #expect(restored.exitCode == 0, "\(restored.errorOutput)")
    #expect(restored.errorOutput.contains(told.first ?? "-"))
    let entries = try await psql(
      "select action, object, row_count > 100, detail ->> 'sha256' from platform.audit_entry order by 1, audit_entry_id",
      in: other)
    #expect(entries.contains("insert|whole bank|t|\(told.first ?? "")\n"))
    #expect(entries.contains("export|whole bank||\n"))
  }

  @Test func whoIsNotTheOwnerIsRefused() async throws {
    let ground = try await ApprovalGround()
    let folder = try TemporaryFolder()
    for login in ["head_office", "auditor", "access_officer"] {
      let outcome = try await ground.run("export", "--all", folder.path + "/bank", as: login)
      #expect(outcome.exitCode == 77)
      #expect(
        outcome.messages() == [
          "banyan: a whole bank leaves by the owner of its schema alone, and the login “access_\(login)” is not; log in as the owner"
        ])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
