import Banyan
import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How far an import is: a line that is written over on a terminal, one line every ten seconds elsewhere.
final class ProgressMeter: Sendable {
  private static let interval = Duration.seconds(10)
  private static let refresh = Duration.milliseconds(200)

  /// Where it stands.
  private struct State {
    var file = ""
    var bytes = 0
    var begun = ContinuousClock.now
    var shown = ContinuousClock.now
    var isLineOpen = false
  }

  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows a step, if it is time to.
  func show(_ step: ImportProgress) {
    if isQuiet { return }
    state.withLock { state in
      switch step {
      case .began(let file, let bytes):
        state = State(file: file, bytes: bytes, isLineOpen: state.isLineOpen)
      case .advanced(let rows, let read):
        if isDue(&state) { write(line(rows, read, state), &state) }
      case .settling(let rows):
        if isDue(&state) {
          write("\(state.file): \(grouped(rows)) rows read, settling them", &state)
        }
      case .ended: clear(&state)
      }
    }
  }

  /// Takes the line away, if one is open.
  func finish() { state.withLock { clear(&$0) } }

  private func isDue(_ state: inout State) -> Bool {
    let now = ContinuousClock.now
    guard now - state.shown >= (isTerminal ? Self.refresh : Self.interval) else { return false }
    state.shown = now
    return true
  }

  private func line(_ rows: Int, _ read: Int, _ state: State) -> String {
    let elapsed = max(1, Int((ContinuousClock.now - state.begun) / .milliseconds(1)))
    let speed = grouped(rows * 1_000 / elapsed)
    var line = "\(state.file): \(grouped(rows)) rows, \(speed) rows/s, \(size(read))"
    // What is read of a compressed file says nothing about how much is left.
    if read > 0, read <= state.bytes {
      let left = (state.bytes - read) * elapsed / read / 1_000
      line += " of \(size(state.bytes)), \(left) s left"
    }
    return line
  }

  private func write(_ line: String, _ state: inout State) {
    if isTerminal {
      FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
      state.isLineOpen = true
    } else {
      tell(line)
    }
  }

  private func clear(_ state: inout State) {
    guard state.isLineOpen else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    state.isLineOpen = false
  }

  /// `1,234,567`.
  private func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }

  private func size(_ bytes: Int) -> String {
    bytes < 10_000_000 ? "\(bytes / 1_000) kB" : "\(bytes / 1_000_000) MB"
  }
}
