import Foundation
import ProcessMemory

/// What all entries stand on: a temporary folder with a private server in it, set up as users run
/// theirs, and the programs that are compared.
final class Ground {
  /// The folder of the repository.
  let repository: String
  /// The part of their full size at which entries run that have millions of rows, such as 0.01 for a
  /// quick look; `SCALE` of `make bench`.
  let scale: Double
  /// The temporary folder; the entries put their data here.
  let folder: String
  /// The most memory that the program had which ran last, in millions of bytes, where it was watched.
  private(set) var peakMegabytes = 0.0
  private var serverIsStarted = false
  private var sample: SampleBankData?

  init(repository: String) throws {
    self.repository = repository
    let scale = ProcessInfo.processInfo.environment["BANYAN_BENCHMARK_SCALE"] ?? ""
    guard let scale = Double(scale.isEmpty ? "1" : scale), scale > 0, scale <= 1 else {
      throw BenchmarkError("the scale “\(scale)” is no number above 0 and up to 1")
    }
    self.scale = scale
    // Short, and open to the user that runs the server. The script that runs this names one, which it
    // removes however this ends.
    folder =
      ProcessInfo.processInfo.environment["BANYAN_BENCHMARK_FOLDER"]
      ?? NSTemporaryDirectory() + "banyan-benchmarks-\(getpid())"
    guard FileManager.default.isExecutableFile(atPath: repository + "/.build/release/banyan") else {
      throw BenchmarkError(
        "there is no optimised command in “\(repository)/.build/release”; run `make bench`")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Stops the server and removes everything.
  func clear() {
    if serverIsStarted {
      _ = try? run(banyan, ["server", "stop", "--data", serverFolder])
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: - The server

  private var serverFolder: String { folder + "/server" }

  /// The command, optimised.
  var banyan: String { repository + "/.build/release/banyan" }

  /// How libpq reaches a database of the server, which is started when this is first asked.
  func url(of database: String) throws -> String {
    if !serverIsStarted {
      serverIsStarted = true
      try run(banyan, ["server", "start", "--data", serverFolder])
    }
    let url = try run(banyan, ["server", "url", "--data", serverFolder])
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard let place = url.range(of: "/bank?") else {
      throw BenchmarkError("the private server names no database “bank” in its URL \(url)")
    }
    return url.replacingCharacters(in: place, with: "/\(database)?")
  }

  /// Carries out statements by psql.
  @discardableResult
  func psql(_ statements: String..., in database: String = "postgres") throws -> String {
    try run(
      psql,
      ["-XAtq", "-v", "ON_ERROR_STOP=1"] + statements.flatMap { ["-c", $0] }
        + [try url(of: database)])
  }

  /// Carries out a file of `Benchmarks/Data` by psql.
  func psql(file: String, in database: String) throws {
    try run(
      psql,
      [
        "-Xq", "-v", "ON_ERROR_STOP=1", "-f", repository + "/Benchmarks/Data/" + file,
        try url(of: database),
      ])
  }

  /// Whether an entry before has made a database.
  func hasDatabase(_ name: String) throws -> Bool {
    try psql("SELECT 1 FROM pg_database WHERE datname = '\(name)'").hasPrefix("1")
  }

  /// The folder of the reports that only the benchmarks run.
  var reports: String { repository + "/Benchmarks/Data/reports" }

  /// The psql that belongs to the server: the program itself, for what stands on the PATH of Debian is a
  /// script in Perl that looks for it, and that would be measured too.
  lazy var psql: String = {
    let own = (try? run("pg_config", ["--bindir"]))?.trimmingCharacters(in: .whitespacesAndNewlines)
    if let own, FileManager.default.isExecutableFile(atPath: own + "/psql") { return own + "/psql" }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/psql" }.first(where: FileManager.default.isExecutableFile)
      ?? "psql"
  }()

  /// Replaces a database by a copy of another, and lets the server write what it still holds back,
  /// so that no round pays for the one before.
  func renew(_ database: String, from template: String) throws {
    try psql(
      "DROP DATABASE IF EXISTS \(database)", "CREATE DATABASE \(database) TEMPLATE \(template)",
      "CHECKPOINT")
  }

  /// The made-up bank that several entries share.
  func sampleBank() throws -> SampleBankData {
    if let sample { return sample }
    let made = try SampleBankData(on: self)
    sample = made
    return made
  }

  // MARK: - Programs

  /// Runs a program to its end and returns what it printed.
  ///
  /// - Parameter accepted: Exit codes that are fine.
  @discardableResult
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    accepted: Set<Int32> = [0]
  ) throws -> String {
    let output = folder + "/output"
    try time(program, arguments, environment: environment, accepted: accepted, output: output)
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  /// Runs a program to its end and returns the seconds from its start to its end.
  ///
  /// - Parameter watchesMemory: Whether to look every few milliseconds how much memory it has. What the
  ///   system counts at its end is of no use: it includes this process's own memory, from before the
  ///   program took its place.
  @discardableResult
  func time(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    accepted: Set<Int32> = [0], output: String = "/dev/null", watchesMemory: Bool = false
  ) throws -> Double {
    var all = ProcessInfo.processInfo.environment.filter { name, _ in
      !(name.hasPrefix("PG") || name == "DATABASE_URL" || name == "BANYAN_DATA")
    }
    all.merge(environment) { _, new in new }
    let errors = folder + "/errors"
    let clock = ContinuousClock()
    var code: Int32 = 0
    let elapsed = try clock.measure {
      let process = try spawn(program, arguments, all, output: output, errors: errors)
      if watchesMemory { peakMegabytes = watchMemory(of: process) }
      code = end(of: process)
    }
    guard accepted.contains(code) else {
      let said = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
      throw BenchmarkError(
        "\(program) \(arguments.joined(separator: " ")) ended with code \(code): \(said)")
    }
    return elapsed / .seconds(1)
  }
}

/// Starts a program with its output in files.
private func spawn(
  _ program: String, _ arguments: [String], _ environment: [String: String], output: String,
  errors: String
) throws -> pid_t {
  var files = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&files)
  defer { posix_spawn_file_actions_destroy(&files) }
  let writes = O_WRONLY | O_CREAT | O_TRUNC
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, writes, 0o644)
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors, writes, 0o644)
  let words = ([program] + arguments).map { strdup($0) }
  let variables = environment.map { strdup("\($0.key)=\($0.value)") }
  defer { for text in words + variables { free(text) } }
  var process: pid_t = 0
  let failure = posix_spawnp(&process, program, &files, nil, words + [nil], variables + [nil])
  if failure != 0 {
    throw BenchmarkError("\(program) cannot be started: \(String(cString: strerror(failure)))")
  }
  return process
}

/// Waits for a program; its exit code, or 128 and the signal that ended it.
private func end(of process: pid_t) -> Int32 {
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}

/// The most memory that a program has had until it ended, in millions of bytes, from the mark that Linux
/// keeps for as long as it runs.
private func watchMemory(of process: pid_t) -> Double {
  var peak = 0.0
  while let megabytes = PeakMemory.megabytes(of: "\(process)") {
    peak = megabytes
    usleep(5_000)
  }
  return peak
}
