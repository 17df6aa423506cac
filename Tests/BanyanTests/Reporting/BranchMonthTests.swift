import Banyan
import Foundation
import LibPQ
import Quantities
import TestSupport
import Testing

/// The roll-up by branch and month against the facts that it is made of: whatever comes and is replaced, and whoever
/// looks.
@Suite struct BranchMonthTests {
  /// Says so if the roll-up differs from its sources, or the consolidated months from the facts.
  private func expectSound(
    _ database: TestDatabase, _ occasion: String, at conninfo: String? = nil
  ) async throws {
    let conninfo = conninfo ?? database.conninfo
    let rolledUp = try await report("SQL/reports/branch-month.sql", at: conninfo)
    let counted = try await report(
      "Benchmarks/Data/reports/branch-month-from-facts.sql", at: conninfo)
    #expect(rolledUp == counted, "\(occasion): the consolidated months differ from the facts")
    #expect(!counted.isEmpty)
  }

  /// The rows of a report on the months of the made-up banks, all units of them.
  private func report(_ file: String, at conninfo: String) async throws -> String {
    var sql = try String(contentsOfFile: SharedData.packageFolder + "/" + file, encoding: .utf8)
    let values = [
      "from": "2025-12", "to": "2026-04", "tree": "today", "level": "all", "under": "all",
    ]
    for (name, value) in values { sql = sql.replacing(":'\(name)'", with: "'\(value)'") }
    return try await psql(sql, at: conninfo)
  }

  // MARK: - At random

  /// What a bank sends, made up at random: every file may be about any branch, client and month.
  private struct Deliveries {
    var dice: Dice
    private var accounts: [String] = []
    private var numbers = 0

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private mutating func next(_ letter: String) -> String {
      numbers += 1
      return letter + String(numbers)
    }

    private mutating func day(_ days: ClosedRange<Int>) -> String {
      CivilDate(year: 2026, month: 1, day: 1)?.adding(days: .random(in: days, using: &dice))
        .description ?? ""
    }

    private mutating func cents() -> String {
      ExactDecimal(coefficient: Int128(Int.random(in: 1...9_000_000, using: &dice)), scale: 2)
        .description
    }

    /// The bank at the beginning: four branches in two regions, and twelve clients more.
    static var bank: TinyBank {
      let clients = (4...15).map { "C\($0),Client \($0),person,B\($0 % 4 + 1)\n" }.joined()
      return TinyBank()
        .adding(
          "R2,South,region,HQ,1990-01-01\nB3,Third,branch,R2,1992-01-01\nB4,Fourth,branch,R2,1992-01-01\n",
          to: "org_units.csv"
        )
        .adding(clients, to: "clients.csv")
    }

