import Foundation

/// A report of two million rows of seven columns into a file: as CSV against psql, and as a workbook of two
/// sheets against a C program on libpq and libxlsxwriter that writes the same sheets.
struct ReportManyRows: Benchmark {
  enum Form: String {
    case csv, xlsx
  }

  static let rows = 2_000_000

  let form: Form
  let goal = 1.2
  let rounds = 3
  var name: String { "report.\(form.rawValue)_2m" }
  var comparison: String {
    form == .csv ? "psql \\copy of the same rows" : "a C program on libxlsxwriter, constant_memory"
  }
  private var writer = ""

  init(form: Form) { self.form = form }

  mutating func prepare(on ground: Ground) async throws {
    try FactTable.make(on: ground)
    if form == .xlsx { writer = try ground.workbookWriter() }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.time(
      ground.banyan, Self.arguments(form, rows: Self.rows, on: ground),
      environment: ["DATABASE_URL": try ground.url(of: FactTable.database)])
  }

  func reference(on ground: Ground) async throws -> Double {
    let path = ground.folder + "/reference.\(form.rawValue)"
    let query = "select * from \(FactTable.name) limit \(Self.rows)"
    let url = try ground.url(of: FactTable.database)
    switch form {
    case .csv:
      let copy = "\\copy (\(query)) to '\(path)' with (format csv, header)"
      return try ground.time(ground.psql, ["-Xq", "-v", "ON_ERROR_STOP=1", "-c", copy, url])
    case .xlsx:
      return try ground.time(writer, [url, query, path])
    }
  }

  /// How the command is told to write so many rows.
  static func arguments(_ form: Form, rows: Int, on ground: Ground) -> [String] {
    [
      "report", "run", "facts", "rows=\(rows)", "--reports", ground.reports, "-o",
      ground.folder + "/ours.\(form.rawValue)",
    ]
  }
}

/// The most memory of such a report, against the same of a tenth of the rows: it must not grow with them.
struct ReportMemory: Benchmark {
  let form: ReportManyRows.Form
  let goal = 1.1
  let rounds = 1
  let unit = MeasurementUnit.megabytes
  var name: String { "report.\(form.rawValue)_2m_memory" }
  let comparison = "the same report of a tenth of the rows"

  func prepare(on ground: Ground) async throws { try FactTable.make(on: ground) }

  func ours(on ground: Ground) async throws -> Double {
    try peak(rows: ReportManyRows.rows, on: ground)
  }

  func reference(on ground: Ground) async throws -> Double {
    try peak(rows: ReportManyRows.rows / 10, on: ground)
  }

  private func peak(rows: Int, on ground: Ground) throws -> Double {
    try ground.time(
      ground.banyan, ReportManyRows.arguments(form, rows: rows, on: ground),
      environment: ["DATABASE_URL": try ground.url(of: FactTable.database)], watchesMemory: true)
    return ground.peakMegabytes
  }
}

extension Ground {
  /// The program of `Benchmarks/Peers/workbook_writer.c`, compiled.
  fileprivate func workbookWriter() throws -> String {
    let program = folder + "/workbook_writer"
    do {
      let flags = try run("pkg-config", ["--cflags", "--libs", "xlsxwriter", "libpq"])
      try run(
        "cc",
        ["-O2", "-o", program, repository + "/Benchmarks/Peers/workbook_writer.c"]
          + flags.split(whereSeparator: \.isWhitespace).map(String.init))
    } catch {
      throw LeftOut("libxlsxwriter is not to be had here (Debian: libxlsxwriter-dev): \(error)")
    }
    return program
  }
}
