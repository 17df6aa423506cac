/// One entry of the benchmarks: ours and a reference doing the same work, side by side in one run.
///
/// To add an entry, write a file in `Entries/` with a type that conforms, and name it in
/// ``Catalogue``. Everything is prepared once; then rounds of ours and the reference take turns.
protocol Benchmark {
  /// Group and name, such as `import.transactions`.
  var name: String { get }
  /// What ours is compared with, for the reader of the table.
  var comparison: String { get }
  /// The highest good ratio of time ours to time reference.
  var goal: Double { get }
  /// How often each side runs.
  var rounds: Int { get }

  /// Makes data and databases. Not measured.
  mutating func prepare(on ground: Ground) async throws
  /// Does the work our way once, and returns the seconds that it took.
  mutating func ours(on ground: Ground) async throws -> Double
  /// Does the work the other way once, and returns the seconds that it took.
  mutating func reference(on ground: Ground) async throws -> Double
}

/// All entries, in the order in which they run.
enum Catalogue {
  static var all: [any Benchmark] {
    [ImportTransactions(), ReportBranchMonth(), RoundTrips(), CopyInBinary()]
  }
}

/// What stopped the benchmarks, in one sentence.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
