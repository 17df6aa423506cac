import Banyan
import Foundation
import TestSupport
import Testing

/// Deliveries with a manifest: taken in when everything agrees, refused whole when anything does not; and archives
/// that are made to do harm.
@Suite struct SubmissionTests {
  private static let facts =
    ImportGround.header + "T8,A1,2026-03-02,credit,5.25,,,,,\nT9,A2,2026-03-05,debit,2.00,,,,,\n"
  private static let loans =
    "number,account_number,granted_on,amount,term_months,monthly_payment,status\nL8,A1,2026-03-01,10.00,1,10.00,running\n"

  private static func sha256(_ text: String) -> String { hexadecimal(Digest.of(text)) }

  private static func manifest(
    rows: Int = 2, amount: String = "7.25", digest: String = sha256(facts), more: String = ""
  ) -> String {
    """
    submission: B1-2026-03
    branch: B1
    period: 2026-03
    files:
      - file: transactions.csv
        rows: \(rows)
        sha256: \(digest)
        sums: {amount: \(amount)}
      - {file: loans.csv, rows: 1}
    \(more)
    """
  }

  private func folder(
    _ ground: ImportGround, manifest: String, as name: String = "manifest.yaml",
    facts: String = facts
  ) throws -> String {
    try ground.write(manifest, to: "delivery/\(name)")
    try ground.write(facts, to: "delivery/transactions.csv")
    try ground.write(Self.loans, to: "delivery/loans.csv")
    return ground.folder.path + "/delivery"
  }

