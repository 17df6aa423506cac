/// One entry of the benchmarks: ours and a reference doing the same work, side by side in one run.
///
/// To add an entry, write a file in `Entries/` with a type that conforms, and name it in
/// ``Catalogue``. Everything is prepared once; then rounds of ours and the reference take turns.
protocol Benchmark {
  /// Group and name, such as `import.transactions`.
  var name: String { get }
  /// What ours is compared with, for the reader of the table.
  var comparison: String { get }
  /// The highest good ratio of ours to the reference.
  var goal: Double { get }
  /// How often each side runs.
  var rounds: Int { get }
  /// Whether it takes so long that it only runs when its name is asked for.
  var isLong: Bool { get }
  /// What the figures count; seconds unless an entry says otherwise.
  var unit: MeasurementUnit { get }

  /// Makes data and databases. Not measured. Throws ``LeftOut`` where the machine lacks something
  /// that the entry needs.
  mutating func prepare(on ground: Ground) async throws
  /// Does the work our way once, and returns the seconds that it took.
  mutating func ours(on ground: Ground) async throws -> Double
  /// Does the work the other way once, and returns the seconds that it took.
  mutating func reference(on ground: Ground) async throws -> Double
}

extension Benchmark {
  var isLong: Bool { false }

  /// Whether an argument chooses it: a part of its name, or nothing. Of a long one it must be the name
  /// or the group.
  func isWanted(by argument: String) -> Bool {
    isLong
      ? name == argument || name.hasPrefix(argument + ".")
      : argument.isEmpty || name.contains(argument)
  }

  var unit: MeasurementUnit { .seconds }
}

/// What the figures of an entry count.
enum MeasurementUnit {
  case seconds
  /// Millions of bytes.
  case megabytes
}

/// All entries, in the order in which they run.
enum Catalogue {
  static var all: [any Benchmark] {
    [
      ImportFacts(), ImportTransactions(), ImportMemory(), ImportUnchanged(),
      ImportManyRows(.time), ImportManyRows(.memory), ImportManyRows(.full_month),
      ImportUnderAudit(),
      CommandStart(argument: "--version"), CommandStart(argument: "--help"), ReportSmall(),
      ReportBranchMonth(), ReportUnderPolicies.headOffice, ReportUnderPolicies.branch,
      ReportFromRollUps(), ReportManyRows(form: .csv), ReportManyRows(form: .xlsx),
      ReportMemory(form: .csv), ReportMemory(form: .xlsx), ReportPacks(),
      ExportFacts(form: .csv), ExportFacts(form: .jsonl), WorkbookWriting(),
      WorkbookReading(against: .calamine), WorkbookReading(against: .openpyxl),
      WorkbookReadingMemory(),
      ExplainPay(), PayMonth(against: .statement), PayMonth(against: .duckDB),
      PayMonth(against: .rowByRow), EngineMonth(), EngineSweep(),
    ] + libpq
  }

  private static var libpq: [any Benchmark] {
    [
      RoundTrips(), RoundTrips(against: .psycopg), RoundTrips(against: .asyncpg),
      Pipelined(), Pipelined(against: .psycopg),
      RowsToStructs(), RowsToStructs(against: .psycopg), RowsToStructs(against: .asyncpg),
      StreamedRows(), StreamMemory(),
      CopyOutBinary(), CopyOutBinary(against: .psycopg),
      CopyInBinary(), CopyInBinary(against: .psycopg), CopyInBinary(against: .asyncpg),
      StalledCopyMemory(),
    ]
  }
}

/// What stopped the benchmarks, in one sentence.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Why an entry cannot run on this machine, in one sentence; the others go on without it.
struct LeftOut: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
