import Foundation

/// A workbook of 200,000 rows of seven columns, with its texts in a table of their own as Excel has them, read
/// cell by cell.
struct WorkbookReading: Benchmark {
  /// What ours is compared with.
  enum Reader: String {
    case calamine, openpyxl
  }

  private static let rows = 200_000
  let reader: Reader
  let rounds = 5
  var name: String { "import.xlsx_\(reader.rawValue)" }
  var comparison: String {
    reader == .calamine ? "python-calamine, which is Rust" : "openpyxl, read only"
  }
  var goal: Double { reader == .calamine ? 1 / 1.5 : 1 / 8 }

  init(against reader: Reader) { self.reader = reader }

  func prepare(on ground: Ground) async throws {
    if FileManager.default.fileExists(atPath: path(on: ground)) { return }
    _ = try Peer.workbook.seconds(of: "write_shared", path(on: ground), "\(Self.rows)", on: ground)
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.reading(of: path(on: ground), rows: Self.rows).seconds
  }

  func reference(on ground: Ground) async throws -> Double {
    try Peer.workbook.seconds(
      of: "read_\(reader.rawValue)", path(on: ground), "\(Self.rows)", on: ground)
  }

  private func path(on ground: Ground) -> String { ground.folder + "/to-read.xlsx" }
}

/// The memory that reading takes, against that of a tenth of the rows.
struct WorkbookReadingMemory: Benchmark {
  private static let rows = 200_000
  let name = "import.xlsx_memory"
  let comparison = "the same of a tenth of the rows"
  let goal = 1.1
  let rounds = 3
  let unit = MeasurementUnit.megabytes

  func prepare(on ground: Ground) async throws {
    for rows in [Self.rows, Self.rows / 10] {
      _ = try Peer.workbook.seconds(of: "write", path(rows, on: ground), "\(rows)", on: ground)
    }
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.reading(of: path(Self.rows, on: ground), rows: Self.rows).megabytes
  }

  func reference(on ground: Ground) async throws -> Double {
    try ground.reading(of: path(Self.rows / 10, on: ground), rows: Self.rows / 10).megabytes
  }

  private func path(_ rows: Int, on ground: Ground) -> String {
    ground.folder + "/inline-\(rows).xlsx"
  }
}

extension Ground {
  /// Reads a workbook in a program of its own.
  fileprivate func reading(
    of path: String, rows: Int
  ) throws -> (seconds: Double, megabytes: Double) {
    let program = repository + "/.build/benchmarks/release/banyan-workbook-probe"
    let said = try run(program, [path, "\(rows)"])
    let numbers = said.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 2 else {
      throw BenchmarkError("\(program) printed “\(said)” where two numbers were expected")
    }
    return (numbers[0], numbers[1])
  }
}
