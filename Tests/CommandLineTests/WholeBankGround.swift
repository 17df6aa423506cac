import Foundation
import TestSupport
import Testing

/// A bank with a history of every kind, and its folder: approvals, transfers, a replaced batch, rejected rows,
/// runs of pay, a login that this server has no more.
struct WholeBankGround {
  let bank: ApprovalGround
  /// A login with a grant that was dropped since.
  let lostLogin: String
  let folder: TemporaryFolder
  var database: TestDatabase { bank.database }
  /// Where ``export(_:)`` writes.
  var path: String { folder.path + "/bank" }

  init() async throws {
    bank = try await ApprovalGround()
    folder = try TemporaryFolder()
    try await bank.rule("assignment_transfer", "--role", "risk")
    _ = try await bank.acceptedTransfer()
    try await bank.done("approval", "approve", "1", as: "risk")
    lostLogin = try await bank.colleague("L1", role: "analyst")
    try await psql("drop role \(lostLogin)", in: bank.database)
    let tiny = TinyBank().adding(
      "T8,A1,2026-02-10,credit,10.00,,,,,\nT9,A9,2026-02-01,credit,1.00,,,,,\n",
      to: "transactions.csv")
    let files = try tiny.write()
    let batch = try await psql(
      "select max(batch_id) from bank.batch where dataset = 'transactions'", in: bank.database)
    let replaced = try await banyan(
      "import", files.path + "/files/transactions.csv", "--mapping", files.path + "/mapping",
      "--replace", batch.trimmingCharacters(in: .newlines), on: bank.database)
    #expect(replaced.exitCode == 3, "\(replaced.errorOutput)")
    for arguments in [["pay", "run", "2026-02"], ["pay", "post", "2"]] {
      let outcome = try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": bank.database.url])
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errorOutput)")
    }
    try await sendFacts()
  }

  /// Facts of metrics, and balances of an account that has no movements; a file of each took another's place.
  private func sendFacts() async throws {
    let facts =
      "branch_code,booked_on,metric,product_code,client_number,employee_number,number,amount\n"
    let balances = "account_number,balanced_on,balance\n"
    for (dataset, texts) in [
      ("products", ["code,name,product_line\nFUND,A fund,\n"]),
      (
        "metrics",
        [
          "code,name,chinese_name,base_code,measure,crediting\npremium_income,Premiums,保费,,,assigned\n"
        ]
      ),
      (
        "facts",
        [
          facts + "B1,2026-01-05,sales_amount,FUND,C1,E2,S1,1000.00\n",
          facts
            + "B1,2026-01-05,sales_amount,FUND,C1,E2,S1,900.00\nB1,2026-02-07,premium_income,,C1,E3,,400.00\n",
        ]
      ),
      ("accounts", ["number,branch_code,kind,currency,opened_on\nA7,B1,demand,CNY,2026-01-10\n"]),
      (
        "balances",
        [
          balances + "A7,2026-01-10,100.00\nA7,2026-01-20,400.00\n",
          balances + "A7,2026-01-10,100.00\nA7,2026-02-20,300.00\n",
        ]
      ),
    ] {
      var batch: String?
      for text in texts {
        try folder.write(text.utf8, to: "sent/\(dataset).csv")
        let replacing = batch.map { ["--replace", $0] } ?? []
        let sent = try await BanyanProcess.run(
          ["import", folder.path + "/sent/\(dataset).csv", "--dataset", dataset, "--format", "csv"]
            + replacing, environment: ["DATABASE_URL": database.url])
        #expect(sent.exitCode == 0, "\(dataset): \(sent.errorOutput)")
        batch = try CSVTable(text: sent.output).rows.first?["batch"]
      }
    }
  }

  /// Writes the bank of a database into a folder, and returns the SHA-256 that is told.
  @discardableResult
  func export(
    _ arguments: String..., from database: TestDatabase, to path: String
  ) async throws -> String {
    let outcome = try await BanyanProcess.run(
      ["export", "--all", path] + arguments, environment: ["DATABASE_URL": database.url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    #expect(outcome.messages().count == 1 && outcome.output.isEmpty)
    return digest(in: outcome)
  }

  /// The SHA-256 of the bank that a command has told.
  func digest(in outcome: ProgramOutcome) -> String {
    outcome.errorOutput.firstMatch(of: /SHA-256 of the bank ([0-9a-f]{64})/).map {
      String($0.output.1)
    } ?? outcome.errorOutput
  }
}

/// The files of a folder by their names.
func contents(of folder: String) throws -> [String: Data] {
  let names = try FileManager.default.contentsOfDirectory(atPath: folder)
  return try Dictionary(
    uniqueKeysWithValues: names.map { name in
      (name, try Data(contentsOf: URL(filePath: folder + "/" + name)))
    })
}
