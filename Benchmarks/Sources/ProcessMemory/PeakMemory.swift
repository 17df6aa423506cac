#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The most memory that a program of this system has had resident at once.
public enum PeakMemory {
  /// The mark that Linux keeps of a running program, in millions of bytes; nil once it has ended, and on a
  /// system without such marks.
  ///
  /// What `getrusage` and `wait4` count is of no use for a program that another started: it includes the
  /// memory of that other, from before the program took its place.
  ///
  /// - Parameter process: The number of the process, or `self`.
  public static func megabytes(of process: String = "self") -> Double? {
    guard let file = fopen("/proc/\(process)/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      if words.count == 3, words[0] == "VmHWM:" {
        return Double(words[1]).map { $0 * 1_024 / 1_000_000 }
      }
    }
    return nil
  }
}
