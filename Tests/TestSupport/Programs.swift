import Foundation
import PrivateServer

/// What a program left behind.
public struct ProgramOutcome: Sendable {
  /// The exit code, or 128 plus the number of the signal that ended it.
  public let exitCode: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errorOutput: String
  /// Standard output, byte for byte.
  public let outputBytes: [UInt8]
  /// Whether it was ended because its time limit had passed.
  public let timedOut: Bool
}

/// Seconds after which a program that a test waits for counts as hanging: so many that a machine with
/// more to do than it can never reaches them.
public let patience: Double = 900

/// A failure of the tests' own ground, in one sentence.
public struct TestSupportError: Error, CustomStringConvertible {
  /// What failed and why.
  public let description: String

  /// Makes the error of a sentence.
  public init(_ description: String) { self.description = description }
}

/// Runs SQL with psql and returns what it prints: rows a line, columns separated by `|`, no header.
///
/// - Throws: ``TestSupportError`` with psql's messages when a statement fails.
@discardableResult
public func psql(_ sql: String, in database: TestDatabase) async throws -> String {
  try await psql(sql, at: database.conninfo)
}

/// Runs SQL with psql at a conninfo or URL, as the one that prepares a template gets.
///
/// - Throws: ``TestSupportError`` with psql's messages when a statement fails.
@discardableResult
public func psql(_ sql: String, at conninfo: String) async throws -> String {
  let command = try await TestServer.server().psqlCommand()
  let run = ProgramRun(
    program: command.program,
    arguments: ["-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d", conninfo],
    environment: command.environment, input: Array(sql.utf8), timeLimit: patience)
  let outcome = try await onOwnThread { try run.run() }
  guard outcome.exitCode == 0 else {
    throw TestSupportError("psql failed (exit code \(outcome.exitCode)): \(outcome.errorText)")
  }
  return outcome.outputText
}

/// The built command `banyan`, run as its users run it.
public enum BanyanProcess {
  /// The executable: what `BANYAN_EXECUTABLE` names, else `banyan` next to the test program.
  public static func executable() throws -> String {
    if let named = ProcessInfo.processInfo.environment["BANYAN_EXECUTABLE"] { return named }
    var folders: [String] = []
    #if os(Linux)
      let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      folders.append((own as NSString).deletingLastPathComponent)
    #endif
    folders += CommandLine.arguments.map { ($0 as NSString).deletingLastPathComponent }
    for folder in folders where access(folder + "/banyan", X_OK) == 0 {
      return folder.hasPrefix("/")
        ? folder + "/banyan" : FileManager.default.currentDirectoryPath + "/" + folder + "/banyan"
    }
    throw TestSupportError(
      "The executable banyan is not next to the test program; run swift build, or set "
        + "BANYAN_EXECUTABLE.")
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - environment: Added to this process's environment, from which variables that would lead
  ///     to another database (`PG*`, `DATABASE_URL`, `BANYAN_DATA`) are left out.
  ///   - timeLimit: Seconds after which it is ended.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], workingDirectory: String = "/",
    input: String = "", timeLimit: Double = patience
  ) async throws -> ProgramOutcome {
    var all = ProcessInfo.processInfo.environment.filter { name, _ in
      !(name.hasPrefix("PG") || name == "DATABASE_URL" || name == "BANYAN_DATA")
    }
    all.merge(environment) { _, new in new }
    let run = ProgramRun(
      program: try executable(), arguments: arguments, environment: all,
      workingDirectory: workingDirectory, input: Array(input.utf8), timeLimit: timeLimit)
    let outcome = try await onOwnThread { try run.run() }
    return ProgramOutcome(
      exitCode: outcome.exitCode, output: outcome.outputText, errorOutput: outcome.errorText,
      outputBytes: outcome.output, timedOut: outcome.timedOut)
  }
}

/// Runs work that blocks on a thread of its own, so that it takes none of the few that tasks share.
public func onOwnThread<Value: Sendable>(
  _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
  }
}

/// Runs a program that the PATH leads to, in a folder, with some variables more.
///
/// - Returns: What it left behind; nil if there is no such program.
public func runProgram(
  _ name: String, _ arguments: [String], in folder: String, environment more: [String: String] = [:]
) async throws -> ProgramOutcome? {
  let environment = ProcessInfo.processInfo.environment.merging(more) { _, new in new }
  let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
  let candidates = folders.map { "\($0)/\(name)" }
  guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
  let run = ProgramRun(
    program: program, arguments: arguments, environment: environment, workingDirectory: folder,
    timeLimit: patience)
  let outcome = try await onOwnThread { try run.run() }
  return ProgramOutcome(
    exitCode: outcome.exitCode, output: outcome.outputText, errorOutput: outcome.errorText,
    outputBytes: outcome.output, timedOut: outcome.timedOut)
}
