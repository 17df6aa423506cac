import Foundation

/// The medians of one entry.
struct Measurement: Codable {
  let name: String
  /// Median seconds of ours.
  let ours: Double
  /// Median seconds of the reference.
  let reference: Double
  /// Ours divided by the reference; lower is better.
  let ratio: Double
  /// The highest good ratio.
  let goal: Double

  /// Prepares an entry and runs its rounds, ours and the reference in turn, so that whatever else the
  /// machine does meets both. Who goes first changes from round to round.
  static func take(_ benchmark: any Benchmark, on ground: Ground) async throws -> Measurement {
    var benchmark = benchmark
    note("\(benchmark.name): ours against \(benchmark.comparison)")
    try await benchmark.prepare(on: ground)
    var ours: [Double] = []
    var reference: [Double] = []
    for round in 0..<benchmark.rounds {
      if round.isMultiple(of: 2) {
        reference.append(try await benchmark.reference(on: ground))
        ours.append(try await benchmark.ours(on: ground))
      } else {
        ours.append(try await benchmark.ours(on: ground))
        reference.append(try await benchmark.reference(on: ground))
      }
      note("  round \(round + 1): \(seconds(ours[round])) against \(seconds(reference[round]))")
    }
    let medians = (ours: median(ours), reference: median(reference))
    return Measurement(
      name: benchmark.name, ours: medians.ours, reference: medians.reference,
      ratio: medians.ours / medians.reference, goal: benchmark.goal)
  }

  /// A table of all measurements.
  static func table(_ measurements: [Measurement]) -> String {
    let head = ["name", "ours", "reference", "ratio", "goal", ""]
    let rows = measurements.map { one in
      [
        one.name, seconds(one.ours), seconds(one.reference), decimals(one.ratio),
        decimals(one.goal), one.ratio <= one.goal ? "reached" : "missed",
      ]
    }
    let lines = [head] + rows
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.enumerated().map { column, text in
        let blanks = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 || column == 5 ? text + blanks : blanks + text
      }.joined(separator: "  ")
    }.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

private func seconds(_ value: Double) -> String { String(format: "%.3f s", value) }

private func decimals(_ value: Double) -> String { String(format: "%.2f", value) }

/// Says something about the progress, on standard error.
func note(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
