import Foundation

/// A month of facts of free metrics in seven columns (branch, person, client, product, metric, day, amount),
/// 0.5 % of them wrong, against psql copying the good rows of the file into a table without any constraint.
/// Everything that a user waits for counts, from the start of the process to its end.
struct ImportFacts: Benchmark {
  let name = "import.facts"
  let comparison = "psql \\copy of the good rows into a bare table"
  let goal = 1.6
  let rounds = 5

  private static let master = "facts_master"
  private static let rows = 2_000_000
  /// Good rows between two that are wrong.
  private static let goodRowsPerBadRow = 200

  mutating func prepare(on ground: Ground) async throws {
    try ground.renew(Self.master, from: try ground.sampleBank().database)
    try ground.psql(
      """
      INSERT INTO bank.product (code, name)
      SELECT 'growth_fund_' || n, 'Fund ' || n FROM generate_series(1, 40) AS n
      """,
      "INSERT INTO bank.metric (code, name) VALUES ('fund_sales', 'Funds'), ('card_income', 'Cards')",
      Self.source, in: Self.master)
    try ground.time(
      ground.psql,
      ["-Xq", "-v", "ON_ERROR_STOP=1"]
        + ["", "WHERE NOT bad"].flatMap { choice in
          [
            "-c",
            "\\copy (SELECT line FROM lines \(choice) ORDER BY n, bad) TO '\(file(on: ground, clean: !choice.isEmpty))'",
          ]
        } + ["-c", "DROP TABLE lines", try ground.url(of: Self.master)])
    try ground.psql(
      "DROP DATABASE IF EXISTS facts_reference", "CREATE DATABASE facts_reference")
  }

  /// The lines of the file, the heading first. No two good rows are of one client and day.
  private static let source = """
    CREATE TABLE lines AS
    WITH client AS (
      SELECT row_number() OVER (ORDER BY u.code, c.number) - 1 AS place, count(*) OVER () AS clients,
        u.code AS branch, c.number AS client_number, e.employee_numbers
      FROM bank.client AS c
      JOIN bank.org_unit AS u ON u.org_unit_id = c.branch_id
      CROSS JOIN (SELECT array_agg(number ORDER BY number) AS employee_numbers FROM bank.employee) AS e
    ), good AS (
      SELECT n, c.branch, c.employee_numbers[1 + c.place % cardinality(c.employee_numbers)] AS employee, c.client_number,
        'growth_fund_' || 1 + n * 7919 % 40 AS product,
        (ARRAY['sales_amount', 'fee_income', 'fund_sales', 'card_income'])[1 + n % 4] AS metric,
        date '2026-01-01' + (turn * 3 + c.place % 3)::integer AS day,
        round((1 + n * 104729 % 99999989)::numeric / 100, 2) AS amount
      FROM client AS c
      CROSS JOIN generate_series(0, \(rows - 1) / c.clients) AS turn
      CROSS JOIN LATERAL (SELECT turn * c.clients + c.place AS n) AS numbered
      WHERE n < \(rows)
    )
    SELECT -1 AS n, false AS bad, 'branch_code,employee_number,client_number,product_code,metric,booked_on,amount' AS line
    UNION ALL
    SELECT n, false, concat_ws(',', branch, employee, client_number, product, metric, day, amount) FROM good
    UNION ALL
    SELECT n, true, CASE n / \(goodRowsPerBadRow) % 6
      WHEN 0 THEN concat_ws(',', branch, employee, 'C-unknown', product, metric, day, amount)
      WHEN 1 THEN concat_ws(',', branch, employee, client_number, product, metric, '2026-02-30', amount)
      WHEN 2 THEN concat_ws(',', branch, employee, client_number, product, metric, day, '12O.50')
      WHEN 3 THEN concat_ws(',', branch, employee, client_number, product, 'no_such_metric', day, amount)
      WHEN 4 THEN concat_ws(',', branch, employee, client_number, product)
      ELSE concat_ws(',', branch, employee, client_number, product, metric, day, amount + 1)
    END
    FROM good WHERE n % \(goodRowsPerBadRow) = 0
    """

  private func file(on ground: Ground, clean: Bool) -> String {
    ground.folder + (clean ? "/clean-facts.csv" : "/facts.csv")
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.renew("facts_ours", from: Self.master)
    let seconds = try ground.time(
      ground.banyan, ["import", file(on: ground, clean: false), "--quiet"],
      environment: ["DATABASE_URL": try ground.url(of: "facts_ours")], accepted: [3])
    let counts = try ground.psql(
      """
      SELECT (SELECT count(*) FROM bank.fact), (SELECT sum(facts) FROM bank.fact_month), rows_rejected
      FROM bank.batch ORDER BY batch_id DESC LIMIT 1
      """, in: "facts_ours"
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    let expected = "\(Self.rows)|\(Self.rows)|\(Self.rows / Self.goodRowsPerBadRow)"
    guard counts == expected else {
      throw BenchmarkError(
        "the import loaded, rolled up and rejected \(counts) rows and not \(expected)")
    }
    return seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    try ground.psql(
      "DROP TABLE IF EXISTS bare",
      """
      CREATE TABLE bare (branch_code text, employee_number text, client_number text, product_code text,
        metric text, booked_on date, amount numeric)
      """,
      "CHECKPOINT", in: "facts_reference")
    return try ground.time(
      ground.psql,
      [
        "-Xq", "-v", "ON_ERROR_STOP=1", "-c",
        "\\copy bare from '\(file(on: ground, clean: true))' with (format csv, header)",
        try ground.url(of: "facts_reference"),
      ])
  }
}
