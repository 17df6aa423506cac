import Foundation
import LibPQ

/// Work whose memory is measured: it has a process of its own, this program started again, so that
/// nothing else counts. It prints the most memory that was resident at once.
enum WorkAlone: String {
  /// Every row of the table of sales through a stream.
  case stream
  /// A COPY into a table that takes no rows for a while; see ``StalledCopyMemory``.
  case stalledCopy

  /// The first argument of a program that is started for such work.
  static let option = "--alone"

  /// Starts the process, waits for it, and returns the megabytes that it used at most.
  func peakMemory(conninfo: String, on ground: Ground) throws -> Double {
    guard ResidentMemory.peak != nil else {
      throw LeftOut("this system does not say in /proc how much memory a process has used")
    }
    let program = CommandLine.arguments[0]
    let said = try ground.run(program, [Self.option, rawValue, conninfo])
    guard let peak = Double(said.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchmarkError("the process for “\(rawValue)” printed “\(said)” and no number")
    }
    return peak
  }

  /// Does the work in this process.
  static func carryOut(_ name: String, conninfo: String) async throws {
    guard let work = WorkAlone(rawValue: name) else {
      throw BenchmarkError("there is no work “\(name)”")
    }
    let configuration = ConnectionConfiguration(conninfo: conninfo)
    switch work {
    case .stream: try await StreamMemory.carryOut(configuration)
    case .stalledCopy: try await StalledCopyMemory.carryOut(configuration)
    }
    print(ResidentMemory.peak ?? 0)
  }
}
