import Foundation

/// Runs a program to its end and keeps what it printed.
///
/// Output goes to unnamed files, not pipes: a full pipe can never stop the program, and a daemon
/// that it leaves behind with its output open (as `pg_ctl start` does) can never stop us.
package struct ProgramRun: Sendable {
  /// What a program that ran left: how it ended and what it printed.
  package struct Outcome: Sendable {
    /// The exit code, or 128 plus the number of the signal that ended the program, as in a shell.
    package let exitCode: Int32
    /// Everything written to standard output.
    package let output: [UInt8]
    /// Everything written to standard error.
    package let errorOutput: [UInt8]
    /// Whether the program was ended because its time limit had passed.
    package let timedOut: Bool

    /// Standard output as text; bytes that are not UTF-8 become replacement characters.
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text; bytes that are not UTF-8 become replacement characters.
    package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    /// The last lines that it printed, errors first to be looked at.
    package func lastLines(_ count: Int) -> [String] {
      let lines = (outputText + "\n" + errorText).split(separator: "\n").map(String.init)
      return Array(lines.suffix(count))
    }
  }

  /// The program's absolute path.
  package var program: String
  /// Its arguments, without the program's own name.
  package var arguments: [String]
  /// Its whole environment.
  package var environment: [String: String]
  /// The folder to run in.
  package var workingDirectory: String
  /// What it reads from standard input.
  package var input: [UInt8]
  /// Seconds after which it is ended.
  package var timeLimit: Double

  /// Describes a run; nothing happens until ``run()``.
  package init(
    program: String, arguments: [String], environment: [String: String],
    workingDirectory: String = "/", input: [UInt8] = [], timeLimit: Double
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.input = input
    self.timeLimit = timeLimit
  }

  /// Runs the program and waits for its end, blocking the calling thread.
  ///
  /// - Throws: ``PrivateServerError/programUnusable(program:reason:)`` when it cannot be run.
  package func run() throws(PrivateServerError) -> Outcome {
    let inputFile = try UnnamedFile(for: program)
    let outputFile = try UnnamedFile(for: program)
    let errorFile = try UnnamedFile(for: program)
    guard inputFile.write(input), lseek(inputFile.descriptor, 0, SEEK_SET) == 0 else {
      throw .programUnusable(program: program, reason: "its input could not be written")
    }
    let process = try spawn(
      descriptors: [inputFile.descriptor, outputFile.descriptor, errorFile.descriptor])
    let (status, timedOut) = Self.wait(for: process, timeLimit: timeLimit)
    let signal = status & 0x7f
    return Outcome(
      exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      output: outputFile.contents(), errorOutput: errorFile.contents(), timedOut: timedOut)
  }

  /// Starts the program and does not wait for it.
  ///
  /// - Parameter descriptors: Open files that become its standard input, output and error.
  /// - Parameter newGroup: Whether a Ctrl-C at the terminal must not reach it.
  /// - Returns: The process id; the caller must wait for it with `waitpid`.
  package func spawn(
    descriptors: [Int32], newGroup: Bool = false
  ) throws(PrivateServerError) -> pid_t {
    var folder = stat()
    guard access(program, X_OK) == 0 else {
      throw .programUnusable(program: program, reason: systemReason(errno))
    }
    guard stat(workingDirectory, &folder) == 0, folder.st_mode & S_IFMT == S_IFDIR else {
      throw .programUnusable(program: program, reason: "no folder \(workingDirectory) to run it in")
    }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (target, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }
    // A server that lives on must not hold files that this process happens to have open.
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
    for descriptor in open.compactMap({ Int32($0) }) where descriptor >= descriptors.count {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // The threads of a Swift program may block signals; a child must not inherit that.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
    if newGroup { flags |= Int32(POSIX_SPAWN_SETPGROUP) }
    posix_spawnattr_setflags(&attributes, Int16(flags))

    // A shell changes to the folder and becomes the program; only it can do so on every system.
    let words = ["sh", "-c", #"cd -- "$0" && exec "$@""#, workingDirectory, program] + arguments
    var argumentPointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    var environmentPointers: [UnsafeMutablePointer<CChar>?] =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    argumentPointers.append(nil)
    environmentPointers.append(nil)
    var process: pid_t = 0
    let code = posix_spawn(
      &process, "/bin/sh", &actions, &attributes, argumentPointers, environmentPointers)
    guard code == 0 else {
      throw .programUnusable(program: program, reason: systemReason(code))
    }
    return process
  }

  /// Waits for a process; past the limit it is asked to end, and ten seconds later made to.
  private static func wait(for process: pid_t, timeLimit: Double) -> (status: Int32, timedOut: Bool)
  {
    let clock = ContinuousClock()
    let start = clock.now
    var pause: UInt32 = 500
    var askedAt: ContinuousClock.Instant?
    while true {
      var status: Int32 = 0
      let answer = waitpid(process, &status, WNOHANG)
      if answer == process { return (status, askedAt != nil) }
      if answer < 0 && errno != EINTR { return (127 << 8, askedAt != nil) }
      let now = clock.now
      if let askedAt {
        if askedAt.duration(to: now) > .seconds(10) { kill(process, SIGKILL) }
      } else if start.duration(to: now) > .seconds(timeLimit) {
        askedAt = now
        kill(process, SIGTERM)
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }
}

/// A file without a name, closed with its owner.
private struct UnnamedFile: ~Copyable {
  let descriptor: Int32

  init(for program: String) throws(PrivateServerError) {
    let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(folder)/banyan-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      let reason = systemReason(errno)
      throw .programUnusable(
        program: program, reason: "no file could be made in \(folder): \(reason)")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
  }

  deinit { close(descriptor) }

  borrowing func write(_ bytes: [UInt8]) -> Bool {
    var position = 0
    while position < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress! + position, buffer.count - position)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      position += count
    }
    return true
  }

  borrowing func contents() -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(descriptor, &piece, piece.count, off_t(all.count))
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return all }
      all += piece[..<count]
    }
  }
}

/// The operating system's words for an error number.
package func systemReason(_ code: Int32) -> String {
  String(cString: strerror(code))
}