    /// New accounts, and who holds them and those before: clients come to second and third branches, and
    /// some turn out to have been at one before another.
    mutating func accountFiles() -> [String: String] {
      var opened = "number,branch_code,kind,currency,opened_on,statement_frequency\n"
      var held = "number,account_number,client_number,role\n"
      for _ in 0..<8 {
        let account = next("P")
        accounts.append(account)
        let branch = Int.random(in: 1...4, using: &dice)
        opened += "\(account),B\(branch),demand,CNY,\(day(-60...110)),\n"
        let clients = (1...15).shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice))
        for (place, client) in clients.enumerated() {
          held += "\(next("H")),\(account),C\(client),\(place == 0 ? "owner" : "joint")\n"
        }
      }
      return ["accounts.csv": opened, "holders.csv": held]
    }

    mutating func loans() -> String {
      var text = "number,account_number,granted_on,amount,term_months,monthly_payment,status\n"
      for _ in 0..<4 {
        text += "\(next("K")),\(account()),\(day(0...115)),\(cents()),12,0.00,running\n"
      }
      return text
    }

    mutating func transactions() -> String {
      var text =
        "number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account\n"
      for _ in 0..<30 {
        let direction = Bool.random(using: &dice) ? "credit" : "debit"
        text += "\(next("M")),\(account()),\(day(-20...115)),\(direction),\(cents()),,,,,\n"
      }
      return text
    }

    private mutating func account() -> String { accounts.randomElement(using: &dice) ?? "A1" }

    /// Balances of an account whose movements nobody sends.
    mutating func balances() -> String {
      var text = "account_number,balanced_on,balance\n"
      for day in Set((0..<5).map { _ in day(-10...110) }) { text += "A2B,\(day),\(cents())\n" }
      return text
    }
  }

  @Test(arguments: Torture.seeds(2, of: 30))
  func whateverComesAndIsReplaced(seed: UInt64) async throws {
    var deliveries = Deliveries(seed: seed)
    let dataset = try #require(Dataset.standard.first { $0.name == "balances" })
    let bank = Deliveries.bank.adding("A2B,B2,demand,CNY,2025-11-01,\n", to: "accounts.csv")
      .sending(dataset, deliveries.balances())
    let folder = try bank.write()
    let mappings = try MappingFolder(path: folder.path + "/mapping")
    let database = try await TestServer.migratedDatabase()

    /// Imports files, in place of a batch or beside all others, and returns their batches by dataset.
    func send(
      _ files: [String: String], as name: String, replacing former: Int64? = nil
    ) async throws -> [String: Int64] {
      for (file, text) in files { try folder.write(text.utf8, to: "\(name)/\(file)") }
      var options = ImportOptions()
      options.replaces = former
      let paths = files.isEmpty ? [""] : files.keys.sorted().map { "/" + $0 }
      let delivery = try FolderImport(
        paths: paths.map { folder.path + "/" + name + $0 }, mappings: mappings, options: options)
      let result = try await database.withConnection { try delivery.run(on: $0) }
      #expect(result.isClean, "\(name): \(result.files)")
      try await expectSound(database, name)
      return Dictionary(
        result.files.compactMap { file in file.batch.map { (file.dataset, $0) } },
        uniquingKeysWith: { first, _ in first })
    }

    let begun = try await send([:], as: "files")
    for round in 1...2 {
      let files = deliveries.accountFiles().merging([
        "loans.csv": deliveries.loans(), "transactions.csv": deliveries.transactions(),
      ]) { first, _ in first }
      let sent = try await send(files, as: "round\(round)")
      _ = try await send(
        ["loans.csv": deliveries.loans()], as: "loans\(round)", replacing: sent["loans"])
      _ = try await send(
        ["transactions.csv": deliveries.transactions()], as: "transactions\(round)",
        replacing: sent["transactions"])
    }
    _ = try await send(
      ["balances.csv": deliveries.balances()], as: "balances", replacing: begun["balances"])
    // Clients do hold accounts at several branches, or this would prove little.
    let overlaps = try await psql("select sum(clients) > 5 from bank.client_overlap", in: database)
    #expect(overlaps == "t\n")
    #expect(try await database.unaccountedRows() == "")
  }

  // MARK: - Beyond the import

  @Test func whoeverWritesAndWhoeverLooks() async throws {
    let ground = try await AccessGround()
    let database = ground.database
    // C3 of B2 comes to A1 of B1 too, which is the older account; C1 of B1 comes to B2.
    try await psql(
      """
      insert into bank.account_holder (branch_id, account_id, client_branch_id, client_id, role, batch_id, line_number)
      select a.branch_id, a.account_id, c.branch_id, c.client_id, 'joint', a.batch_id, 1000 + row_number() over ()
      from bank.account as a
      join bank.client as c on (a.number, c.number) in (('A1', 'C3'), ('A3', 'C1'))
      """, in: database)
    for role in ["head_office", "branch", "relationship_manager", "risk", "auditor", "loader"] {
      try await expectSound(database, role, at: ground.conninfo(role))
    }
    let clients =
      "select sum(clients) from bank.unit_months('2026-01-01', '2026-01-01', 'today', 'bank', 'all')"
    #expect(try await ground.psql(clients, as: "head_office") == "3\n")
    #expect(try await ground.psql(clients, as: "branch") == "3\n", "C1, C2, C3 are at B1")
    // Who sees B2 alone counts both there, though they were at B1 before.
    let login = try await ground.newLogin()
    try await psql(
      "select bank.grant_access('\(login)', 'branch', 'E3', 'B2', null, '2026-01-01', null, 'the test')",
      in: database)
    #expect(try await psql(clients, at: ground.url(login: login)) == "2\n")
    try await expectSound(database, "the branch B2", at: ground.url(login: login))

    try await psql(
      """
      update bank.loan set amount = amount + 1, granted_on = granted_on + 20;
      update bank.account set opened_on = '2025-12-05' where number = 'A3';
      delete from bank.account_holder where role = 'joint';
      delete from bank.account_month where month = '2026-01-01' and transactions = 1;
      """, in: database)
    let kept = try await psql("select * from bank.roll_up_differences()", in: database)
    #expect(kept == "", "no statement passes the triggers by")
    try await expectReported(ground)
  }

  /// What was written with the triggers put aside is reported, and mended by counting anew.
  private func expectReported(_ ground: AccessGround) async throws {
    let differences =
      "select figure, rolled_up, counted from bank.roll_up_differences() order by 1, 2"
    try await psql(
      """
      set session_replication_role = replica;
      update bank.branch_month set loans_granted = 7 where loans_granted = 1;
      update bank.account set opened_on = '2025-12-06' where number = 'A2';
      """, in: ground.database)
    #expect(
      try await psql(differences, in: ground.database) == """
        loans_granted|7|1
        new_accounts|0|1
        new_accounts|1|0
        new_clients|0|1
        new_clients|1|0

        """)
    let seen = try await ground.psql(
      "select count(*) from bank.roll_up_differences()", as: "auditor")
    #expect(seen == "5\n")
    try await psql("select bank.rebuild_branch_months()", in: ground.database)
    #expect(try await psql(differences, in: ground.database) == "")
    let refused = await (try? ground.psql("select bank.rebuild_branch_months()", as: "head_office"))
    #expect(refused == nil, "only the owner counts anew")
  }
}
