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

extension Ground {
  /// Lets the program that only does such work do it, and returns the most megabytes that it used.
  func peakMemory(of work: String, in database: String, count: Int) throws -> Double {
    guard FileManager.default.fileExists(atPath: "/proc/self/status") else {
      throw LeftOut("this system does not say in /proc how much memory a process has used")
    }
    let program = repository + "/.build/benchmarks/release/banyan-memory-probe"
    let said = try run(program, [work, try url(of: database), "\(count)"])
    guard let peak = Double(said.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchmarkError("\(program) printed “\(said)” and no number")
    }
    return peak
  }
}
