import Exchange
import ProcessMemory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `banyan-workbook-probe PATH COUNT` reads every cell of a workbook and prints the seconds that it took and the
/// most megabytes that were resident at once.
@main
struct Main {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[2]) else {
      fail("usage: banyan-workbook-probe PATH COUNT")
    }
    let clock = ContinuousClock()
    do throws(FileProblem) {
      let begun = clock.now
      let reader = try CSVReader(workbook: arguments[1])
      var rows = 0
      var bytes = 0
      while let record = try reader.next() {
        for index in 0..<record.fieldCount { bytes += record.field(index).count }
        if record.problem == nil { rows += 1 }
      }
      let seconds = (clock.now - begun) / .seconds(1)
      if rows != count { fail("\(rows) rows were read and not \(count)") }
      if bytes < count { fail("the cells held \(bytes) bytes") }
      guard let peak = PeakMemory.megabytes() else { fail("the system does not say the memory") }
      print(seconds, peak)
    } catch {
      fail("\(error)")
    }
  }

  private static func fail(_ message: String) -> Never {
    let line = Array("banyan-workbook-probe: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
  }
}
