import Foundation
import TestSupport
import Testing

/// The standard reports on a bank whose figures can be reckoned by hand, and their agreement with each
/// other.
@Suite struct StandardReportTests {
  private struct Ground {
    let database: TestDatabase

    /// Runs a report, which must work.
    func rows(_ report: String, _ parameters: String...) async throws -> [[String: String]] {
      let outcome = try await BanyanProcess.run(
        ["report", "run", report] + parameters + ["--format", "csv"],
        environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 0, "\(report): \(outcome.errorOutput)")
      return try CSVTable(text: outcome.output).rows
    }

    /// The exact sum of a column of rows, with two digits after the point.
    func sum(_ column: String, of rows: [[String: String]]) async throws -> String {
      let values = rows.compactMap { $0[column] }.filter { !$0.isEmpty }
        .map { "'\($0)'" }.joined(separator: ",")
      let sum = try await psql(
        "select coalesce(sum(v::numeric), 0)::numeric(30, 2) from unnest(array[\(values)]::text[]) as v",
        in: database)
      return String(sum.dropLast())
    }

    func pay(_ months: String...) async throws {
      for month in months {
        let outcome = try await banyan("pay", "run", month, on: database)
        #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      }
    }
  }

  private func tiny() async throws -> Ground {
    Ground(database: try await TestServer.tinyBankDatabase())
  }

  @Test func thisYearAgainstLast() async throws {
    let ground = try await tiny()
    let rows = try await ground.rows("year-comparison", "month=2026-12")
    let bank = try #require(rows.first { $0["level"] == "bank" })
    // A year before A1 held nothing until the last day, when 1,000,000.00 came in: 1 of 31 days.
    #expect(bank["adb"] == "650030.51" && bank["adb_last_year"] == "32258.06")
    #expect(bank["adb_change"] == "617772.45" && bank["adb_change_percent"] == "1915.1")
    #expect(bank["clients"] == "3" && bank["clients_change"] == "1")
    let branches = try await ground.rows(
      "year-comparison", "month=2026-01", "level=branch", "under=B2")
    #expect(branches.map { $0["code"] } == ["B2"])
    #expect(branches[0]["adb"] == "1.00" && branches[0]["adb_change_percent"] == "")
    #expect(branches[0]["loans_granted_amount"] == "0.00")
  }

  @Test func theLeagueTable() async throws {
    let ground = try await tiny()
    // A month is paid once something was booked in it.
    try await psql(
      """
      insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
      select branch_id, '2026-02-01', account_id, 0, 0, 0, 0 from bank.account where number = 'A3'
      """, in: ground.database)
    try await ground.pay("2026-01", "2026-02")
    let january = try await ground.rows("manager-league", "month=2026-01")
    #expect(january.map { $0["person"] } == ["E1", "E2", "E3"])
    #expect(january.map { $0["adb"] } == ["555483.69", "273548.31", "1.00"])
    #expect(january.map { $0["rank_in_unit"] } == ["1", "2", "1"])
    #expect(january.allSatisfy { $0["adb_change"] == "" }, "no run of the month before counts")
    let february = try await ground.rows("manager-league", "month=2026-02", "by=growth")
    // E3's 31.01 counts for all of February; E1 lost to the transfer out, E2 gained by 50,000.00.
    #expect(february.map { $0["person"] } == ["E3", "E2", "E1"])
    #expect(february.first { $0["person"] == "E3" }?["adb_change"] == "30.01")
    let loans = try await ground.rows("manager-league", "month=2026-01", "by=loans")
    #expect(loans.map { $0["loans_granted_amount"] } == ["84000.00", "36000.00", "0.00"])
  }