  @Test func aDeliveryThatAgreesIsTakenIn() async throws {
    let ground = try await ImportGround()
    let sent = try await ground.send(try folder(ground, manifest: Self.manifest()))
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.messages == ["Submission 1, B1-2026-03: 2 files agree with their manifest."])
    #expect(sent.rows.map { $0["loaded"] } == ["1", "2"])
    #expect(
      try await ground.psql(
        "select s.name, u.code, to_char(s.month, 'YYYY-MM'), s.state, s.files, count(*), min(to_char(b.month, 'YYYY-MM')) from bank.submission as s join bank.org_unit as u on u.org_unit_id = s.branch_id join bank.batch as b using (submission_id) group by s.submission_id, u.code"
      ) == "B1-2026-03|B1|2026-03|received|2|2|2026-03\n")
    let again = try await ground.send(ground.folder.path + "/delivery")
    #expect(again.rows.map { $0["outcome"] } == ["unchanged", "unchanged"])
    #expect(again.messages == ["Submission 1, B1-2026-03: 2 files agree with their manifest."])
    let list = try await ground.run("submissions", "list", "--format", "csv")
    #expect(try CSVTable(text: list.output).rows.map { $0["state"] } == ["received"])
    #expect(try await ground.database.unaccountedRows() == "")
  }

  @Test func aManifestMayBeJSONInAnArchive() async throws {
    let ground = try await ImportGround()
    let json =
      "{\n\t\"submission\": \"one\", \"branch\": \"B1\",\n\t\"files\": [{\"file\": \"transactions.csv\", \"rows\": 2, \"sums\": {\"amount\": \"7.25\"}}]\n}\n"
    try ground.folder.write(
      try Packing.zip([
        Packing.Entry("manifest.json", Array(json.utf8)),
        Packing.Entry("transactions.csv", Array(Self.facts.utf8)),
      ]), to: "B1.zip")
    let sent = try await ground.send(ground.folder.path + "/B1.zip")
    #expect(sent.exitCode == 0, "\(sent.messages)")
    #expect(sent.counts == "loaded 2 2 0 0")
    #expect(
      try await ground.psql("select name, file_name, month is null from bank.submission")
        == "one|B1.zip|t\n")
    // An archive without a manifest is a folder.
    try ground.folder.write(
      try Packing.zip([Packing.Entry("loans.csv", Array(Self.loans.utf8))]), to: "plain.zip")
    #expect(try await ground.send(ground.folder.path + "/plain.zip").counts == "loaded 1 1 0 0")
    #expect(try await ground.psql("select count(*) from bank.submission") == "1\n")
  }

  private static let disagreements: [(manifest: String, facts: String, words: [String])] = [
    (
      manifest(rows: 3, amount: "7.26"), facts,
      [
        "“transactions.csv” has 2 rows, and the manifest says 3",
        "the sum of “amount” in “transactions.csv” is 7.25, and the manifest says 7.26",
      ]
    ),
    (
      manifest(digest: sha256("other")), facts,
      [
        "“transactions.csv” has the SHA-256 \(sha256(facts)), and the manifest says \(sha256("other"))"
      ]
    ),
    (
      manifest(more: "  - {file: accounts.csv, rows: 1}"), facts,
      ["“accounts.csv” is in the manifest and did not come"]
    ),
    (
      manifest().replacing("  - {file: loans.csv, rows: 1}", with: ""), facts,
      ["“loans.csv” came and is not in the manifest"]
    ),
    (
      manifest(digest: sha256(facts.replacing("2.00", with: "2,00"))),
      facts.replacing("2.00", with: "2,00"),
      ["“transactions.csv” has 2 rows"]
    ),
    (
      manifest().replacing("branch: B1", with: "branch: B7"), facts,
      ["there is no unit “B7” on record"]
    ),
    (
      manifest().replacing("amount:", with: "betrag:"), facts,
      ["“transactions.csv”: it has no column “betrag”, whose sum the manifest gives"]
    ),
  ]

  @Test(arguments: disagreements.indices)
  private func whatDoesNotAgreeIsRefusedWhole(_ index: Int) async throws {
    let one = Self.disagreements[index]
    let ground = try await ImportGround()
    let before = try await ground.psql("select count(*) from bank.batch")
    let sent = try await ground.send(try folder(ground, manifest: one.manifest, facts: one.facts))
    #expect(sent.exitCode == 3)
    #expect(sent.messages.count == 1, "\(sent.messages)")
    #expect(sent.messages[0].hasPrefix("banyan: submission B1-2026-03: "))
    #expect(sent.messages[0].hasSuffix("; nothing of it was taken in"))
    for words in one.words where index != 4 {
      #expect(sent.messages[0].contains(words), "\(sent.messages)")
    }
    #expect(try await ground.psql("select count(*) from bank.batch") == before)
    #expect(
      try await ground.psql("select state, failure is not null from bank.submission")
        == "refused|t\n")
  }

  @Test func aManifestThatIsWrongIsTold() async throws {
    let ground = try await ImportGround()
    let sent = try await ground.send(
      try folder(
        ground,
        manifest:
          "submission: x\nperiod: March\nfiles:\n  - {file: a.csv}\n  - {file: b.csv, rows: -1, sha256: 12}\n"
      ))
    #expect(sent.exitCode == 3)
    #expect(sent.messages.count == 4, "\(sent.messages)")
    #expect(
      sent.messages.first
        == "banyan: manifest.yaml: line 2, column 9, period: \"March\" is not a month; write it as 2026-10"
    )
    try ground.write("{}", to: "delivery/manifest.json")
    let two = try await ground.send(ground.folder.path + "/delivery")
    #expect(
      two.messages == [
        "banyan: the folder has 2 manifests, manifest.yaml and manifest.json; keep one"
      ])
  }

  private static let hostile:
    [(name: String, make: @Sendable () throws -> [UInt8], words: String)] = [
      (
        "a name that leads out", { try Packing.zip([Packing.Entry("../loans.csv", [1])]) },
        "the name “../loans.csv” leads out of its folder"
      ),
      (
        "a name from the root", { try Packing.zip([Packing.Entry("/tmp/loans.csv", [1])]) },
        "the name “/tmp/loans.csv” leads out of its folder"
      ),
      (
        "a name of Windows that leads out",
        { try Packing.zip([Packing.Entry("a\\..\\..\\loans.csv", [1])]) }, "leads out of its folder"
      ),
      (
        "a drive", { try Packing.zip([Packing.Entry("C:/loans.csv", [1])]) },
        "leads out of its folder"
      ),
      (
        "a link", { try Packing.zip([Packing.Entry("loans.csv", linkTo: "/etc/passwd")]) },
        "“loans.csv” is a link or a device, and not a file"
      ),
      (
        "a file twice",
        { try Packing.zip([Packing.Entry("loans.csv", [1]), Packing.Entry("loans.csv", [2])]) },
        "“loans.csv” is in it twice"
      ),
      (
        "a bomb",
        { try Packing.zip([Packing.Entry("loans.csv", [UInt8](repeating: 48, count: 100 << 20))]) },
        "its files grow to more than 500 times its size"
      ),
      (
        "a password",
        { try Packing.zip([Packing.Entry("loans.csv", [1, 2, 3])], password: "secret") },
        "“loans.csv” is encrypted"
      ),
      (
        "a cut archive",
        { Array(try Packing.zip([Packing.Entry("loans.csv", Array(loans.utf8))]).dropLast(30)) },
        "cannot be opened: it is no sound archive; ask for it again"
      ),
    ]

  @Test(arguments: hostile.indices)
  private func aHostileArchiveIsRefused(_ index: Int) async throws {
    let one = Self.hostile[index]
    let ground = try await ImportGround()
    let before = try await ground.everything()
    try ground.folder.write(try one.make(), to: "in/delivery.zip")
    let sent = try await ground.send(ground.folder.path + "/in/delivery.zip")
    #expect(sent.exitCode == 3, "\(one.name): \(sent.messages)")
    #expect(sent.messages.count == 1, "\(one.name): \(sent.messages)")
    #expect(sent.messages.first?.contains(one.words) == true, "\(one.name): \(sent.messages)")
    #expect(try await ground.everything() == before)
    #expect(!FileManager.default.fileExists(atPath: ground.folder.path + "/loans.csv"))
  }
}
