import Foundation

@main
struct Main {
  /// Runs the entries whose names hold the argument, or all of them; prints a table and writes
  /// `Benchmarks/results.json`.
  static func main() async {
    do {
      try await run(only: CommandLine.arguments.dropFirst().first ?? "")
    } catch {
      note("banyan-benchmarks: \(error)")
      exit(1)
    }
  }

  private nonisolated static func run(only wanted: String) async throws {
    let entries = Catalogue.all.filter { $0.isWanted(by: wanted) }
    if entries.isEmpty {
      let names = Catalogue.all.map(\.name).joined(separator: ", ")
      throw BenchmarkError("no benchmark is named “\(wanted)”; there are \(names)")
    }
    let ground = try Ground(repository: repository)
    defer { ground.clear() }
    var measurements: [Measurement] = []
    for entry in entries {
      do {
        measurements.append(try await Measurement.take(entry, on: ground))
      } catch let reason as LeftOut {
        note("  left out: \(reason)")
      }
    }
    print(Measurement.table(measurements))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(measurements).write(
      to: URL(filePath: repository + "/Benchmarks/results.json"))
  }

  /// The folder of the repository: three above this file's folder.
  private nonisolated static var repository: String {
    var folder = URL(filePath: #filePath)
    for _ in 0..<4 { folder.deleteLastPathComponent() }
    let path = folder.path
    return path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