  @Test func thePortfolioAddsUpToTheBranchMonthWithThePool() async throws {
    var bank = TinyBank()
    // Nobody looks after A2 now, and E3 of B2 has a share of A1, which is booked at B1.
    bank = bank.with(
      "assignments.csv",
      "account_number,employee_number,share,effective_from,effective_until\nA1,E1,0.7,2026-01-01,\nA1,E3,0.3,2026-01-01,\nA3,E3,1,2026-01-31,\n"
    )
    let database = try await TestServer.migratedDatabase()
    let folder = try bank.write()
    let taken = try await banyan(
      "import", folder.path + "/files", "--mapping", folder.path + "/mapping", on: database)
    #expect(taken.exitCode == 0, "\(taken.errorOutput)")
    try await agree(Ground(database: database), month: "2026-01", branches: ["B1", "B2"])
    let ground = Ground(database: database)
    let lines = try await ground.rows("manager-portfolio", "month=2026-01")
    #expect(lines.contains { $0["position"] == "pool" && $0["booked_at"] == "B1" })
    #expect(lines.contains { $0["person"] == "E3" && $0["booked_at"] == "B1" })
  }

  @Test func theReportsOfAMadeUpBankAgree() async throws {
    let database = try await TestServer.migratedDatabase()
    let folder = try TemporaryFolder()
    let made = try await BanyanProcess.run(
      [
        "sample", folder.path + "/files", "--seed", "3", "--branches", "3", "--managers", "5",
        "--clients", "60", "--months", "2",
      ])
    #expect(made.exitCode == 0)
    let taken = try await banyan(
      "import", folder.path + "/files", "--mapping",
      SharedData.packageFolder + "/seeds/mappings/demo", on: database)
    #expect(taken.exitCode == 3, "rows that are wrong on purpose are kept out")
    // One account in five loses its managers, and their clients too.
    try await psql(
      """
      update bank.assignment set superseded_at = clock_timestamp() where superseded_at is null
        and coalesce(account_id, client_id) % 5 = 0
      """, in: database)
    let ground = Ground(database: database)
    try await agree(ground, month: "2026-02", branches: ["B001", "B002", "B003"])
    // Whatever pay is cut by, it is the same pay.
    let statements = try await ground.rows("pay-statements", "month=2026-02")
    let earned = try await ground.sum("earned", of: statements)
    for by in ["all", "branch", "tier", "component"] {
      let cost = try await ground.rows("pay-cost", "from=2026-02", "to=2026-02", "by=\(by)")
      #expect(try await ground.sum("amount", of: cost) == earned, "cut by \(by)")
    }
    let compared = try await ground.rows("pay-against-performance", "month=2026-02")
    #expect(try await ground.sum("earned", of: compared) == earned)
    // Clients and balances of all bands, and the balances of all branches, are the bank's.
    let bank = try await ground.rows("branch-month", "from=2026-02", "to=2026-02", "level=bank")
    let balance = try #require(bank.first?["balance_end"])
    let bands = try await ground.rows("client-bands", "from=2026-01", "to=2026-02")
    #expect(try await ground.sum("balance_to", of: bands) == balance)
    let clients = try await psql("select count(*) || '.00' from bank.client", in: database)
    #expect(try await ground.sum("clients", of: bands) + "\n" == clients)
    let whole = try await ground.rows("concentration", "month=2026-02", "by=branch")
    #expect(try await ground.sum("balance", of: whole) == balance)
    #expect(whole.last?["running_percent"] == "100.00")
  }

  /// The portfolio by branch of the accounts, the pool included, is the consolidated month, exactly.
  private func agree(_ ground: Ground, month: String, branches: [String]) async throws {
    try await ground.pay(month)
    let portfolio = try await ground.rows("manager-portfolio", "month=\(month)")
    let months = try await ground.rows("branch-month", "from=\(month)", "to=\(month)")
    for branch in branches {
      let lines = portfolio.filter { $0["booked_at"] == branch }
      let consolidated = try #require(months.first { $0["code"] == branch })
      for column in ["balance_days", "loans_granted_amount"] {
        #expect(
          try await ground.sum(column, of: lines) == ground.sum(column, of: [consolidated]),
          "\(branch): \(column)")
      }
    }
    let unassigned = portfolio.filter { $0["position"] == "pool" }
    #expect(!unassigned.isEmpty, "the pool has something")
  }

