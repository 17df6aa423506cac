import ArgumentParser
import Exchange
import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What standard output is, if it is a screen.
enum Screen {
  static var isPresent: Bool { isatty(STDOUT_FILENO) == 1 }

  /// How many columns it has; nil if it is none, or does not say.
  static var width: Int? {
    guard isPresent else { return nil }
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
  }

  /// Whether it shows colours and its user wants them (NO_COLOR, TERM).
  static var hasColours: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isPresent && environment["NO_COLOR"]?.isEmpty != false
      && environment["TERM"] != "dumb" && environment["TERM"]?.isEmpty == false
  }

  /// How a table looks there.
  static func style(isWide: Bool, language: Language = .en) -> TableStyle {
    TableStyle(width: isWide ? nil : width, isColoured: hasColours, language: language)
  }
}

/// The program that shows long output page by page: PAGER, or less.
struct Pager: Sendable {
  /// Where to write what it shows.
  let input: Int32
  private let process: pid_t

  /// Starts it; nil if there is none, or its user wants none.
  static func start() -> Pager? {
    var environment = ProcessInfo.processInfo.environment
    let command = environment["PAGER"] ?? (hasLess(environment) ? "less" : "")
    if command.isEmpty || command == "cat" || environment["TERM"] == "dumb" { return nil }
    // Leave a short table on the screen, show colours.
    if environment["LESS"] == nil { environment["LESS"] = "FRX" }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    let arguments = copies(["sh", "-c", command])
    let variables = copies(environment.map { "\($0.key)=\($0.value)" })
    defer { for text in arguments + variables { free(text) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", &actions, nil, arguments, variables)
    close(ends[0])
    if failure != 0 {
      close(ends[1])
      return nil
    }
    // Who closes the pager early has seen enough: that must not end this program.
    signal(SIGPIPE, SIG_IGN)
    return Pager(input: ends[1], process: process)
  }

  /// Texts as C passes them on, with nothing behind the last.
  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var copies: [UnsafeMutablePointer<CChar>?] = []
    for text in texts { copies.append(strdup(text)) }
    return copies + [nil]
  }

  /// Waits until its user has seen enough.
  func finish() {
    close(input)
    let former = signal(SIGINT, SIG_IGN)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    signal(SIGINT, former)
  }

  private static func hasLess(_ environment: [String: String]) -> Bool {
    (environment["PATH"] ?? "").split(separator: ":").contains { access("\($0)/less", X_OK) == 0 }
  }
}

/// Where a command writes its table: a file, standard output, or the screen by way of a pager.
final class Destination: Sendable {
  let path: String
  let style: TableStyle
  private let wantsPager: Bool
  private let pager = Mutex<Pager?>(nil)

  init(path: String, style: TableStyle, wantsPager: Bool) {
    self.path = path
    self.style = style
    self.wantsPager = wantsPager
  }

  /// Opens it.
  func sink() throws(FileProblem) -> OutputSink {
    guard wantsPager, let started = Pager.start() else { return try OutputSink(path: path) }
    pager.withLock { $0 = started }
    return try OutputSink(descriptor: started.input, name: "the pager")
  }

  /// Lets a command write, and waits for the pager.
  func showing(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch FileProblem.cannotWrite(path: "the pager", reason: _) {
      // Its user has closed it.
    } catch {
      finish()
      throw error
    }
    finish()
  }

  /// Says how much a file has got.
  func tell(rows: Int) {
    if path == "-" { return }
    BanyanCommandLine.tell("\(rows) \(rows == 1 ? "row" : "rows") in \(path)")
  }

  private func finish() {
    let started = pager.withLock { pager in
      defer { pager = nil }
      return pager
    }
    started?.finish()
  }
}
