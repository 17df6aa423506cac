import Foundation

/// What processors have spent on this process and on those that it has run to their ends.
enum ProcessorTime {
  /// Seconds so far, in steps of a clock tick.
  static var now: Double {
    var ticks = tms()
    times(&ticks)
    let sum = ticks.tms_utime + ticks.tms_stime + ticks.tms_cutime + ticks.tms_cstime
    return Double(sum) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

/// The memory of this process.
enum ResidentMemory {
  /// The most that was in use at once, in millions of bytes; nil where the system does not say.
  static var peak: Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count == 3 ? Double(words[1]).map { $0 * 1_024 / 1_000_000 } : nil
  }
}