  @Test func payAndDeferrals() async throws {
    let ground = try await tiny()
    try await ground.pay("2026-01")
    // 555.48 + 273.55 + 0.00, of which 40 % is deferred in three instalments.
    let balances = try await ground.rows("deferral-balances", "day=2027-06-30")
    let first = try #require(balances.first { $0["person"] == "E1" })
    #expect(first["deferred"] == "222.19" && first["due"] == "74.07")
    #expect(first["outstanding"] == "222.19" && first["next_due"] == "2028-01-31")
    #expect(first["released"] == "0.00" && first["forfeited"] == "0.00")
    let early = try await ground.rows("deferral-balances", "day=2026-02-01")
    #expect(early.first { $0["person"] == "E1" }?["due"] == "0.00")
    let statement = try await ground.rows(
      "manager-statement", "person=E1", "from=2026-01", "to=2026-01")
    #expect(statement.map { $0["component"] } == ["deposits", "deferred"])
    #expect(statement.map { $0["amount"] } == ["555.48", "-222.19"])
    #expect(statement[0]["basis"] == "555483.69")
    let compared = try await ground.rows("pay-against-performance", "month=2026-01")
    #expect(compared.map { $0["earned_per_10000"] } == ["10.00", "10.00", "0.00"])
    #expect(compared.map { $0["difference"] } == ["0", "0", "0"])
    let cost = try await ground.rows("pay-cost", "from=2026-01", "to=2026-01", "by=branch")
    #expect(cost.map { $0["branch"] } == ["B1", "B2"] && cost[0]["amount"] == "829.03")
  }

  @Test func bandsAndConcentration() async throws {
    let ground = try await tiny()
    try await psql(
      """
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from, effective_until)
      select branch_id, client_id, 'band', band, first_day::date, next_day::date
      from bank.client join (values ('C1', 'ordinary', '2025-01-01', '2026-01-20'), ('C1', 'gold', '2026-01-20', null),
        ('C2', 'ordinary', '2026-01-05', null)) as v (number, band, first_day, next_day) using (number);
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from)
      select branch_id, client_id, 'industry', 'mining', '2025-01-01' from bank.client where number = 'C1'
      """, in: ground.database)
    let bands = try await ground.rows("client-bands", "from=2026-01", "to=2026-01")
    let movement = bands.map {
      "\($0["band_from"] ?? "")>\($0["band_to"] ?? "") \($0["movement"] ?? "") \($0["clients"] ?? "")"
    }
    #expect(movement == ["none>none none 1", "none>ordinary new 1", "ordinary>gold up 1"])
    let up = try #require(bands.last)
    #expect(up["balance_from"] == "1000000.00" && up["balance_to"] == "599999.50")
    let clients = try await ground.rows("concentration", "month=2026-01", "top=2")
    #expect(clients.map { $0["code"] } == ["C1", "C2"])
    #expect(clients.map { $0["share_percent"] } == ["92.30", "7.69"])
    #expect(clients.last?["running_percent"] == "100.00")
    let industry = try await ground.rows("concentration", "month=2026-01", "by=industry")
    #expect(industry.map { $0["code"] } == ["mining"] && industry[0]["share_percent"] == "92.30")
    let below = try await ground.rows("concentration", "month=2026-01", "under=B2")
    #expect(below.map { $0["code"] } == ["C3"] && below[0]["share_percent"] == "100.00")
  }

  @Test func changesOfAssignmentsAndCollisions() async throws {
    let ground = try await tiny()
    let changes = [
      [
        "assignment", "reassign", "C1", "E2", "--from", "2026-03-01", "--reason", "maternity leave",
      ],
      ["assignment", "assign", "C1", "E1", "--from", "2026-02-01"],
    ].reversed()
    for change in changes {
      let outcome = try await BanyanProcess.run(
        change, environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == 0, "\(change): \(outcome.errorOutput)")
    }
    let today = try await psql("select current_date", in: ground.database).dropLast()
    let rows = try await ground.rows("assignment-changes", "from=\(today)")
    let orders = Set(rows.compactMap { $0["verb"] })
    #expect(orders == ["assign", "reassign"])
    let given = rows.filter {
      $0["verb"] == "reassign" && $0["effect"] == "begins" && $0["person"] == "E2"
    }
    #expect(given.map { $0["effective_from"] } == ["2026-03-01"])
    #expect(given.map { $0["reason"] } == ["maternity leave"])
    #expect(
      rows.contains { $0["verb"] == "reassign" && $0["effect"] == "ends" && $0["person"] == "E1" })
    #expect(try await ground.rows("assignment-changes", "from=\(today)", "under=B2").isEmpty)

