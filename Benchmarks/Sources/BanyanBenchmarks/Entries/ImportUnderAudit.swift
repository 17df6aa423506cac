/// A month's transactions imported into a database whose changes leave a trace, against the same import
/// into one without the triggers of the audit trail.
struct ImportUnderAudit: Benchmark {
  let name = "import.audit_trail"
  let comparison = "the same import without the triggers of the audit trail"
  let goal = 1.05
  let rounds = 3

  /// The master data without triggers, and a function that gives a new month none.
  private static let silent = "sample_silent"
  private var sample: SampleBankData?

  mutating func prepare(on ground: Ground) async throws {
    let sample = try ground.sampleBank()
    try ground.renew(Self.silent, from: sample.database)
    try ground.psql(
      """
      DO $$
      DECLARE
        t record;
      BEGIN
        FOR t IN
          SELECT g.tgname, g.tgrelid::regclass AS name FROM pg_trigger AS g
          WHERE g.tgfoid = 'bank.record_change()'::regprocedure AND g.tgparentid = 0
        LOOP
          EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.name);
        END LOOP;
      END
      $$
      """,
      """
      CREATE OR REPLACE FUNCTION bank.attach_audit(only_to regclass DEFAULT null) RETURNS void
      LANGUAGE plpgsql AS 'BEGIN END'
      """, in: Self.silent)
    self.sample = sample
  }

  func ours(on ground: Ground) async throws -> Double {
    try importFacts(into: "import_audited", from: sample?.database, leaving: true, on: ground)
  }

  func reference(on ground: Ground) async throws -> Double {
    try importFacts(into: "import_unaudited", from: Self.silent, leaving: false, on: ground)
  }

  private func importFacts(
    into database: String, from template: String?, leaving traces: Bool, on ground: Ground
  ) throws -> Double {
    guard let sample, let template else { return 0 }
    try ground.renew(database, from: template)
    let count = "SELECT count(*) FROM platform.audit_entry"
    let before = try ground.psql(count, in: database)
    let seconds = try ground.importFacts(of: sample, into: database)
    guard try (ground.psql(count, in: database) != before) == traces else {
      throw BenchmarkError(
        "the import into \(database) \(traces ? "left no trace" : "left a trace")")
    }
    return seconds
  }
}
