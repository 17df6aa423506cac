import Foundation

/// The medians of one entry.
struct Measurement: Codable {
  let name: String
  /// The median of ours, in seconds or in the entry's own unit.
  let ours: Double
  /// The median of the reference.
  let reference: Double
  /// Ours divided by the reference; lower is better.
  let ratio: Double
  /// The highest good ratio.
  let goal: Double
  private var unit = MeasurementUnit.seconds

  private enum CodingKeys: CodingKey {
    case name, ours, reference, ratio, goal
  }

  private init(_ benchmark: any Benchmark, ours: Double, reference: Double) {
    name = benchmark.name
    goal = benchmark.goal
    unit = benchmark.unit
    self.ours = ours
    self.reference = reference
    ratio = ours / reference
  }

  /// Prepares an entry and runs its rounds, ours and the reference in turn, so that whatever else the
  /// machine does meets both. Who goes first changes from round to round.
  static func take(_ benchmark: any Benchmark, on ground: Ground) async throws -> Measurement {
    var benchmark = benchmark
    note("\(benchmark.name): ours against \(benchmark.comparison)")
    try await benchmark.prepare(on: ground)
    let unit = benchmark.unit
    var ours: [Double] = []
    var reference: [Double] = []
    for round in 0..<benchmark.rounds {
      var processor = (ours: 0.0, reference: 0.0)
      for turn in 0..<2 {
        let before = ProcessorTime.now
        if round.isMultiple(of: 2) == (turn == 0) {
          reference.append(try await benchmark.reference(on: ground))
          processor.reference = ProcessorTime.now - before
        } else {
          ours.append(try await benchmark.ours(on: ground))
          processor.ours = ProcessorTime.now - before
        }
      }
      let figures = "\(unit.text(ours[round])) against \(unit.text(reference[round]))"
      // Of the clients alone, with what they do around the measured part: a steadier figure.
      let times = "\(secondsText(processor.ours)) against \(secondsText(processor.reference))"
      note("  round \(round + 1): \(figures)" + (unit == .seconds ? ", processor \(times)" : ""))
    }
    return Measurement(benchmark, ours: median(ours), reference: median(reference))
  }

  /// A table of all measurements.
  static func table(_ measurements: [Measurement]) -> String {
    let head = ["name", "ours", "reference", "ratio", "goal", ""]
    let rows = measurements.map { one in
      [
        one.name, one.unit.text(one.ours), one.unit.text(one.reference), decimalText(one.ratio),
        decimalText(one.goal), one.ratio <= one.goal ? "reached" : "missed",
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

private func secondsText(_ value: Double) -> String { String(format: "%.3f s", value) }

private func decimalText(_ value: Double) -> String { String(format: "%.2f", value) }

extension MeasurementUnit {
  fileprivate func text(_ value: Double) -> String {
    switch self {
    case .seconds: secondsText(value)
    case .megabytes: String(format: "%.1f MB", value)
    }
  }
}

/// Says something about the progress, on standard error.
func note(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