    for person in ["E1", "E3"] {
      let claim = try await BanyanProcess.run(
        [
          "claim", "add", "--person", person, "--prospect", "Newcomer Ltd", "--unit", "B1", "--on",
          "2026-02-0\(person.dropFirst())", "--evidence", "met",
        ],
        environment: ["DATABASE_URL": ground.database.url])
      #expect(claim.exitCode == 0, "\(claim.errorOutput)")
    }
    let collisions = try await ground.rows(
      "territory-collisions", "from=2026-02-01", "to=2026-02-28", "state=open")
    #expect(collisions.map { $0["claimants"] } == ["E1, E3"])
    #expect(collisions[0]["opened_on"] == "2026-02-03" && collisions[0]["days"] == "25")
    #expect(
      try await ground.rows("territory-collisions", "from=2026-02-01", "state=decided").isEmpty)
  }

  @Test func tiersLoansAndDataQuality() async throws {
    let ground = try await tiny()
    let people = try await ground.rows("tier-headcount", "month=2026-02")
    let counted = people.map {
      "\($0["unit"] ?? "") \($0["tier"] ?? "") \($0["people_before"] ?? "")>\($0["people"] ?? "")"
    }
    #expect(counted == ["B1 senior 0>1", "B1 junior 2>1", "B2 senior 1>1"])
    let loans = try await ground.rows("loan-quality", "month=2026-01", "level=branch")
    #expect(loans.map { $0["loans"] } == ["1", "0"] && loans[0]["ratio_percent"] == "0.0000")
    try await psql("update bank.loan set status = 'overdue'", in: ground.database)
    let bad = try await ground.rows("loan-quality", "month=2026-01")
    #expect(bad.map { $0["overdue_amount"] } == ["120000.00", "120000.00", "120000.00", "0.00"])
    #expect(bad[0]["ratio_percent"] == "100.0000" && bad[3]["ratio_percent"] == "")
    #expect(try await ground.rows("loan-quality", "month=2025-12", "level=bank")[0]["loans"] == "0")
    try await psql(
      """
      select bank.add_month('repayment_due', '2026-01-01'), bank.add_month('repayment', '2026-01-01');
      insert into bank.repayment_due (branch_id, loan_id, due_on, principal, interest, batch_id, line_number)
      select branch_id, loan_id, '2026-01-31', 10000, 400, batch_id, 2 from bank.loan;
      insert into bank.repayment (branch_id, paid_on, number, loan_id, principal, interest, batch_id, line_number)
      select branch_id, '2026-01-31', 'R1', loan_id, 10000, 300, batch_id, 2 from bank.loan;
      """, in: ground.database)
    let interest = try await ground.rows("interest-collection", "month=2026-01", "level=branch")
    #expect(interest.map { $0["interest_percent"] } == ["75.0000", ""])
    #expect(interest[0]["principal_percent"] == "100.0000" && interest[0]["loans_due"] == "1")
    let later = try await ground.rows("interest-collection", "month=2026-02", "level=bank")
    #expect(later.map { $0["interest_due"] } == ["0.00"])
    try await psql(
      """
      update bank.client set name = null where number = 'C2';
      update bank.assignment set superseded_at = clock_timestamp()
      where account_id = (select account_id from bank.account where number = 'A2');
      update bank.transaction set reported_balance = 1 where number = 'T3'
      """, in: ground.database)
    let quality = try await ground.rows("data-quality", "month=2026-01")
    func found(_ finding: String) -> [String] {
      quality.filter { $0["finding"] == finding }
        .map { "\($0["unit"] ?? ""): \($0["count"] ?? "") of \($0["of"] ?? "")" }
    }
    #expect(found("client without a name") == ["B1: 1 of 2"])
    #expect(found("account that nobody looks after") == ["B1: 1 of 2"])
    #expect(found("day whose claimed balances are all wrong") == ["B1: 1 of 2"])
    #expect(found("client without an identity number") == ["B1: 2 of 2", "B2: 1 of 1"])
    #expect(found("account without an owner").isEmpty)
  }
}
