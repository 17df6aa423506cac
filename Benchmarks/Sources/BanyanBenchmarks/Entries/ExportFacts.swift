/// Two million facts of seven columns written into a file by `banyan export`, against psql.
struct ExportFacts: Benchmark {
  /// What is written.
  enum Form: String {
    case csv, jsonl
  }

  let form: Form
  let rounds = 3
  var name: String { "export.\(form.rawValue)" }
  var comparison: String {
    form == .csv ? "psql \\copy to of the same table" : "psql \\copy to of row_to_json"
  }
  var goal: Double { form == .csv ? 1.1 : 0.25 }

  func prepare(on ground: Ground) async throws { try FactTable.make(on: ground) }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(
      ground.banyan,
      ["export", FactTable.name, "-o", ground.folder + "/ours.\(form.rawValue)"],
      environment: ["DATABASE_URL": try ground.url(of: FactTable.database)])
  }

  func reference(on ground: Ground) async throws -> Double {
    let path = ground.folder + "/reference.\(form.rawValue)"
    let copy =
      form == .csv
      ? "\\copy (select * from \(FactTable.name)) to '\(path)' with (format csv, header)"
      : "\\copy (select row_to_json(f) from \(FactTable.name) as f) to '\(path)'"
    return try ground.time(
      ground.psql,
      ["-Xq", "-v", "ON_ERROR_STOP=1", "-c", copy, try ground.url(of: FactTable.database)])
  }
}

/// A workbook of 200,000 rows by `banyan export`, with all that it takes to read them from the server,
/// against XlsxWriter, which has them in memory.
struct WorkbookWriting: Benchmark {
  private static let rows = 200_000
  let name = "export.xlsx"
  let comparison = Peer.workbook.title
  let goal = 0.25
  let rounds = 3

  func prepare(on ground: Ground) async throws {
    try FactTable.make(on: ground)
    _ = try ground.python()
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(
      ground.banyan,
      [
        "export", "--query", "select * from \(FactTable.name) limit \(Self.rows)", "-o",
        ground.folder + "/ours.xlsx",
      ], environment: ["DATABASE_URL": try ground.url(of: FactTable.database)])
  }

  func reference(on ground: Ground) async throws -> Double {
    try Peer.workbook.seconds(
      of: "write", ground.folder + "/reference.xlsx", "\(Self.rows)", on: ground)
  }
}

/// The facts that the exports share.
enum FactTable {
  static let database = "export_facts"
  static let name = "public.facts"

  static func make(on ground: Ground) throws {
    if try ground.hasDatabase(database) { return }
    try ground.psql("CREATE DATABASE \(database)")
    try ground.run(
      ground.banyan, ["migrate"], environment: ["DATABASE_URL": try ground.url(of: database)])
    try ground.psql(
      """
      CREATE TABLE \(name) AS
      SELECT 'B' || g % 400 AS branch, 'RM' || g % 5000 AS employee,
        '62220212' || 10000000000 + g AS client, '存款产品' || g % 9 AS product, 'balance' AS metric,
        date '2026-01-01' + (g % 31)::integer AS day,
        ((g::bigint * 7919 % 100000000) / 100.0)::numeric(14, 2) AS amount
      FROM generate_series(1, 2000000) AS g
      """,
      "VACUUM ANALYZE \(name)", in: database)
  }
}
