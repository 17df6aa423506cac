import Foundation

/// Another program for the same work, in Python. A small program of `Benchmarks/Peers` does the work with
/// it, measures inside itself, and prints the seconds.
enum Peer: String {
  case psycopg
  case asyncpg
  case workbook
  case duckdb

  /// What the reader of the table is told.
  var title: String {
    switch self {
    case .psycopg: "psycopg 3 in its C implementation"
    case .asyncpg: "asyncpg"
    case .workbook: "XlsxWriter with constant_memory"
    case .duckdb: "DuckDB"
    }
  }

  /// Does a piece of work once and returns the seconds that it took.
  func seconds(of work: String, _ arguments: String..., on ground: Ground) throws -> Double {
    let program = ground.repository + "/Benchmarks/Peers/\(rawValue)_peer.py"
    let said = try ground.run(try ground.python(), [program, work] + arguments)
    guard let seconds = Double(said.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchmarkError("\(program) printed “\(said)” where seconds were expected")
    }
    return seconds
  }
}

extension Ground {
  /// The packages of the peers, as pip names them.
  private static let packages = [
    "psycopg[binary]", "asyncpg", "XlsxWriter", "python-calamine", "openpyxl",
    "duckdb",
  ]

  /// The Python that has the peers: in an environment of its own under `.build`, which is made when
  /// this is first asked.
  func python() throws -> String {
    let environment = repository + "/.build/benchmark-peers"
    let python = environment + "/bin/python"
    let check = [
      "-c",
      "import psycopg, asyncpg, xlsxwriter, python_calamine, openpyxl, duckdb; assert psycopg.pq.__impl__ == 'binary'",
    ]
    if (try? run(python, check)) != nil { return python }
    let names = Self.packages.joined(separator: " and ")
    note("installing the Python packages \(names) into .build/benchmark-peers")
    do {
      try run("python3", ["-m", "venv", "--clear", environment])
      try run(
        python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + Self.packages)
      try run(python, check)
    } catch {
      throw LeftOut("Python with the packages \(names) is not to be had here: \(error)")
    }
    return python
  }
}
